import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pydantic import ValidationError
from station_fakes import EXAMPLES, FILES, GAS, REGISTRY, SECTION, row

from contracts.datasets import check_dataset
from stations.__main__ import _station, main
from stations.check import check
from stations.flags import FLAGS
from stations.ingest import ingest_station
from stations.registry import RegistryError, load_registry, resolve_files
from stations.verdicts import VERDICTS, exit_code
from stations.zones import offset_seconds

ROOT = Path(__file__).parents[2]


def test_example_becomes_a_station_dataset():
    got = ingest_station(row("GCW"), [FILES["GCW"]], None, SECTION, GAS)
    check_dataset(got.dataset, "station")
    value = got.dataset["mole_fraction"].values
    np.testing.assert_allclose(value[0], 1.00079 * 431.41 - 0.142)
    assert np.isnan(value[2])
    flag = got.dataset["quality_flag"].values
    assert flag[4] == FLAGS["calibration"] | FLAGS["scale_converted"]
    assert got.dataset.attrs["calibration_scale"] == "WMO-CO2-X2019"
    assert got.dataset.attrs["synthetic"] == "yes"
    counts = json.loads(got.dataset.attrs["counts"])
    assert counts["rows"] + counts["quarantined"] + counts["blank_or_comment"] == counts["lines"]
    assert "baseline" not in got.dataset
    assert got.files[0]["verdict"] == "missing"


def test_local_table_becomes_a_station_dataset():
    got = ingest_station(row("CSV"), [FILES["CSV"]], None, SECTION, GAS)
    check_dataset(got.dataset, "station")
    assert got.dataset["time"].values.tolist() == [
        np.datetime64(t, "ns").astype(int) for t in ("2025-03-01T00:00", "2025-03-01T01:00")
    ]
    assert got.dataset["n_samples"].values.tolist() == [478, 239]


def copies(tmp_path, *changes):
    text = FILES["GCW"].read_text()
    paths = []
    for k, (old, new) in enumerate(changes):
        paths.append(tmp_path / f"gcwerks{k}.dat")
        paths[-1].write_text(text.replace(old, new))
    return paths


def test_files_that_overlap_are_one_record_and_contradictions_are_kept_out(tmp_path):
    paths = copies(tmp_path, ("", ""), ("433.25", "434.25"))
    got = ingest_station(row("GCW"), paths[::-1], None, SECTION, GAS)
    assert [f["repeated"] for f in got.files] == [0, 5]
    assert [f["verdict"] for f in got.files] == ["conflict", "conflict"]
    assert [(q["code"], q["line"]) for q in got.quarantine] == [("conflict", 5)] * 2
    assert "gcwerks1.dat:5 (434.25)" in got.quarantine[0]["expected"]
    flag = got.dataset["quality_flag"].values
    assert flag[1] & FLAGS["conflict"]
    assert flag[1] & FLAGS["missing"]
    again = ingest_station(row("GCW"), paths, None, SECTION, GAS)
    assert again.dataset.identical(got.dataset)


def test_an_hour_that_lost_a_row_to_the_gate_is_flagged(tmp_path):
    (path,) = copies(tmp_path, ("433.25", " 33.25"))
    got = ingest_station(row("GCW"), [path], None, SECTION, GAS)
    assert got.dataset["quality_flag"].values[1] == FLAGS["out_of_gate"] | FLAGS["missing"]
    assert got.quarantine[0]["text"].startswith("250301 011336")


def test_people_are_heard(tmp_path):
    table = tmp_path / "GCW.csv"
    table.write_text("start,end,inlet,action,who,when,why\n2025-03-01,2025-03-02,,bad,me,today,x\n")
    got = ingest_station(row("GCW"), [FILES["GCW"]], table, SECTION, GAS)
    assert np.all(got.dataset["quality_flag"].values & FLAGS["manual_bad"])


def test_nothing_readable_is_refused(tmp_path):
    bad = tmp_path / "x.dat"
    bad.write_text("<html>")
    with pytest.raises(ValueError, match="record must hold at least one readable row"):
        ingest_station(row("GCW"), [bad], None, SECTION, GAS)


@pytest.mark.parametrize("path", sorted((ROOT / "config" / "stations").glob("*.yaml")))
def test_our_registries_load(path):
    assert load_registry(path).stations


def registry(tmp_path, old, new):
    path = tmp_path / "r.yaml"
    text = REGISTRY.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("    calibration_scale: WMO-CO2-X2007\n", "", "without a calibration scale is refused"),
        ("WMO-CO2-X2007", "unknown", "GCW.calibration_scale: 'unknown'"),
        ("  GCW:", "  CSV:", "without repeated keys"),
        ("  GCW:", "  1GCW:", "1GCW.name"),
        ("30.30", "30.25", "latitude"),
        ("title: Example of a GCWerks export", "titel: x", "GCW.titel"),
        ('"+08:00"', "Asia/Atlantis", "zone must be 'UTC', a fixed offset"),
        ("{V: ok", "{V: fine", "flag must be 'ok' or one of missing"),
        ("stations:", "station:", "a mapping `stations:`"),
        ("synthetic: true", "synthetisch: true", "only `synthetic:` and a non-empty"),
        ("latitude: 30.30", "latitude: .nan", "GCW.latitude"),
    ],
)
def test_a_registry_that_breaks_a_rule_is_refused(tmp_path, old, new, match):
    if old == "30.30":
        text = REGISTRY.read_text(encoding="utf-8")
        text = text.replace("30.30", "30.25").replace("120.20", "120.17").replace("100.0", "50.0")
        path = tmp_path / "r.yaml"
        path.write_text(text, encoding="utf-8")
        match = "duplicate station"
    else:
        path = registry(tmp_path, old, new)
    with pytest.raises(RegistryError, match=match):
        load_registry(path)


