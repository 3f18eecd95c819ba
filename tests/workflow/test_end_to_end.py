"""A tiny synthetic city from nothing to the page; killed with SIGKILL at two stages; the same bytes."""

import csv
import json

import pytest
from kills import killed_at
from tiny_city import copy_repository, digests, run, write_tiny

ROOT = "results/tiny_synthetic"


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = copy_repository(tmp_path_factory.mktemp("tiny") / "city")
    write_tiny(folder)
    return folder, run(folder)


def test_everything_is_there(finished):
    folder, output = finished
    for name in (
        "report/index.html",
        "run.json",
        "tables/fluxes.csv",
        "tables/verdicts.csv",
        "tables/fit.csv",
        "certificate/tiny.json",
        "network_status.json",
    ):
        assert (folder / ROOT / name).is_file(), name
    assert "index.html" in output.splitlines()[-1]


def test_a_second_run_has_nothing_to_do(finished):
    folder, _ = finished
    before = digests(folder)
    output = run(folder)
    assert "nothing to do" in output
    assert output.splitlines()[-1].endswith("report/index.html")
    assert digests(folder) == before


def test_tables_and_page_agree(finished):
    folder, _ = finished
    with (folder / ROOT / "tables/verdicts.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    states = {row["verdict"] for row in rows}
    known = {
        "agrees",
        "tension",
        "differs within declared",
        "disagrees",
        "not determined",
        "not assessed",
    }
    assert rows
    assert states <= known
    page = (folder / ROOT / "report/index.html").read_text(encoding="utf-8")
    assert "Content-Security-Policy" in page
    assert "synthetic" in page.lower()
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_every_raw_line_is_accounted_for(finished):
    folder, _ = finished
    stations = json.loads((folder / ROOT / "run.json").read_text())["stations"]
    for station in stations.values():
        for file in station["files"]:
            counted = file["rows"] + file["quarantined"] + file["blank_or_comment"]
            assert counted == file["lines"]


@pytest.mark.parametrize(
    ("path", "orphans"),
    [
        (f"{ROOT}/stations/*.nc", True),
        (f"{ROOT}/problem/tiny/jacobian.nc", False),
    ],
    ids=["while stations are read, jobs live on", "before the solver, everything dies"],
)
def test_killed_and_continued_to_the_same_bytes(finished, tmp_path, path, orphans):
    folder, _ = finished
    again = copy_repository(tmp_path / "city")
    write_tiny(again)
    killed_at(again, path, orphans=orphans)
    output = run(again)
    assert "nothing to do" not in output
    assert digests(again) == digests(folder)
