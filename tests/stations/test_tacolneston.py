"""Measured facts of the Tacolneston tower, as counted in its own files."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from station_fakes import GAS, SECTION

from contracts.datasets import check_dataset
from contracts.periods import Period
from stations.assemble import build_observations
from stations.clock import clock_evidence
from stations.clock_words import clock_findings
from stations.evidence import SUSPECTED
from stations.flags import usable
from stations.ingest import ingest_station
from stations.monitor import network_status
from stations.registry import load_registry, resolve_files

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data"))
CASE = DATA / "cases" / "tacolneston"
ROWS = load_registry(ROOT / "config" / "stations" / "tacolneston.yaml").stations
LINES = {"TAC": (53034, 52767), "TAC185": (48363, 48191), "TAC54": (52233, 51928)}
# month -> file, hours in it, hours with a measurement
FOOTPRINTS = {
    "2014-07": ("TAC-100magl_UKV_co2_TEST_201407.nc", 73, 72),
    "2016-06": ("TAC-100magl_TEST_201606.nc", 97, 77),
    "2016-07": ("TAC-100magl_TEST_201607.nc", 145, 124),
}

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not CASE.is_dir(), reason=f"no folder {CASE}: set CITYFLUX_DATA"),
]


@pytest.fixture(scope="module")
def ingested():
    return {
        n: ingest_station(r, resolve_files(r, DATA), None, SECTION, GAS) for n, r in ROWS.items()
    }


@pytest.mark.parametrize("name", sorted(LINES))
def test_every_line_is_accounted_for(ingested, name):
    got = ingested[name]
    check_dataset(got.dataset, "station")
    (file,) = got.files
    lines, finite = LINES[name]
    assert (file["lines"], file["rows"], file["quarantined"]) == (lines, lines - 3, 0)
    assert file["blank_or_comment"] == 3
    assert file["rows"] - file["missing"] == finite
    assert file["verdict"] == "missing"
    assert got.quarantine == []


@pytest.mark.parametrize("name", sorted(LINES))
def test_seven_years_of_real_air_raise_no_alarm(ingested, name):
    flags = json.loads(ingested[name].dataset.attrs["counts"])["hours_by_flag"]
    assert flags["calibration_as_ambient"] == 0
    assert flags["stuck"] == 0
    assert flags["out_of_gate"] == 0


def test_footprint_hours_match_and_straddling_ones_are_counted(ingested):
    """Slots are 1080 s long around their stamp; the centre's hour is the slot's hour."""
    tower = {"TAC": ingested["TAC"].dataset}
    status = network_status(tower, SECTION)
    everything = SECTION.model_copy(update={"local_hours": (0, 24)})
    kept = straddling = 0
    for month, (name, hours, expected) in FOOTPRINTS.items():
        with xr.open_dataset(CASE / name) as ds:
            times = ds["time"].values
        assert times.size == hours
        start = np.datetime64(month, "M")
        batch = Period(month, start.astype("datetime64[ns]"), (start + 1).astype("datetime64[ns]"))
        got = build_observations(tower, status, batch, everything, 0.0, {"TAC": times})
        counts = json.loads(got.attrs["counts"])
        assert counts["kept"] == expected
        assert counts["kept"] + sum(counts["dropped"].values()) == counts["candidate"]
        kept += counts["kept"]
        straddling += counts["kept_straddling"]
    assert (kept, straddling) == (273, 103)


def test_inlets_of_one_mast_do_not_exclude_each_other(ingested):
    got = network_status({name: item.dataset for name, item in ingested.items()}, SECTION)
    assert got["excluded"].values.tolist() == [0, 0, 0]


def test_baseline_is_there_and_below_most_of_the_record(ingested):
    ds = ingested["TAC"].dataset
    assert np.isfinite(ds["baseline"].values).all()
    good = usable(ds["quality_flag"].values)
    below = (ds["mole_fraction"].values < ds["baseline"].values)[good].mean()
    assert 0.05 < below < 0.2


def test_one_minute_file_lies_a_scale_step_higher(ingested):
    """Why the scale must be declared: the same air, exported in 2022, is 0.199 higher."""
    path = CASE / "tac.picarro.1minute.100m.201407.dat"
    minute = ROWS["TAC"].model_copy(
        update={"reader": ROWS["TAC"].reader.model_copy(update={"slot_seconds": 60})}
    )
    new = ingest_station(minute, [path], None, SECTION, GAS).dataset
    both = xr.merge(
        [
            new[["mole_fraction"]].rename(mole_fraction="new"),
            ingested["TAC"].dataset[["mole_fraction"]].rename(mole_fraction="old"),
        ],
        join="inner",
    )
    step = both["new"].values - both["old"].values
    assert abs(np.nanmedian(step) - 0.199) < 0.03


@pytest.mark.parametrize("hours", [0, 8, -8])
def test_right_clocks_raise_nothing_and_shifted_ones_do(ingested, hours):
    shift = np.timedelta64(hours, "h").astype("timedelta64[ns]")
    year = slice("2015-01-05", "2015-12-20")  # no edge of a month
    made = {
        name: item.dataset.sel(time=year).assign_coords(time=lambda ds: ds["time"] + shift)
        for name, item in ingested.items()
    }
    evidence = clock_evidence(made, SECTION.clock)
    suspected = [item.kind for item in evidence if item.verdict == SUSPECTED]
    assert suspected == (["daily_cycle"] if hours else [])
    assert bool(clock_findings(evidence)) == bool(hours)
    if hours == 0:
        whole = {name: item.dataset for name, item in ingested.items()}
        assert clock_findings(clock_evidence(whole, SECTION.clock)) == []
