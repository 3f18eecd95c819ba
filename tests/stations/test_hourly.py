import numpy as np
import pytest
from pydantic import ValidationError
from station_fakes import SECTION, hourly, row

from contracts.settings.stations import BaselineSettings, StationSettings
from stations.averaging import average_hourly
from stations.baseline import baseline
from stations.detectors import detect
from stations.flags import BAD, FLAGS, count_flags, first_bad, flag_attributes, usable
from stations.manual import manual_flags, read_manual_flags
from stations.reading.rows import Row, Rows
from stations.slots import converted, make_slots, to_x2019

T0 = 1740787200  # 2025-03-01T00:00Z


def slots(*rows, label="centre", slot=1080):
    made = [Row(k + 4, T0 + t, v, s, n, f) for k, (t, v, s, n, f) in enumerate(rows)]
    share = {"start": 0.0, "centre": 0.5, "end": 1.0}[label]
    made = [r._replace(stamp=r.stamp - share * slot, seconds=slot) for r in made]
    return make_slots(Rows.of(made))


def test_mean_and_spread_are_those_of_all_samples():
    rng = np.random.default_rng(3)
    samples = [rng.normal(420 + k, 1 + k, 10 * (k + 2)) for k in range(3)]
    rows = [(600 + 1200 * k, s.mean(), s.std(), s.size, 0) for k, s in enumerate(samples)]
    got = average_hourly(slots(*rows, slot=1200))
    everything = np.concatenate(samples)
    np.testing.assert_allclose(got.value, [everything.mean()], rtol=1e-13)
    np.testing.assert_allclose(got.spread, [everything.std()], rtol=1e-12)
    np.testing.assert_allclose(got.standard_error, got.spread / np.sqrt(everything.size))
    assert got.n.tolist() == [everything.size]
    assert got.flag.tolist() == [0]


@pytest.mark.parametrize(
    ("label", "stamp", "hour", "straddles"),
    [
        ("centre", 3590, 0, True),
        ("centre", 3600, 1, True),
        ("centre", 540, 0, False),
        ("centre", 539, 0, True),
        ("centre", 3060, 0, False),
        ("centre", 3061, 0, True),
        ("start", 2520, 0, False),
        ("start", 3059, 0, True),
        ("start", 3060, 1, True),
        ("end", 3600, 0, False),
    ],
)
def test_the_centre_decides_the_hour_and_straddling_is_counted(label, stamp, hour, straddles):
    got = average_hourly(slots((stamp, 420.0, 0.1, 10, 0), label=label))
    assert got.time.tolist() == [(T0 + 3600 * hour) * 10**9]
    assert bool(got.flag[0] & FLAGS["straddles"]) is straddles
    assert got.straddling_slots.tolist() == [int(straddles)]


def test_gaps_are_hours_of_their_own():
    got = average_hourly(slots((1800, 420.0, 0.1, 10, 0), (1800 + 3 * 3600, 421.0, 0.1, 10, 0)))
    assert np.isnan(got.value).tolist() == [False, True, True, False]
    assert got.flag.tolist() == [0, FLAGS["missing"], FLAGS["missing"], 0]
    assert np.isnan(got.standard_error[1])


def test_bad_slots_speak_only_where_there_are_no_good_ones():
    bad, tank = FLAGS["provider_bad"], FLAGS["calibration"]
    got = average_hourly(
        slots(
            (600, 500.0, 0.1, 10, bad),
            (1800, 420.0, 0.1, 10, 0),
            (5400, 400.0, 0.1, 10, tank),
            (9000, np.nan, np.nan, 0, bad),
        )
    )
    assert got.value[:2].tolist() == [420.0, 400.0]
    assert got.flag.tolist() == [0, tank, bad | FLAGS["missing"]]


def test_few_samples_and_unknown_spread_are_flagged():
    got = average_hourly(slots((1800, 420.0, np.nan, 10, 0)), minimum_samples=11)
    assert got.flag.tolist() == [FLAGS["low_count"] | FLAGS["spread_unknown"]]
    assert got.spread.tolist() == [0.0]


