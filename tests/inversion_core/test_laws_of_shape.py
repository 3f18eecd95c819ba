"""Laws of the linear Gaussian problem in every shape; their dense references stand here."""

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from small_problems import moments, parts, posterior_of, spd

SHAPES = {"n": st.integers(1, 8), "m": st.integers(1, 8), "seed": st.integers(0, 2**32 - 1)}
MANY = {"max_examples": 25, "deadline": None, "derandomize": True}


def state_space(arrays):
    """Return mean and covariance by (H^T R^-1 H + B^-1)^-1."""
    H, weight = arrays["jacobian"], np.linalg.inv(arrays["mismatch_covariance"])
    prior = np.linalg.inv(arrays["prior_covariance"])
    covariance = np.linalg.inv(H.T @ weight @ H + prior)
    d = arrays["observations"] - arrays["background"] - H @ arrays["prior"]
    return arrays["prior"] + covariance @ H.T @ weight @ d, covariance


def least_squares(arrays):
    """Return mean and covariance by whitened rows of data above whitened rows of prior."""
    data = np.linalg.cholesky(arrays["mismatch_covariance"])
    prior = np.linalg.cholesky(arrays["prior_covariance"])
    net = arrays["observations"] - arrays["background"]
    matrix = np.vstack([np.linalg.solve(data, arrays["jacobian"]), np.linalg.inv(prior)])
    right = np.append(np.linalg.solve(data, net), np.linalg.solve(prior, arrays["prior"]))
    triangle = np.linalg.inv(np.linalg.qr(matrix, mode="r"))
    return np.linalg.lstsq(matrix, right, rcond=None)[0], triangle @ triangle.T


def cost(arrays, x):
    """Return J(x), without the half."""
    misfit = arrays["observations"] - arrays["background"] - arrays["jacobian"] @ x
    step = x - arrays["prior"]
    weighted = np.linalg.solve(arrays["mismatch_covariance"], misfit)
    return misfit @ weighted + step @ np.linalg.solve(arrays["prior_covariance"], step)


@settings(**MANY)
@given(**SHAPES)
def test_dual_equals_primal_equals_least_squares_in_every_shape(n, m, seed):
    arrays = parts(np.random.default_rng(seed), n, m)
    mean, covariance = moments(arrays)
    scale = np.abs(covariance).max()
    for reference in (state_space(arrays), least_squares(arrays)):
        assert_allclose(mean, reference[0], rtol=1e-7, atol=1e-9)
        assert_allclose(covariance, reference[1], rtol=1e-7, atol=1e-9 * scale)


@settings(**MANY)
@given(factor=st.floats(1e-8, 1e8), **SHAPES)
def test_one_factor_on_all_variances_moves_no_mean(factor, n, m, seed):
    arrays = parts(np.random.default_rng(seed), n, m)
    scaled = arrays | {
        "prior_covariance": arrays["prior_covariance"] * factor,
        "mismatch_covariance": arrays["mismatch_covariance"] * factor,
    }
    one, two = (posterior_of(p) for p in (arrays, scaled))
    assert_allclose(two.mean, one.mean, rtol=1e-8, atol=1e-10)
    weights = np.eye(m)
    covariance = one.covariance_of(weights)
    atol = 1e-9 * np.abs(covariance).max()
    assert_allclose(two.covariance_of(weights) / factor, covariance, rtol=1e-8, atol=atol)
    assert two.chi_square * factor == pytest.approx(one.chi_square, rel=1e-8)
    assert two.dofs == pytest.approx(one.dofs, rel=1e-8, abs=1e-10)
    shift = 0.5 * (one.chi_square * n * (1.0 - 1.0 / factor) - n * np.log(factor))
    assert two.log_evidence - one.log_evidence == pytest.approx(shift, rel=1e-7, abs=1e-7)


