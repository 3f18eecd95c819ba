"""Innovation statistics against draws whose law is known, and against solving again."""

import numpy as np
import pytest

from inversion.innovations import (
    Innovations,
    chi_square_by_receptor,
    degrees_of_freedom,
    desroziers,
    leave_one_site_out,
    reduced_chi_square,
    whiteness,
)

HOURS = 40


def problem(rng, n_state=6):
    """Return H B H^T and R of three receptors with HOURS observations each."""
    n = 3 * HOURS
    jacobian = rng.normal(size=(n, n_state))
    signal = jacobian @ jacobian.T
    time = np.tile(np.arange(HOURS), 3)
    receptor = np.repeat(np.arange(3), HOURS)
    apart = np.abs(time[:, None] - time[None, :])
    same = receptor[:, None] == receptor[None, :]
    mismatch = np.exp(-apart / 3.0) * np.where(same, 1.0, 0.3) + 0.2 * np.eye(n)
    return signal, mismatch, receptor, time


def draw(rng, wrong=1.0):
    """Return innovations drawn from S whose R is `wrong` times what is said."""
    signal, mismatch, receptor, time = problem(rng)
    root = np.linalg.cholesky(signal + wrong * mismatch)
    return Innovations(
        innovation=root @ rng.normal(size=len(root)),
        covariance=signal + mismatch,
        mismatch=mismatch,
        receptor=receptor,
        time=np.datetime64("2025-01-01", "ns") + time * np.timedelta64(1, "h"),
        names=("a", "b", "c"),
    )


def test_statistics_are_right_on_average_when_the_covariances_are():
    rng = np.random.default_rng(1)
    fits = [draw(rng) for _ in range(60)]
    assert np.mean([reduced_chi_square(fit) for fit in fits]) == pytest.approx(1.0, abs=0.05)
    assert np.mean([desroziers(fit)["mismatch"] for fit in fits]) == pytest.approx(1.0, abs=0.06)
    assert np.mean([desroziers(fit)["prior"] for fit in fits]) == pytest.approx(1.0, abs=0.15)
    held_out = [row["coverage"] for fit in fits for row in leave_one_site_out(fit)]
    assert np.mean(held_out) == pytest.approx(0.95, abs=0.015)
    lags = [row["lag_one"] for fit in fits for row in whiteness(fit)]
    assert np.mean(lags) == pytest.approx(-1.0 / HOURS, abs=0.03)
    by_receptor = [row["reduced_chi_square"] for f in fits for row in chi_square_by_receptor(f)]
    assert np.mean(by_receptor) == pytest.approx(1.0, abs=0.05)


def test_an_understated_mismatch_is_seen_by_each_statistic():
    rng = np.random.default_rng(2)
    fits = [draw(rng, wrong=4.0) for _ in range(10)]
    assert np.mean([reduced_chi_square(fit) for fit in fits]) > 2.0
    assert np.mean([desroziers(fit)["mismatch"] for fit in fits]) > 2.0
    assert np.mean([r["coverage"] for fit in fits for r in leave_one_site_out(fit)]) < 0.85
    assert min(r["p"] for fit in fits for r in chi_square_by_receptor(fit)) < 1e-3


def test_ignored_correlation_shows_as_correlated_innovations():
    rng = np.random.default_rng(3)
    fit = draw(rng)
    diagonal = np.diag(np.diag(fit.mismatch))
    blind = Innovations(
        fit.innovation,
        fit.covariance - fit.mismatch + diagonal,
        diagonal,
        fit.receptor,
        fit.time,
        fit.names,
    )
    assert max(row["lag_one"] for row in whiteness(blind)) > whiteness(blind)[0]["lag_one_limit"]


def test_a_constant_bias_of_one_receptor_shows_in_its_mean():
    rng = np.random.default_rng(4)
    fit = draw(rng)
    biased = fit.innovation + np.where(fit.receptor == 1, 6.0, 0.0)
    rows = whiteness(
        Innovations(biased, fit.covariance, fit.mismatch, fit.receptor, fit.time, fit.names)
    )
    assert rows[1]["mean_p"] < 1e-3


def test_held_out_prediction_equals_solving_without_the_site():
    rng = np.random.default_rng(5)
    fit = draw(rng)
    out, kept = np.flatnonzero(fit.receptor == 2), np.flatnonzero(fit.receptor != 2)
    across = fit.covariance[np.ix_(out, kept)]
    weights = np.linalg.solve(fit.covariance[np.ix_(kept, kept)], across.T).T
    error = fit.innovation[out] - weights @ fit.innovation[kept]
    covariance = fit.covariance[np.ix_(out, out)] - weights @ across.T
    row = leave_one_site_out(fit)[2]
    assert row["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-9)
    expected = np.sqrt(np.diag(covariance)).mean()
    assert row["mean_standard_deviation"] == pytest.approx(expected, rel=1e-9)


def test_degrees_of_freedom_equal_the_trace_of_the_gain():
    rng = np.random.default_rng(6)
    fit = draw(rng)
    signal = fit.covariance - fit.mismatch
    gain_trace = np.trace(signal @ np.linalg.inv(fit.covariance))
    assert degrees_of_freedom(fit) == pytest.approx(gain_trace, rel=1e-9)


def test_order_of_observations_changes_nothing():
    rng = np.random.default_rng(7)
    fit = draw(rng)
    order = rng.permutation(fit.n)
    shuffled = Innovations(
        fit.innovation[order],
        fit.covariance[np.ix_(order, order)],
        fit.mismatch[np.ix_(order, order)],
        fit.receptor[order],
        fit.time[order],
        fit.names,
    )
    first, second = whiteness(fit), whiteness(shuffled)
    assert [row["lag_one"] for row in second] == pytest.approx([row["lag_one"] for row in first])
    assert reduced_chi_square(shuffled) == pytest.approx(reduced_chi_square(fit))


def test_two_observations_have_no_lag_correlation():
    fit = Innovations(
        np.array([0.1, 0.2]),
        np.eye(2),
        0.5 * np.eye(2),
        np.array([0, 0]),
        np.array(["2025-01-01T00", "2025-01-01T01"], dtype="datetime64[ns]"),
        ("a",),
    )
    assert whiteness(fit)[0]["lag_one"] is None
