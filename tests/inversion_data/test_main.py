"""The two commands: exit codes, and what they write."""

import logging
import sys
from types import ModuleType

import numpy as np
import pytest
from inversion_fakes import START, problem
from numpy.testing import assert_allclose

from contracts.datasets import read_dataset, write_dataset
from contracts.provenance import Provenance
from contracts.settings.problems import Problem, SettingsError
from inversion.__main__ import main
from inversion.folder import read_sections, solve_folder, used_settings


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "problem"
    place.mkdir()
    for name, dataset in problem().items():
        write_dataset(dataset, place / f"{name}.nc", name, Provenance())
    return place


def test_solve_writes_a_posterior(folder, tmp_path, capsys):
    out = tmp_path / "posterior.nc"
    assert main(["solve", "--problem", str(folder), "--out", str(out)]) == 0
    posterior = read_dataset(out, "posterior")
    assert posterior.sizes["obs"] == 44
    assert str(out) in capsys.readouterr().out


def test_same_input_same_bytes_and_settings_count(folder, tmp_path):
    outs = [tmp_path / name for name in ("one.nc", "two.nc", "three.nc")]
    settings = tmp_path / "settings.yaml"
    settings.write_text("errors:\n  nuisance:\n    transport_common_sd: 0.3\n")
    for out in outs[:2]:
        assert main(["solve", "--problem", str(folder), "--out", str(out)]) == 0
    given = ["solve", "--problem", str(folder), "--settings", str(settings)]
    assert main([*given, "--out", str(outs[2])]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    one, three = (read_dataset(out, "posterior") for out in (outs[0], outs[2]))
    assert one.attrs["provenance"] != three.attrs["provenance"]
    assert (three["total_covariance"].to_numpy() != one["total_covariance"].to_numpy()).any()


def test_missing_datasets_are_named(folder, tmp_path, capsys):
    (folder / "prior.nc").unlink()
    (folder / "mismatch.nc").unlink()
    out = tmp_path / "posterior.nc"
    assert main(["solve", "--problem", str(folder), "--out", str(out)]) == 1
    assert "got no prior.nc, mismatch.nc in" in capsys.readouterr().err
    assert not out.exists()


def test_wrong_settings_are_all_told_at_once(tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("solver:\n  metod: dual\nerrors:\n  prior:\n    cell_relative: -1\n")
    with pytest.raises(SettingsError, match="2 problem") as caught:
        read_sections(settings)
    text = str(caught.value)
    assert "metod" in text
    assert "cell_relative" in text


def test_a_whole_configuration_serves_as_settings(tmp_path):
    settings = tmp_path / "config.yaml"
    settings.write_text("run: demo\nsolver:\n  column_block: 10\n")
    sections = read_sections(settings)
    assert sections.solver.column_block == 10
    assert sorted(used_settings(sections)) == ["errors", "gas", "solver"]


def days(first, last):
    """Return an interval of whole days of the fakes' batch, as YAML."""
    edges = (START + np.array([first, last]) * np.timedelta64(24, "h")).astype("datetime64[s]")
    return f"{{start: {edges[0]}, end: {edges[1]}}}"


def test_totals_of_further_intervals_are_told(folder, tmp_path, caplog):
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"time:\n  totals:\n    late: {days(1, 3)}\n    gone: {days(40, 41)}\n")
    out = tmp_path / "posterior.nc"
    words = ["solve", "--problem", str(folder), "--settings", str(settings), "--out", str(out)]
    assert main(words) == 0
    assert "'gone' lies outside the batch, its totals are not told" in caplog.text
    told = read_dataset(out, "posterior")
    late = (told["total_interval"] == "late") & (told["total_region"] == "all")
    late &= told["total_sector"] == "all"
    expected = told["daily_total"].to_numpy()[0, 1:].mean()
    assert_allclose(told["total"].to_numpy()[late], expected, rtol=1e-9)
    assert "gone" not in told["total_interval"].to_numpy()


def test_an_interval_that_cuts_a_period_is_refused(folder, tmp_path, capsys):
    settings = tmp_path / "settings.yaml"
    cut = days(0, 2).replace("T16:00:00, end", "T20:00:00, end")
    settings.write_text(f"time:\n  totals:\n    cut: {cut}\n")
    out = tmp_path / "posterior.nc"
    words = ["solve", "--problem", str(folder), "--settings", str(settings), "--out", str(out)]
    assert main(words) == 1
    assert "made of whole periods" in capsys.readouterr().err
    assert not out.exists()


def test_a_typing_error_in_time_is_told(tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text("time:\n  total: {}\n")
    with pytest.raises(SettingsError, match="unknown key 'total'"):
        read_sections(settings)


def test_what_is_done_is_said(folder, caplog):
    with caplog.at_level(logging.INFO):
        solve_folder(folder)
    assert "dual: S of 44 observations from" in caplog.text
    assert "posterior: chi square" in caplog.text


def test_without_a_file_nothing_is_written(folder):
    before = sorted(folder.parent.rglob("*"))
    assert solve_folder(folder).sizes["obs"] == 44
    assert sorted(folder.parent.rglob("*")) == before


def test_a_folder_without_observations_returns_the_prior(folder, tmp_path):
    files = {name: read_dataset(folder / f"{name}.nc", name) for name in problem()}
    for name in ("observations", "background", "mismatch"):
        write_dataset(files[name].isel(obs=[]), folder / f"{name}.nc", name, Provenance())
    empty = files["jacobian"].drop_dims("row_edge").isel(obs=[], nonzero=[])
    empty["row_start"] = ("row_edge", np.zeros(1, np.int64), {"units": "1"})
    write_dataset(empty, folder / "jacobian.nc", "jacobian", Provenance())
    out = tmp_path / "posterior.nc"
    assert main(["solve", "--problem", str(folder), "--out", str(out)]) == 0
    told = read_dataset(out, "posterior")
    assert told.sizes["obs"] == 0
    assert_allclose(told["flux"], told["flux_prior"], rtol=0, atol=0)
    assert_allclose(told["total_covariance"], told["total_prior_covariance"], rtol=0, atol=0)


def checker(monkeypatch, problems):
    """Put a check of the configuration in the place of workflow's."""
    module = ModuleType("workflow.check")
    module.check_config = lambda path, *, deep: problems if deep else None
    monkeypatch.setitem(sys.modules, "workflow.check", module)


def test_check_lists_problems_and_fails(monkeypatch, capsys):
    checker(
        monkeypatch,
        [
            Problem("c.yaml:3: grid.cell", "'a'", "a number", "Write metres."),
            Problem("c.yaml:9: osse.draws", "0", "at least 1", ""),
        ],
    )
    assert main(["check", "c.yaml"]) == 1
    said = capsys.readouterr().out
    assert "c.yaml:3: grid.cell: expected a number; found 'a'. Write metres." in said
    assert "c.yaml: 2 problems" in said


def test_check_of_a_right_configuration_passes(monkeypatch, capsys):
    checker(monkeypatch, [])
    assert main(["check", "c.yaml"]) == 0
    assert capsys.readouterr().out == "c.yaml: no problems\n"


def test_no_command_is_refused(capsys):
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