@settings(**MANY)
@given(scale=st.floats(1e-3, 1e3), **SHAPES)
def test_mole_fractions_in_other_units_change_nothing(scale, n, m, seed):
    """Ppb instead of ppm: y, b, H and R; the evidence moves by n ln(scale) and no more."""
    arrays = parts(np.random.default_rng(seed), n, m)
    other = {key: arrays[key] * scale for key in ("observations", "background", "jacobian")} | {
        "mismatch_covariance": arrays["mismatch_covariance"] * scale**2
    }
    one, two = (posterior_of(p) for p in (arrays, arrays | other))
    assert_allclose(two.mean, one.mean, rtol=1e-7, atol=1e-9)
    assert_allclose(two.residual / scale, one.residual, rtol=1e-6, atol=1e-9)
    assert two.chi_square == pytest.approx(one.chi_square, rel=1e-7)
    assert two.log_evidence + n * np.log(scale) == pytest.approx(one.log_evidence, rel=1e-8)


@settings(**MANY)
@given(data=st.data(), **SHAPES)
def test_permuting_the_state_permutes_nothing_else(data, n, m, seed):
    order = data.draw(st.permutations(range(m)))
    arrays = parts(np.random.default_rng(seed), n, m)
    shuffled = arrays | {
        "jacobian": arrays["jacobian"][:, order],
        "prior": arrays["prior"][order],
        "prior_covariance": arrays["prior_covariance"][np.ix_(order, order)],
    }
    one, two = (posterior_of(p) for p in (arrays, shuffled))
    assert_allclose(two.mean, one.mean[order], rtol=1e-8, atol=1e-10)
    assert_allclose(two.residual, one.residual, rtol=1e-7, atol=1e-9)
    assert two.log_evidence == pytest.approx(one.log_evidence, rel=1e-9)


@settings(**MANY)
@given(data=st.data(), **SHAPES)
def test_an_observation_split_in_two_counts_as_one(data, n, m, seed):
    """Both halves share its correlated error; the error of its own has twice the variance."""
    rng = np.random.default_rng(seed)
    row = data.draw(st.integers(0, n - 1))
    arrays = parts(rng, n, m)
    own = rng.uniform(0.1, 1.0, n)
    shared = arrays["mismatch_covariance"]
    rows = np.append(np.arange(n), row)
    doubled = own[rows].copy()
    doubled[[row, n]] *= 2.0
    once = arrays | {"mismatch_covariance": shared + np.diag(own)}
    twice = arrays | {key: arrays[key][rows] for key in ("observations", "background", "jacobian")}
    twice["mismatch_covariance"] = shared[np.ix_(rows, rows)] + np.diag(doubled)
    for one, two in zip(moments(once), moments(twice), strict=True):
        assert_allclose(two, one, rtol=1e-7, atol=1e-9)


@settings(**MANY)
@given(cut=st.integers(1, 7), **SHAPES)
def test_sequential_equals_batch_at_any_cut(cut, n, m, seed):
    rng = np.random.default_rng(seed)
    arrays = parts(rng, n, m)
    cut = min(cut, n)
    first, second = slice(0, cut), slice(cut, n)
    arrays["mismatch_covariance"][first, second] = arrays["mismatch_covariance"][second, first] = (
        0.0
    )
    mean, covariance = arrays["prior"], arrays["prior_covariance"]
    for rows in (first, second):
        step = {key: arrays[key][rows] for key in ("observations", "background", "jacobian")} | {
            "mismatch_covariance": arrays["mismatch_covariance"][rows, rows]
        }
        covariance = 0.5 * (covariance + covariance.T)
        mean, covariance = moments(step | {"prior": mean, "prior_covariance": covariance})
    for one, two in zip((mean, covariance), moments(arrays), strict=True):
        assert_allclose(one, two, rtol=1e-7, atol=1e-9)


