"""Scores, false-discovery rate, and the size of right and naive rules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from reconcile.agreement import (
    detectable_difference,
    false_discovery_rate,
    z_declared,
    z_number,
    z_prior,
)
from reconcile.families import Family, pick_totals
from reconcile.removal import Totals, remove_prior

NAIVE_TABLE = {  # uncertainty reduction: rejections of naive rule and quadrature
    0.1: (0.0001, 0.0000),
    0.3: (0.055, 0.0008),
    0.5: (0.258, 0.011),
    0.6: (0.392, 0.021),
    0.7: (0.538, 0.032),
    0.8: (0.689, 0.041),
    0.9: (0.844, 0.048),
}


@pytest.mark.parametrize("reduction", sorted(NAIVE_TABLE))
def test_false_positives_of_naive_rules(reduction):
    """Truth drawn from the prior: only the variance Q − V rejects 5 % of right inventories."""
    rng = np.random.default_rng(7)
    draws, prior_sd, posterior_sd = 100_000, 1.0, 1.0 - reduction
    noise_variance = 1 / (1 / posterior_sd**2 - 1 / prior_sd**2)
    truth = rng.normal(0.0, prior_sd, draws)
    data = truth + rng.normal(0.0, np.sqrt(noise_variance), draws)
    posterior = data * posterior_sd**2 / noise_variance
    naive = np.mean(np.abs(posterior) > 1.96 * posterior_sd)
    quadrature = np.mean(np.abs(posterior) > 1.96 * np.hypot(prior_sd, posterior_sd))
    right = np.mean(
        np.abs(z_prior(posterior, np.zeros(draws), np.full(draws, 1 - posterior_sd**2))) > 1.96
    )
    expected_naive, expected_quadrature = NAIVE_TABLE[reduction]
    assert_allclose(naive, expected_naive, atol=0.006)
    assert_allclose(quadrature, expected_quadrature, atol=0.003)
    assert_allclose(right, 0.05, atol=0.003)


def draw_family(toy, family, offset, draws):
    """Scores of joint and of scalar removal, truths having exactly the totals T_a + offset."""
    pairs = toy.pairs()
    w = toy.weights()[:, [pairs.index(pair) for pair in family.pairs]]
    q, h = toy.prior_covariance, toy.jacobian
    pattern = q @ w @ np.linalg.inv(w.T @ q @ w)
    rng = np.random.default_rng(11)
    root = np.linalg.cholesky(q)
    error = rng.standard_normal((draws, q.shape[0])) @ root.T
    state = toy.prior + error - (error @ w) @ pattern.T + pattern @ offset
    noise = rng.standard_normal((draws, 60)) * np.sqrt(np.diag(toy.mismatch))
    data = state @ h.T + noise
    totals = pick_totals(toy.posterior(data[0]), family)
    cross = q @ h.T
    gain = np.linalg.solve(h @ cross + toy.mismatch, cross.T).T
    posterior = totals.prior + (data - h @ toy.prior) @ gain.T @ w
    inventory = totals.prior
    joint = []
    for row in posterior:
        removed = remove_prior(Totals(totals.prior, row, totals.prior_covariance, totals.reduction))
        joint.append(z_number(removed.total, inventory, removed.standard_deviation))
    variance, gained = np.diag(totals.prior_covariance), np.diag(totals.reduction)
    left = variance - gained
    single_variance = 1 / (1 / left - 1 / variance)
    single_total = single_variance * (posterior / left - totals.prior / variance)
    single = (single_total - inventory) / np.sqrt(single_variance)
    return np.array(joint), single


def test_size_of_z_number_under_a_right_inventory(toy):
    """The number is exactly right, the pattern is not: 5 % of rows are called different."""
    family = Family("districts", toy_pairs(toy))
    joint, _ = draw_family(toy, family, np.zeros(4), 3000)
    assert_allclose(np.mean(np.abs(joint) > 1.96, axis=0), 0.05, atol=0.013)
    assert_allclose(np.mean(np.abs(joint) > 1.96), 0.05, atol=0.008)


def test_a_wrong_neighbour_leaks_into_scalar_removal_only(builders):
    toy = builders[0](noise=1000.0)
    family = Family("districts", toy_pairs(toy))
    offset = np.array([0.0, 250.0, 0.0, 0.0])
    joint, single = draw_family(toy, family, offset, 1500)
    right = [0, 2, 3]
    assert_allclose(np.mean(np.abs(joint[:, right]) > 1.96), 0.05, atol=0.012)
    assert np.mean(np.abs(single[:, right]) > 1.96) > 0.08


def toy_pairs(toy):
    return tuple(pair for pair in toy.pairs() if pair[1] == "all" and pair[0].isdigit())


def test_benjamini_hochberg_known_answer():
    """The fifteen p of Benjamini & Hochberg (1995), §3.2: four rejections at 0.05."""
    p = np.array(
        [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
        + [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    )
    q = false_discovery_rate(norm.isf(p / 2), np.ones(15, bool))
    assert int((q < 0.05).sum()) == 4
    assert_allclose(q[[0, 3, 14]], [0.0015, 0.035625, 1.0], rtol=1e-6)


def test_benjamini_hochberg_ignores_order_and_untested_rows():
    z = np.array([0.3, np.nan, -3.2, 2.4, 9.0])
    tested = np.array([True, False, True, True, False])
    q = false_discovery_rate(z, tested)
    turned = false_discovery_rate(z[::-1], tested[::-1])[::-1]
    assert_allclose(q, turned, equal_nan=True)
    assert np.isnan(q[[1, 4]]).all()
    assert_allclose(q[2], 3 * 2 * norm.sf(3.2), rtol=1e-9)


def test_no_row_left_gives_no_q():
    assert np.isnan(false_discovery_rate(np.array([1.0]), np.array([False]))).all()


def test_a_tested_row_needs_a_score():
    with pytest.raises(ValueError, match="a tested row must have a finite z"):
        false_discovery_rate(np.array([np.nan]), np.array([True]))


def test_scores_by_hand_and_masks():
    atmosphere = np.array([7.0, 7.0, np.nan])
    inventory = np.array([4.0, np.nan, 4.0])
    deviation = np.array([1.5, 1.5, np.inf])
    assert_allclose(
        z_number(atmosphere, inventory, deviation), [2.0, np.nan, np.nan], equal_nan=True
    )
    declared = np.array([2.0, 2.0, 2.0])
    assert_allclose(z_declared(atmosphere, inventory, deviation, declared)[0], 3 / 2.5)
    assert np.isnan(z_declared(atmosphere, inventory, deviation, np.full(3, np.nan))).all()
    assert_allclose(detectable_difference(deviation[:2]), 4.2)


def test_z_prior_is_masked_where_nothing_moved():
    assert np.isnan(z_prior(np.array([1.0]), np.array([1.0]), np.array([0.0])))[0]


def test_power_at_the_detectable_difference_is_four_fifths():
    rng = np.random.default_rng(3)
    scores = rng.normal(detectable_difference(np.array([1.0]))[0], 1.0, 100_000)
    assert_allclose(np.mean(np.abs(scores) >= 1.96), 0.80, atol=0.005)


def test_zero_deviation_is_refused():
    with pytest.raises(ValueError, match="standard deviation of a total must be > 0"):
        z_number(np.array([1.0]), np.array([1.0]), np.array([0.0]))
