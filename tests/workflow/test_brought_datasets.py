"""Runs without a full chain: what is brought replaces what would make it; what is missing is named."""

import pytest

from contracts.settings.load import load_settings
from workflow.check import check_config
from workflow.plan import MAKES, PROBLEM, Plan

HEAD = """\
run: brought
title: "Brought"
time:
  utc_offset_hours: 0
  batches:
    "2025-01": {start: 2025-01-01T00:00:00, end: 2025-02-01T00:00:00}
regions: {source: domain}
"""
GIVEN = "given:\n" + "".join(f"  {name}: data/{name}.nc\n" for name in PROBLEM)


def written(folder, text, names=PROBLEM):
    (folder / "data").mkdir(exist_ok=True)
    for name in names:
        (folder / "data" / f"{name}.nc").touch()
    path = folder / "config.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def told(path):
    return [str(problem) for problem in check_config(path)]


def test_a_problem_brought_whole_needs_no_other_section(tmp_path):
    path = written(tmp_path, GIVEN)
    assert told(path) == []
    plan = Plan(load_settings(path))
    assert plan.stations == []
    assert not plan.inventory
    assert plan.given_file("prior", "2025-01", "2025-01") == str(tmp_path / "data/prior.nc")


def test_paths_are_relative_to_the_file_that_names_them(tmp_path, monkeypatch):
    path = written(tmp_path, GIVEN)
    monkeypatch.chdir(tmp_path.parent)
    assert told(path) == []


def test_a_file_that_is_not_there_is_named_with_its_line(tmp_path):
    path = written(tmp_path, GIVEN, PROBLEM[1:])
    (found,) = told(path)
    assert found.startswith(f"{path}:9: given.observations: expected a file; found no file ")


@pytest.mark.parametrize("section", sorted(MAKES))
def test_a_section_is_needed_where_nothing_brings_its_dataset(tmp_path, section):
    lacking = MAKES[section]
    kept = [name for name in PROBLEM if name not in lacking]
    text = "given:\n" + "".join(f"  {name}: data/{name}.nc\n" for name in kept)
    found = [line for line in told(written(tmp_path, text)) if f": {section}: expected" in line]
    assert len(found) == 1
    assert f"nothing else makes {', '.join(lacking)}" in found[0]
    assert "bring the datasets under given" in found[0]


def test_an_unknown_dataset_is_refused(tmp_path):
    (found,) = told(written(tmp_path, GIVEN + "  fluxes: data/prior.nc\n"))
    assert "given.fluxes: expected one of" in found


def test_a_dataset_for_each_batch_must_name_every_batch(tmp_path):
    text = GIVEN.replace("  prior: data/prior.nc\n", '  prior: {"2025-02": data/prior.nc}\n')
    (found,) = told(written(tmp_path, text))
    assert "expected one file for each batch: 2025-01; found ['2025-02']" in found


def test_the_batchs_name_may_stand_in_a_path(tmp_path):
    text = GIVEN.replace("data/prior.nc", "data/prior_{period}.nc")
    path = written(tmp_path, text, [*PROBLEM, "prior_2025-01"])
    assert told(path) == []
    assert (
        Plan(load_settings(path))
        .given_file("prior", "2025-01", "2025-01")
        .endswith("prior_2025-01.nc")
    )


def test_records_and_footprints_are_brought_by_station(tmp_path):
    text = GIVEN + "  stations: data/prior.nc\n"
    (found,) = told(written(tmp_path, text))
    assert "given.stations: expected a mapping of station to file" in found


def test_a_network_needs_its_stations_only(tmp_path):
    (found,) = told(written(tmp_path, "target: network\n"))
    assert "stations: expected the section stations: the target is network" in found


def test_a_whole_problem_and_its_parts_are_not_both_brought(tmp_path):
    text = GIVEN + "problem: {reader: nobody, folder: nowhere}\n"
    found = told(written(tmp_path, text))
    assert any("no dataset that problem brings too" in line for line in found)
    assert any("problem.reader: expected one of" in line for line in found)


def test_the_files_and_options_of_a_problem_are_checked(tmp_path):
    text = "problem: {reader: new_zealand, folder: nowhere, options: {colour: red}}\n"
    found = told(written(tmp_path, text))
    assert any("problem.options.colour: expected an option of the reader" in line for line in found)
    assert any("problem.folder: expected every file of the reader" in line for line in found)
