"""Modes of sectors and days, low rank and sums: against the matrices written out."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from prior_fakes import bounds_of, description_of, prior_of, written_out

from inversion.errors.daily_part import daily_part
from inversion.errors.prior import prior_covariance
from inversion.linalg.dense import Dense, densify
from inversion.linalg.low_rank import LowRank, Modes
from inversion.linalg.maps import DenseMap, Product, SparseMap
from inversion.linalg.sector_days import SectorDays
from inversion.linalg.separable import Separable
from inversion.linalg.summed import Sum

G, P, R = 3, 6, 5
DAYS = np.array([0, 0, 0, 1, 1, 2])


class _Plain(Modes):
    """Modes without a way of their own."""

    def __init__(self, matrix):
        self.matrix = matrix
        super().__init__(matrix.shape)

    def matmat(self, block):
        return self.matrix @ block

    def rmatmat(self, block):
        return self.matrix.T @ block


def _modes(rng):
    """Return sector-day modes and their matrix, column by column."""
    field = rng.standard_normal((G, P, R))
    matrix = np.zeros((G, P, R, G, 3))
    for s in range(G):
        for t, day in enumerate(DAYS):
            matrix[s, t, :, s, day] = field[s, t]
    return SectorDays(field, DAYS), matrix.reshape(G * P * R, G * 3)


def _jacobian(rng, n=70):
    H = rng.random((n, G * P * R)) * (rng.random((n, G * P * R)) < 0.3)
    return _sparse(H)


def _sparse(H):
    return SparseMap(scipy.sparse.csr_matrix(H))


def test_modes_are_their_matrix_whatever_asks(rng):
    modes, matrix = _modes(rng)
    one, two = rng.standard_normal((G * 3, 4)), rng.standard_normal((G * P * R, 4))
    assert_allclose(modes.matmat(one), matrix @ one, atol=1e-13)
    assert_allclose(modes.rmatmat(two), matrix.T @ two, atol=1e-13)
    sparse = _jacobian(rng)
    H = sparse.matrix.toarray()
    for jacobian in (sparse, DenseMap(H)):
        assert_allclose(modes.seen_by(jacobian, 2), H @ matrix, atol=1e-12)
    period = np.stack([np.full(P, 1.0 / P), np.eye(P)[2]], axis=1)
    regions = Separable(rng.random((G, 2)), period, rng.random((R, 2)))
    places = Separable(np.eye(G), period, R)
    single = Separable(np.eye(G)[:, :1], period, rng.random((R, 2)))
    for weights in (regions, places, single, DenseMap(rng.random((G * P * R, 3)))):
        assert_allclose(modes.summed_by(weights, 2), matrix.T @ densify(weights), atol=1e-12)


@pytest.mark.parametrize("structured", [True, False])
def test_low_rank_is_the_written_out_matrix(structured, rng):
    modes, matrix = _modes(rng)
    root = rng.standard_normal((G * 3, G * 3))
    covariance = LowRank(modes if structured else _Plain(matrix), Dense(root @ root.T))
    dense = matrix @ root @ root.T @ matrix.T
    scale = np.abs(dense).max()
    assert_allclose(densify(covariance), dense, atol=1e-12 * scale)
    assert_allclose(covariance.diagonal(), np.diagonal(dense), atol=1e-12 * scale)
    half = covariance.root_matmat(np.eye(covariance.root_size))
    assert_allclose(half @ half.T, dense, atol=1e-9 * scale)
    jacobian = _jacobian(rng, 20)
    H = jacobian.matrix.toarray()
    base = Separable(np.eye(G), np.full((P, 1), 1.0 / P), rng.random((R, 2)))
    left, right = base, Product(base, rng.random((base.shape[1], 2)))
    V, W = densify(left), densify(right)
    gram, crosses = covariance.gram_and_cross(jacobian, [left, right])
    tiny = 1e-11 * np.abs(H @ dense @ H.T).max()
    assert_allclose(gram, H @ dense @ H.T, atol=tiny)
    assert_allclose(crosses[0], H @ dense @ V, atol=tiny)
    assert_allclose(crosses[1], H @ dense @ W, atol=tiny)
    assert_allclose(covariance.quadratic(left, right), V.T @ dense @ W, atol=tiny)
    assert_allclose(covariance.quadratic(left), V.T @ dense @ V, atol=tiny)
    assert_allclose(covariance.variance(right), np.diag(W.T @ dense @ W), atol=tiny)


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([3, 12, 24, 720]), st.integers(0, 999))
def test_with_the_daily_part_b_is_the_written_out_matrix(hours, seed):
    rng = np.random.default_rng(seed)
    prior = prior_of(rng, bounds_of(hours, 5))
    description = description_of(daily=[0.2, 0.0, 0.4], daily_sector_efolding_days=2.5)
    covariance = prior_covariance(prior, description)
    assert isinstance(covariance, Sum)
    assert_allclose(densify(covariance), written_out(prior, description), rtol=1e-9, atol=1e-12)


def test_a_sum_sends_everything_the_fast_way_to_the_same_numbers(rng, monkeypatch):
    """Products with the state, one by one, would be the slow way: they are not asked for."""
    prior = prior_of(rng, bounds_of(3, 5))
    description = description_of(daily=[0.2, 0.1, 0.4], daily_sector_efolding_days=2.5)
    covariance, dense = prior_covariance(prior, description), written_out(prior, description)
    H = rng.random((9, len(dense))) * (rng.random((9, len(dense))) < 0.3)
    jacobian = _sparse(H)
    regions = Separable(np.eye(3), np.full((5, 1), 0.2), rng.random((12, 2)))
    places = Separable(np.eye(3), np.full((5, 1), 0.2), 12)

    def never(*args):
        raise AssertionError("a product with a block of states was asked for")

    for part in covariance.parts:
        monkeypatch.setattr(type(part), "matmat", never)
    monkeypatch.setattr(SectorDays, "matmat", never)
    monkeypatch.setattr(SectorDays, "rmatmat", never)
    gram, crosses = covariance.gram_and_cross(jacobian, [regions, places])
    assert_allclose(gram, H @ dense @ H.T, rtol=1e-9)
    for weights, cross in zip((regions, places), crosses, strict=True):
        W = densify(weights)
        assert_allclose(cross, H @ dense @ W, rtol=1e-9)
        assert_allclose(covariance.cross(jacobian, weights), H @ dense @ W, rtol=1e-9)
        assert_allclose(covariance.variance(weights), np.diag(W.T @ dense @ W), rtol=1e-9)
    V = densify(regions)
    assert_allclose(covariance.quadratic(regions, places), V.T @ dense @ W, rtol=1e-9)


def test_a_sum_in_single_precision_keeps_every_part(rng):
    prior = prior_of(rng, bounds_of(24, 3))
    description = description_of(daily=[0.2, 0.1, 0.4], daily_sector_efolding_days=2.5)
    covariance = prior_covariance(prior, description)
    assert_allclose(densify(covariance.in_precision(np.float32)), densify(covariance), rtol=1e-5)


def test_what_it_is_for_days_of_a_whole_sector_are_uncertain_together(rng):
    """The city's sector total of one day has the declared share, whatever the correlation length."""
    prior = prior_of(rng, bounds_of(24, 4))
    prior["flux_standard_deviation"][:] = 0.0
    description = description_of(daily=[0.1, 0.2, 0.0], daily_sector_efolding_days=2.0)
    covariance = prior_covariance(prior, description)
    flux = prior["flux"].to_numpy().reshape(3, 4, -1)
    day = Separable(np.eye(3)[:, :2], np.eye(4), np.ones((12, 1)))
    sums = flux[:2].sum(axis=2)
    found = covariance.quadratic(day).reshape(2, 4, 2, 4)
    share = np.array([0.1, 0.2])[:, None] * sums
    apart = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    for s in range(2):
        expected = np.outer(share[s], share[s]) * np.exp(-apart / 2.0)
        assert_allclose(found[s, :, s], expected, rtol=1e-9)
    assert_allclose(found[0, :, 1], 0.0, atol=1e-15)


