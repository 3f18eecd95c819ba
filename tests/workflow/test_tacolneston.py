"""The real case end to end: raw text of a tall tower and real footprints to fluxes and verdicts."""

import csv
import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from contracts.datasets import read_dataset

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")).absolute()
CASE = DATA / "cases" / "tacolneston"
# batch -> hours with a footprint, hours with an observation, slots that straddle two hours
COUNTS = {"2014-07": (73, 72, 24), "2016-06": (97, 77, 39), "2016-07": (145, 124, 40)}

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.workflow,
    pytest.mark.skipif(not CASE.is_dir(), reason=f"no folder {CASE}: set CITYFLUX_DATA"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run the case in a copy of the code; return its folder and what it printed."""
    copy = tmp_path_factory.mktemp("tacolneston") / "code"
    left_out = shutil.ignore_patterns("results", "tests", "__pycache__", "*.pyc", ".*", "somewhere")
    shutil.copytree(ROOT, copy, ignore=left_out)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "workflow.run", "--cores", "2", "--data-root", str(DATA)),
            *("--configfile", "config/cities/tacolneston.yaml"),
        ],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return copy / "results" / "tacolneston", done.stdout


def test_the_hours_that_observations_and_footprints_share_are_counted(run):
    folder, printed = run
    for batch, (reached, observed, straddling) in COUNTS.items():
        observations = read_dataset(folder / f"problem/{batch}/observations.nc", "observations")
        counts = json.loads(observations.attrs["counts"])
        assert observations.sizes["obs"] == counts["kept_by_receptor"]["TAC"] == observed
        assert counts["candidate"] - counts["dropped"]["no_footprint"] == reached
        assert counts["dropped"]["missing"] == reached - observed
        assert counts["kept_straddling"] == straddling
        assert f"{batch}: hours with footprints {reached}, observations {observed} " in printed
    totals = np.sum(list(COUNTS.values()), axis=0)
    assert totals.tolist() == [315, 273, 103]


def test_every_line_of_the_raw_files_is_in_the_run_s_account(run):
    folder, _ = run
    stations = json.loads((folder / "run.json").read_text(encoding="utf-8"))["stations"]
    lines = {}
    for name, station in stations.items():
        (file,) = station["files"]
        assert file["lines"] == file["rows"] + file["quarantined"] + file["blank_or_comment"]
        lines[name] = file["lines"]
    assert lines == {"TAC": 53034, "TAC185": 48363, "TAC54": 52233}


def test_the_broken_variable_is_refused_with_its_reason(run):
    folder, _ = run
    log = (folder / "logs/build_footprints_TAC_2014-07.log").read_text(encoding="utf-8")
    for reason in ("H_back in steps of 2 h", "72576 NaN", "negative values", "does not close"):
        assert reason in log


def test_no_total_is_assessed_and_each_says_why(run):
    folder, _ = run
    with (folder / "tables/verdicts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert {row["verdict"] for row in rows} == {"not assessed"}
    assert all(row["reason"] for row in rows)


def test_posterior_is_finite_and_its_spread_no_larger_than_the_prior_s(run):
    folder, _ = run
    for batch in COUNTS:
        posterior = read_dataset(folder / f"posterior/{batch}.nc", "posterior")
        assert posterior.attrs["synthetic"] == "no"
        for name in ("flux", "total", "total_covariance", "modelled", "nuisance_mean"):
            assert np.isfinite(posterior[name].values).all(), name
        variance, prior = (
            np.diagonal(posterior[name].values)
            for name in ("total_covariance", "total_prior_covariance")
        )
        assert (variance >= 0).all()
        assert (variance <= prior * (1 + 1e-9)).all()


def test_the_page_carries_every_assumption(run):
    folder, _ = run
    page = html.unescape((folder / "report/index.html").read_text(encoding="utf-8"))
    settings = json.loads((folder / "run.json").read_text(encoding="utf-8"))["settings"]
    assert len(settings["assumptions"]) == 9
    for text in settings["assumptions"]:
        assert text in page
    assert "all hours of the day" in page
    assert "afternoon-constrained" not in page
    assert 'width="-' not in page  # seven years of days: cells narrower than their gaps
