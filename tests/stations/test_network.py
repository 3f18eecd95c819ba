import json

import numpy as np
import pytest
from station_fakes import SECTION, station

from contracts.datasets import check_dataset
from contracts.periods import Period
from stations.assemble import build_observations, candidate_hours
from stations.drift import theil_sen
from stations.flags import FLAGS
from stations.monitor import network_status, status_json
from stations.offsets import make_table

START = "2025-05-26T16"
DAYS = 36
HOURS = 24 * DAYS
BATCH = Period(
    "2025-06", np.datetime64("2025-05-31T16", "ns"), np.datetime64("2025-06-30T16", "ns")
)
DRIFT = 6.0 * np.arange(HOURS) / 24 / 30


def network(n=6, seed=0, sd=1.5, drifting=(), **changes):
    rng = np.random.default_rng(seed)
    common = 424 + rng.normal(0, 2, DAYS).repeat(24)
    made = {}
    for k in range(n):
        own = rng.normal(k, sd, DAYS).repeat(24) + rng.normal(0, 0.5, HOURS)
        value = common + own + (DRIFT if k in drifting else 0)
        made[f"S{k:02d}"] = station(f"S{k:02d}", START, value, longitude=120.0 + k / 10, **changes)
    made["BGD"] = station("BGD", START, common, role="background", longitude=119.0)
    return made


def status(stations):
    got = network_status(stations, SECTION)
    check_dataset(got, "network_status")
    return got


def excluded(got):
    return got["station"].values[got["excluded"].values == 1].tolist()


def test_a_healthy_network_stays():
    for seed in range(10):
        assert excluded(status(network(8, seed=seed))) == []


def test_the_drifting_tower_goes_and_the_reason_has_numbers():
    got = status(network(8, drifting=(3,), sd=1.0))
    assert excluded(got) == ["S03"]
    reason = str(got["reason"].sel(station="S03").item())
    assert "drift of +" in reason
    assert "limits: 2 and" in reason
    assert "7 other towers" in reason
    assert abs(float(got["drift"].sel(station="S03")) - 6.0) < 2.5
    assert np.isnan(got["drift"].sel(station="BGD"))


def test_two_drifting_towers_go_one_after_the_other():
    got = status(network(8, drifting=(1, 5), sd=0.8))
    assert excluded(got) == ["S01", "S05"]
    assert "6 other towers" in str(got["reason"].sel(station="S01").item()) + str(
        got["reason"].sel(station="S05").item()
    )


def test_of_three_towers_only_the_culprit_goes_and_of_two_nobody():
    assert excluded(status(network(3, drifting=(2,), sd=0.3))) == ["S02"]
    assert excluded(status(network(2, drifting=(1,), sd=0.3))) == []


def test_a_network_that_drifts_together_stays():
    assert excluded(status(network(6, drifting=range(6), sd=0.5))) == []


def test_a_lone_tower_is_never_excluded():
    one = {"S00": network(1)["S00"]}
    got = status(one)
    assert excluded(got) == []
    assert np.isnan(got["offset"]).all()
    assert json.dumps(status_json(got), allow_nan=False)


def test_order_of_stations_changes_nothing():
    made = network(6, drifting=(2,))
    assert status(made).identical(status(dict(reversed(made.items()))))


def test_a_station_without_a_usable_hour_is_excluded():
    made = network(4)
    made["S01"] = station("S01", START, np.full(HOURS, np.nan), longitude=120.1)
    got = status(made)
    assert excluded(got) == ["S01"]
    assert str(got["reason"].sel(station="S01").item()) == "no usable hour"


def test_completeness_age_and_flag_shares():
    made = network(3)
    short = made["S00"].isel(time=slice(0, HOURS - 60))
    got = status({**made, "S00": short})
    assert float(got["age_days"].sel(station="S00")) == 2.5
    assert got["completeness"].sel(station="S00").values[-3:].tolist() == [0.5, 0.0, 0.0]
    stuck = made["S00"].copy(deep=True)
    stuck["quality_flag"][:12] = FLAGS["stuck"]
    got = status({**made, "S00": stuck})
    assert float(got["flag_share"].sel(station="S00", flag="stuck")[0]) == 0.5


def test_json_names_the_excluded_station():
    text = status_json(status(network(8, drifting=(3,), sd=0.8)))
    assert text["exit_code"] == 1
    assert text["stations"]["S03"]["excluded"] is True
    assert text["stations"]["BGD"]["drift_umol_mol_per_30_d"] is None
    assert text["first_day"] == "2025-05-26T16:00:00Z"


def test_offset_is_that_of_the_afternoon():
    made = network(4, sd=0.0)
    got = status(made)
    np.testing.assert_allclose(got["offset"].sel(station="S03").values, 2.0, atol=0.8)


