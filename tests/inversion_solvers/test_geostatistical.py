"""X b with flat b: against the bordered system, generalised least squares, an almost flat prior and its own draws."""

import dataclasses
import itertools
import logging
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse
import scipy.stats
from core_fakes import settings as sections
from core_fakes import six_datasets
from numpy.testing import assert_allclose
from solver_fakes import Case, made

from contracts.settings.solver import SolverSettings
from inversion.aggregates import batch_totals, layout_of
from inversion.linalg.covariance import MissingCapability, Precision
from inversion.linalg.dense import Dense
from inversion.linalg.in_time import exponential_in_time
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import SparseMap, as_map
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.separable import Separable
from inversion.linalg.stationary import Stationary
from inversion.problem import LinearGaussianProblem, assemble_problem
from inversion.solve import solve_batch, solve_problem
from inversion.solvers.dual import DualSolver
from inversion.solvers.geostatistical import GeostatisticalSolver
from inversion.solvers.trend import Trend, trend_of


def planted(seed=3, n=14, p=2, nuisance=2):
    """Return a case, a trend, its columns for all states, the data, and the answer."""
    case = made(Case(seed=seed, n=n, correlated=True, totals=True, nuisance=nuisance))
    problem, m = case.problem, len(case.B)
    X = np.zeros((m, p))
    X[: problem.n_flux] = np.random.default_rng(5).random((problem.n_flux, p))
    trend = Trend(tuple("abcdefghijklmnop"[:p]), as_map(X[: problem.n_flux]))
    start = np.append(np.zeros(problem.n_flux), problem.prior[problem.n_flux :])
    data = problem.observations - problem.background - case.H @ start
    S = case.H @ case.B @ case.H.T + case.R
    return SimpleNamespace(case=case, trend=trend, X=X, start=start, data=data, S=S)


@pytest.mark.parametrize("nuisance", [0, 2])
def test_the_bordered_system_is_solved(nuisance):
    """SCIENCE 2.9, written out."""
    one = planted(nuisance=nuisance)
    case, S, X = one.case, one.S, one.X
    HX, HB, n = case.H @ X, case.H @ case.B, len(S)
    inverse = np.linalg.inv(np.block([[S, HX], [HX.T, np.zeros((2, 2))]]))
    xi, b = np.split(inverse[:, :n] @ one.data, [n])
    P, A, corner = inverse[:n, :n], inverse[:n, n:], inverse[n:, n:]
    mean = one.start + X @ b + HB.T @ xi
    covariance = case.B - HB.T @ P @ HB - X @ corner @ X.T - X @ A.T @ HB - (HB.T @ A) @ X.T
    found = GeostatisticalSolver(one.trend).solve(case.problem)
    size = np.abs(mean).max()
    assert_allclose(found.coefficients, b, rtol=1e-12)
    assert_allclose(found.coefficient_covariance, -corner, rtol=1e-11)
    assert_allclose(found.mean, mean, rtol=0, atol=1e-12 * size)
    every, scale = np.eye(len(mean)), np.abs(covariance).max()
    assert_allclose(found.covariance_of(every), covariance, rtol=0, atol=1e-12 * scale)
    assert_allclose(found.innovation_precision, P, rtol=0, atol=1e-12 * np.abs(P).max())
    assert found.dofs == pytest.approx(n - np.trace(case.R @ P), rel=1e-11)
    assert found.chi_square == pytest.approx(one.data @ P @ one.data / (n - 2), rel=1e-11)
    assert_allclose(found.residual, one.data - case.H @ (mean - one.start), atol=1e-11)
    spread = np.sqrt(np.diagonal(case.R @ P @ case.R))
    assert_allclose(found.residual_standard_deviation, spread, rtol=1e-10)


def test_it_is_generalised_least_squares_and_best_linear_prediction():
    one = planted()
    case, HX = one.case, one.case.H @ one.X
    precision = np.linalg.inv(one.S)
    information = HX.T @ precision @ HX
    b = np.linalg.solve(information, HX.T @ precision @ one.data)
    eta = case.B @ case.H.T @ precision @ (one.data - HX @ b)
    found = GeostatisticalSolver(one.trend).solve(case.problem)
    mean = one.start + one.X @ b + eta
    assert_allclose(found.mean, mean, rtol=0, atol=1e-12 * np.abs(mean).max())


