"""The background at each observation and its daily offsets."""

import numpy as np
import pytest
import xarray as xr
from inversion_fakes import HOUR, START, observations
from pydantic import ValidationError

from contracts.datasets import check_dataset, read_dataset, write_dataset
from contracts.provenance import Provenance
from contracts.settings.background import BackgroundSettings
from inversion.boundary.background import build_background

NAMED = BackgroundSettings(stations=("hill",))


def station(values, hours=None, deviation=0.4):
    """Return a record with a baseline at hours after START."""
    hours = np.arange(len(values)) if hours is None else np.asarray(hours)
    unit = {"units": "umol mol-1"}
    return xr.Dataset(
        {
            "baseline": ("time", np.asarray(values, dtype=float), unit),
            "baseline_standard_deviation": ("time", np.full(len(values), deviation), unit),
        },
        coords={"time": START + hours * HOUR},
        attrs={"synthetic": "yes"},
    )


def test_exact_hours_take_the_baseline_of_that_hour():
    obs = observations({"tower": (3, 5)})
    made = build_background(obs, {"hill": station(400.0 + np.arange(10))}, NAMED, 8.0)
    assert made["background"].to_numpy().tolist() == [403.0, 405.0]
    assert made["background_standard_deviation"].to_numpy().tolist() == [0.4, 0.4]
    assert made["obs_id"].to_numpy().tolist() == obs["obs_id"].to_numpy().tolist()
    assert made.attrs["stations"] == "hill"
    check_dataset(made, "background")


def test_a_short_gap_is_interpolated():
    obs = observations({"tower": (3,)})
    made = build_background(obs, {"hill": station([400.0, 406.0], hours=(0, 6))}, NAMED, 8.0)
    assert made["background"].to_numpy().tolist() == [403.0]


def test_a_long_gap_is_refused():
    obs = observations({"tower": (3,)})
    record = station([400.0, 406.0], hours=(0, 7))
    with pytest.raises(ValueError, match=r"got 1 hours without one .* in station hill"):
        build_background(obs, {"hill": record}, NAMED, 8.0)


def test_nothing_is_extrapolated():
    record = station(np.full(10, 400.0))
    for hour in (-1, 10):
        with pytest.raises(ValueError, match="must cover every observation"):
            build_background(observations({"tower": (hour,)}), {"hill": record}, NAMED, 8.0)


def test_several_stations_give_their_mean_whatever_their_order():
    obs = observations({"tower": (1,)})
    records = {"hill": station([400.0] * 3), "sea": station([404.0] * 3, deviation=0.8)}
    one = build_background(obs, records, BackgroundSettings(stations=("hill", "sea")), 8.0)
    two = build_background(obs, records, BackgroundSettings(stations=("sea", "hill")), 8.0)
    xr.testing.assert_identical(one, two)
    assert one["background"].to_numpy().tolist() == [402.0]
    assert one["background_standard_deviation"].to_numpy() == pytest.approx([0.6])


def test_own_takes_each_receptors_record():
    obs = observations({"north": (1, 2), "south": (1,)})
    records = {"south": station([410.0] * 3), "north": station([400.0] * 3)}
    made = build_background(obs, records, BackgroundSettings(), 8.0)
    assert made["background"].to_numpy().tolist() == [400.0, 400.0, 410.0]
    assert made.attrs["stations"] == "north, south"


def test_one_offset_for_each_local_day_common_to_all_receptors():
    # START is local midnight at UTC+8; hour 23 is the same local day, hour 24 the next
    obs = observations({"north": (0, 23, 24), "south": (23, 24)})
    made = build_background(obs, {"hill": station(np.full(30, 400.0))}, NAMED, 8.0)
    expected = ["background_offset_2025-06-02", "background_offset_2025-06-03"]
    assert made["parameter"].to_numpy().tolist() == expected
    assert made["background_pattern"].to_numpy()[:, 0].tolist() == [1, 1, 0, 1, 0]
    assert (made["background_pattern"].sum("parameter") == 1).all()
    assert made["parameter_standard_deviation"].to_numpy().tolist() == [0.7, 0.7]


def test_the_day_follows_the_local_offset():
    obs = observations({"north": (0, 23)})
    made = build_background(obs, {"hill": station(np.full(30, 400.0))}, NAMED, 0.0)
    assert made.sizes["parameter"] == 2


def test_unknown_station_is_refused():
    with pytest.raises(ValueError, match=r"got 'hill', which is not among \['sea'\]"):
        build_background(observations({"a": (1,)}), {"sea": station([400.0] * 3)}, NAMED, 8.0)


def test_station_without_baseline_is_refused():
    record = station([400.0] * 3).drop_vars("baseline")
    with pytest.raises(ValueError, match=r"without \['baseline'\] in station hill"):
        build_background(observations({"a": (1,)}), {"hill": record}, NAMED, 8.0)


def test_unknown_method_is_refused():
    section = BackgroundSettings(method="curtain")
    with pytest.raises(ValueError, match=r"one of \['station_baseline'\]; got 'curtain'"):
        build_background(observations({"a": (1,)}), {}, section, 8.0)


