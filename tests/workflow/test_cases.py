"""The cases that nobody here made, and a problem brought as files, end to end through the pipeline."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from contracts.datasets import read_dataset
from workflow import own

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")).absolute()
pytestmark = pytest.mark.workflow
real = pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA")


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """Copy the code, so that runs leave nothing behind."""
    copy = tmp_path_factory.mktemp("cases") / "code"
    left_out = shutil.ignore_patterns("results", "tests", "__pycache__", "*.pyc", ".*")
    shutil.copytree(ROOT, copy, ignore=left_out)
    return copy


def run(code, config):
    """Run a configuration and return the folder of its results and what was printed."""
    command = (sys.executable, "-m", "workflow.run", "--cores", "2", "--configfile", str(config))
    done = subprocess.run(
        [*command, "--data-root", str(DATA)],
        cwd=code,
        env={**os.environ, "PYTHONPATH": str(code), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return code / "results" / Path(config).stem, done.stdout


def table(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@real
@pytest.mark.realdata
def test_glasgow_finds_both_traps_by_itself(code):
    folder, printed = run(code, "config/cities/glasgow.yaml")
    status = read_dataset(folder / "network_status.nc", "network_status")
    text = " ".join(status["finding_text"].values.astype(str))
    assert "carries the background 426.31" in text
    assert "reads 420.00" in text
    assert "an offset of +8 h is suspected from the window alone" in text
    assert not (folder / "posterior").exists()
    assert "findings need a person" in printed


@real
@pytest.mark.realdata
def test_new_zealand_is_solved_from_the_files_of_its_authors(code):
    folder, _ = run(code, "config/cities/new_zealand.yaml")
    fluxes = {
        (row["region"], row["sector"], row["period_start"][:4]): row
        for row in table(folder / "tables/fluxes.csv")
        if row["period_end"][:4] != "2013" or row["period_start"][:4] == "2012"
    }
    assert len({region for region, _, _ in fluxes}) == 25 + 6  # with the whole and five groups
    published = {
        (row["quantity"], row["region"], row["period"]): float(row["value"])
        for row in table(folder / "tables/published.csv")
    }
    for region in ("land", "coastal", "ocean"):
        tonnes = float(fluxes[region, "all", "2010"]["posterior"])
        assert tonnes / 1e6 == pytest.approx(published["annual_flux", region, "2011"], rel=1e-9)
    assert (folder / "exchange/new_zealand.gpkg").is_file()
    assert not (folder / "stations").exists()


@real
@pytest.mark.realdata
def test_salt_lake_city_is_certified_on_real_footprints_and_says_synthetic(code):
    folder, printed = run(code, "config/cities/salt_lake_city.yaml")
    assert printed.splitlines()[-6:]  # the page's path comes last
    certificate = json.loads((folder / "certificate/2015-09-02.json").read_text(encoding="utf-8"))
    assert certificate["passed"]
    for fault in certificate["planted"].values():
        assert not fault["passed"]
    posterior = read_dataset(folder / "posterior/2015-09-02.nc", "posterior")
    assert posterior.attrs["synthetic"] == "yes"
    assert posterior.sizes["obs"] == 67
    assert "SYNTHETIC" in (folder / "report/index.html").read_text(encoding="utf-8")


def test_a_methane_problem_brought_as_files_ends_in_a_page(code, tmp_path):
    rng = np.random.default_rng(7)
    day, hour = np.datetime64("2025-06-01"), np.timedelta64(1, "h")
    gas = own.Gas(name="CH4")
    state = own.State(
        sectors={"waste": "inventory"},
        period_bounds=[[day + k, day + k + 1] for k in range(4)],
        places={"north": 4e8, "south": 6e8},
        gas=gas,
        city_name="Testland",
        synthetic=True,
    )
    prior = own.prior(state, np.full((1, 4, 2), 50.0), np.full((1, 4, 2), 20.0), "nmol m-2 s-1")
    start = day + np.arange(0, 96, 8) * hour
    values = {
        "receptor": "TWR",
        "start": start,
        "end": start + hour,
        "mole_fraction": rng.normal(2050.0, 15.0, 12),
        "error": 2.0,
    }
    observations = own.observations(values, {"TWR": (51.0, 0.1, 20.0, 100.0)}, "ppb", gas, True)
    datasets = {
        "observations": observations,
        "prior": prior,
        "prior_covariance": own.prior_covariance(prior, 0.0, 3.0, np.eye(2), declared={}),
        "jacobian": own.jacobian(
            observations, prior, rng.uniform(0.0, 1.0, (12, 1, 4, 2)), "ppb/(nmol m-2 s-1)"
        ),
        "background": own.background(observations, 2000.0, {"offset": (1.0, 5.0)}, "ppb"),
        "mismatch": own.mismatch(observations, terms=[]),
    }
    sections = own.sections("CH4", transport_common_sd=0.0, transport_daily_sd=0.0)
    own.write_problem(datasets, sections, tmp_path / "problem")
    given = "".join(f"  {name}: problem/{name}.nc\n" for name in datasets)
    (tmp_path / "brought.yaml").write_text(
        "run: brought\ntitle: Brought\ntime:\n  utc_offset_hours: 0\n  batches:\n    june: "
        "{start: 2025-06-01T00:00:00, end: 2025-06-05T00:00:00}\n"
        "gas: {name: CH4}\nregions: {source: domain, name: Testland, name_local: Testland}\n"
        "errors: {nuisance: {transport_common_sd: 0, transport_daily_sd: 0}}\n"
        f"given:\n{given}",
        encoding="utf-8",
    )
    folder, _ = run(code, tmp_path / "brought.yaml")
    posterior = read_dataset(folder / "posterior/june.nc", "posterior")
    expected = own.solve(datasets, sections)
    np.testing.assert_allclose(posterior["total"], expected["total"], rtol=1e-9)
    fit = table(folder / "tables/fit.csv")
    assert {row["unit"] for row in fit} == {"ppb"}
    assert 1900 < float(fit[0]["observed"]) < 2200
    page = (folder / "report/index.html").read_text(encoding="utf-8")
    assert "CH₄" in page
    assert "kt" in page