def test_it_is_the_limit_of_a_wide_prior():
    one = planted()
    case, n_flux = one.case, one.case.problem.n_flux
    wide = LinearGaussianProblem(
        case.problem.observations,
        case.problem.background,
        case.H,
        one.start,
        case.B + 1e8 * one.X @ one.X.T,
        case.R,
        n_flux,
    )
    bayes, found = DualSolver().solve(wide), GeostatisticalSolver(one.trend).solve(case.problem)
    assert_allclose(found.mean, bayes.mean, rtol=0, atol=1e-5 * np.abs(bayes.mean).max())
    every = np.eye(len(case.B))
    exact = bayes.covariance_of(every)
    assert_allclose(found.covariance_of(every), exact, rtol=0, atol=1e-5 * np.abs(exact).max())
    narrow = dataclasses.replace(wide, prior_covariance=case.B + 1e-2 * one.X @ one.X.T)
    assert np.abs(DualSolver().solve(narrow).mean - found.mean).max() > 1e-2


def test_the_size_of_the_inventory_is_not_used():
    """A planted fault in the inventory's size moves the dual solver, and not this one."""
    rng = np.random.default_rng(0)
    datasets, given = six_datasets(rng, declared=[]), sections()
    given.solver = SolverSettings(method="geostatistical")
    wrong = {**datasets, "prior": datasets["prior"].assign(flux=datasets["prior"]["flux"] * 3.0)}
    W = batch_totals(layout_of(datasets["prior"])).weights
    one, two = solve_problem(datasets, given), solve_problem(wrong, given)
    # the transport states' columns are H x_a: through them, and them alone, the size is seen
    assert np.abs(two.coefficients * 3.0 - one.coefficients).max() > 1e-3
    given.errors = given.errors.model_copy(
        update={"nuisance": given.errors.nuisance.without_states()}
    )
    one, two = solve_problem(datasets, given), solve_problem(wrong, given)
    assert_allclose(two.coefficients * 3.0, one.coefficients, rtol=1e-9)
    assert_allclose(two.state_mean, one.state_mean, rtol=1e-8, atol=1e-9)
    assert_allclose(two.covariance_of(W), one.covariance_of(W), rtol=1e-8)
    given.solver = SolverSettings()
    moved = solve_problem(wrong, given).state_mean - solve_problem(datasets, given).state_mean
    assert np.abs(moved).max() > 0.1
    assert one.trend.names == ("power", "transport", "gpp")


def test_any_trend_is_found_and_errors_are_as_large_as_told(rng):
    """Equivariance, exactly; and the covariance of the errors over drawn truths."""
    one = planted()
    case, problem = one.case, one.case.problem
    found = GeostatisticalSolver(one.trend).solve(problem)
    W = rng.random((len(case.B), 3))
    c = np.array([40.0, -7.0])
    shifted = found.totals_for(W, np.stack([one.data, one.data + case.H @ one.X @ c], axis=1))
    assert_allclose(shifted[:, 0], W.T @ found.mean, rtol=1e-10)
    assert_allclose(shifted[:, 1] - shifted[:, 0], W.T @ one.X @ c, rtol=1e-9)
    draws = 20_000
    eta = np.linalg.cholesky(case.B + 1e-12 * np.eye(len(case.B))) @ rng.normal(
        size=(len(case.B), draws)
    )
    noise = np.linalg.cholesky(case.R) @ rng.normal(size=(len(case.R), draws))
    truth = W.T @ (one.start[:, None] + eta + (one.X @ c)[:, None])
    data = case.H @ (eta + (one.X @ c)[:, None]) + noise
    wrong = found.totals_for(W, data) - truth
    told = found.covariance_of(W)
    deviation = np.sqrt(np.diagonal(told))
    assert_allclose(wrong.mean(axis=1) / deviation, 0.0, atol=5.0 / np.sqrt(draws))
    assert_allclose(
        np.cov(wrong) / np.outer(deviation, deviation) - told / np.outer(deviation, deviation),
        0.0,
        atol=0.05,
    )
    assert_allclose(np.sqrt(np.diagonal(np.cov(wrong))) / deviation, 1.0, atol=0.03)


def test_draws_have_the_stated_covariance(rng):
    one = planted()
    found = GeostatisticalSolver(one.trend).solve(one.case.problem)
    W = rng.random((len(one.case.B), 2))
    drawn = found.sample(20_000, rng) @ W
    told = found.covariance_of(W)
    deviation = np.sqrt(np.diagonal(told))
    assert_allclose((drawn.mean(axis=0) - W.T @ found.mean) / deviation, 0.0, atol=0.04)
    assert_allclose(
        np.cov(drawn.T) / np.outer(deviation, deviation),
        told / np.outer(deviation, deviation),
        atol=0.05,
    )


