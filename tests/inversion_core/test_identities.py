"""SCIENCE 3, row 5, as far as the dual solver goes: identities with other ways to the same answer, each written here."""

import numpy as np
import pytest
import scipy.linalg
from numpy.testing import assert_allclose
from small_problems import moments, parts, posterior_of, spd


@pytest.fixture
def arrays(rng):
    return parts(rng)


def gain_of(arrays):
    """Return K = B H^T S^-1, by its normal equations in the state space."""
    H, weight = arrays["jacobian"], np.linalg.inv(arrays["mismatch_covariance"])
    prior = np.linalg.inv(arrays["prior_covariance"])
    return np.linalg.solve(H.T @ weight @ H + prior, H.T @ weight)


def test_averaging_kernel(arrays, rng):
    """A = K H = I - P B^-1: what a perfect, noise-free truth becomes (SCIENCE 2.0, 2.3)."""
    covariance = moments(arrays)[1]
    kernel = gain_of(arrays) @ arrays["jacobian"]
    assert_allclose(
        kernel, np.eye(12) - covariance @ np.linalg.inv(arrays["prior_covariance"]), atol=1e-9
    )
    truth = arrays["prior"] + rng.standard_normal(12)
    clean = arrays["background"] + arrays["jacobian"] @ truth
    mean = moments(arrays | {"observations": clean})[0]
    assert_allclose(mean - arrays["prior"], kernel @ (truth - arrays["prior"]), atol=1e-9)
    posterior = posterior_of(arrays)
    assert posterior.dofs == pytest.approx(np.trace(kernel), rel=1e-9)
    weights = rng.random((12, 2))
    of_totals = posterior.solve_observations(posterior.cross(weights)).T @ arrays["jacobian"]
    assert_allclose(of_totals, weights.T @ kernel, atol=1e-9)


def test_prior_swap(arrays, rng):
    """W^T[x - x_a - A(x_b - x_a)] = W^T K (y - b - H x_b): the prior drops out (SCIENCE 2.15 d)."""
    other, weights = rng.standard_normal(12), rng.random((12, 3))
    gain = gain_of(arrays)
    kernel = gain @ arrays["jacobian"]
    mean = moments(arrays)[0]
    left = weights.T @ (mean - arrays["prior"] - kernel @ (other - arrays["prior"]))
    seen = arrays["observations"] - arrays["background"] - arrays["jacobian"] @ other
    assert_allclose(left, weights.T @ gain @ seen, atol=1e-10)
    swapped = moments(arrays | {"prior": other})[0]
    assert_allclose(weights.T @ (swapped - other), weights.T @ gain @ seen, atol=1e-10)


def geostatistical(arrays, X):
    """Return mean and covariance of x = X b + e with a flat b, by the saddle system (SCIENCE 2.9)."""
    H, B = arrays["jacobian"], arrays["prior_covariance"]
    S, HX, p = H @ B @ H.T + arrays["mismatch_covariance"], H @ X, X.shape[1]
    saddle = np.linalg.inv(np.block([[S, HX], [HX.T, np.zeros((p, p))]]))
    n = len(S)
    net = arrays["observations"] - arrays["background"]
    drift, xi = saddle[n:, :n] @ net, saddle[:n, :n] @ net
    mean = X @ drift + B @ H.T @ xi
    HB, corner, edge = H @ B, saddle[n:, n:], saddle[:n, n:]
    covariance = B - HB.T @ saddle[:n, :n] @ HB - X @ corner @ X.T
    return mean, covariance - X @ edge.T @ HB - HB.T @ edge @ X.T


def test_a_geostatistical_inversion_is_the_limit_of_a_diffuse_prior(arrays, rng):
    X = rng.random((12, 2))
    mean, covariance = geostatistical(arrays, X)
    diffuse = arrays | {
        "prior": np.zeros(12),
        "prior_covariance": arrays["prior_covariance"] + 1e8 * X @ X.T,
    }
    found, found_covariance = moments(diffuse)
    assert_allclose(found, mean, atol=1e-5 * np.abs(mean).max())
    assert_allclose(found_covariance, covariance, atol=1e-5 * np.abs(covariance).max())
    near = arrays | {
        "prior": np.zeros(12),
        "prior_covariance": arrays["prior_covariance"] + 0.1 * X @ X.T,
    }
    assert np.abs(moments(near)[0] - mean).max() > 1e-3


def exact_ensemble(covariance):
    """Return m + 1 deviations whose sample covariance is exactly this one, (m, m + 1)."""
    m = len(covariance)
    directions = scipy.linalg.helmert(m + 1)  # orthonormal rows, each summing to zero
    return np.linalg.cholesky(covariance) @ directions * np.sqrt(m)


def transformed(arrays, deviations):
    """Return mean and covariance by the ensemble transform filter (SCIENCE 2.11)."""
    spare = deviations.shape[1] - 1
    seen = arrays["jacobian"] @ deviations
    weighted = np.linalg.solve(arrays["mismatch_covariance"], seen)
    inner = np.linalg.inv(spare * np.eye(spare + 1) + seen.T @ weighted)
    net = arrays["observations"] - arrays["background"] - arrays["jacobian"] @ arrays["prior"]
    mean = arrays["prior"] + deviations @ inner @ weighted.T @ net
    square = scipy.linalg.sqrtm(spare * inner).real
    after = deviations @ square
    return mean, after @ after.T / spare


