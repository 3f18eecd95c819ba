"""The smoother: windows of periods against the batch, what was known at the time, cost, limits."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from solver_fakes import Case, cases, made, posterior_of

from inversion.linalg.covariance import MissingCapability
from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import LinearMap
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.window import Window
from inversion.problem import LinearGaussianProblem
from inversion.solvers.smoother import SmootherSolver

LONG = Case(g=2, p=12, rows=1, columns=3, n=40, longest=3, nuisance=2, seed=8)


def solved(case, lag=None):
    return SmootherSolver(lag).solve(case.problem)


def as_left(case, lag):
    """Return mean and variance of each flux from the observations up to when its period left."""
    n_flux, p = case.problem.n_flux, case.period_of.max() + 1
    mean, variance = np.zeros(n_flux), np.zeros(n_flux)
    for period in range(p):
        here = case.period_of == period
        until = np.flatnonzero(case.last <= min(period + lag - 1, p - 1))
        found, covariance = posterior_of(case, until)
        mean[here], variance[here] = found[:n_flux][here], np.diagonal(covariance)[:n_flux][here]
    return mean, variance


@settings(max_examples=12, deadline=None)
@given(cases())
def test_without_correlated_errors_any_window_gives_the_batch(drawn):
    case = made(replace(drawn, correlated=False))
    mean, covariance = posterior_of(case)
    posterior = solved(case)
    scale = np.sqrt(np.diagonal(case.B).max())
    assert posterior.tolerance < 1e-9
    assert_allclose(posterior.mean, mean, rtol=0, atol=1e-9 * (scale + np.abs(mean).max()))
    found = posterior.covariance_of(np.eye(len(mean)))
    assert_allclose(found, covariance, rtol=0, atol=1e-9 * scale**2)


@settings(max_examples=12, deadline=None)
@given(cases())
def test_what_was_known_when_a_period_left_is_that_of_the_data_so_far(drawn):
    case = made(replace(drawn, correlated=False))
    # a row without entries is taken in with the first period
    seen = (case.H[:, : case.problem.n_flux] != 0.0) @ (
        case.period_of[:, None] == np.arange(drawn.p)
    )
    case = replace(case, last=np.max(np.arange(drawn.p) * (seen > 0), axis=1))
    posterior = solved(case, drawn.longest)
    mean, variance = as_left(case, min(drawn.longest, drawn.p))
    scale = np.sqrt(np.diagonal(case.B).max())
    assert_allclose(posterior.left_mean, mean, rtol=0, atol=1e-8 * (scale + np.abs(mean).max()))
    assert_allclose(posterior.left_variance, variance, rtol=0, atol=1e-8 * scale**2)


def test_a_window_of_the_whole_record_leaves_the_batch():
    for correlated in (False, True):
        case = made(replace(LONG, correlated=correlated, totals=True, parts=2))
        posterior = solved(case, 100)
        mean, covariance = posterior_of(case)
        n_flux = case.problem.n_flux
        assert_allclose(posterior.mean, mean, rtol=1e-9, atol=1e-9)
        assert_allclose(posterior.left_mean, mean[:n_flux], rtol=1e-9, atol=1e-9)
        assert_allclose(posterior.left_variance, np.diagonal(covariance)[:n_flux], rtol=1e-9)
        assert posterior.mismatch_left_out == 0.0


def test_periods_without_correlation_leave_as_the_batch_has_them_where_no_footprint_links_them():
    case = made(replace(LONG, nuisance=0, decay=(0.0, 0.0), longest=1))
    posterior = solved(case, 1)
    mean, covariance = posterior_of(case)
    assert_allclose(posterior.left_mean, mean, rtol=1e-9, atol=1e-10)
    assert_allclose(posterior.left_variance, np.diagonal(covariance), rtol=1e-9)
    # Footprints over several periods link them: a later observation corrects a period that is
    # gone through one that both have seen. The batch's own mean needs no longer window for it.
    linked = made(replace(LONG, nuisance=0, decay=(0.0, 0.0)))
    posterior = solved(linked, LONG.longest)
    mean, _ = posterior_of(linked)
    assert np.abs(posterior.left_mean - mean).max() > 0.1
    assert_allclose(posterior.mean, mean, rtol=1e-9, atol=1e-10)


def test_what_leaves_early_differs_less_the_longer_the_window():
    case = made(LONG)
    mean, covariance = posterior_of(case)
    n_flux = case.problem.n_flux
    deviation = np.sqrt(np.diagonal(covariance))[:n_flux]
    off, larger = [], []
    for lag in (3, 5, 8, 12):
        posterior = solved(case, lag)
        off.append(np.sqrt(np.mean(((posterior.left_mean - mean[:n_flux]) / deviation) ** 2)))
        excess = posterior.left_variance / deviation**2 - 1.0
        assert (excess > -1e-9).all()
        larger.append(excess.max())
        assert_allclose(posterior.mean, mean, rtol=0, atol=1e-9)
    assert off == sorted(off, reverse=True)
    assert larger == sorted(larger, reverse=True)
    assert off[0] > 0.05
    assert off[-1] < 1e-9


def test_totals_over_many_windows_are_exact():
    case = made(replace(LONG, totals=True))
    n_flux = case.problem.n_flux
    totals = np.random.default_rng(0).random((n_flux, 4))
    posterior = SmootherSolver(3).solve(case.problem, [totals])
    _, covariance = posterior_of(case)
    expected = totals.T @ covariance[:n_flux, :n_flux] @ totals
    assert_allclose(posterior.covariance_of(totals), expected, rtol=1e-9)
    assert_allclose(posterior.nuisance_covariance, covariance[n_flux:, n_flux:], rtol=1e-9)


def test_errors_that_fade_from_one_period_to_the_next_need_no_more_than_one_before():
    case = made(replace(LONG, n=12, longest=1))
    last = np.arange(12)
    H = np.zeros((12, 2, 12, 3))
    H[last, :, last] = np.random.default_rng(1).random((12, 2, 3))
    R = np.exp(-np.abs(last[:, None] - last) / 2.5)
    whole = np.hstack([H.reshape(12, -1), case.H[:, case.problem.n_flux :]])
    problem = LinearGaussianProblem(
        case.problem.observations,
        case.problem.background,
        whole,
        case.problem.prior,
        case.problem.prior_covariance,
        R,
        n_flux=case.problem.n_flux,
    )
    posterior = SmootherSolver(2).solve(problem)
    assert posterior.mismatch_left_out < 1e-12
    assert posterior.tolerance < 1e-12
    alone = SmootherSolver(1).solve(problem)
    assert alone.mismatch_left_out == pytest.approx(np.exp(-1 / 2.5), rel=1e-12)
    assert alone.tolerance > 1e-3
    assert SmootherSolver().solve(problem).filter.lag == 12


def test_correlations_of_errors_beyond_the_window_are_stated_and_fade(caplog):
    case = made(replace(LONG, correlated=True))
    mean, _ = posterior_of(case)
    left, tolerance, off = [], [], []
    for lag in (3, 6, 9, 12):
        posterior = solved(case, lag)
        left.append(posterior.mismatch_left_out)
        tolerance.append(posterior.tolerance)
        off.append(np.abs(posterior.mean - mean).max())
    assert left[0] > 0.01
    assert (left[-1], off[-1] < 1e-9, tolerance[-1] < 1e-9) == (0.0, True, True)
    assert off[0] > off[2] > off[3]
    assert tolerance[0] > tolerance[2] > tolerance[3]
    assert "correlations of errors up to" in caplog.text
    assert solved(case).filter.lag == 12


def test_cost_grows_with_the_number_of_periods_and_no_faster():
    def products(p):
        made_of = Case(g=1, p=p, rows=2, columns=2, n=3 * p, longest=2, nuisance=1, seed=2)
        case = made(made_of)
        return solved(case, 4).filter.products

    short, twice, four = (products(p) for p in (20, 40, 80))
    assert twice / short == pytest.approx(2.0, rel=0.15)
    assert four / twice == pytest.approx(2.0, rel=0.1)


def test_the_factor_is_that_of_S():
    for totals in (False, True):
        case = made(replace(LONG, totals=totals, correlated=True))
        posterior = solved(case, 12)
        S = case.H @ case.B @ case.H.T + case.R
        n = len(S)
        assert_allclose(posterior.innovation_covariance, S, rtol=1e-10, atol=1e-10)
        white = posterior.whiten(np.eye(n))
        assert_allclose(white @ S @ white.T, np.eye(n), atol=1e-9)
        assert_allclose(posterior.unwhiten(np.eye(n)), white.T, atol=1e-11)


@given(st.integers(0, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_window_and_its_transpose_belong_together(older, parts, size, seed):
    rng = np.random.default_rng(seed)
    window = Window(older, size, rng.normal(size=parts))
    states, dropped = (older + parts) * size + 2, int(rng.integers(0, older + 2))
    decay, state = rng.random(parts), rng.normal(size=(states, 2))
    later = window.advance(state, decay, dropped)
    other = rng.normal(size=later.shape)
    back = window.retreat(other, decay, dropped)
    assert_allclose(np.sum(later * other), np.sum(state * back), rtol=1e-12)
    fields = window.fields(state)
    other = rng.normal(size=fields.shape)
    one, two = np.sum(fields * other), np.sum(state[: window.parts.stop] * window.spread(other))
    assert_allclose(one, two, rtol=1e-12)


def test_what_it_cannot_take_is_refused_with_advice():
    case = made(LONG)
    with pytest.raises(ValueError, match=r"lag_periods = 2 with 3 periods seen by .* Raise it"):
        solved(case, 2)
    with pytest.raises(ValueError, match=r"at most 20 states; got 32 \(5 periods of 6 fluxes"):
        SmootherSolver(5, most_states=20).solve(case.problem)
    with pytest.raises(ValueError, match=r"at most 5 fluxes for the smoother; got 2 x 3.*GiB"):
        SmootherSolver(most_states=5).solve(case.problem)
    fluxes = case.problem.prior_covariance.parts[0]
    base = Kronecker(fluxes.base.sector, Dense(fluxes.base.period.matrix), fluxes.base.spaces[0])
    problem = case.problem
    parts = {
        "observations": problem.observations,
        "background": problem.background,
        "jacobian": case.H[:, : problem.n_flux],
        "prior": problem.prior[: problem.n_flux],
        "mismatch_covariance": Diagonal(np.diagonal(case.R)),
    }
    for other in (Dense(fluxes.matmat(np.eye(fluxes.size))), ScaledKronecker(fluxes.field, base)):
        with pytest.raises(MissingCapability, match=r"decays step by step .* use the dual solver"):
            SmootherSolver().solve(LinearGaussianProblem(**parts, prior_covariance=other))

    class BlackBox(LinearMap):
        def matmat(self, block):
            return case.H[:, : problem.n_flux] @ block

        def rmatmat(self, block):
            return case.H[:, : problem.n_flux].T @ block

    parts["jacobian"] = BlackBox((len(case.d), problem.n_flux))
    with pytest.raises(MissingCapability, match=r"H must give its columns .* got BlackBox"):
        SmootherSolver().solve(LinearGaussianProblem(**parts, prior_covariance=fluxes))
    with pytest.raises(MissingCapability, match=r"factor of S as one matrix.*Ask whiten"):
        _ = solved(case).factor


def test_declared_totals_that_no_field_has_are_refused():
    case = made(replace(LONG, totals=True))
    totals = case.problem.prior_covariance.parts[0]
    totals.middle = -100.0 * np.eye(len(totals.middle)) / np.trace(totals.given)
    with pytest.raises(ValueError, match="with the declared totals must be positive definite"):
        solved(case)