def test_leaving_one_out_in_closed_form_is_a_refit():
    one = planted(n=9)
    case, problem = one.case, one.case.problem
    found = GeostatisticalSolver(one.trend).solve(problem)
    closed = found.weights / np.diagonal(found.innovation_precision)
    for row in range(9):
        kept = np.delete(np.arange(9), row)
        rest = LinearGaussianProblem(
            problem.observations[kept],
            problem.background[kept],
            case.H[kept],
            problem.prior,
            case.B,
            case.R[np.ix_(kept, kept)],
            problem.n_flux,
        )
        again = GeostatisticalSolver(one.trend).solve(rest)
        predicted = case.H[row] @ (again.mean - one.start)
        predicted += case.R[row, kept] @ again.weights
        assert closed[row] == pytest.approx(one.data[row] - predicted, rel=1e-8)


def bic_of(one, members):
    """Return BIC from the density of the data at the best b."""
    HX = (one.case.H @ one.X)[:, members]
    precision = np.linalg.inv(one.S)
    b = np.linalg.solve(HX.T @ precision @ HX, HX.T @ precision @ one.data)
    density = scipy.stats.multivariate_normal(HX @ b, one.S).logpdf(one.data)
    return -2.0 * density + len(members) * np.log(len(one.data))


def test_every_subset_has_its_bic_and_the_best_is_taken(caplog):
    one = planted(p=4)
    truth = one.X @ np.array([9.0, 0.0, 5.0, 0.0])
    seen = one.case.H @ (one.start + truth)
    problem = dataclasses.replace(one.case.problem, observations=one.case.problem.background + seen)
    one.data = one.case.H @ truth
    with caplog.at_level(logging.INFO):
        found = GeostatisticalSolver(one.trend, select=True).solve(problem)
    assert len(found.selection) == 15
    assert "15 subsets of 4 columns, 0 skipped" in caplog.text
    for candidate in found.selection:
        assert candidate.bic == pytest.approx(bic_of(one, list(candidate.members)), rel=1e-10)
    ordered = sorted(
        (bic_of(one, list(members)), members)
        for size in range(1, 5)
        for members in itertools.combinations(range(4), size)
    )
    assert found.selection[0].members == ordered[0][1]
    assert found.trend.names == found.selection[0].names
    assert found.bic == pytest.approx(found.selection[0].bic, rel=1e-10)
    assert "the best of 15 subsets by BIC" in found.description


def test_a_planted_trend_is_selected():
    one = planted(p=3, n=14)
    truth = one.X @ np.array([0.0, 60.0, 0.0])
    problem = dataclasses.replace(
        one.case.problem,
        observations=one.case.problem.background + one.case.H @ (one.start + truth),
    )
    found = GeostatisticalSolver(one.trend, select=True).solve(problem)
    assert found.trend.names == ("b",)
    assert sorted(found.left_out) == ["a", "c"]
    assert "left out, so of mean zero: " in found.description
    assert found.coefficients == pytest.approx([60.0], rel=1e-9)


def test_the_restricted_likelihood_is_the_density_of_contrasts():
    one = planted()
    HX = one.case.H @ one.X
    contrast = np.linalg.svd(HX)[0][:, 2:]
    density = scipy.stats.multivariate_normal(np.zeros(12), contrast.T @ one.S @ contrast).logpdf(
        contrast.T @ one.data
    )
    found = GeostatisticalSolver(one.trend).solve(one.case.problem)
    constant = 0.5 * np.linalg.slogdet(HX.T @ HX)[1]
    assert found.log_restricted_likelihood + constant == pytest.approx(density, rel=1e-11)


def test_nothing_of_state_by_state_is_formed(rng):
    """3 x 30 x 40 x 30 states: a matrix of them would take 93 GB; the sweep stays below 0.2 GB."""
    g, p, rows, columns, n = 3, 30, 40, 30, 60
    m = g * p * rows * columns
    base = Kronecker(
        Dense(np.eye(g)),
        exponential_in_time(np.arange(p), 3.0),
        Stationary((rows, columns), (1.0, 1.0), 4.0),
    )
    H = scipy.sparse.random(n, m, 2e-3, "csr", random_state=1)
    H.sort_indices()
    field = rng.uniform(1.0, 2.0, (g, p, rows * columns))
    problem = LinearGaussianProblem(
        rng.normal(10.0, 3.0, n),
        np.zeros(n),
        SparseMap(H),
        field.ravel(),
        ScaledKronecker(field, base),
        np.ones(n),
    )
    regions = np.eye(4)[np.arange(rows * columns) % 4]
    W = Separable(np.eye(g), np.full((p, 1), 1.0 / p), regions)
    tracemalloc.start()
    found = GeostatisticalSolver().solve(problem, [W])
    covariance = found.covariance_of(W)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2e8
    dense = W.matmat(np.eye(W.shape[1]))
    again = GeostatisticalSolver().solve(problem).covariance_of(dense)
    assert_allclose(covariance, again, rtol=1e-8)
    assert (np.linalg.eigvalsh(covariance) > 0.0).all()


