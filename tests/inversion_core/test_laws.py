"""Laws of the linear Gaussian problem, with the dense references written here and nowhere else."""

import numpy as np
import pytest
import scipy.linalg
from core_fakes import scaled_kronecker, sparse_jacobian
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.maps import SparseMap
from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver


def _spd(rng, size):
    root = rng.standard_normal((size, size + 3))
    return root @ root.T / size


def _parts(rng, n=7, m=12):
    return {
        "y": rng.normal(430.0, 3.0, n),
        "b": np.full(n, 428.0),
        "H": rng.random((n, m)),
        "x_a": rng.standard_normal(m),
        "B": _spd(rng, m),
        "R": _spd(rng, n) + 0.1 * np.eye(n),
    }


def _problem(parts):
    return LinearGaussianProblem(
        parts["y"], parts["b"], parts["H"], parts["x_a"], parts["B"], parts["R"]
    )


def _dual(parts):
    posterior = DualSolver().solve(_problem(parts))
    return posterior.mean, posterior.covariance_of(np.eye(len(parts["x_a"])))


def _primal(parts):
    """State space: (H^T R^-1 H + B^-1)^-1."""
    H, R_inverse = parts["H"], np.linalg.inv(parts["R"])
    covariance = np.linalg.inv(H.T @ R_inverse @ H + np.linalg.inv(parts["B"]))
    d = parts["y"] - parts["b"] - H @ parts["x_a"]
    return parts["x_a"] + covariance @ H.T @ R_inverse @ d, covariance


def _least_squares(parts):
    """Augmented least squares, whitened rows of data above whitened rows of prior."""
    data = np.linalg.cholesky(parts["R"])
    prior = np.linalg.cholesky(parts["B"])
    matrix = np.vstack(
        [
            scipy.linalg.solve_triangular(data, parts["H"], lower=True),
            scipy.linalg.solve_triangular(prior, np.eye(len(prior)), lower=True),
        ]
    )
    right = np.concatenate(
        [
            scipy.linalg.solve_triangular(data, parts["y"] - parts["b"], lower=True),
            scipy.linalg.solve_triangular(prior, parts["x_a"], lower=True),
        ]
    )
    mean = np.linalg.lstsq(matrix, right, rcond=None)[0]
    triangle = np.linalg.inv(np.linalg.qr(matrix, mode="r"))
    return mean, triangle @ triangle.T


def _cost(parts, x):
    misfit, step = parts["y"] - parts["b"] - parts["H"] @ x, x - parts["x_a"]
    return misfit @ np.linalg.solve(parts["R"], misfit) + step @ np.linalg.solve(parts["B"], step)


def test_dual_equals_primal_equals_least_squares(rng):
    parts = _parts(rng)
    mean, covariance = _dual(parts)
    for reference in (_primal(parts), _least_squares(parts)):
        assert_allclose(mean, reference[0], rtol=1e-8)
        assert_allclose(covariance, reference[1], rtol=1e-7, atol=1e-10)


def test_streamed_kronecker_solution_equals_the_dense_primal_one(rng):
    covariance, dense = scaled_kronecker(rng)
    jacobian = sparse_jacobian(rng)
    parts = _parts(rng, 13, covariance.size) | {"H": jacobian.matrix.toarray(), "B": dense}
    problem = LinearGaussianProblem(
        parts["y"], parts["b"], jacobian, parts["x_a"], covariance, Dense(parts["R"])
    )
    posterior = DualSolver(column_block=5).solve(problem)
    mean, P_dense = _primal(parts)
    weights = rng.random((covariance.size, 3))
    assert_allclose(posterior.mean, mean, rtol=1e-6, atol=1e-6)
    assert_allclose(posterior.covariance_of(weights), weights.T @ P_dense @ weights, rtol=1e-6)


def test_the_cost_at_the_solution_is_the_innovations_norm_and_the_least(rng):
    parts = _parts(rng)
    posterior = DualSolver().solve(_problem(parts))
    least = _cost(parts, posterior.mean)
    assert least == pytest.approx(posterior.chi_square * len(parts["y"]), rel=1e-10)
    for _ in range(5):
        assert _cost(parts, posterior.mean + 0.1 * rng.standard_normal(12)) > least


def test_sequential_equals_batch(rng):
    parts = _parts(rng)
    parts["R"] = scipy.linalg.block_diag(_spd(rng, 3) + np.eye(3), _spd(rng, 4) + np.eye(4))
    mean, covariance = parts["x_a"], parts["B"]
    for rows in (slice(0, 3), slice(3, 7)):
        step = {
            "y": parts["y"][rows],
            "b": parts["b"][rows],
            "H": parts["H"][rows],
            "x_a": mean,
            "B": 0.5 * (covariance + covariance.T),
            "R": parts["R"][rows, rows],
        }
        mean, covariance = _dual(step)
    batch_mean, batch_covariance = _dual(parts)
    assert_allclose(mean, batch_mean, rtol=1e-9)
    assert_allclose(covariance, batch_covariance, rtol=1e-9, atol=1e-12)


