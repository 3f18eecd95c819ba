"""The background at each observation and its daily offsets."""

import numpy as np
import pytest
import xarray as xr
from inversion_fakes import HOUR, START, observations
from pydantic import ValidationError

from contracts.datasets import check_dataset
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
