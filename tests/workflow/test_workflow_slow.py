"""Slow: kills at more stages, cores, hash seeds, station order, and the rules an edit re-runs (make test-workflow)."""

import re
import subprocess
import sys

import pytest
from kills import killed_at
from tiny_city import copy_repository, digests, run, write_tiny

from contracts.code import closure

pytestmark = pytest.mark.workflow
ROOT = "results/tiny_synthetic"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = copy_repository(tmp_path_factory.mktemp("tiny") / "city")
    write_tiny(folder)
    run(folder)
    return folder


@pytest.mark.parametrize("orphans", [True, False], ids=["orphans", "all"])
@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/synthetic/weather.nc",
        f"{ROOT}/network_status.nc",
        f"{ROOT}/footprints/*/tiny.nc",
        f"{ROOT}/problem/tiny/mismatch.nc",
        f"{ROOT}/posterior/tiny.nc",
        f"{ROOT}/reconciliation/tiny.nc",
    ],
)
def test_killed_and_continued(finished, tmp_path, path, orphans):
    again = copy_repository(tmp_path / "city")
    write_tiny(again)
    killed_at(again, path, orphans=orphans)
    run(again)
    assert digests(again) == digests(finished)


@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("seed", ["0", "4711"])
def test_same_bytes_on_any_cores_and_hash_seed(finished, tmp_path, cores, seed):
    again = copy_repository(tmp_path / "city")
    write_tiny(again)
    run(again, cores, PYTHONHASHSEED=seed)
    assert digests(again) == digests(finished)


def test_same_bytes_in_any_station_order(finished, tmp_path):
    again = copy_repository(tmp_path / "city")
    write_tiny(again, order=-1)
    run(again)
    ours, theirs = digests(again), digests(finished)
    differing = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    assert not differing


def rules_to_run(folder, *more):
    """Return the rules that a dry run would execute, with `more` words on its command line."""
    output = subprocess.run(
        [
            sys.executable,
            "-m",
            "snakemake",
            "-n",
            "--cores",
            "2",
            "--configfile",
            "config/tiny.yaml",
            *more,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    table = (output.stdout + output.stderr).split("Job stats:", 1)[1].split("total", 1)[0]
    return set(re.findall(r"^([a-z_]+) +\d+$", table, re.MULTILINE))


def rules_holding(folder, module):
    """Return the rules whose script's code closure holds a module."""
    names = [path.stem for path in (folder / "workflow/scripts").glob("*.py")]
    return {name for name in names if module in closure(f"workflow.scripts.{name}")}


@pytest.mark.parametrize("module", ["report.wording", "reconcile.verdict", "transport.plume"])
def test_an_edit_reruns_what_uses_it(finished, tmp_path, module):
    again = copy_repository(tmp_path / "city")
    write_tiny(again)
    run(again)
    path = again.joinpath(*module.split(".")).with_suffix(".py")
    path.write_text(path.read_text() + "\n# an edit\n")
    wanted = rules_holding(again, module) & rules_to_run(again, "--forceall")
    assert wanted
    found = rules_to_run(again)
    assert wanted <= found
    upstream = {"make_synthetic_city", "ingest_station", "monitor"}
    assert not (found & upstream) - wanted
