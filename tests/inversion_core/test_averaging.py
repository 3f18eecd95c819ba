"""What a declared standard deviation is the mean of: months of a year, against the process written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from prior_fakes import bounds_of, description_of, prior_of, total_weights

from inversion.averaging import batch_factor, mean_correlation, window_covariance
from inversion.errors.prior import prior_covariance
from inversion.linalg.dense import densify

YEAR = {"declared_averaging": "year", "declared_efolding_days": 365.0}
MONTHS = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@pytest.mark.parametrize(("length", "efolding"), [(30.0, 365.0), (365.0, 20.0), (7.0, 1e6)])
def test_the_variance_of_a_mean_is_the_double_sum(length, efolding):
    middle = (np.arange(2000) + 0.5) * length / 2000
    apart = np.abs(middle[:, None] - middle[None])
    assert_allclose(mean_correlation(length, efolding), np.exp(-apart / efolding).mean(), rtol=1e-5)


def test_short_windows_lose_a_third_of_their_length():
    for x in (1e-7, 0.9e-4, 1.1e-4):
        assert_allclose(1.0 - mean_correlation(x, 1.0), x / 3.0, rtol=1e-4)


def test_windows_are_block_means_of_the_process():
    edges, efolding = np.array([0.0, 20.0, 50.0, 60.0]), 25.0
    middle = (np.arange(1200) + 0.5) * 60.0 / 1200
    fade = np.exp(-np.abs(middle[:, None] - middle[None]) / efolding)
    inside = np.searchsorted(edges, middle) - 1 == np.arange(3)[:, None]
    mean = inside / inside.sum(axis=1, keepdims=True)
    assert_allclose(window_covariance(edges, efolding), mean @ fade @ mean.T, rtol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.floats(5.0, 5000.0), st.floats(0.01, 2.0))
def test_twelve_months_of_a_year_have_the_years_declared_share_again(efolding, share):
    attrs = YEAR | {"declared_efolding_days": efolding}
    factor = [batch_factor(attrs, float(days)) for days in np.diff(MONTHS)]
    covariance = window_covariance(MONTHS, efolding)
    scale = np.sqrt(np.diagonal(covariance))
    months = covariance / np.outer(scale, scale) * np.outer(factor, factor) * share**2
    weight = np.diff(MONTHS) / 365.0
    assert_allclose(np.sqrt(weight @ months @ weight), share, rtol=1e-9)
    assert np.linalg.eigvalsh(covariance)[0] > 0.0


def test_twelve_months_of_fifteen_per_cent_do_not_become_four_per_cent_a_year():
    month = 0.15 * batch_factor(YEAR, 365.0 / 12.0)
    assert 0.15 < month < 0.18  # independent months would need 0.52
    assert 0.04 < 0.15 / np.sqrt(12.0) < 0.05


def test_a_batch_of_a_year_has_what_was_declared():
    assert [batch_factor(YEAR, days) for days in (365.0, 366.0)] == [1.0, 1.0]
    assert batch_factor(YEAR, 731.0) < 1.0
    assert batch_factor({}, 30.0) == batch_factor({"declared_averaging": "batch"}, 30.0) == 1.0


@pytest.mark.parametrize("averaging", ["batch", "year"])
@pytest.mark.parametrize(("hours", "count"), [(24, 30), (24 * 73, 5)])
def test_the_batch_gets_the_standard_deviation_of_its_mean(hours, count, averaging, rng):
    prior = prior_of(rng, bounds_of(hours, count))
    declared = [("all", "all", 0.05), ("all", "gpp", 0.02), ("330102", "all", 0.03)]
    description = description_of(declared, declared_averaging=averaging, declared_efolding_days=90)
    dense = densify(prior_covariance(prior, description))
    year = averaging == "year" and hours * count != 365 * 24
    factor = 1.0
    if year:
        factor = np.sqrt(mean_correlation(30.0, 90.0) / mean_correlation(365.0, 90.0))
        assert factor > 1.3
    for region, sector, deviation in declared:
        weights = total_weights(prior, region, sector)
        assert_allclose(np.sqrt(weights @ dense @ weights), factor * deviation, rtol=1e-6)


def test_refusals():
    with pytest.raises(ValueError, match="declared_averaging must be one of batch, year"):
        batch_factor({"declared_averaging": "month"}, 30.0)
    with pytest.raises(ValueError, match="declared_efolding_days must be finite and > 0"):
        batch_factor({"declared_averaging": "year"}, 30.0)