def test_maps_of_the_prior_give_it_back_and_join_by_kind(rng):
    prior = six_datasets(rng)["prior"]
    flux = prior["flux"].to_numpy().ravel()
    each, kinds = trend_of(prior), trend_of(prior, "kind_maps")
    assert each.names == ("power", "transport", "gpp")
    assert kinds.names == ("inventory", "gpp")
    for trend in (each, kinds):
        assert_allclose(trend.columns.matvec(np.ones(len(trend.names))), flux)
    assert each.only([2]).names == ("gpp",)
    with pytest.raises(ValueError, match=r"solver\.trend must be one of sector_maps, kind_maps"):
        trend_of(prior, "roads")
    dark = prior.assign(flux=prior["flux"].where(prior["sector"] != "gpp", 0.0))
    with pytest.raises(ValueError, match=r"got none for \['gpp'\] in prior.nc"):
        trend_of(dark)
    with pytest.raises(ValueError, match="one name for each column"):
        Trend(("one",), as_map(np.ones((4, 2))))


def test_what_a_flat_trend_cannot_tell_is_refused():
    one = planted()
    problem = one.case.problem
    X = one.X[: problem.n_flux]
    dark = np.where(np.any(one.case.H[:, : problem.n_flux] != 0.0, axis=0), 0.0, 1.0)
    twice = Trend(("a", "again"), as_map(X[:, [0, 0]]))
    with pytest.raises(ValueError, match="that no other column explains for again in"):
        GeostatisticalSolver(twice).solve(problem)
    best = GeostatisticalSolver(twice, select=True).solve(problem)
    assert [candidate.names for candidate in best.selection] == [("a",), ("again",)]
    for select, words in ((False, "that no other column explains for dark"), (True, "got none of")):
        unseen = Trend(("dark",), as_map(dark if dark.any() else 0.0 * X[:, :1]))
        with pytest.raises(ValueError, match=words):
            GeostatisticalSolver(unseen, select).solve(problem)
    short = planted(n=2)
    with pytest.raises(ValueError, match=r"got 2 columns \(a, b\) and 2 observations"):
        GeostatisticalSolver(short.trend).solve(short.case.problem)
    many = Trend(tuple("abcdefghijklm"), as_map(np.ones((problem.n_flux, 13))))
    with pytest.raises(ValueError, match="at most 12 columns; got 13"):
        GeostatisticalSolver(many, select=True).solve(problem)
    with pytest.raises(ValueError, match="must sweep in double precision; got float32"):
        GeostatisticalSolver(precision=Precision(np.float32)).solve(problem)


def test_what_needs_a_prior_is_refused_with_the_reason(rng):
    one = planted()
    found = GeostatisticalSolver(one.trend).solve(one.case.problem)
    W = one.X
    for ask in (
        lambda: found.prior_covariance_of(W),
        lambda: found.prior_variance_of(W),
        lambda: found.reduction_of(W),
        lambda: found.whitened(W),
        lambda: found.whitened_blocks(W, 1),
        lambda: found.log_evidence,
    ):
        with pytest.raises(MissingCapability, match="no prior to be removed from these totals"):
            ask()
    expected = W.T @ one.case.B @ W
    assert_allclose(found.deviation_covariance_of(W), expected, rtol=1e-10)
    given = sections()
    given.solver = SolverSettings(method="geostatistical")
    with pytest.raises(ValueError, match="`prior removed` is not defined for it"):
        solve_batch(six_datasets(rng), given)


def test_the_datasets_of_a_run_are_solved_as_by_hand(rng):
    datasets, given = six_datasets(rng), sections()
    given.solver = SolverSettings(method="geostatistical", trend="kind_maps")
    found = solve_problem(datasets, given)
    problem = assemble_problem(datasets, given.errors)
    trend = trend_of(datasets["prior"], "kind_maps")
    W = batch_totals(layout_of(datasets["prior"])).weights
    again = GeostatisticalSolver(trend).solve(problem, [W])
    assert_allclose(again.mean, found.mean, rtol=1e-10)
    assert_allclose(again.covariance_of(W), found.covariance_of(W), rtol=1e-8, atol=1e-12)
    assert found.description.startswith("geostatistical: flat trend of inventory ")
