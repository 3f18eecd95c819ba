"""Truncated normal totals: known moments, closed forms, rejection sampling, and what the cut does to the unseen."""

import dataclasses
import logging

import numpy as np
import pytest
import scipy.stats
from core_fakes import settings as sections
from core_fakes import six_datasets
from numpy.testing import assert_allclose
from solver_fakes import Case, made

from contracts.settings.solver import SolverSettings
from inversion.linalg.covariance import MissingCapability
from inversion.linalg.maps import as_map
from inversion.problem import LinearGaussianProblem
from inversion.solve import solve_batch, solve_problem
from inversion.solvers.dual import DualSolver
from inversion.solvers.physical_signs import Constraints, physical_signs, signed_totals
from inversion.solvers.truncated import TruncatedSolver
from inversion.solvers.truncated_normal import monte_carlo_error, truncated_draws


@pytest.mark.parametrize(
    ("mean", "expected", "deviation"),
    [(1.0, 1.287600, 0.793528), (0.0, 0.797885, 0.602810), (-1.0, 0.525135, 0.446204)],
)
def test_the_numbers_of_a_truncated_normal(mean, expected, deviation, rng):
    """SCIENCE 2.7: TN(mean, 1) on [0, inf)."""
    exact = scipy.stats.truncnorm(-mean, np.inf, loc=mean)
    assert (exact.mean(), exact.std()) == pytest.approx((expected, deviation), abs=5e-7)
    count = 30_000
    drawn = truncated_draws(np.array([mean]), np.eye(1), count, rng)[:, 0]
    assert drawn.min() >= 0.0
    error = monte_carlo_error(drawn[:, None])[0]
    assert error < 2.0 * deviation / np.sqrt(count)
    assert abs(drawn.mean() - expected) < 4.0 * error
    assert drawn.std() == pytest.approx(deviation, rel=0.02)
    assert scipy.stats.kstest(drawn[::3], exact.cdf).pvalue > 1e-3
    clipped = np.maximum(rng.normal(mean, 1.0, count), 0.0)
    assert abs(clipped.mean() - expected) > 20.0 * error


def test_correlated_coordinates_are_those_that_rejection_keeps(rng):
    mean = np.array([0.5, -0.3, 1.0])
    covariance = np.array([[1.0, 0.6, -0.3], [0.6, 2.0, 0.2], [-0.3, 0.2, 0.5]])
    drawn = truncated_draws(mean, covariance, 12_000, rng)
    free = rng.multivariate_normal(mean, covariance, 400_000)
    kept = free[(free >= 0.0).all(axis=1)]
    assert_allclose(drawn.mean(axis=0), kept.mean(axis=0), atol=0.04)
    assert_allclose(np.cov(drawn.T), np.cov(kept.T), atol=0.06)
    assert drawn.min() >= 0.0


def test_walls_out_of_reach_leave_independent_normal_draws(rng):
    drawn = truncated_draws(np.full(2, 50.0), np.array([[1.0, 0.8], [0.8, 1.0]]), 5000, rng)
    assert_allclose(drawn.mean(axis=0), 50.0, atol=0.06)
    assert_allclose(np.cov(drawn.T), [[1.0, 0.8], [0.8, 1.0]], atol=0.08)
    assert abs(np.corrcoef(drawn[1:, 0], drawn[:-1, 0])[0, 1]) < 0.05


def three_totals(rng, prior=0.5):
    """Return a problem of six fluxes and one other state, and two totals that keep their signs."""
    root = rng.normal(size=(7, 9))
    B = root @ root.T / 6.0
    B[:6, 6] = B[6, :6] = 0.0
    H = np.column_stack([rng.uniform(0.0, 0.4, (3, 6)), np.ones(3)])
    start = np.append(np.full(6, prior), 0.0)
    start[3:6] *= -1.0
    problem = LinearGaussianProblem(
        np.array([9.6, 9.9, 9.5]), np.full(3, 10.0), H, start, B, np.full(3, 0.5), n_flux=6
    )
    C = np.zeros((6, 2))
    C[:3, 0] = C[3:, 1] = 1.0
    return problem, Constraints(("source", "sink"), as_map(C), np.array([1.0, -1.0]))