def test_an_observation_of_infinite_error_changes_nothing(rng):
    parts = _parts(rng)
    more = parts | {
        "y": np.append(parts["y"], 9999.0),
        "b": np.append(parts["b"], 0.0),
        "H": np.vstack([parts["H"], rng.random(12)]),
        "R": scipy.linalg.block_diag(parts["R"], [[1e18]]),
    }
    for without, with_it in zip(_dual(parts), _dual(more), strict=True):
        assert_allclose(with_it, without, rtol=1e-9, atol=1e-11)


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_a_change_of_units_changes_nothing(mole, flux):
    parts = _parts(np.random.default_rng(3))
    scaled = {
        "y": parts["y"] * mole,
        "b": parts["b"] * mole,
        "H": parts["H"] * mole / flux,
        "x_a": parts["x_a"] * flux,
        "B": parts["B"] * flux**2,
        "R": parts["R"] * mole**2,
    }
    (mean, covariance), (other, other_covariance) = _dual(parts), _dual(scaled)
    assert_allclose(other / flux, mean, rtol=1e-8)
    assert_allclose(other_covariance / flux**2, covariance, rtol=1e-7, atol=1e-12)
    one, two = (DualSolver().solve(_problem(p)) for p in (parts, scaled))
    assert_allclose([two.chi_square, two.dofs], [one.chi_square, one.dofs], rtol=1e-8)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(7)))
def test_permuting_observations_permutes_nothing_else(order):
    parts = _parts(np.random.default_rng(4))
    order = list(order)
    shuffled = parts | {key: parts[key][order] for key in ("y", "b", "H")}
    shuffled["R"] = parts["R"][np.ix_(order, order)]
    one, two = (DualSolver().solve(_problem(p)) for p in (parts, shuffled))
    assert_allclose(two.mean, one.mean, rtol=1e-9)
    assert_allclose(two.residual, one.residual[order], rtol=1e-8)
    assert_allclose(two.log_evidence, one.log_evidence, rtol=1e-10)


def test_two_identical_observations_of_twice_the_variance_equal_one(rng):
    once = _parts(rng, n=1) | {"R": np.array([[0.4]])}
    twice = once | {key: np.repeat(once[key], 2, axis=0) for key in ("y", "b", "H")}
    twice["R"] = 0.8 * np.eye(2)
    for one, two in zip(_dual(once), _dual(twice), strict=True):
        assert_allclose(two, one, rtol=1e-10, atol=1e-12)


def test_the_posterior_covariance_never_exceeds_the_prior(rng):
    parts = _parts(rng)
    covariance = _dual(parts)[1]
    assert np.linalg.eigvalsh(parts["B"] - covariance)[0] > -1e-12
    assert np.linalg.eigvalsh(covariance)[0] > 0.0


def test_degrees_of_freedom_three_ways(rng):
    parts = _parts(rng)
    posterior = DualSolver().solve(_problem(parts))
    H, B, R = parts["H"], parts["B"], parts["R"]
    S = H @ B @ H.T + R
    gain = B @ H.T @ np.linalg.inv(S)
    eigenvalues = scipy.linalg.eigh(H @ B @ H.T, R, eigvals_only=True)
    assert posterior.dofs == pytest.approx(np.trace(gain @ H), rel=1e-10)
    assert posterior.dofs == pytest.approx((eigenvalues / (1.0 + eigenvalues)).sum(), rel=1e-10)


def test_background_as_a_state_equals_background_marginalised(rng):
    parts = _parts(rng)
    G, beta = rng.random((7, 2)), _spd(rng, 2)
    state = parts | {
        "H": np.hstack([parts["H"], G]),
        "x_a": np.append(parts["x_a"], [0.0, 0.0]),
        "B": scipy.linalg.block_diag(parts["B"], beta),
    }
    marginal = parts | {"R": parts["R"] + G @ beta @ G.T}
    (mean, covariance), (other, other_covariance) = _dual(state), _dual(marginal)
    assert_allclose(mean[:12], other, rtol=1e-10, atol=1e-12)
    assert_allclose(covariance[:12, :12], other_covariance, rtol=1e-9, atol=1e-12)


def test_a_gradient_inversion_is_the_limit_of_a_diffuse_background(rng):
    parts = _parts(rng)
    differences = np.hstack([-np.ones((6, 1)), np.eye(6)])
    gradient = parts | {
        "y": differences @ parts["y"],
        "b": differences @ parts["b"],
        "H": differences @ parts["H"],
        "R": differences @ parts["R"] @ differences.T,
    }
    diffuse = parts | {
        "H": np.hstack([parts["H"], np.ones((7, 1))]),
        "x_a": np.append(parts["x_a"], 0.0),
        "B": scipy.linalg.block_diag(parts["B"], [[1e5**2]]),
    }
    (mean, covariance), (other, other_covariance) = _dual(gradient), _dual(diffuse)
    assert_allclose(other[:12], mean, atol=1e-5)
    assert_allclose(other_covariance[:12, :12], covariance, atol=1e-5)