def test_an_impossible_axis_is_refused():
    with pytest.raises(ValueError, match="record must span at most 60 years"):
        average_hourly(slots((0, 420.0, 0.1, 1, 0), (70 * 31557600, 420.0, 0.1, 1, 0)))
    with pytest.raises(ValueError, match="record must hold at least one readable row"):
        average_hourly(slots())


def test_scale_conversion():
    np.testing.assert_allclose(to_x2019(np.array([350.0, 500.0])) - [350, 500], [0.1345, 0.253])
    plain = slots((1800, 400.0, 0.1, 10, 0))
    moved = converted(plain, "WMO-CO2-X2007", "WMO-CO2-X2019")
    np.testing.assert_allclose(moved.value, [400.174])
    assert converted(plain, "WMO-CO2-X2019", "WMO-CO2-X2019") is plain
    with pytest.raises(ValueError, match="scale conversion must be WMO-CO2-X2007 to WMO-CO2-X2019"):
        converted(plain, "WMO-CO2-X2019", "WMO-CO2-X2007")


def test_flags_follow_cf():
    attributes = flag_attributes()
    assert len(attributes["flag_meanings"].split()) == attributes["flag_masks"].size
    assert attributes["flag_masks"].dtype == np.int32
    assert first_bad(FLAGS["straddles"]) == ""
    assert not BAD & FLAGS["straddles"]
    assert usable(np.array([FLAGS["missing"] | FLAGS["manual_ok"]])).tolist() == [False]
    assert not any(count_flags(np.zeros(5, int)).values())


def air(hours, seed=0, sd=1.5):
    rng = np.random.default_rng(seed)
    night = 8 * (np.sin(np.arange(hours) * 2 * np.pi / 24) > 0.5)
    return 425 + night + np.cumsum(rng.normal(0, 0.1, hours)) + rng.normal(0, sd, hours)


def test_detectors_leave_air_alone_and_find_tanks_and_stuck_hours():
    value, spread = air(24 * 40), np.full(24 * 40, 0.4)
    spread[::7] = 0.03  # steady air
    plain = hourly("2025-03-01", value, spread)
    assert not detect(plain, SECTION.detectors).any()
    weekly = np.arange(50, 24 * 40, 168)
    value[weekly], spread[weekly] = 400.12 + 0.01 * np.sin(weekly), 0.02
    value[weekly[2] + 1], spread[weekly[2] + 1] = 400.1, 0.02  # one run of two hours
    value[300:310] = 431.2
    got = detect(hourly("2025-03-01", value, spread), SECTION.detectors)
    tank = np.flatnonzero(got & FLAGS["calibration_as_ambient"])
    assert tank.tolist() == sorted([*weekly, weekly[2] + 1])
    assert np.flatnonzero(got & FLAGS["stuck"]).tolist() == list(range(300, 310))


def test_a_single_lull_is_not_a_tank():
    value, spread = air(24 * 40), np.full(24 * 40, 0.4)
    value[100], spread[100] = 400.12, 0.02
    assert not detect(hourly("2025-03-01", value, spread), SECTION.detectors).any()


def test_tank_air_of_a_steady_station_is_found():
    value = 422 + np.random.default_rng(2).normal(0, 0.3, 24 * 30)
    weekly = np.arange(50, 24 * 30, 168)
    value[weekly] = 400.12
    got = detect(hourly("2025-03-01", value, 0.02), SECTION.detectors)
    assert np.flatnonzero(got).tolist() == weekly.tolist()


def test_steadiness_that_nobody_measured_proves_no_tank():
    value = 422 + np.random.default_rng(2).normal(0, 0.3, 24 * 30)
    weekly = np.arange(50, 24 * 30, 168)
    value[weekly] = 400.12
    flag = np.full(value.size, FLAGS["spread_unknown"])
    got = detect(hourly("2025-03-01", value, 0.0, flag=flag), SECTION.detectors)
    assert not got.any()
    got = detect(hourly("2025-03-01", value, 0.0), SECTION.detectors)
    assert got.any()


def base(record, good=None, settings=SECTION.baseline):
    good = np.isfinite(record.value) if good is None else good
    return baseline(record.time, record.value, good, 120.0, settings)


