"""Known answers and limits of the prior removal."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from reconcile.families import Family, pick_totals
from reconcile.removal import NULL_FRACTION_LIMIT, Totals, remove_prior

DISTRICTS = ("330102", "330105", "330106", "330127")
ALL_DISTRICTS = Family("districts", tuple((code, "all") for code in DISTRICTS))


def flat_totals_reference(toy, weights, data):
    """GLS with flat totals: x = x_a + QW(WᵀQW)⁻¹τ + e, e ~ N(0, Q_c), τ without a prior."""
    q, h = toy.prior_covariance, toy.jacobian
    gram = weights.T @ q @ weights
    pattern = q @ weights @ np.linalg.inv(gram)
    conditional = q - pattern @ weights.T @ q
    design = h @ pattern
    inner = np.linalg.inv(h @ conditional @ h.T + toy.mismatch)
    covariance = np.linalg.inv(design.T @ inner @ design)
    shift = covariance @ design.T @ inner @ (data - h @ toy.prior)
    return weights.T @ toy.prior + shift, covariance


def draw_data(toy, seed):
    rng = np.random.default_rng(seed)
    state = rng.multivariate_normal(toy.prior, toy.prior_covariance)
    return toy.jacobian @ state + rng.multivariate_normal(np.zeros(60), toy.mismatch)


def pick_weights(toy, family):
    pairs = toy.pairs()
    return toy.weights()[:, [pairs.index(pair) for pair in family.pairs]]


def test_scalar_matches_the_closed_form():
    prior, posterior, q, v = 30.0, 35.892857, 5.567764**2, 3.064777**2
    removed = remove_prior(
        Totals(np.array([prior]), np.array([posterior]), np.array([[q]]), np.array([[q - v]]))
    )
    variance = 1 / (1 / v - 1 / q)
    assert_allclose(removed.covariance, [[variance]], rtol=1e-12)
    assert_allclose(removed.total, [variance * (posterior / v - prior / q)], rtol=1e-12)
    assert_allclose(removed.information, [1 - v / q], rtol=1e-12)


def test_scalar_z_is_the_same_both_ways():
    prior, posterior, q, v = 10.0, 12.6, 4.0, 1.1
    removed = remove_prior(
        Totals(np.array([prior]), np.array([posterior]), np.array([[q]]), np.array([[q - v]]))
    )
    both = (removed.total[0] - prior) / np.sqrt(removed.covariance[0, 0] + q)
    assert_allclose(both, (posterior - prior) / np.sqrt(q - v), rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_joint_form_equals_gls_with_flat_totals(toy, seed):
    data = draw_data(toy, seed)
    removed = remove_prior(pick_totals(toy.posterior(data), ALL_DISTRICTS))
    total, covariance = flat_totals_reference(toy, pick_weights(toy, ALL_DISTRICTS), data)
    assert_allclose(removed.total, total, rtol=1e-9)
    assert_allclose(removed.covariance, covariance, rtol=1e-8, atol=1e-8 * covariance.max())


def test_order_of_the_totals_changes_nothing(toy):
    totals = pick_totals(toy.posterior(draw_data(toy, 4)), ALL_DISTRICTS)
    order = np.array([2, 0, 3, 1])
    block = np.ix_(order, order)
    turned = replace(
        totals,
        prior=totals.prior[order],
        posterior=totals.posterior[order],
        prior_covariance=totals.prior_covariance[block],
        reduction=totals.reduction[block],
    )
    assert_allclose(remove_prior(turned).total, remove_prior(totals).total[order], rtol=1e-9)


def test_change_of_unit_changes_nothing_else(toy):
    totals = pick_totals(toy.posterior(draw_data(toy, 5)), ALL_DISTRICTS)
    tonnes = Totals(
        totals.prior * 1e-3,
        totals.posterior * 1e-3,
        totals.prior_covariance * 1e-6,
        totals.reduction * 1e-6,
    )
    assert_allclose(remove_prior(tonnes).total * 1e3, remove_prior(totals).total, rtol=1e-10)


def test_unseen_district_is_infinitely_uncertain_not_perfectly_known(builders):
    toy = builders[0](blind=True)
    removed = remove_prior(pick_totals(toy.posterior(draw_data(toy, 6)), ALL_DISTRICTS))
    assert np.isinf(removed.standard_deviation[3])
    assert np.isnan(removed.total[3])
    assert_allclose(removed.null_fraction[3], 1.0, atol=1e-9)
    assert np.isfinite(removed.standard_deviation[:3]).all()
    assert (removed.standard_deviation[:3] > 1.0).all()


@pytest.mark.parametrize(("share", "infinite"), [(0.0099, False), (0.0101, True)])
def test_null_fraction_masks_above_one_percent(share, infinite):
    """One total, correlated by √φ with a total that nothing sees."""
    q = np.array([[1.0, np.sqrt(share)], [np.sqrt(share), 1.0]])
    root = np.linalg.cholesky(q[::-1, ::-1])  # unseen total first: its direction is the axis
    reduction = (root @ np.diag([0.0, 0.8]) @ root.T)[::-1, ::-1]
    removed = remove_prior(Totals(np.zeros(2), np.zeros(2), q, reduction))
    assert_allclose(removed.null_fraction, [share, 1.0], atol=1e-12)
    assert np.isinf(removed.standard_deviation[0]) == infinite
    assert pytest.approx(0.01) == NULL_FRACTION_LIMIT


@pytest.mark.parametrize(("seen", "infinite"), [(0.99e-4, True), (1.01e-4, False)])
def test_direction_at_the_limit(seen, infinite):
    removed = remove_prior(Totals(np.zeros(1), np.zeros(1), np.eye(1), np.array([[seen]])))
    assert np.isinf(removed.standard_deviation[0]) == infinite


def test_a_coarse_sweep_raises_the_limit():
    totals = Totals(np.zeros(1), np.zeros(1), np.eye(1), np.array([[0.005]]), tolerance=1e-3)
    assert np.isinf(remove_prior(totals).standard_deviation[0])


def test_total_without_prior_freedom_is_unseen():
    totals = Totals(
        np.array([1.0, 0.0]), np.array([2.0, 0.0]), np.diag([4.0, 0.0]), np.diag([2.0, 0.0])
    )
    removed = remove_prior(totals)
    assert removed.null_fraction.tolist() == [0.0, 1.0]
    assert removed.information.tolist() == [0.5, 0.0]
    assert np.isinf(removed.standard_deviation[1])


def test_negative_information_is_refused():
    totals = Totals(np.zeros(1), np.zeros(1), np.eye(1), np.array([[-2e-6]]))
    with pytest.raises(ValueError, match=r"information per direction must lie in \[0, 1\]"):
        remove_prior(totals)


def test_rounding_below_zero_is_not_refused():
    totals = Totals(np.zeros(1), np.zeros(1), np.eye(1), np.array([[-0.5e-6]]))
    assert np.isinf(remove_prior(totals).standard_deviation[0])


def test_information_above_one_is_refused():
    totals = Totals(np.zeros(1), np.zeros(1), np.eye(1), np.array([[1.1]]))
    with pytest.raises(ValueError, match="belong to different inversions"):
        remove_prior(totals)


def test_dependent_totals_are_refused():
    q = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]]) - 1e-9 * np.eye(3)
    with pytest.raises(ValueError, match="must be linearly independent"):
        remove_prior(Totals(np.zeros(3), np.zeros(3), q, 0.5 * q))


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="must have matching shapes"):
        remove_prior(Totals(np.zeros(2), np.zeros(2), np.eye(3), np.eye(2)))


def test_finiteness_is_checked():
    with pytest.raises(ValueError, match="must be finite"):
        remove_prior(Totals(np.array([np.nan]), np.zeros(1), np.eye(1), np.eye(1)))