def test_leave_one_out_in_closed_form_equals_solving_without(rng):
    parts = _parts(rng)
    posterior = DualSolver().solve(_problem(parts))
    held, kept = [2, 5], [0, 1, 3, 4, 6]
    block = np.linalg.inv(posterior.innovation_precision[np.ix_(held, held)])
    predicted = block @ posterior.weights[held]
    less = parts | {key: parts[key][kept] for key in ("y", "b", "H")}
    less["R"] = parts["R"][np.ix_(kept, kept)]
    mean, covariance = _dual(less)
    # the held-out errors given the kept ones, because R links them
    link = parts["R"][np.ix_(held, kept)] @ np.linalg.inv(less["R"])
    left = less["y"] - less["b"] - less["H"] @ mean
    direct = parts["y"][held] - parts["b"][held] - parts["H"][held] @ mean - link @ left
    H_eff = parts["H"][held] - link @ less["H"]
    noise = parts["R"][np.ix_(held, held)] - link @ parts["R"][np.ix_(kept, held)]
    assert_allclose(predicted, direct, rtol=1e-8)
    assert_allclose(block, H_eff @ covariance @ H_eff.T + noise, rtol=1e-8)


def test_fits_are_what_their_names_say(rng):
    parts = _parts(rng)
    posterior = DualSolver().solve(_problem(parts))
    H, R, B = parts["H"], parts["R"], parts["B"]
    assert_allclose(posterior.modelled, parts["b"] + H @ posterior.mean, rtol=1e-12)
    assert_allclose(posterior.modelled_prior, parts["b"] + H @ parts["x_a"], rtol=1e-12)
    assert_allclose(posterior.residual, parts["y"] - posterior.modelled, rtol=1e-9)
    S_inverse = np.linalg.inv(H @ B @ H.T + R)
    assert_allclose(posterior.residual_standard_deviation**2, np.diag(R @ S_inverse @ R), rtol=1e-9)


def test_totals_of_many_draws_use_the_fixed_gain(rng):
    parts = _parts(rng)
    posterior = DualSolver().solve(_problem(parts))
    weights = rng.random((12, 3))
    draws = np.column_stack([posterior.innovation, rng.standard_normal((7, 2))])
    totals = posterior.totals_for(weights, draws)
    assert_allclose(totals[:, 0], weights.T @ posterior.mean, rtol=1e-10)
    again = _problem(parts | {"y": parts["b"] + parts["H"] @ parts["x_a"] + draws[:, 2]})
    assert_allclose(totals[:, 2], weights.T @ DualSolver().solve(again).mean, rtol=1e-10)


def test_samples_have_the_posterior_mean_and_covariance(rng):
    parts = _parts(rng, n=3, m=4)
    posterior = DualSolver().solve(_problem(parts))
    draws = posterior.sample(40_000, rng)
    covariance = posterior.covariance_of(np.eye(4))
    error = np.sqrt(np.diag(covariance) / len(draws))
    assert (np.abs(draws.mean(axis=0) - posterior.mean) < 5.0 * error).all()
    spread = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    assert_allclose(np.cov(draws.T) / spread, covariance / spread, atol=0.04)


def test_a_singular_problem_is_refused_with_the_closest_observations(rng):
    H = np.vstack([np.ones(4), np.ones(4), rng.random(4)])
    problem = LinearGaussianProblem(
        np.zeros(3),
        np.zeros(3),
        H,
        np.zeros(4),
        np.eye(4),
        Diagonal([0.0, 0.0, 1.0]),
        obs_id=("a@1", "b@1", "c@2"),
    )
    with pytest.raises(ValueError, match=r"smallest eigenvalue of .* a@1 and b@1 most alike"):
        DualSolver().solve(problem)


def test_problems_refuse_parts_that_do_not_fit(rng):
    parts = _parts(rng)
    with pytest.raises(ValueError, match=r"background \(3,\).*prior_covariance \(2, 2\)"):
        _problem(parts | {"b": np.zeros(3), "B": np.eye(2)})
    with pytest.raises(ValueError, match="observations with 1 values not finite"):
        _problem(parts | {"y": np.append(parts["y"][:-1], np.nan)})
    with pytest.raises(ValueError, match="one row for each of 12 states"):
        DualSolver().solve(_problem(parts)).covariance_of(np.ones((5, 1)))
    assert isinstance(
        _problem(parts | {"H": sparse_jacobian(rng).matrix[:7, :12]}).jacobian, SparseMap
    )
