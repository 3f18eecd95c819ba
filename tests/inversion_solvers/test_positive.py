"""Log-normal fluxes: numbers worked out by hand, other optimisers, quadrature, and the dual solver in the limit."""

import dataclasses

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from core_fakes import settings as sections
from core_fakes import six_datasets
from numpy.testing import assert_allclose
from solver_fakes import Case, made

from contracts.settings.solver import SolverSettings
from inversion.linalg.covariance import MissingCapability
from inversion.problem import LinearGaussianProblem
from inversion.solve import solve_batch, solve_problem
from inversion.solvers.dual import DualSolver
from inversion.solvers.lognormal import log_normal_of
from inversion.solvers.positive import PositiveSolver


def small(rng, m=4, n=6, relative=0.8, nuisance=1):
    """Return a problem of positive fluxes with one state that stays normal, and its matrices."""
    mean = rng.uniform(1.0, 4.0, m)
    place = np.arange(m)
    correlation = np.exp(-np.abs(place[:, None] - place) / 2.0)
    B = correlation * np.outer(mean, mean) * relative**2
    whole = np.zeros((m + nuisance,) * 2)
    whole[:m, :m] = B
    whole[m:, m:] = 0.5 * np.eye(nuisance)
    H = np.column_stack([rng.uniform(0.0, 1.0, (n, m)), np.ones((n, nuisance))])
    R = 0.1 * np.exp(-np.abs(np.subtract.outer(np.arange(n), np.arange(n))) / 1.5)
    truth = np.concatenate([mean * 0.3, np.full(nuisance, 0.2)])
    y = 10.0 + H @ truth + rng.multivariate_normal(np.zeros(n), R)
    start = np.concatenate([mean, np.zeros(nuisance)])
    return LinearGaussianProblem(y, np.full(n, 10.0), H, start, whole, R, n_flux=m), H, whole, R


def test_the_numbers_of_the_median_parametrisation():
    """SCIENCE 2.7: mean 1, standard deviation 0.5."""
    one = log_normal_of(np.ones(1), np.array([[0.25]]), np.ones(1))
    found = [one.location[0], np.sqrt(one.covariance[0, 0]), one.median[0], one.mode[0]]
    assert_allclose(found, [-0.111572, 0.472381, 0.894427, 0.715542], atol=5e-7)
    other = scipy.stats.lognorm(found[1], scale=np.exp(found[0]))
    assert (other.mean(), other.std()) == pytest.approx((1.0, 0.5))
    assert other.median() == pytest.approx(one.median[0])


def test_mean_and_covariance_come_back_and_draws_have_them(rng):
    mean = np.array([2.0, -1.0, 0.7, 0.0])
    sign = np.array([1.0, -1.0, 1.0, 0.0])
    root = rng.normal(size=(4, 4))
    B = root @ root.T * 0.1 + 0.05 * np.eye(4)
    one = log_normal_of(mean, B, sign)
    assert_allclose(one.mean, mean, rtol=1e-14)
    assert_allclose(one.state_covariance, B, rtol=1e-12)
    u = one.location[:, None] + np.linalg.cholesky(one.covariance) @ rng.normal(size=(4, 200_000))
    x = one.states(u)
    assert (x[sign > 0] > 0.0).all()
    assert (x[sign < 0] < 0.0).all()
    assert_allclose(x.mean(axis=1), mean, atol=0.01)
    assert_allclose(np.cov(x), B, atol=0.02)
    assert_allclose(one.slope(one.location), [*one.median[:3], 1.0])


def test_for_small_errors_it_is_the_dual_solver(rng):
    problem, *_ = small(rng, relative=1e-4)
    problem = dataclasses.replace(problem, mismatch_covariance=np.full(6, 1e-6))
    data = problem.background + problem.jacobian.matvec(problem.prior * (1.0 + 5e-5))
    problem = dataclasses.replace(problem, observations=data)
    one, two = DualSolver().solve(problem), PositiveSolver().solve(problem)
    W = np.eye(5)
    spread = np.sqrt(np.diagonal(one.covariance_of(W)))
    assert_allclose((two.mean - one.mean) / spread, 0.0, atol=2e-3)
    assert_allclose(two.covariance_of(W), one.covariance_of(W), rtol=1e-3, atol=1e-14)
    assert_allclose(two.prior_covariance_of(W), problem.prior_covariance.in_memory(), rtol=1e-9)
    assert_allclose([two.dofs, two.chi_square], [one.dofs, one.chi_square], rtol=1e-3)
    assert two.log_evidence == pytest.approx(one.log_evidence, abs=1e-2)