def test_no_share_is_no_part(rng):
    prior = prior_of(rng, bounds_of(24, 2))
    assert daily_part(prior, description_of()) is None
    assert daily_part(prior, description_of(daily=[0.0, 0.0, 0.0])) is None


def test_refusals(rng):
    with pytest.raises(ValueError, match="Order the field as sector, period, place"):
        SectorDays(rng.random((P, G, R)), DAYS)  # reversed: caught where the sizes differ
    for days in ([1, 1, 1, 1, 1, 2], [0, 0, 2, 2, 2, 3], [0, 1, 0, 1, 1, 1]):
        with pytest.raises(ValueError, match="counted from 0 without gaps"):
            SectorDays(rng.random((G, P, R)), np.array(days))
    modes, _ = _modes(rng)
    with pytest.raises(ValueError, match="strengths must have one row for each of 9 modes"):
        LowRank(modes, Dense(np.eye(4)))
    prior = prior_of(rng, bounds_of(24, 2))
    with pytest.raises(ValueError, match="one share >= 0 for each of 3 sectors"):
        daily_part(prior, description_of(daily=[0.1, -0.1, 0.1], daily_sector_efolding_days=2.0))
    with pytest.raises(ValueError, match="daily_sector_efolding_days must be finite"):
        daily_part(prior, description_of(daily=[0.1, 0.1, 0.1]))