def test_the_whole_state_is_what_rejection_keeps(rng):
    problem, constraints = three_totals(rng)
    found = TruncatedSolver(constraints, draws=20_000).solve(problem)
    base = DualSolver().solve(problem)
    free = rng.multivariate_normal(base.mean, base.covariance_of(np.eye(7)), 400_000)
    kept = free[(free[:, :3].sum(axis=1) >= 0.0) & (free[:, 3:6].sum(axis=1) <= 0.0)]
    assert 0.02 < len(kept) / len(free) < 0.9
    W = np.eye(7)
    spread = kept.std(axis=0)
    assert_allclose((found.mean - kept.mean(axis=0)) / spread, 0.0, atol=0.04)
    assert_allclose(
        found.covariance_of(W) / np.outer(spread, spread),
        np.cov(kept.T) / np.outer(spread, spread),
        atol=0.05,
    )
    assert np.abs((base.mean - kept.mean(axis=0)) / spread).max() > 0.3
    assert_allclose(base.mean + found.shift_of(W), found.mean, atol=1e-10)
    assert_allclose(found.unconstrained_covariance_of(W), base.covariance_of(W))
    left = problem.innovation - problem.jacobian.matvec(found.mean - problem.prior)
    assert_allclose(found.residual, left, atol=1e-12)
    drawn = found.sample(4000, rng)
    assert drawn[:, :3].sum(axis=1).min() >= -1e-9
    assert drawn[:, 3:6].sum(axis=1).max() <= 1e-9
    assert_allclose((drawn.mean(axis=0) - found.mean) / spread, 0.0, atol=0.08)
    before = rng.multivariate_normal(problem.prior, problem.prior_covariance.in_memory(), 400_000)
    before = before[(before[:, :3].sum(axis=1) >= 0.0) & (before[:, 3:6].sum(axis=1) <= 0.0)]
    scale = before.std(axis=0)
    shift = (before.mean(axis=0) - problem.prior) / scale
    assert_allclose(found.prior_shift_of(W) / scale, shift, atol=0.04)
    assert_allclose(np.sqrt(found.prior_variance_of(W)) / scale, 1.0, atol=0.04)


def test_signs_that_hold_anyway_change_nothing(rng):
    problem, constraints = three_totals(rng, prior=40.0)
    data = problem.background + problem.jacobian.matvec(problem.prior)
    problem = dataclasses.replace(problem, observations=data)
    found, base = TruncatedSolver(constraints).solve(problem), DualSolver().solve(problem)
    spread = np.sqrt(np.diagonal(base.covariance_of(np.eye(7))))
    assert_allclose((found.mean - base.mean) / spread, 0.0, atol=0.06)
    total = np.append(np.ones(6), 0.0)[:, None]
    assert_allclose(found.covariance_of(total), base.covariance_of(total), rtol=0.1)
    assert (found.chi_square, found.dofs) == pytest.approx((base.chi_square, base.dofs))


def test_the_bias_of_the_unseen_is_told(caplog):
    """A total that no data tell: prior N(1, 2^2), raised by 2 phi(1/2) / Phi(1/2) = 1.0183."""
    problem = LinearGaussianProblem(
        np.array([12.0]),
        np.array([10.0]),
        np.array([[1.0, 0.0]]),
        np.array([2.0, 1.0]),
        np.array([0.01, 4.0]),
        np.array([0.01]),
    )
    with caplog.at_level(logging.WARNING):
        found = TruncatedSolver(draws=30_000).solve(problem)
    expected = 2.0 * scipy.stats.norm.pdf(0.5) / scipy.stats.norm.cdf(0.5)
    assert expected == pytest.approx(1.0183, abs=1e-4)
    unseen, seen = np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]])
    assert found.prior_shift_of(unseen)[0] == pytest.approx(expected, abs=0.04)
    assert found.shift_of(unseen)[0] == pytest.approx(expected, abs=0.04)
    assert abs(found.shift_of(seen)[0]) < 0.01
    assert "flux 1 most, by 0.5" in caplog.text
    assert "biased high" in caplog.text
    exact = scipy.stats.truncnorm(-0.5, np.inf, loc=1.0, scale=2.0)
    assert found.mean[1] == pytest.approx(exact.mean(), abs=0.04)
    assert found.covariance_of(unseen)[0, 0] ** 0.5 == pytest.approx(exact.std(), rel=0.03)


def test_only_what_physics_signs_is_constrained(rng):
    datasets = six_datasets(rng)
    prior = datasets["prior"]
    assert physical_signs(prior).tolist() == [1.0, 1.0, -1.0]
    found = signed_totals(prior)
    assert found.names == tuple(
        f"{region} {sector}"
        for region in ("330102", "330105", "outside")
        for sector in ("power", "transport", "gpp")
    )
    assert found.sign.tolist() == [1.0, 1.0, -1.0] * 3
    net = prior.assign_coords(sector=np.array(["power", "respiration", "biosphere"], dtype=object))
    net["sector_kind"] = ("sector", np.array(["inventory", "biosphere", "biosphere"], dtype=object))
    assert physical_signs(net).tolist() == [1.0, 1.0, 0.0]
    assert not any("biosphere" in name for name in signed_totals(net).names)