def serial(arrays, deviations):
    """Return mean and covariance by the serial square root filter, for a diagonal R."""
    spare, mean = deviations.shape[1] - 1, arrays["prior"].copy()
    rows = zip(
        arrays["jacobian"],
        arrays["observations"] - arrays["background"],
        np.diag(arrays["mismatch_covariance"]),
        strict=True,
    )
    for row, value, variance in rows:
        seen = row @ deviations
        spread = seen @ seen / spare
        gain = deviations @ seen / spare / (spread + variance)
        mean = mean + gain * (value - row @ mean)
        shrink = 1.0 / (1.0 + np.sqrt(variance / (spread + variance)))
        deviations = deviations - shrink * np.outer(gain, seen)
    return mean, deviations @ deviations.T / spare


def test_an_exact_ensemble_gives_the_same_two_ways(arrays):
    alone = arrays | {"mismatch_covariance": np.diag(np.linspace(0.2, 1.0, 7))}
    deviations = exact_ensemble(arrays["prior_covariance"])
    assert_allclose(deviations @ deviations.T / 12, arrays["prior_covariance"], atol=1e-12)
    for expected, one, two in zip(
        moments(alone), transformed(alone, deviations), serial(alone, deviations), strict=True
    ):
        assert_allclose(one, expected, atol=1e-10)
        assert_allclose(two, expected, atol=1e-10)
    for one, expected in zip(transformed(arrays, deviations), moments(arrays), strict=True):
        assert_allclose(one, expected, atol=1e-10)


def test_all_eigenpairs_of_the_hessian_give_the_covariance_and_fewer_too_much(arrays):
    """P = B - L v diag(l / (1 + l)) v^T L^T; truncated, it never falls below P (SCIENCE 2.11)."""
    L = np.linalg.cholesky(arrays["prior_covariance"])
    seen = arrays["jacobian"] @ L
    hessian = seen.T @ np.linalg.solve(arrays["mismatch_covariance"], seen)
    values, vectors = np.linalg.eigh(hessian)
    directions = L @ vectors[:, ::-1]
    shares = values[::-1] / (1.0 + values[::-1])
    posterior = posterior_of(arrays)
    exact = posterior.covariance_of(np.eye(12))
    assert posterior.dofs == pytest.approx(shares.sum(), rel=1e-9)
    city = np.ones(12)
    last = np.inf
    for pairs in (2, 4, 7):
        kept = directions[:, :pairs]
        truncated = arrays["prior_covariance"] - (kept * shares[:pairs]) @ kept.T
        variance = city @ truncated @ city
        assert city @ exact @ city <= variance * (1.0 + 1e-9)
        assert variance <= last
        last = variance
    assert_allclose(truncated, exact, atol=1e-9)


def test_information_in_nats_two_ways(arrays):
    """Half the log of |S| / |R| is half the log of |B| / |P| (SCIENCE 2.12)."""
    H, R, B = (arrays[k] for k in ("jacobian", "mismatch_covariance", "prior_covariance"))
    posterior = posterior_of(arrays)
    in_data = np.log(np.diag(posterior.factor)).sum() - 0.5 * np.linalg.slogdet(R)[1]
    state = np.linalg.slogdet(B)[1] - np.linalg.slogdet(posterior.covariance_of(np.eye(12)))[1]
    assert in_data == pytest.approx(0.5 * state, rel=1e-9)
    S = H @ B @ H.T + R
    d = posterior.innovation
    n = len(d)
    density = -0.5 * (d @ np.linalg.solve(S, d) + np.linalg.slogdet(2.0 * np.pi * S)[1])
    assert posterior.log_evidence == pytest.approx(density, rel=1e-10)
    assert n == 7


def test_evidence_of_all_is_the_product_of_forecasts(rng):
    """p(y) = p(y1) p(y2 | y1): each factor from the posterior of what came before."""
    arrays = parts(rng)
    R = scipy.linalg.block_diag(spd(rng, 3), spd(rng, 4))
    whole = posterior_of(arrays | {"mismatch_covariance": R}).log_evidence
    mean, covariance, told = arrays["prior"], arrays["prior_covariance"], 0.0
    for rows in (slice(0, 3), slice(3, 7)):
        step = {k: arrays[k][rows] for k in ("observations", "background", "jacobian")}
        step |= {
            "prior": mean,
            "prior_covariance": 0.5 * (covariance + covariance.T),
            "mismatch_covariance": R[rows, rows],
        }
        posterior = posterior_of(step)
        told += posterior.log_evidence
        mean, covariance = posterior.mean, posterior.covariance_of(np.eye(12))
    assert told == pytest.approx(whole, rel=1e-9)


@pytest.mark.parametrize("held", [[0], [2, 5], [0, 1, 2, 3, 4, 5]])
def test_leave_out_in_closed_form_for_any_block(arrays, held):
    """[S^-1]_oo^-1 [S^-1 d]_o is the forecast's error of what is left out (SCIENCE 2.12)."""
    posterior = posterior_of(arrays)
    kept = [k for k in range(7) if k not in held]
    S = arrays["jacobian"] @ arrays["prior_covariance"] @ arrays["jacobian"].T
    S = S + arrays["mismatch_covariance"]
    d = posterior.innovation
    link = S[np.ix_(held, kept)] @ np.linalg.inv(S[np.ix_(kept, kept)])
    block = np.linalg.inv(posterior.innovation_precision[np.ix_(held, held)])
    assert_allclose(block @ posterior.weights[held], d[held] - link @ d[kept], atol=1e-9)
    forecast = S[np.ix_(held, held)] - link @ S[np.ix_(kept, held)]
    assert_allclose(block, forecast, atol=1e-9)
