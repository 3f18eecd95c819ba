"""Records of many stations in one netCDF file, and records that are on no calibration scale."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from pydantic import ValidationError
from station_fakes import EXAMPLES, FILES, GAS, REGISTRY, SECTION, row, scan_one, station

from contracts.datasets import check_dataset
from contracts.periods import Period
from contracts.settings.stations import ReceptorSettings
from stations.account import inspect_file
from stations.assemble import build_observations
from stations.check import check
from stations.ingest import ingest_station
from stations.monitor import UNTRACEABLE, network_status
from stations.network import inspect_network
from stations.quarantine import FileRefusedError
from stations.readers.netcdf_table import Settings as NetcdfTableReader
from stations.reading.netcdf_records import instant, open_records

TAB = FILES["TAB"]


def changed(tmp_path, **values):
    """Return the example as netCDF-4 with some values changed: {variable: {record: value}}."""
    ds = xr.load_dataset(TAB, engine="scipy")
    for name, new in values.items():
        for k, value in new.items():
            ds[name].values[k] = value
    path = tmp_path / "records.nc"
    ds.to_netcdf(path)
    return path


def reader(**changes):
    return row("TAB").reader.model_copy(update=changes)


def test_each_record_finds_its_station_and_none_is_lost():
    here = scan_one(TAB, reader(), GAS)
    there = scan_one(TAB, reader(select={"lat": 30.31, "lon": 120.21}), GAS)
    assert (here.lines, here.elsewhere, there.lines, there.elsewhere) == (5, 4, 4, 5)
    assert {r.line for r in here.rows} | {r.line for r in there.rows} == set(range(1, 10))
    assert [r.value for r in there.rows] == [440.1, 441.2, 440.7, 439.9]
    assert math.isnan(here.rows[2].value)
    assert np.datetime64(int(here.rows[1].stamp), "s") == np.datetime64("2025-03-01T01:00")
    assert here.rows[0].stdev == 1.5


def test_it_becomes_a_station_record():
    got = ingest_station(row("TAB"), [TAB], None, SECTION, GAS)
    check_dataset(got.dataset, "station")
    assert got.dataset.attrs["calibration_scale"] == "none"
    assert got.files[0]["elsewhere"] == 4
    (shared,) = json.loads(got.dataset.attrs["counts"])["shared_files"].values()
    assert shared == {"file": "netcdf_table.nc", "lines": 5, "elsewhere": 4}
    np.testing.assert_allclose(got.dataset["standard_error"].values[0], 1.5)


BAD = {
    "impossible_date": {"hr": {2: 25.0}},
    "out_of_gate": {"co2": {2: -431.0}},
    "not_a_number": {"co2": {2: np.inf}},
    "negative_deviation": {"co2e": {2: -1.0}},
}


@pytest.mark.parametrize("code", sorted(BAD))
def test_a_bad_record_is_named_by_its_number(code, tmp_path):
    got = scan_one(changed(tmp_path, **BAD[code]), reader(), GAS)
    (issue,) = got.issues
    assert (issue.code, issue.line, len(got.rows), got.quarantined) == (code, 3, 4, 1)
    assert "lat=30.25" in issue.text


def test_a_count_must_be_one(tmp_path):
    columns = row("TAB").reader.columns.model_copy(update={"n": "hr"})
    got = scan_one(TAB, reader(columns=columns), GAS)
    assert [issue.code for issue in got.issues] == ["not_a_count"]  # 0 samples behind a value
    (bad,) = scan_one(changed(tmp_path, mon={0: 3.5}), reader(), GAS).issues
    assert bad.code == "impossible_date"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dimension": "obs"}, "columns"),
        ({"select": {"lat": 31.0}}, "no_record"),
        ({"select": {"node": 3.0}}, "columns"),
        ({"unit": "ppb"}, "unit_or_column"),
    ],
)
def test_a_wrong_declaration_is_refused(changes, code):
    got = scan_one(TAB, reader(**changes), GAS)
    assert got.refused
    assert got.issues[0].code == code


def test_declared_missing_numbers(tmp_path):
    path = changed(tmp_path, co2={2: -99.0})
    assert math.isnan(scan_one(path, reader(missing=("-99",)), GAS).rows[1].value)


def test_damage_is_refused_and_never_read_as_zeros(tmp_path):
    whole = changed(tmp_path).read_bytes()
    path = tmp_path / "cut.nc"
    for size in (8, 100, len(whole) // 2, len(whole) - 200):
        path.write_bytes(whole[:size])
        assert scan_one(path, reader(), GAS).refused
    path.write_bytes(b"CDF\x05" + TAB.read_bytes()[4:])
    assert "rewrite the file as netCDF-4" in scan_one(path, reader(), GAS).issues[0].hint
    with pytest.raises(FileRefusedError, match="a netCDF-4 or a classic netCDF file"):
        open_records(FILES["CSV"], "id")
    assert scan_one(tmp_path / "none.nc", reader(), GAS).issues[0].code == "unreadable"


def test_without_a_registry_the_format_is_seen_and_nothing_guessed():
    got = inspect_file(TAB, None, SECTION, GAS)
    assert (got["verdict"], got["issues"][0]["code"]) == ("error", "undeclared")


def test_instants_and_settings_refuse_what_cannot_be():
    with pytest.raises(ValueError, match="seconds since 1970 before 2100"):
        instant([1.4e14])
    facts = reader().model_dump()
    with pytest.raises(ValidationError, match="time must be one variable in seconds"):
        NetcdfTableReader(**{**facts, "columns": {"time": ["yr", "mon"], "value": "co2"}})
    with pytest.raises(ValidationError, match="missing must be numbers"):
        NetcdfTableReader(**{**facts, "missing": ["gap"]})


def test_no_scale_must_be_explained_and_is_never_converted():
    with pytest.raises(ValidationError, match="none must come with a scale_note"):
        row("TAB", scale_note=" ")
    with pytest.raises(ValidationError, match="a record without a scale must stay without one"):
        row("TAB", convert_to="WMO-CO2-X2019")


def test_records_without_a_scale_are_watched_and_never_used():
    hours = 430 + np.random.default_rng(3).normal(0, 1, 24 * 20)
    made = {n: station(n, "2025-05-31T16", hours, longitude=120.0) for n in ("A00", "B00")}
    made["B00"] = made["B00"].assign_attrs(calibration_scale="none")
    status = network_status(made, SECTION)
    assert status["excluded"].values.tolist() == [0, 1]
    assert str(status["reason"].values[1]) == UNTRACEABLE
    start = np.datetime64("2025-06-02", "ns")
    batch = Period("x", start, start + np.timedelta64(5, "D"))
    # also with a status that somebody else made
    status["excluded"][:], status["reason"][:] = 0, ""
    got = build_observations(made, status, batch, SECTION, 8.0)
    counts = json.loads(got.attrs["counts"])
    assert got["receptor"].values.tolist() == ["A00"]
    assert counts["dropped"] == {"station_excluded": 25}
    assert "not traceable" in counts["excluded"]["B00"]


def settings(tmp_path, target, without=(), **changes):
    text = REGISTRY.read_text(encoding="utf-8")
    for name in without:
        text = text.replace(f"calibration_scale: {name}", "calibration_scale: none")
    text = text.replace("    convert_to: WMO-CO2-X2019\n", "")
    path = tmp_path / "registry.yaml"
    path.write_text(text, encoding="utf-8")
    section = SECTION.model_copy(update={"registry": str(path), **changes})
    return SimpleNamespace(
        stations=section,
        gas=GAS,
        synthetic=None,
        synthetic_records=None,
        data_root=str(EXAMPLES),
        target=target,
    )


def test_check_refuses_fluxes_from_records_without_scales(tmp_path):
    bare = ("WMO-CO2-X2019", "WMO-CO2-X2007")
    (problem,) = check(settings(tmp_path, "fluxes", bare))
    assert "no tower with a scale (CSV, GCW, TAB)" in problem.found
    assert "target: network" in problem.todo
    assert check(settings(tmp_path, "network", bare)) == []
    assert check(SimpleNamespace(stations=None)) == []
    text = (tmp_path / "registry.yaml").read_text(encoding="utf-8")
    (tmp_path / "registry.yaml").write_text(text, encoding="utf-8")
    made = settings(tmp_path, "fluxes", ("WMO-CO2-X2007",))
    path = tmp_path / "registry.yaml"
    both = path.read_text(encoding="utf-8").split("  GCW:")
    path.write_text(f"{both[0]}  GCW:{both[1].replace('tower', 'background', 1)}", encoding="utf-8")
    (problem,) = check(made)
    assert "background stations without a scale: GCW" in problem.found


def test_check_misses_receptor_files(tmp_path):
    names = ("time", "latitude", "longitude", "value", "background")
    wanted = ReceptorSettings(
        files=["obs_*.nc"], dimension="info", **{n: (n,) if n == "time" else n for n in names}
    )
    (problem,) = check(settings(tmp_path, "network", ("WMO-CO2-X2007",), receptors=wanted))
    assert problem.where == "stations.receptors.files"


def test_records_that_no_station_claims_are_counted():
    got = ingest_station(row("TAB"), [TAB], None, SECTION, GAS).dataset
    status = inspect_network({"TAB": got}, SECTION)
    check_dataset(status, "network_status")
    kinds = status["finding_kind"].values.tolist()
    assert kinds == ["scale", "unclaimed_records"]
    assert "4 of 9 records belong to no station" in str(status["finding_text"].values[1])
    other = row("TAB").model_copy(update={"name": "OTH", "reader": reader(select={"lat": 30.31})})
    both = {"TAB": got, "OTH": ingest_station(other, [TAB], None, SECTION, GAS).dataset}
    assert inspect_network(both, SECTION)["finding_kind"].values.tolist() == ["scale"]
    again = reader(select={"lat": 30.25, "hr": 0.0})
    more = row("TAB").model_copy(update={"name": "MOR", "reader": again})
    twice = {**both, "MOR": ingest_station(more, [TAB], None, SECTION, GAS).dataset}
    (text,) = inspect_network(twice, SECTION)["finding_text"].values[1:]
    assert "1 records belong to more than one station" in text
