"""Measured facts of the Glasgow network, and the two traps in its files."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML
from station_fakes import GAS

from contracts.datasets import check_dataset
from contracts.settings.stations import StationSettings
from stations.clock import clock_evidence
from stations.evidence import NONE_SEEN, SUSPECTED
from stations.ingest import ingest_station
from stations.network import inspect_network
from stations.receptors import read_receptors
from stations.registry import load_registry, resolve_files

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data"))
CASE = DATA / "cases" / "glasgow"
ROWS = load_registry(ROOT / "config" / "stations" / "glasgow.yaml").stations
CONFIG = YAML(typ="safe").load(
    (ROOT / "config" / "cities" / "glasgow.yaml").read_text(encoding="utf-8")
)
SECTION = StationSettings.model_validate(CONFIG["stations"])

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not CASE.is_dir(), reason=f"no folder {CASE}: set CITYFLUX_DATA"),
]


@pytest.fixture(scope="module")
def ingested():
    return {
        n: ingest_station(r, resolve_files(r, DATA), None, SECTION, GAS) for n, r in ROWS.items()
    }


@pytest.fixture(scope="module")
def records(ingested):
    return {name: item.dataset for name, item in ingested.items()}


@pytest.fixture(scope="module")
def status(records):
    files = sorted(CASE.glob("obs_*.nc"))
    return inspect_network(records, SECTION, read_receptors(files, SECTION.receptors))


def moved(records, hours, names=None):
    shift = np.timedelta64(hours, "h").astype("timedelta64[ns]")
    return {
        name: ds.assign_coords(time=ds["time"] + shift)
        if ds.attrs["role"] == "tower" and name in (names or records)
        else ds
        for name, ds in records.items()
    }


def texts(status, kind):
    pairs = zip(status["finding_kind"].values, status["finding_text"].values, strict=True)
    return [str(text) for found, text in pairs if found == kind]


def test_every_record_is_accounted_for(ingested):
    nodes = [item.files[0] for name, item in ingested.items() if name != "BKG"]
    assert [f["rows"] for f in nodes] == [744, 744, 743, 744, 744, 744, 744, 744]
    assert sum(f["rows"] + f["quarantined"] for f in nodes) == 5951
    assert {f["rows"] + f["elsewhere"] for f in nodes} == {5951}
    (background,) = ingested["BKG"].files
    assert (background["lines"], background["rows"], background["verdict"]) == (8756, 8755, "ok")
    for item in ingested.values():
        check_dataset(item.dataset, "station")
        assert item.quarantine == []


def test_values_are_those_of_the_file(records):
    with xr.open_dataset(CASE / "rec_jan22.nc") as raw:
        first = np.flatnonzero((raw["lat"] == 55.861) & (raw["hr"] == 8) & (raw["day"] == 1))[0]
        expected = float(raw["co2"][first])
    assert records["GLA4"]["mole_fraction"].values[0] == expected
    assert records["GLA4"]["time"].values[0] == np.datetime64("2022-01-01T08:00")
    medians = {n: float(np.nanmedian(ds["mole_fraction"])) for n, ds in records.items()}
    assert round(medians["GLA3"], 1) == 411.3
    assert round(medians["GLA8"], 1) == 454.0


def test_the_wrong_background_is_noticed(status):
    check_dataset(status, "network_status")
    (text,) = texts(status, "carried_background")
    for part in (
        "2022-01-01T08:00Z at 55.861 N 4.247 W",
        "the background 426.31",
        "stamped 2022-12-31T18:00Z, 8746 h after",
        "BKG reads 420.00 ± 0.22",
        "It is what BKG reads at 2022-12-31T18:00Z, its last hour",
    ):
        assert part in text
    (text,) = texts(status, "receptor_clock")
    assert "variable jul" in text
    assert "86,400 times" in text
    assert json.loads(status.attrs["receptors"]) == {
        "carried_background": 1,
        "read": 1,
        "receptor_clock": 1,
        "unreadable": 0,
        "with_background_record": 1,
    }


def test_the_suspected_clock_is_noticed_and_weighed(status):
    (text,) = texts(status, "clock")
    assert "8 of 8 towers run from 2022-01-01T08:00Z to 2022-02-01T08:00Z" in text
    assert "whole calendar months at UTC-8" in text
    assert "an offset of +8 h is suspected from the window alone" in text
    assert "an offset of +8 h would have been seen in the air and was not" in text
    verdict = dict(
        zip(status["clock_evidence"].values, status["clock_verdict"].values, strict=True)
    )
    assert verdict["window"] == SUSPECTED
    assert verdict["daily_cycle"] == verdict["background"] == NONE_SEEN
    sun = status.isel(clock_evidence=1)
    assert abs(float(sun["clock_offset"])) <= 1
    assert "+8" not in str(sun["clock_unseen"].item()).split()


@pytest.mark.parametrize("hours", [8, -8])
def test_had_the_stamps_been_shifted_the_air_would_have_said_so(records, hours):
    found = {e.kind: e for e in clock_evidence(moved(records, hours), SECTION.clock)}
    assert found["daily_cycle"].verdict == SUSPECTED
    assert abs(found["daily_cycle"].offset - hours) <= 1
    if hours > 0:
        assert found["background"].verdict == SUSPECTED
    assert found["window"].verdict != SUSPECTED


def test_one_node_shifted_is_named(records):
    found = clock_evidence(moved(records, 8, ["GLA4"]), SECTION.clock)
    assert [
        (e.station, e.offset) for e in found if e.kind == "neighbours" and e.verdict == SUSPECTED
    ] == [("GLA4", 8.0)]


def test_levels_and_scales_are_named(status):
    (level,) = texts(status, "level")
    assert "6 of 8 towers" in level
    (scale,) = texts(status, "scale")
    assert "9 of 9 records are not traceable" in scale
    assert status["excluded"].values.all()
