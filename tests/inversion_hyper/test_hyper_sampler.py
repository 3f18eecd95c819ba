"""The sampler against a grid in two parameters; totals averaged over draws; planted faults."""

import logging

import numpy as np
import pytest
from hyper_fakes import cells, drawn, family
from numpy.testing import assert_allclose

from inversion.hyperparameters.averaged import DrawnTotals, drawn_totals, evenly
from inversion.hyperparameters.likelihood import Likelihood
from inversion.hyperparameters.metropolis import Schedule, sample
from inversion.hyperparameters.optimum import maximise
from inversion.hyperparameters.target import Target

PRIOR_TOTALS = np.array([5.0, 1.0])
GRID = 61


@pytest.fixture(scope="module")
def ran():
    """Return a target of two sizes, its draws and a brute-force grid of it."""
    made = family("white", "cells", fixed=("red",))
    d = drawn(made, np.array([0.3, 0.4]), np.random.default_rng(1))[:24]
    keep = np.arange(24)
    parts = [
        part.__class__(
            part.name,
            part.gram[np.ix_(keep, keep)],
            None if part.cross is None else part.cross[keep],
            part.quadratic,
        )
        for part in made.parts
    ]
    likelihood = Likelihood(made.__class__(tuple(parts), made.free), d)
    target = Target(likelihood, np.ones(2))
    best = maximise(target)
    rng = np.random.default_rng(20250601)
    chains = sample(
        target.value, made.names, (best.theta, best.covariance), Schedule(4, 300, 2500), rng
    )
    return target, chains, brute_force(target, best)


def brute_force(target, best):
    """Return the points of a grid, (points, 2), and their shares of the density."""
    reach = 6.0 * best.standard_deviation
    edges = [np.linspace(c - r, c + r, GRID) for c, r in zip(best.theta, reach, strict=True)]
    points = np.stack(np.meshgrid(*edges, indexing="ij"), axis=-1).reshape(-1, 2)
    log_density = np.array([target.value(point) for point in points])
    share = np.exp(log_density - log_density.max())
    return points, share / share.sum()


def apart(draws, exact_mean, exact_sd, effective):
    """Return the error of a mean of draws in its own standard errors."""
    return abs(draws.mean() - exact_mean) / (exact_sd / np.sqrt(effective))


def test_the_draws_are_the_grids_posterior(ran):
    _, chains, (points, share) = ran
    for k, row in enumerate(chains.convergence()):
        assert row["converged"], row
        exact = share @ points[:, k]
        sd = np.sqrt(share @ (points[:, k] - exact) ** 2)
        draws = chains.pooled[:, k]
        assert apart(draws, exact, sd, row["ess_bulk"]) < 4.0
        assert draws.std() == pytest.approx(sd, rel=0.06)
        order = np.argsort(points[:, k])
        below = np.cumsum(share[order])
        for level in (0.025, 0.25, 0.75, 0.975):
            edge = np.interp(level, below, points[order, k])
            error = np.sqrt(level * (1.0 - level) / row["ess_tail"])
            assert abs(np.mean(draws <= edge) - level) < 4.0 * error + 0.01
    centre = share @ points
    exact = (share[:, None, None] * np.einsum("ni,nj->nij", points - centre, points - centre)).sum(
        0
    )
    assert_allclose(
        np.corrcoef(chains.pooled.T)[0, 1],
        exact[0, 1] / np.sqrt(exact[0, 0] * exact[1, 1]),
        atol=0.06,
    )


def test_totals_averaged_over_draws_are_the_grids(ran):
    target, chains, (points, share) = ran
    kept = share > 1e-7
    exact = drawn_totals(target.likelihood, PRIOR_TOTALS, points[kept])
    weight = share[kept] / share[kept].sum()
    mean = weight @ exact.posterior
    centred = exact.posterior - mean
    whole = np.einsum("n,nij->ij", weight, exact.covariance) + (weight * centred.T) @ centred
    found = drawn_totals(target.likelihood, PRIOR_TOTALS, evenly(chains.pooled, 1500))
    error = np.sqrt(np.diagonal((weight * centred.T) @ centred) / 500)
    assert (np.abs(found.mean - mean) < 4.0 * error).all()
    assert_allclose(found.total_covariance, whole, rtol=0.06, atol=0.02 * whole.max())


