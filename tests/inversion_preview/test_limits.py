"""Limits of the settings, the table, the files and the command."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from inversion_fakes import problem
from pydantic import ValidationError

from contracts.datasets import write_dataset
from contracts.provenance import Provenance
from contracts.settings.preview import LIMITS, PreviewSettings
from inversion.preview import preview_and_tell, preview_folder, require_answerable
from inversion.previewing.beside import seconds_of_all
from inversion.previewing.cost import Cost
from inversion.previewing.expected import Expected
from inversion.previewing.judged import broken_limits
from inversion.previewing.table import table

COST = Cost({"solve": 7200.0}, 8e9, 2e9)
LOW = ("least_observations", "least_dofs", "least_city_information")
BROKEN = {
    "least_observations": (101, 100),
    "least_dofs": (12.5, 12.0),
    "least_city_information": (0.76, 0.74),
    "most_city_sd_percent": (9.9, 10.1),
    "most_district_sd_percent": (29.0, 31.0),
    "most_hours": (1.9, 2.1),
    "most_memory_gb": (7.9, 8.1),
    "most_disk_gb": (1.9, 2.1),
}


@pytest.fixture
def expected():
    return Expected(
        n_observations=100,
        n_state=50,
        n_nuisance=3,
        dofs=12.2,
        region=("d1", "d2", "all"),
        sector=("all", "all", "all"),
        interval=("", "", ""),
        prior=np.array([10.0, -10.0, 20.0]),
        prior_standard_deviation=np.array([4.0, 4.0, 4.0]),
        standard_deviation=np.array([1.0, 3.0, 2.0]),
        districts=("d1", "d2"),
    )


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_stops_just_beyond_it(expected, name):
    breaks, holds = BROKEN[name]
    (sentence,) = broken_limits(expected, COST, PreviewSettings(**{name: breaks}))
    asked = "at least" if name in LOW else "at most"
    assert sentence.startswith(f"preview.{name}: a run must have {asked} {breaks:g}; got ")
    assert broken_limits(expected, COST, PreviewSettings(**{name: holds})) == []
    assert PreviewSettings(**{name: holds}).stops


def test_the_worst_district_is_named(expected):
    (sentence,) = broken_limits(expected, None, PreviewSettings(most_district_sd_percent=20.0))
    assert "worst: d2" in sentence


def test_without_limits_nothing_stops_and_unknown_costs_are_not_judged(expected):
    assert not PreviewSettings().stops
    assert broken_limits(expected, COST, PreviewSettings()) == []
    assert broken_limits(expected, None, PreviewSettings(most_hours=1e-6)) == []


def test_a_total_without_prior_has_no_share(expected):
    none = SimpleNamespace(**{**vars(expected), "prior": np.zeros(3)})
    assert np.isinf(Expected.relative.fget(none)).all()


def test_nonsense_is_refused():
    with pytest.raises(ValidationError):
        PreviewSettings(every_days=0)
    with pytest.raises(ValidationError):
        PreviewSettings(most_hours=float("nan"))


def test_a_broken_limit_stops_the_run():
    require_answerable({"broken": []}, "x.json")
    with pytest.raises(ValueError, match=r"cannot answer its question \(x\.json\):\npreview\.a"):
        require_answerable({"broken": ["preview.a: ..."]}, "x.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("problem")
    for name, dataset in problem().items():
        write_dataset(dataset, path / f"{name}.nc", name, Provenance({}, "", ""))
    return path


def test_the_command_writes_a_table_and_files(folder, tmp_path, capsys):
    assert preview_and_tell(folder, None, tmp_path / "preview.json") == 0
    told = capsys.readouterr().out
    assert "44 observations (tower_a 22, tower_b 22)" in told
    assert "no limit of the settings is broken" in told
    found = json.loads((tmp_path / "preview.json").read_text(encoding="utf-8"))
    assert (tmp_path / "preview.txt").read_text(encoding="utf-8") == told
    assert found["by_receptor"] == {"tower_a": 22, "tower_b": 22}
    assert found["cost"]["memory_gb"] > 0.0
    assert sorted(found["cost"]["seconds"]) == ["diagnose", "jacobian", "other", "solve"]
    assert table(found) + "\n" == told


def test_the_command_fails_where_a_limit_is_broken_or_files_are_missing(folder, tmp_path, capsys):
    settings = tmp_path / "settings.yaml"
    settings.write_text("preview: {least_dofs: 1.0e+6}\n", encoding="utf-8")
    assert preview_and_tell(folder, settings, None) == 1
    assert "preview.least_dofs: a run must have at least 1e+06" in capsys.readouterr().out
    assert preview_and_tell(tmp_path, None, None) == 1
    assert "got no" in capsys.readouterr().err
    settings.write_text("preview: {least_dof: 1}\n", encoding="utf-8")
    with pytest.raises(ValidationError):
        preview_folder(folder, settings)


def test_footprints_of_all_hours_from_those_of_some(tmp_path):
    file = tmp_path / "one.tsv"
    file.write_text("s\tcpu_time\n9.0\t13.0\n", encoding="utf-8")
    assert seconds_of_all([file, file], 10, 40) == pytest.approx(2 * 3.0 + 20.0 * 4)
    file.write_text("s\n9.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match="row with cpu_time"):
        seconds_of_all([file], 1, 2)
