"""Steps behind gaps: planted ones are found, weather and gaps alone are not, in records and in networks."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from station_fakes import GAS, SECTION, station

from contracts.settings.gas import GasSettings
from contracts.settings.of_gas import of_gas
from contracts.settings.stations import DetectorSettings
from report.findings import list_findings
from stations.averaging import average_hourly
from stations.flags import usable
from stations.ingest import collect
from stations.network import inspect_network
from stations.slots import make_slots
from stations.steps import find_gaps, steps_of_offset, steps_of_record

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
CABAUW = "icos_obspack_cabauw/co2_cbw_tower-insitu_445_allvalid-{}magl.nc"
SETTINGS = SECTION.detectors
DAYS = 120
HOURS = 24 * DAYS
GAP = (1399, 1408)  # hours before and behind


def air(seed=0, hours=HOURS, spell=2.0):
    """Weather of some days, nights and plumes on one side."""
    rng = np.random.default_rng(seed)
    daily = np.empty(hours // 24 + 2)
    daily[0] = rng.normal()
    for k in range(1, daily.size):
        daily[k] = 0.7 * daily[k - 1] + np.sqrt(1 - 0.49) * rng.normal()
    hour = np.arange(hours)
    weather = spell * np.interp(hour / 24, np.arange(daily.size), daily)
    night = rng.exponential(6, hours) * (np.sin(hour * 2 * np.pi / 24) > 0.3)
    return 425 + weather + night + rng.normal(0, 0.7, hours)


def with_gap(value, size, gap=GAP):
    value = value.copy()
    value[gap[0] + 1 : gap[1]] = np.nan
    value[gap[1] :] += size
    return value


def steps(value, settings=SETTINGS):
    return steps_of_record(value, np.isfinite(value), settings)


def test_a_planted_step_is_found_with_its_place_and_size():
    for seed in range(5):
        (step,) = steps(with_gap(air(seed), 14.0))
        assert (step.before, step.after) == GAP
        assert abs(step.size - 14.0) < 5.0
        assert step.limit == pytest.approx(SETTINGS.step_scatter * step.scatter)
        (step,) = steps(with_gap(air(seed), -14.0))
        assert step.size < -9.0


def test_a_gap_alone_is_no_step_and_a_step_without_a_gap_is_not_looked_at():
    assert not any(steps(with_gap(air(seed), 0.0)) for seed in range(40))
    value = air()
    value[1400:] += 14.0
    assert steps(value) == []


def test_the_gap_must_be_as_long_as_the_setting_and_at_most_a_month():
    value = with_gap(air(), 14.0, (1399, 1405))  # five hours
    assert steps(value) == []
    assert len(steps(value, DetectorSettings(step_gap_hours=5))) == 1
    good = np.ones(3000, bool)
    good[10:731] = False
    assert find_gaps(good, SETTINGS) == []
    good[730] = True
    assert find_gaps(good, SETTINGS) == [(9, 730)]


def test_weather_that_passes_is_no_step_for_both_windows_must_tell():
    value = with_gap(air(), 0.0)
    value[GAP[1] : GAP[1] + 24 * 6] += 14.0
    assert steps(value) == []


def test_the_limits_do_what_they_say():
    value = with_gap(air(), 14.0)
    assert steps(value, DetectorSettings(step_umol_mol=25.0)) == []
    assert steps(value, DetectorSettings(step_scatter=20.0)) == []
    with pytest.raises(ValidationError, match="step_days must be 2 <= short < long <= 90"):
        DetectorSettings(step_days=(15, 5))
    methane = of_gas(DetectorSettings(), GasSettings(name="CH4"))
    assert methane.step_umol_mol == pytest.approx(0.04)
    (step,) = steps(0.02 * value, methane)
    assert (step.before, step.after) == GAP


def test_two_weeks_are_judged_by_their_days():
    (step,) = steps(with_gap(air(3, 24 * 14), 25.0, (160, 172)))
    assert (step.before, step.after) == (160, 172)
    assert step.limit == pytest.approx(1.5 * SETTINGS.step_scatter * step.scatter)
    assert steps(with_gap(air(3, 24 * 14), 0.0, (160, 172))) == []
    assert steps(with_gap(air(3, 24 * 14), 25.0, (40, 52))) == []  # less than half a window before


def test_a_season_that_goes_on_behind_a_gap_is_no_step():
    season = 0.3 * np.arange(HOURS) / 24 + np.random.default_rng(0).normal(0, 0.1, HOURS)
    assert steps(with_gap(season, 0.0, (1399, 1640))) == []
    (step,) = steps(with_gap(season, 5.0, (1399, 1640)))
    assert step.size == pytest.approx(5.0, abs=0.3)


def test_one_step_seen_from_two_gaps_is_named_once():
    value = with_gap(air(), 14.0)
    value[GAP[1] + 20 : GAP[1] + 30] = np.nan
    assert len(steps(value)) == 1


def test_other_hours_do_not_move_the_answer():
    value = with_gap(air(), 14.0)
    bad = value.copy()
    bad[::11] = 900.0
    good = np.isfinite(value)
    good[::11] = False
    (step,) = steps_of_record(bad, good, SETTINGS)
    assert abs(step.size - 14.0) < 5.0


def test_an_offset_shows_small_steps():
    rng = np.random.default_rng(5)
    offset = rng.normal(1.0, 0.5, DAYS)
    moved = offset + 3.0 * (np.arange(DAYS) >= 58)
    moved[58] = -90.0  # the day of the gap is left out, here of the lower of two days
    assert len(steps_of_offset(moved, [GAP], DetectorSettings(step_days=(2, 15)))[0]) == 1
    (step,), told = steps_of_offset(moved, [GAP], SETTINGS)
    assert told == {GAP}
    assert abs(step.size - 3.0) < 1.0
    assert steps_of_offset(offset, [GAP], SETTINGS) == ([], {GAP})
    assert steps_of_offset(np.full(DAYS, np.nan), [GAP], SETTINGS) == ([], set())


def network(size, common=True, spell=2.0):
    """Four towers under one weather; T0 comes back from a gap at another level."""
    rng = np.random.default_rng(9)
    shared = air(1, spell=spell)
    made = {}
    for k in range(4):
        value = (shared if common else air(20 + k)) + rng.normal(k, 0.5, HOURS)
        value = with_gap(value, size) if k == 0 else value
        made[f"T{k}"] = station(f"T{k}", "2025-05-26T16", value, longitude=120.0 + k / 10)
    return made


def found(made, kind="step"):
    status = inspect_network(made, SECTION)
    json.dumps(status.attrs)
    return [item for item in list_findings(status) if item.kind == kind]


def test_the_network_page_names_the_station_and_a_step_that_weather_would_hide():
    (finding,) = found(network(4.0))
    assert finding.station == "T0"
    assert "1 gap(s)" in finding.text.en
    assert "behind 8 h" in finding.text.en
    assert "间断" in finding.text.zh
    assert found(network(0.0)) == []
    made = network(4.0)
    made["T0"].attrs["instrument_class"] = "column"  # every night is a gap of a column
    assert found(made) == []


def test_where_others_went_on_the_record_alone_is_not_believed():
    """A front that comes in the gap of one tower moves all towers, and is no step of that one."""
    made = network(0.0)
    for name, data in made.items():
        data["mole_fraction"][GAP[1] :] += 18.0
        made[name] = data
    assert found(made) == []
    alone = {"T0": made["T0"]}
    assert [item.station for item in found(alone)] == ["T0"]


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA")
@pytest.mark.parametrize(
    ("file", "gaps", "alarms"),
    [
        (CABAUW.format(27), 464, 10),
        (CABAUW.format(207), 443, 3),
        (
            "munich_acropolis/input__HPB__ICOS_ATC_NRT_HPB_2024-04-01_2025-06-25_50.0_1516.CO2",
            11,
            0,
        ),
    ],
)
def test_years_of_real_air_raise_few_alarms(file, gaps, alarms):
    hourly = average_hourly(make_slots(collect([DATA / file], None, GAS).rows))
    good = usable(hourly.flag)
    assert len(find_gaps(good, SETTINGS)) == gaps
    assert len(steps_of_record(hourly.value, good, SETTINGS)) == alarms