def test_baseline_is_the_lower_envelope_and_covers_it_with_its_sd():
    rng = np.random.default_rng(4)
    hours = np.arange(24 * 40)
    clean = 420 + 2 * np.sin(hours / 24 / 40 * 2 * np.pi)
    record = hourly("2025-03-01", clean + rng.normal(0, 0.2, 960) + rng.exponential(6, 960))
    got = base(record)
    assert np.all(np.abs(got.value - clean) < 3 * got.standard_deviation)
    assert np.all(got.standard_deviation >= SECTION.baseline.sd_floor_umol_mol)
    assert got.extended_hours == 0


def test_background_station_gets_its_running_median():
    rng = np.random.default_rng(5)
    hours = np.arange(24 * 30)
    clean = 420 + 2 * np.sin(hours / 72 * 2 * np.pi)
    got = base(
        hourly("2025-03-01", clean + rng.normal(0, 0.15, 720)),
        settings=SECTION.background_baseline,
    )
    assert np.sqrt(np.mean((got.value - clean) ** 2)) < 0.4
    assert np.mean(np.abs(got.value - clean) < 2 * got.standard_deviation) > 0.9


def test_baseline_moves_with_the_record_and_scales_with_it():
    value = air(24 * 30)
    a, b = base(hourly("2025-03-01", value)), base(hourly("2025-03-01", value + 7.0))
    np.testing.assert_allclose(b.value, a.value + 7.0, rtol=1e-12)
    np.testing.assert_allclose(b.standard_deviation, a.standard_deviation, rtol=1e-9)


def test_a_long_gap_is_bridged_with_a_growing_sd_and_counted():
    value = air(24 * 60)
    value[24 * 20 : 24 * 40] = np.nan
    got = base(hourly("2025-03-01", value))
    assert np.isfinite(got.value).all()
    assert 24 * 8 < got.extended_hours < 24 * 12
    assert got.standard_deviation[24 * 30] > 1.3 * got.standard_deviation[24 * 10]


def test_no_window_no_baseline():
    assert base(hourly("2025-03-01", air(10))) is None


def test_settings_refuse_what_cannot_be():
    with pytest.raises(ValidationError, match="solar_hours must be 0 <= first < after <= 24"):
        BaselineSettings(solar_hours=(5, 5))
    with pytest.raises(ValidationError, match="local_hours must be 0 <= first < after <= 24"):
        StationSettings(local_hours=(12, 25))
    with pytest.raises(ValidationError, match="Extra inputs"):
        StationSettings(tower="x")


def table(tmp_path, *lines, header="start,end,inlet,action,who,when,why"):
    path = tmp_path / "GCW.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_people_overrule(tmp_path):
    path = table(
        tmp_path,
        "2025-03-01T01:30,2025-03-01T02:10,,bad,me,2025-04-01,pump",
        "2025-03-01T11:00+08:00,2025-03-01T12:00+08:00,100,ok,me,2025-04-01,seen",
        "2025-03-01T05:00,2025-03-01T06:00,54,bad,me,2025-04-01,other inlet",
        "",
    )
    time = hourly("2025-03-01", np.ones(6)).time
    got = manual_flags(read_manual_flags(path), time, 100.0)
    bad, ok = FLAGS["manual_bad"], FLAGS["manual_ok"]
    assert got.tolist() == [0, bad, bad, ok, 0, 0]


def test_bad_manual_flags_are_refused(tmp_path):
    with pytest.raises(ValueError, match="manual flags must have columns start,end,inlet"):
        read_manual_flags(table(tmp_path, header="start,end"))
    with pytest.raises(ValueError, match=r"action bad or ok; .*GCW.csv:2"):
        read_manual_flags(table(tmp_path, "2025-03-01,2025-03-02,,delete,me,2025-04-01,x"))
    with pytest.raises(ValueError, match="must have start < end and say who and why"):
        read_manual_flags(table(tmp_path, "2025-03-02,2025-03-01,,bad,me,2025-04-01,x"))


def test_example_row_reads():
    assert row("GCW").scale == "WMO-CO2-X2019"


def test_a_monthly_mean_is_no_hour():
    month = Rows.of([Row(1, T0, 430.0, seconds=31 * 86400.0)])
    with pytest.raises(ValueError, match="a slot must be at most 3 h long"):
        make_slots(month)