def test_each_draw_is_the_conditional_normal(ran):
    """Against the information form with all fluxes written out."""
    target, _, _ = ran
    theta = np.array([0.2, -0.3])
    found = drawn_totals(target.likelihood, PRIOR_TOTALS, theta[None])
    s = target.likelihood.family.covariance(theta)
    cross = np.exp(2 * theta[1]) * cells()[1][:24]
    gain = np.linalg.solve(s, cross).T
    assert_allclose(
        found.posterior[0], PRIOR_TOTALS + gain @ target.likelihood.innovation, rtol=1e-9
    )
    assert_allclose(found.prior_covariance[0], np.exp(2 * theta[1]) * cells()[2], rtol=1e-12)
    assert_allclose(found.reduction[0], gain @ cross, rtol=1e-9)
    assert_allclose(found.covariance[0], found.prior_covariance[0] - gain @ cross, rtol=1e-9)


def test_the_prior_is_removed_in_each_draw_and_not_after(ran):
    """One total: T_d = T_a + (T - T_a) / G. The average of this is not this of the average."""
    target, chains, _ = ran
    one = drawn_totals(target.likelihood, PRIOR_TOTALS, evenly(chains.pooled, 300)).only(
        np.array([1])
    )
    gained = one.information()[:, 0, 0]
    assert ((gained > 0.0) & (gained < 1.0)).all()
    removed = one.prior + (one.posterior[:, 0] - one.prior) / gained
    inside = (
        removed.mean(),
        np.mean(one.prior_covariance[:, 0, 0] * (1 / gained - 1)) + removed.var(),
    )
    # the wrong order: one gain from averaged covariances, the spread of the draws put into V first
    averaged = 1.0 - one.total_covariance[0, 0] / one.prior_covariance.mean()
    after = one.prior_covariance.mean() * (1.0 / averaged - 1.0)
    assert abs(after / inside[1] - 1.0) > 0.05
    assert one.between[0, 0] > 0.0


def test_totals_that_depend_are_refused(ran):
    target, _, _ = ran
    found = drawn_totals(target.likelihood, PRIOR_TOTALS, np.zeros((1, 2)))
    twice = found.only(np.array([0, 0]))
    with pytest.raises(ValueError, match="must be linearly independent to be asked"):
        twice.information()
    assert found.information().shape == (1, 2, 2)


def test_draws_of_one_seed_are_the_same_and_of_another_are_not():
    def density(theta):
        return -0.5 * float(theta @ theta)

    start = np.zeros(2), np.eye(2)
    short = Schedule(2, 60, 60)
    one, two, other = (
        sample(density, ("a", "b"), start, short, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert_allclose(one.theta, two.theta, rtol=0, atol=0)
    assert not np.array_equal(one.theta, other.theta)


def test_a_skewed_density_with_an_edge_is_drawn():
    """An exponential distribution, and a start whose covariance is far too small."""

    def density(theta):
        return -float(theta[0]) if theta[0] > 0.0 else -np.inf

    start = np.array([0.05]), np.array([[1e-3]])
    chains = sample(density, ("x",), start, Schedule(4, 800, 4000), np.random.default_rng(3))
    draws, effective = chains.pooled[:, 0], chains.convergence()[0]["ess_bulk"]
    assert abs(draws.mean() - 1.0) < 4.0 / np.sqrt(effective) < 0.2
    assert np.mean(draws > 2.0) == pytest.approx(np.exp(-2.0), abs=0.03)


def test_chains_that_do_not_meet_are_told(caplog):
    """Planted fault: two narrow peaks far apart, too short chains."""

    def density(theta):
        return float(
            np.logaddexp(-0.5 * ((theta[0] - 30) / 0.1) ** 2, -0.5 * ((theta[0] + 30) / 0.1) ** 2)
        )

    start = np.zeros(1), np.array([[400.0]])
    with caplog.at_level(logging.WARNING):
        chains = sample(density, ("x",), start, Schedule(4, 50, 50), np.random.default_rng(3))
    assert not chains.convergence()[0]["converged"]
    assert "the chains of x have R-hat" in caplog.text


def test_a_density_that_is_zero_everywhere_is_refused():
    start = np.zeros(1), np.eye(1)
    with pytest.raises(ValueError, match="a chain must start where the density is above zero"):
        sample(lambda _: -np.inf, ("x",), start, Schedule(2, 50, 50), np.random.default_rng(1))


def test_means_and_spread_add():
    before = np.stack([4.0 * np.eye(1), 6.0 * np.eye(1)])
    two = DrawnTotals(
        np.zeros(1),
        np.array([[1.0], [3.0]]),
        before,
        np.stack([np.eye(1), np.eye(1)]),
        np.zeros((2, 1)),
    )
    assert two.mean.tolist() == [2.0]
    assert two.between.tolist() == [[1.0]]
    assert two.total_covariance.tolist() == [[5.0]]  # mean of 3 and 5, and 1
