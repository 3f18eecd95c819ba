"""Correlation in space weighted by likeness: Schur's product, its root, its precision, its refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from prior_fakes import bounds_of, description_of, prior_of

from inversion.errors.prior import prior_covariance
from inversion.errors.sector_mix import sector_mix
from inversion.linalg.dense import Dense, densify
from inversion.linalg.likeness import Likeness
from inversion.linalg.stationary import Stationary


def _features(rng, places, count):
    features = rng.random((places, count)) * (rng.random((places, count)) < 0.6)
    features[~features.any(axis=1), 0] = 1.0
    return features / np.linalg.norm(features, axis=1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 4),
    st.sampled_from(["exponential", "matern32", "matern52", "gaussian"]),
    st.integers(0, 999),
)
def test_it_is_the_elementwise_product_with_a_correlation(rows, columns, count, kernel, seed):
    rng = np.random.default_rng(seed)
    space = Stationary((rows, columns), (1.0, 1.5), 2.0, kernel)
    features = _features(rng, rows * columns, count)
    found = Likeness(space, features)
    dense = densify(space) * (features @ features.T)
    assert_allclose(densify(found), dense, atol=1e-12)
    assert_allclose(found.diagonal(), 1.0)
    assert np.linalg.eigvalsh(dense)[0] > -1e-10
    block = rng.standard_normal((rows * columns, 3))
    assert_allclose(found.apply_rows(block.T), (dense @ block).T, atol=1e-12)


def test_equal_places_correlate_as_before_and_unlike_ones_not_at_all():
    space = Stationary((1, 3), (1.0, 1.0), 2.0)
    same = Likeness(space, np.tile([0.6, 0.8], (3, 1)))
    assert_allclose(densify(same), densify(space), atol=1e-14)
    unlike = Likeness(space, np.eye(3))
    assert_allclose(densify(unlike), np.eye(3), atol=1e-14)


def test_the_root_squares_to_it(rng):
    features = _features(rng, 12, 3)
    for space in (Stationary((3, 4), (1.0, 1.0), 1.5), Dense(np.eye(12) + 0.3)):
        found = Likeness(space, features)
        root = found.root_matmat(np.eye(found.root_size))
        assert_allclose(root @ root.T, densify(found), atol=1e-12)


def test_single_precision_is_the_same_to_rounding(rng):
    found = Likeness(Stationary((3, 4), (1.0, 1.0), 1.5), _features(rng, 12, 3))
    assert found.in_precision(np.float64) is found
    single = found.in_precision(np.float32)
    block = rng.standard_normal((12, 5)).astype(np.float32)
    assert single.matmat(block).dtype == np.float32
    assert_allclose(single.matmat(block), found.matmat(block), atol=3e-6)


def test_the_mix_is_that_of_the_batch_and_empty_cells_have_a_direction_of_their_own(rng):
    prior = prior_of(rng, bounds_of(24, 4), spin_up=1)
    prior["flux"][:2, 0] = 99.0  # before the batch: does not count
    mix, inventory = sector_mix(prior)
    assert inventory.tolist() == [True, True, False]
    assert_allclose(np.linalg.norm(mix, axis=1), 1.0)
    flux = prior["flux"].to_numpy()[:2, 1:].mean(axis=1).reshape(2, -1)
    assert_allclose(mix[0, :2] / np.linalg.norm(mix[0, :2]), flux[:, 0] / np.hypot(*flux[:, 0]))
    empty = ~flux.any(axis=0)
    assert empty[5]  # the second of the second row
    assert_allclose(mix[empty], np.tile([0.0, 0.0, 1.0], (empty.sum(), 1)))


def test_refusals(rng):
    space = Stationary((1, 3), (1.0, 1.0), 2.0)
    with pytest.raises(ValueError, match="one row for each of 3 places"):
        Likeness(space, np.ones((2, 1)))
    with pytest.raises(ValueError, match="a vector of length 1"):
        Likeness(space, np.full((3, 2), 0.5))
    prior = prior_of(rng, bounds_of(24, 2))
    description = description_of(likeness_of_sector_mix="yes")
    description["sector_correlation"][0, 2] = description["sector_correlation"][2, 0] = 0.2
    with pytest.raises(ValueError, match=r"must not be correlated; got \['power', 'gpp'\]"):
        prior_covariance(prior, description)
    prior["sector_kind"][:] = "biosphere"
    with pytest.raises(ValueError, match="must have sectors of an inventory"):
        prior_covariance(prior, description)
