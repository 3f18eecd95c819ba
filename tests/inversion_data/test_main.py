"""The two commands: exit codes, and what they write."""

import sys
from types import ModuleType

import pytest
from inversion_fakes import problem

from contracts.datasets import read_dataset, write_dataset
from contracts.provenance import Provenance
from contracts.settings.problems import Problem, SettingsError
from inversion.__main__ import main, read_sections


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
    sections, dumped = read_sections(settings)
    assert sections.solver.column_block == 10
    assert sorted(dumped) == ["errors", "gas", "solver"]


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