def test_the_mode_is_what_another_optimiser_finds(rng):
    problem, H, B, R = small(rng)
    found = PositiveSolver(mean_tolerance_sd=1e-8).solve(problem)
    log = log_normal_of(problem.prior, B, np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    inverse, weight = np.linalg.inv(log.covariance), np.linalg.inv(R)

    def cost(u):
        x = np.append(np.exp(u[:4]), u[4])
        left = problem.observations - 10.0 - H @ x
        return left @ weight @ left + (u - log.location) @ inverse @ (u - log.location)

    other = scipy.optimize.minimize(cost, log.location, method="BFGS", options={"gtol": 1e-9})
    assert_allclose(found.solution.u, other.x, atol=1e-6)
    assert found.solution.cost == pytest.approx(other.fun, rel=1e-10)
    assert found.chi_square == pytest.approx(other.fun / 6.0, rel=1e-10)
    K = H * np.append(np.exp(other.x[:4]), 1.0)
    hessian = np.linalg.inv(K.T @ weight @ K + inverse)
    assert_allclose(found.logarithms.covariance, hessian, rtol=1e-5, atol=1e-9)
    factor = np.exp(0.5 * np.diagonal(hessian)[:4])
    assert_allclose(found.first_order_mean[:4], np.exp(other.x[:4]) * factor, rtol=1e-5)
    assert_allclose(found.mode[:4], np.exp(other.x[:4]), rtol=1e-5)
    left = problem.observations - 10.0 - H @ found.mean
    assert_allclose(found.residual, left, atol=1e-12)


def test_a_well_seen_flux_has_the_moments_of_its_density():
    """One flux: the posterior's mean and deviation by quadrature."""
    problem = LinearGaussianProblem(
        np.full(8, 3.0), np.zeros(8), np.ones((8, 1)), np.full(1, 2.0), np.full(1, 1.0), np.ones(8)
    )
    found = PositiveSolver().solve(problem)
    log = log_normal_of(np.array([2.0]), np.array([[1.0]]), np.ones(1))
    x = np.linspace(1e-3, 12.0, 200_001)
    density = np.exp(-4.0 * (3.0 - x) ** 2)
    density *= scipy.stats.lognorm(np.sqrt(log.covariance[0, 0]), scale=log.median[0]).pdf(x)
    density /= density.sum()
    mean = density @ x
    deviation = np.sqrt(density @ (x - mean) ** 2)
    assert abs(found.mean[0] - mean) < 0.03 * deviation
    assert found.first_order_mean[0] - mean > 0.15 * deviation
    assert found.covariance_of(np.ones((1, 1)))[0, 0] ** 0.5 == pytest.approx(deviation, rel=0.05)


def test_the_mean_follows_the_skewness_of_the_logarithms():
    """The third derivatives by finite differences of the cost, and an integral over all draws."""
    rng = np.random.default_rng(8)
    problem, H, B, R = small(rng, m=3, n=4, relative=0.7)
    found = PositiveSolver(mean_tolerance_sd=1e-8).solve(problem)
    log = log_normal_of(problem.prior, B, np.array([1.0, 1.0, 1.0, 0.0]))
    weight, mode = np.linalg.inv(R), found.solution.u

    def force(u):
        left = problem.observations - 10.0 - H @ log.states(u)
        return -(H * log.slope(u)).T @ weight @ left

    step, every = 1e-3, np.eye(4)
    third = np.array(
        [
            [
                (
                    force(mode + step * (one + two))
                    - force(mode + step * (one - two))
                    - force(mode - step * (one - two))
                    + force(mode - step * (one + two))
                )
                / (4.0 * step**2)
                for two in every
            ]
            for one in every
        ]
    )
    P = found.logarithms.covariance
    expected = -0.5 * P @ np.einsum("jki,jk->i", third, P)
    assert_allclose(found.shifted.location - mode, expected, rtol=1e-4, atol=1e-7)


def test_totals_are_those_of_the_posterior_itself(rng):
    """Moments by weighting two million prior draws; the formula of first order is far off."""
    m = 8
    mean, H = rng.uniform(1.0, 3.0, m), rng.uniform(0.0, 1.0, (6, m))
    place = np.arange(m)
    B = np.exp(-np.abs(place[:, None] - place) / 2.0) * np.outer(mean, mean) * 0.25
    y = H @ mean * 1.2
    problem = LinearGaussianProblem(y, np.zeros(6), H, mean, B, np.full(6, 0.25))
    found, log = PositiveSolver().solve(problem), log_normal_of(mean, B, np.ones(m))
    u = log.location[:, None] + np.linalg.cholesky(log.covariance) @ rng.normal(size=(m, 400_000))
    x = np.exp(u)
    weight = np.exp(-0.5 * np.square(y[:, None] - H @ x).sum(axis=0) / 0.25)
    weight /= weight.sum()
    assert 1.0 / np.square(weight).sum() > 2000
    total = x.sum(axis=0)
    exact = total @ weight
    deviation = np.sqrt(np.square(total - exact) @ weight)
    assert abs(found.mean.sum() - exact) < 0.1 * deviation
    assert found.first_order_mean.sum() - exact > 1.0 * deviation
    told = found.covariance_of(np.ones((m, 1)))[0, 0] ** 0.5
    assert told == pytest.approx(deviation, rel=0.1)
    assert found.logarithms.state_covariance.sum() ** 0.5 > 1.3 * deviation
    drawn = found.sample(4000, rng).sum(axis=1)
    assert abs(drawn.mean() - exact) < 0.1 * deviation
    assert drawn.std() == pytest.approx(deviation, rel=0.1)


def test_signs_are_kept_where_the_dual_solver_loses_them(rng):
    problem, *_ = small(rng, relative=1.5)
    low = dataclasses.replace(problem, observations=problem.observations - 2.0)
    assert DualSolver().solve(low).mean[:4].min() < 0.0
    found = PositiveSolver().solve(low)
    assert found.mean[:4].min() > 0.0
    assert found.sample(500, rng)[:, :4].min() > 0.0
    turned = dataclasses.replace(
        low, jacobian=-low.jacobian.matrix, prior=-low.prior, observations=low.observations
    )
    assert_allclose(PositiveSolver().solve(turned).mean, -found.mean, rtol=1e-8)


def test_draws_of_many_dimensions_are_refused(rng):
    m = 200
    problem = LinearGaussianProblem(
        np.full(m, 3.0), np.zeros(m), np.eye(m) + 0.5, np.full(m, 1.0), np.ones(m), np.full(m, 0.01)
    )
    found = PositiveSolver().solve(problem)
    with pytest.raises(ValueError, match="at least 100 proposals must count"):
        found.sample(50, rng)


def test_a_singular_prior_is_solved_as_its_limit(rng):
    """Fluxes that are one number: errors of rank one, and states without any."""
    problem, H, *_ = small(rng, nuisance=0)
    mean = problem.prior
    one = np.outer(mean, mean) * 0.25
    found = PositiveSolver().solve(dataclasses.replace(problem, prior_covariance=one))
    scalar = dataclasses.replace(
        problem,
        jacobian=H @ mean[:, None],
        prior=np.ones(1),
        prior_covariance=np.full(1, 0.25),
        n_flux=1,
    )
    again = PositiveSolver().solve(scalar)
    assert_allclose(found.mean, again.mean[0] * mean, rtol=1e-8)
    still = one.copy()
    still[0] = still[:, 0] = 0.0
    fixed = PositiveSolver().solve(dataclasses.replace(problem, prior_covariance=still))
    assert fixed.mean[0] == pytest.approx(mean[0])
    assert fixed.covariance_of(np.eye(4))[0, 0] == pytest.approx(0.0, abs=1e-12)
    assert_allclose(fixed.sample(200, rng)[:, 0], mean[0])


def test_a_fixed_damping_that_ends_at_small_steps_ends_too_early(rng):
    """Planted: kappa = 10 throughout, the end at steps of 0.5 %, as written in SCIENCE 2.7."""
    problem, H, B, R = small(rng, relative=1.0)
    log = log_normal_of(problem.prior, B, np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    inverse, weight, u = np.linalg.inv(log.covariance), np.linalg.inv(R), log.location.copy()
    for _ in range(500):
        x, slope = log.states(u), log.slope(u)
        K = H * slope
        force = K.T @ weight @ (problem.observations - 10.0 - H @ x) - inverse @ (u - log.location)
        step = np.linalg.solve(K.T @ weight @ K + 11.0 * inverse, force)
        u = u + step
        if np.abs(log.states(u)[:4] / x[:4] - 1.0).max() < 0.005:
            break
    found = PositiveSolver(mean_tolerance_sd=1e-6).solve(problem)
    early = np.abs(np.exp(u[:4] - found.solution.u[:4]) - 1.0).max()
    assert early > 0.006
    assert found.solution.step_left < 1e-6


def test_a_posterior_far_from_normal_is_told(rng, caplog):
    problem, *_ = small(rng, relative=0.3)
    PositiveSolver().solve(problem)
    assert "too far from normal" not in caplog.text
    wide = LinearGaussianProblem(
        np.full(1, 5.0),
        np.zeros(1),
        np.ones((1, 6)),
        np.ones(6),
        np.full(6, 900.0),
        np.full(1, 1e-4),
    )
    found = PositiveSolver().solve(wide)
    assert found.skewness_sd > 1.0
    assert "too far from normal for formulas" in caplog.text


def test_carried_correlations_keep_every_variance_and_tell_the_change(rng):
    problem, _, B, _ = small(rng, relative=1.2)
    found = PositiveSolver(carry_correlations=True).solve(problem)
    assert_allclose(np.diagonal(found.prior_covariance), np.diagonal(B), rtol=1e-12)
    assert found.moved_correlation > 0.01
    assert "prior correlations moved by up to" in found.description
    exact = PositiveSolver().solve(problem)
    assert exact.moved_correlation < 1e-12
    assert "moved" not in exact.description


def test_what_no_log_normal_distribution_can_do_is_refused(rng):
    problem, _, B, _ = small(rng)
    case = made(Case(seed=2))
    with pytest.raises(
        ValueError, match="must start with it; got 1 of 4 prior means that are zero"
    ):
        PositiveSolver(sign=np.array([1.0, -1.0, 1.0, 1.0])).solve(problem)
    with pytest.raises(ValueError, match=r"signs must be one for each of 4 fluxes; got shape \(3"):
        PositiveSolver(sign=np.ones(3)).solve(problem)
    with pytest.raises(ValueError, match="at most 10 states; got"):
        PositiveSolver(most_states=10).solve(case.problem)
    against = B.copy()
    against[0, 1] = against[1, 0] = -1.01 * problem.prior[0] * problem.prior[1]
    with pytest.raises(ValueError, match="above minus the product of their means; got 2 entries"):
        log_normal_of(problem.prior, against, np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    # correlation 0 between neighbours of neighbours, and large relative errors
    chain = 4.0 * np.array([[1.0, 0.7, 0.0], [0.7, 1.0, 0.7], [0.0, 0.7, 1.0]])
    with pytest.raises(ValueError, match="no log-normal distribution has this covariance"):
        log_normal_of(np.ones(3), chain, np.ones(3))
    carried = log_normal_of(np.ones(3), chain, np.ones(3), carry=True)
    assert_allclose(np.diagonal(carried.state_covariance), 4.0)
    with pytest.raises(ValueError, match="standard deviations left after 1 steps"):
        PositiveSolver(most_steps=1).solve(problem)
    found = PositiveSolver().solve(problem)
    W = np.eye(5)
    for ask in (
        lambda: found.reduction_of(W),
        lambda: found.whitened(W),
        lambda: found.cross(W),
        lambda: found.weights,
        lambda: found.innovation_precision,
        lambda: found.totals_for(W, np.zeros((6, 1))),
    ):
        with pytest.raises(MissingCapability, match="must be linear and normal to have"):
            ask()


def test_the_datasets_of_a_run_are_solved_with_physical_signs(rng):
    datasets, given = six_datasets(rng, declared=[]), sections()
    low = datasets["observations"]["mole_fraction"] * 0.0 + 421.0
    datasets["observations"] = datasets["observations"].assign(
        mole_fraction=low.assign_attrs(units="umol mol-1")
    )
    given.solver = SolverSettings(method="positive", carry_correlations=True)
    found = solve_problem(datasets, given)
    flux = found.state_mean.reshape(datasets["prior"]["flux"].shape)
    assert (flux[:2] > 0.0).all()
    assert (flux[2] < 0.0).all()
    with pytest.raises(ValueError, match="got positive in the settings: the totals of log-normal"):
        solve_batch(datasets, given)