def test_settings_refuse_no_station_and_a_station_twice():
    with pytest.raises(ValidationError, match="at least one reference station"):
        BackgroundSettings(stations=())
    with pytest.raises(ValidationError, match="each station once"):
        BackgroundSettings(stations=("hill", "hill"))


def made_with(hours=(0, 5, 23, 24, 72), places=((30.0, 120.0), (30.0, 121.0)), **section):
    """Return a background of two receptors at places (latitude, longitude)."""
    obs = observations({"north": hours, "south": hours})
    latitude, longitude = np.array(places).T
    obs = obs.assign(
        latitude=("receptor", latitude, {"units": "degrees_north"}),
        longitude=("receptor", longitude, {"units": "degrees_east"}),
    )
    stated = BackgroundSettings(stations=("hill",), **section)
    made = build_background(obs, {"hill": station(np.full(80, 400.0))}, stated, 8.0)
    check_dataset(made, "background")
    return made


def columns(made, stem):
    names = made["parameter"].to_numpy().astype(str)
    return made["background_pattern"].to_numpy()[:, [name.startswith(stem) for name in names]]


def test_periods_of_other_lengths():
    # 2 June 2025 is 20241 = 3 * 6747 days after 1 January 1970
    days = made_with(offset_period_hours=72)["parameter"].to_numpy().tolist()
    assert days == [f"background_offset_2025-{d}" for d in ("06-02", "06-05")]
    six = made_with(offset_period_hours=6)
    assert six["parameter"].to_numpy().tolist() == [
        f"background_offset_2025-06-{hour}" for hour in ("02T00", "02T18", "03T00", "05T00")
    ]
    assert columns(six, "background")[:5, 0].tolist() == [1, 1, 0, 0, 0]
    hourly = made_with(offset_period_hours=1)
    assert hourly.sizes["parameter"] == 5
    assert (columns(hourly, "background")[:5] == np.eye(5)).all()


def test_periods_do_not_depend_on_what_was_observed():
    all_days = made_with(offset_period_hours=72)["parameter"].to_numpy()
    last = made_with(hours=(72,), offset_period_hours=72)["parameter"].to_numpy()
    assert last.tolist() == all_days[1:].tolist()


def test_gradients_are_distances_from_the_centre_of_the_network():
    stated = {
        "west_east_sd_umol_mol_per_100km": 1.0,
        "common_west_east_sd_umol_mol_per_100km": 2.0,
        "common_south_north_sd_umol_mol_per_100km": 3.0,
    }
    made = made_with(places=((30.0, 120.0), (30.0, 121.0)), gradient=stated)
    # half a degree of longitude at 30 degrees: 6371 km * cos(30) * 0.5 degrees
    half = 6371.0 * 0.8660254 * np.deg2rad(0.5) / 100.0
    common = columns(made, "gradient_west_east_common")[:, 0]
    np.testing.assert_allclose(common, [-half] * 5 + [half] * 5, rtol=1e-6)
    np.testing.assert_allclose(columns(made, "gradient_south_north_common"), 0.0, atol=1e-12)
    daily = columns(made, "gradient_west_east_2025")
    np.testing.assert_allclose(daily.sum(axis=1), common, rtol=1e-12)
    assert (np.count_nonzero(daily, axis=1) == 1).all()
    kinds = made["parameter_kind"].to_numpy().tolist()
    assert kinds == ["background"] * 3 + ["gradient"] * 5
    deviation = made["parameter_standard_deviation"].to_numpy().tolist()
    assert deviation == [0.7] * 3 + [1.0] * 3 + [2.0, 3.0]


def test_north_is_north_and_the_180th_meridian_does_not_tear_a_network_apart():
    stated = {
        "common_west_east_sd_umol_mol_per_100km": 1.0,
        "common_south_north_sd_umol_mol_per_100km": 1.0,
    }
    made = made_with(places=((-40.0, 179.9), (-41.0, -179.9)), gradient=stated)
    east = columns(made, "gradient_west_east_common")[[0, 5], 0]
    north = columns(made, "gradient_south_north_common")[[0, 5], 0]
    assert 0.08 < east[1] < 0.09
    assert east[0] == pytest.approx(-east[1])
    assert north[0] == pytest.approx(6371.0 * np.deg2rad(0.5) / 100.0)


def test_every_state_of_the_background_can_be_switched_off():
    made = made_with(daily_offset_sd_umol_mol=0.0)
    assert made.sizes["parameter"] == 0
    only = {"south_north_sd_umol_mol_per_100km": 1.0}
    made = made_with(daily_offset_sd_umol_mol=0.0, gradient=only)
    assert len(columns(made, "gradient_south_north")[0]) == made.sizes["parameter"] == 3
    assert set(made["parameter_kind"].to_numpy()) == {"gradient"}


def test_a_background_without_states_is_written_and_read(tmp_path):
    made = made_with(daily_offset_sd_umol_mol=0.0)
    write_dataset(made, tmp_path / "background.nc", "background", Provenance())
    assert read_dataset(tmp_path / "background.nc", "background").sizes["parameter"] == 0
