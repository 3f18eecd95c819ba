"""The certificate of a small inversion whose truths are drawn from its own law, and of faults."""

import numpy as np
import pytest
import xarray as xr
from inversion_fakes import DAYS, HOUR, START, problem

from contracts.datasets import check_dataset
from contracts.settings.errors import ErrorSettings
from contracts.settings.osse import OsseSettings
from contracts.settings.solver import SolverSettings
from inversion.aggregates import batch_totals, layout_of
from inversion.osse import OsseSections, certify, fixed_gain, without_correlations
from inversion.problem import assemble_problem
from inversion.solvers.dual import DualSolver

DRAWS = 1200


def sections(**osse):
    """Return the sections with small chunks."""
    osse = {"draws": DRAWS, "chunk_draws": 500, **osse}
    return OsseSections(ErrorSettings(), SolverSettings(), OsseSettings(**osse))


def drawn(datasets, seed=3, draws=DRAWS):
    """Return truths drawn from the problem's own prior, nuisance states and mismatch."""
    rng = np.random.default_rng(seed)
    made = assemble_problem(datasets, ErrorSettings())
    m, n = len(made.prior), len(made.observations)
    root = np.linalg.cholesky(made.prior_covariance.matmat(np.eye(m)))
    noise = np.linalg.cholesky(made.mismatch_covariance.matmat(np.eye(n)))
    states = made.prior[:, None] + root @ rng.standard_normal((m, draws))
    mole = made.background[:, None] + made.jacobian.matmat(states)
    mole += noise @ rng.standard_normal((n, draws))
    obs, before = datasets["observations"], datasets["prior"]
    hours = START + np.arange(24 * DAYS) * HOUR
    field = np.full((draws, obs.sizes["receptor"], len(hours)), 420.0)
    slot = ((obs["time"].to_numpy() - START) / HOUR).astype(int)
    field[:, obs["receptor_index"].to_numpy(), slot] = mole.T
    totals = batch_totals(layout_of(before))
    regions = list(dict.fromkeys(totals.regions))
    names = list(dict.fromkeys(totals.sectors))
    values = totals.weights.rmatmat(states[: made.n_flux]).T
    return xr.Dataset(
        {
            "mole_fraction": (("draw", "receptor", "time"), field, {"units": "umol mol-1"}),
            "true_total": (
                ("draw", "region", "sector"),
                values.reshape(draws, len(regions), len(names)),
                {"units": "kg s-1"},
            ),
            "mixing_height_factor": ("draw", np.ones(draws), {"units": "1"}),
        },
        coords={
            "receptor": obs["receptor"].to_numpy(),
            "time": hours,
            "region": np.array(regions, dtype=object),
            "sector": np.array(names, dtype=object),
        },
        attrs={"synthetic": "yes", "family": "gaussian twins"},
    )


@pytest.fixture(scope="module")
def case():
    """Return datasets and truths, read-only for all tests."""
    datasets = problem()
    return datasets, drawn(datasets)


def row(made, family):
    return next(entry for entry in made["rows"] if entry["family"] == family)


def test_the_case_keeps_the_contracts(case):
    datasets, truths = case
    for name, dataset in datasets.items():
        check_dataset(dataset, name)
    check_dataset(truths, "truths")


def test_draws_from_the_own_law_are_covered(case):
    made = certify(case[0], None, case[1], sections())
    assert made["passed"]
    assert made["family"] == "gaussian twins"
    assert row(made, "districts")["n"] == 2 * DRAWS
    assert row(made, "city")["coverage"] == pytest.approx(0.95, abs=0.02)
    assert row(made, "sectors")["coverage"] == pytest.approx(0.95, abs=0.02)
    assert row(made, "biosphere")["coverage"] == pytest.approx(0.95, abs=0.02)
    assert row(made, "city")["rmse_ratio"] < 1.0


def test_chunks_and_workers_change_nothing(case):
    one = certify(case[0], None, case[1], sections())
    two = certify(case[0], None, case[1], sections(chunk_draws=7), workers=2)
    assert [entry["covered"] for entry in one["rows"]] == [e["covered"] for e in two["rows"]]
    assert row(two, "city")["rmse_ratio"] == pytest.approx(row(one, "city")["rmse_ratio"])