def test_a_registry_may_be_toml(tmp_path):
    text = """
synthetic = true
[stations.GCW]
title = "a mast"
latitude = 30.3
longitude = 120.2
ground_height_m = 8.0
inlet_height_m = 100.0
instrument_error_umol_mol = 0.1
calibration_scale = "WMO-CO2-X2019"
files = ["*.dat"]
reader = {format = "gcwerks", label = "centre", slot_seconds = 1080}
"""
    path = tmp_path / "stations.toml"
    path.write_text(text)
    assert load_registry(path).stations["GCW"].reader.format == "gcwerks"
    path.write_text(text + "[stations.GCW]\n")
    with pytest.raises(RegistryError, match="a TOML file without repeated keys"):
        load_registry(path)


def test_registry_that_is_not_there():
    with pytest.raises(RegistryError, match="registry must describe every station"):
        load_registry("nowhere.yaml")


def test_row_rules():
    with pytest.raises(ValidationError, match="convert_to must name another scale"):
        row("CSV", convert_to="WMO-CO2-X2019")
    assert offset_seconds("-03:30") == -12600


def test_globs_are_sorted_and_each_file_counts_once(tmp_path):
    paths = copies(tmp_path, ("", ""), ("", ""))
    twice = row("GCW", files=("gcwerks1*", "gcwerks*.dat"))
    assert resolve_files(twice, tmp_path) == sorted(paths)


def settings(**changes):
    section = SECTION.model_copy(update={"registry": str(REGISTRY), **changes})
    return SimpleNamespace(
        stations=section,
        gas=GAS,
        synthetic=None,
        synthetic_records=None,
        data_root=str(EXAMPLES),
    )


def test_check_finds_nothing_wrong_with_the_example():
    assert check(settings()) == []


def test_check_names_every_problem(tmp_path):
    (problem,) = check(settings(registry="nowhere.yaml"))
    assert "nowhere.yaml" in problem.where
    mixed = registry(tmp_path, "    convert_to: WMO-CO2-X2019\n", "")
    (problem,) = check(settings(registry=str(mixed)))
    assert problem.expected == "one calibration scale"
    problems = check(settings(raw_root=str(tmp_path)))
    assert [p.expected for p in problems] == ["at least one raw file"] * 3
    (problem,) = check(settings(raw_root=str(tmp_path / "none")))
    assert problem.where == "stations.raw_root"
    (problem,) = check(settings(manual_flags=str(tmp_path / "none")))
    assert problem.where == "stations.manual_flags"
    (tmp_path / "GCW.csv").write_text("start\n")
    (tmp_path / "XXX.csv").write_text("start\n")
    problems = check(settings(manual_flags=str(tmp_path)))
    assert len(problems) == 2
    assert "columns" in problems[0].found
    broken = registry(tmp_path, "    calibration_scale: WMO-CO2-X2007\n", "")
    (problem,) = check(settings(registry=str(broken)))
    assert "calibration_scale" in problem.where


def test_check_asks_a_synthetic_city_for_no_files(tmp_path):
    made = settings(raw_root=str(tmp_path))
    made.synthetic = object()
    assert check(made) == []


def test_command_line(capsys):
    words = ["check", str(FILES["GCW"]), "--json"]
    assert main(words) == 0
    (got,) = json.loads(capsys.readouterr().out)
    assert list(got) == [
        "file",
        "format",
        "lines",
        "rows",
        "quarantined",
        "blank_or_comment",
        "verdict",
        "issues",
    ]
    assert main(["check", str(FILES["GCW"]), str(FILES["CSV"])]) == 2
    assert "6 rows + 0 quarantined + 3 blank or comment" in capsys.readouterr().out
    words = ["check", str(FILES["CSV"]), "--registry", str(REGISTRY), "--station", "CSV"]
    assert main(words) == 0


def test_command_line_refuses_half_a_declaration(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["check", "x", "--station", "CSV"])
    assert stop.value.code == 2
    assert "must be given together" in capsys.readouterr().err
    with pytest.raises(ValueError, match="station must be one of CSV, GCW, TAB; got 'X'"):
        _station(REGISTRY, "X")
    with pytest.raises(ValueError, match="--registry and --station must be given together"):
        _station(REGISTRY, None)


def test_many_issues_are_cut_for_people_only(tmp_path, capsys):
    path = tmp_path / "f.dat"
    path.write_text(FILES["GCW"].read_text() + "x\n" * 30)
    assert main(["check", str(path)]) == 1
    assert "... 10 more, see --json" in capsys.readouterr().out
    assert main(["check", str(path), "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)[0]["issues"]) == 30


@pytest.mark.parametrize("verdict", VERDICTS)
def test_exit_codes(verdict):
    expected = {"ok": 0, "missing": 0, "dedupe": 0, "error": 2}.get(verdict, 1)
    assert exit_code([verdict, "ok"]) == expected


def test_module_runs_whatever_the_hash_seed_and_the_terminal():
    outs = set()
    for seed in ("0", "7"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "ascii"}
        words = [sys.executable, "-m", "stations", "check", *map(str, FILES.values()), "--json"]
        done = subprocess.run(words, capture_output=True, cwd=ROOT, env=env, check=False)
        assert done.returncode == 2
        outs.add(done.stdout)
    assert len(outs) == 1