def test_the_datasets_of_a_run_are_solved_and_keep_their_signs(rng):
    datasets, given = six_datasets(rng), sections()
    given.solver = SolverSettings(method="truncated", draws=1500, seed=3)
    found = solve_problem(datasets, given)
    totals = signed_totals(datasets["prior"])
    drawn = totals.weights.rmatmat(found.sample(50, rng)[:, : found.problem.n_flux].T)
    assert (drawn * totals.sign[:, None]).min() > -1e-9
    again = solve_problem(datasets, given)
    assert np.array_equal(again.mean, found.mean)
    assert found.seed == "solver.seed = 3"
    assert found.description.startswith("truncated: 9 totals keep their signs, 1500 exact draws")
    expected = totals.weights.rmatvec(found.state_mean) * totals.sign
    assert_allclose(expected, found.truncated.posterior.draws.mean(axis=0), rtol=1e-6)
    with pytest.raises(ValueError, match="got truncated in the settings: totals that keep"):
        solve_batch(datasets, given)


def test_what_cannot_be_truncated_is_refused(rng):
    problem, constraints = three_totals(rng)
    case = made(Case(seed=2))
    with pytest.raises(ValueError, match="at least 500 draws; got 10"):
        TruncatedSolver(constraints, draws=10).solve(problem)
    with pytest.raises(ValueError, match="at most 1 totals must be constrained; got 2"):
        TruncatedSolver(constraints, most_constraints=1).solve(problem)
    twice = Constraints(("a", "b"), as_map(np.ones((6, 2))), np.ones(2))
    with pytest.raises(ValueError, match="covariance of the constrained totals must be positive"):
        TruncatedSolver(twice).solve(problem)
    known = dataclasses.replace(problem, prior_covariance=np.append(np.zeros(6), 1.0))
    with pytest.raises(ValueError, match=r"of the wrong sign: \['wrong'\]"):
        TruncatedSolver(Constraints(("wrong",), as_map(-np.ones((6, 1))), np.ones(1))).solve(
            dataclasses.replace(known, prior=np.ones(7))
        )
    with pytest.raises(ValueError, match="one name and one sign for each of 2 totals"):
        Constraints(("a",), as_map(np.ones((6, 2))), np.ones(2))
    with pytest.raises(ValueError, match=r"sign must be 1 or -1; got \[0.0\]"):
        Constraints(("a",), as_map(np.ones((6, 1))), np.zeros(1))
    with pytest.raises(ValueError, match="fluxes must have a sign to be constrained one by one"):
        TruncatedSolver().solve(dataclasses.replace(case.problem, prior=0.0 * case.problem.prior))
    found = TruncatedSolver(constraints, draws=600).solve(problem)
    W = np.eye(7)
    for ask in (
        lambda: found.reduction_of(W),
        lambda: found.whitened(W),
        lambda: found.totals_for(W, np.zeros((3, 1))),
        lambda: found.innovation_precision,
        lambda: found.log_evidence,
        lambda: found.residual_standard_deviation,
    ):
        with pytest.raises(MissingCapability, match="a posterior must be normal to have"):
            ask()


def test_one_constraint_by_closed_form(rng):
    """A single signed total: moments of the truncated normal, and regression of the rest on it."""
    problem, constraints = three_totals(rng)
    only = Constraints(
        ("source",), as_map(constraints.weights.matmat(np.eye(2))[:, :1]), np.ones(1)
    )
    found, base = TruncatedSolver(only, draws=40_000).solve(problem), DualSolver().solve(problem)
    V, c = base.covariance_of(np.eye(7)), np.append(np.ones(3), np.zeros(4))
    mean, deviation = c @ base.mean, np.sqrt(c @ V @ c)
    exact = scipy.stats.truncnorm(-mean / deviation, np.inf, loc=mean, scale=deviation)
    gain = V @ c / deviation**2
    assert_allclose(found.mean, base.mean + gain * (exact.mean() - mean), atol=0.03)
    expected = V - np.outer(gain, gain) * (deviation**2 - exact.var())
    assert_allclose(found.covariance_of(np.eye(7)), expected, atol=0.04)