def test_planted_faults_are_failed(case):
    made = certify(case[0], None, case[1], sections(planted=True))
    assert made["passed"]
    for name in ("shrunk", "diagonal"):
        planted = made["planted"][name]
        assert not planted["passed"]
        assert row(planted, "districts")["within"] is False
        assert row(planted, "districts")["coverage"] < 0.93


def test_planted_inversion_drops_what_it_says(case):
    changed, planted = without_correlations(case[0], sections())
    made = assemble_problem(changed, planted.errors)
    assert made.nuisance.names == ()
    covariance = made.mismatch_covariance.matmat(np.eye(len(made.observations)))
    assert np.count_nonzero(covariance - np.diag(np.diag(covariance))) == 0
    assert "diagonal" not in case[0]["mismatch"].attrs, "the original stays as it was"


def test_gain_equals_the_dense_formula(case):
    fixed = fixed_gain(case[0], sections())
    made = assemble_problem(case[0], ErrorSettings())
    H = made.jacobian.matmat(np.eye(len(made.prior)))
    B = made.prior_covariance.matmat(np.eye(len(made.prior)))
    R = made.mismatch_covariance.matmat(np.eye(len(made.observations)))
    gain = B @ H.T @ np.linalg.inv(H @ B @ H.T + R)
    totals = batch_totals(layout_of(case[0]["prior"]))
    column = totals.index("all", "all")
    weights = np.zeros(len(made.prior))
    weights[: made.n_flux] = totals.weights.matmat(np.eye(len(totals.regions)))[:, column]
    here = fixed.family.index("city")
    np.testing.assert_allclose(fixed.gain[here], weights @ gain, rtol=1e-8, atol=1e-12)
    variance = weights @ (B - gain @ H @ B) @ weights
    assert fixed.standard_deviation[here] == pytest.approx(np.sqrt(variance), rel=1e-8)


def posterior_totals(datasets):
    """Return what `certify` reads of a posterior dataset."""
    made = DualSolver().solve(assemble_problem(datasets, ErrorSettings()))
    totals = batch_totals(layout_of(datasets["prior"]))
    return xr.Dataset(
        {
            "total_region": ("total", np.array(totals.regions, dtype=object)),
            "total_sector": ("total", np.array(totals.sectors, dtype=object)),
            "total_interval": ("total", np.array(totals.intervals, dtype=object)),
            "total_covariance": (("total", "total_2"), made.covariance_of(totals.weights)),
        }
    )


def test_the_posterior_that_is_certified_must_be_this_one(case):
    datasets, truths = case
    posterior = posterior_totals(datasets)
    assert certify(datasets, posterior, truths, sections())["passed"]
    other = posterior.assign(total_covariance=1.1 * posterior["total_covariance"])
    with pytest.raises(ValueError, match=r"differ by up to 0\.049 in posterior\.nc"):
        certify(datasets, other, truths, sections())
    with pytest.raises(ValueError, match="must hold every certified total"):
        certify(datasets, posterior.isel(total=slice(0, 3)), truths, sections())


def test_too_few_draws_are_refused(case):
    with pytest.raises(ValueError, match=r"must hold osse\.draws = 2000 draws; got 1200"):
        certify(case[0], None, case[1], sections(draws=2000))


def test_a_missing_hour_is_refused(case):
    with pytest.raises(ValueError, match="every observation's hour; got none for 2 of 44"):
        certify(case[0], None, case[1].isel(time=slice(29, None)), sections())


def test_a_missing_receptor_is_refused(case):
    alone = case[1].isel(receptor=slice(0, 1))
    with pytest.raises(ValueError, match=r"every receptor of the problem; got none for \['tower_b"):
        certify(case[0], None, alone, sections())


def test_a_missing_region_is_refused(case):
    less = case[1].sel(region=["330102", "all"])
    with pytest.raises(ValueError, match=r"every region of the problem; got none for \['330103'\]"):
        certify(case[0], None, less, sections())