@settings(**MANY)
@given(q=st.integers(1, 4), **SHAPES)
def test_background_as_a_state_equals_background_in_r_in_every_shape(q, n, m, seed):
    rng = np.random.default_rng(seed)
    arrays = parts(rng, n, m)
    G, beta = rng.standard_normal((n, q)), spd(rng, q)
    state = arrays | {
        "jacobian": np.hstack([arrays["jacobian"], G]),
        "prior": np.append(arrays["prior"], np.zeros(q)),
        "prior_covariance": scipy.linalg.block_diag(arrays["prior_covariance"], beta),
    }
    one = posterior_of(state)
    two = posterior_of(
        arrays | {"mismatch_covariance": arrays["mismatch_covariance"] + G @ beta @ G.T}
    )
    assert_allclose(one.mean[:m], two.mean, rtol=1e-8, atol=1e-9)
    covariance = one.covariance_of(np.eye(m + q))[:m, :m]
    assert_allclose(covariance, two.covariance_of(np.eye(m)), rtol=1e-7, atol=1e-9)
    assert one.chi_square == pytest.approx(two.chi_square, rel=1e-8)
    assert one.log_evidence == pytest.approx(two.log_evidence, rel=1e-8)


@settings(**MANY)
@given(k=st.integers(1, 5), **SHAPES)
def test_aggregates_are_sandwiches_of_the_whole_covariance(k, n, m, seed):
    """SCIENCE 2.3: W^T P W = W^T B W - Z^T Z, and the information of each aggregate."""
    rng = np.random.default_rng(seed)
    arrays = parts(rng, n, m)
    weights = rng.standard_normal((m, k))
    posterior = posterior_of(arrays)
    P_dense, H = state_space(arrays)[1], arrays["jacobian"]
    S = H @ arrays["prior_covariance"] @ H.T + arrays["mismatch_covariance"]
    scale = np.abs(weights.T @ arrays["prior_covariance"] @ weights).max()
    found = posterior.covariance_of(weights)
    assert_allclose(found, weights.T @ P_dense @ weights, rtol=1e-7, atol=1e-9 * scale)
    seen = H @ arrays["prior_covariance"] @ weights
    assert_allclose(
        posterior.reduction_of(weights),
        seen.T @ np.linalg.solve(S, seen),
        rtol=1e-8,
        atol=1e-10 * scale,
    )
    information = 1.0 - np.diag(found) / posterior.prior_variance_of(weights)
    assert (information > -1e-9).all()
    assert (information < 1.0).all()


@settings(**MANY)
@given(**SHAPES)
def test_the_least_cost_is_chi_square_in_every_shape(n, m, seed):
    arrays = parts(np.random.default_rng(seed), n, m)
    posterior = posterior_of(arrays)
    assert cost(arrays, posterior.mean) == pytest.approx(n * posterior.chi_square, rel=1e-7)


def test_the_least_cost_of_drawn_truths_is_chi_square_distributed(rng):
    """SCIENCE 2.1: J at the solution has n degrees of freedom where B and R are right."""
    arrays = parts(rng)
    posterior = posterior_of(arrays)
    count = 4000
    truth = np.linalg.cholesky(arrays["prior_covariance"]) @ rng.standard_normal((12, count))
    noise = np.linalg.cholesky(arrays["mismatch_covariance"]) @ rng.standard_normal((7, count))
    innovations = arrays["jacobian"] @ truth + noise
    costs = (innovations * posterior.solve_observations(innovations)).sum(axis=0)
    assert scipy.stats.kstest(costs, scipy.stats.chi2(7).cdf).pvalue > 0.01
    assert scipy.stats.kstest(1.1 * costs, scipy.stats.chi2(7).cdf).pvalue < 0.01


def test_residuals_and_increments_have_the_covariances_they_are_said_to_have(rng):
    """SCIENCE 2.12 (Desroziers): E[(y - H x) d^T] = R and E[H (x - x_a) d^T] = H B H^T."""
    arrays = parts(rng)
    posterior = posterior_of(arrays)
    S = (
        arrays["jacobian"] @ arrays["prior_covariance"] @ arrays["jacobian"].T
        + arrays["mismatch_covariance"]
    )
    gain = arrays["jacobian"] @ posterior.totals_for(np.eye(12), np.eye(7)) - (
        arrays["jacobian"] @ arrays["prior"][:, None]
    )
    assert_allclose((np.eye(7) - gain) @ S, arrays["mismatch_covariance"], rtol=1e-9, atol=1e-12)
    assert_allclose(gain @ S, S - arrays["mismatch_covariance"], rtol=1e-9, atol=1e-12)