def test_slope_is_exact_shift_free_and_needs_days():
    day = np.arange(30.0)
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, 30)
    a, b = theil_sen(day, noise, 14), theil_sen(day, noise + 0.2 * day + 5, 14)
    np.testing.assert_allclose(b.value, a.value + 6.0)
    np.testing.assert_allclose(b.standard_error, a.standard_error)
    assert np.isnan(theil_sen(day, np.where(day < 13, noise, np.nan), 14).value)


def test_standard_error_is_honest_for_correlated_days():
    rng = np.random.default_rng(7)
    ratio = []
    for _ in range(300):
        white = rng.normal(0, 1, 40)
        series = np.empty(40)
        series[0] = white[0]
        for k in range(1, 40):
            series[k] = 0.5 * series[k - 1] + np.sqrt(0.75) * white[k]
        slope = theil_sen(np.arange(40.0), series, 14)
        ratio.append(slope.value / slope.standard_error)
    assert 0.8 < np.std(ratio) < 1.35


def test_an_empty_network_is_refused():
    with pytest.raises(ValueError, match="network must have at least one station"):
        make_table({})


def observations(made, section=SECTION, only_times=None, status_=None):
    status_ = network_status(made, section) if status_ is None else status_
    got = build_observations(made, status_, BATCH, section, 8.0, only_times)
    check_dataset(got, "observations")
    return got, json.loads(got.attrs["counts"])


def test_kept_and_dropped_are_all_candidates():
    made = network(6, drifting=(3,), sd=0.2)
    made["S00"]["quality_flag"][:400] = FLAGS["stuck"]
    made["S01"]["mole_fraction"][300:350] = np.nan
    made["S01"]["quality_flag"][300:350] = FLAGS["missing"]
    made["S02"] = made["S02"].isel(time=slice(0, 600))
    got, counts = observations(made)
    assert counts["candidate"] == 6 * 150
    assert counts["kept"] == got.sizes["obs"]
    assert counts["kept"] + sum(counts["dropped"].values()) == counts["candidate"]
    assert sorted(counts["dropped"]) == ["missing", "outside_record", "station_excluded", "stuck"]
    assert counts["dropped"]["station_excluded"] == 150
    assert list(counts["excluded"]) == ["S03"]


def test_hours_ids_and_errors():
    got, _ = observations(network(3))
    local = (got["time"].values + np.timedelta64(8, "h")).astype("datetime64[h]").astype(int) % 24
    assert set(local.tolist()) == {12, 13, 14, 15, 16}
    assert got["obs_id"].values[0] == "S00_20250601T04"
    expected = np.sqrt(0.1**2 + (0.3 / np.sqrt(720)) ** 2)
    np.testing.assert_allclose(got["instrument_error"].values, expected)
    assert got["receptor"].values.tolist() == ["S00", "S01", "S02"]
    assert got.attrs["synthetic"] == "yes"


def test_order_of_stations_changes_no_observation():
    made = network(4)
    assert observations(made)[0].identical(observations(dict(reversed(made.items())))[0])


def test_only_hours_with_footprints():
    made = network(3)
    some = candidate_hours(BATCH, (12, 17), 8.0)[:7]
    got, counts = observations(made, only_times={"S01": some})
    assert got["receptor"].values.tolist() == ["S01"]
    assert counts["dropped"]["no_footprint"] == 3 * 150 - 7


def test_half_hour_zones_and_batches_off_the_hour():
    batch = Period("x", np.datetime64("2025-06-01T00:20", "ns"), np.datetime64("2025-06-02", "ns"))
    hours = candidate_hours(batch, (0, 24), 5.5)
    assert hours[0] == np.datetime64("2025-06-01T01:00")
    assert hours.size == 23
    # 06:30 UTC would be local noon: the first whole UTC hour that starts after it counts
    assert candidate_hours(batch, (12, 13), 5.5).tolist() == [
        np.datetime64("2025-06-01T07:00", "ns").astype(int)
    ]


def test_refusals():
    made = network(3)
    judged = network_status(made, SECTION)
    late = Period("late", np.datetime64("2030-01-01", "ns"), np.datetime64("2030-01-02", "ns"))
    with pytest.raises(ValueError, match="batch must hold at least one usable hour"):
        build_observations(made, judged, late, SECTION, 8.0)
    with pytest.raises(ValueError, match="network status must judge every station"):
        build_observations(made, judged.isel(station=slice(0, 2)), BATCH, SECTION, 8.0)
    mute = {**made, "S00": made["S00"].assign_attrs(instrument_error=0.0)}
    with pytest.raises(ValueError, match="attribute instrument_error > 0"):
        build_observations(mute, judged, BATCH, SECTION, 8.0)
    moved = made["S00"].copy(deep=True)
    moved["inlet_height"][5:] = 54.0
    with pytest.raises(ValueError, match="station must have one inlet height"):
        build_observations({**made, "S00": moved}, judged, BATCH, SECTION, 8.0)
    mixed = {**made, "S00": made["S00"].assign_attrs(calibration_scale="WMO-CO2-X2007")}
    with pytest.raises(ValueError, match="all stations must be on one calibration scale"):
        build_observations(mixed, judged, BATCH, SECTION, 8.0)
