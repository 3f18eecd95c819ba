"""Every combination of prior errors: the matrix written out, positive semidefinite, and its laws."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from prior_fakes import (
    KERNELS,
    bounds_of,
    description_of,
    prior_of,
    total_weights,
    written_out,
)

from inversion.aggregates import batch_totals, every_place, layout_of
from inversion.errors.prior import prior_covariance
from inversion.linalg.covariance import Precision
from inversion.linalg.dense import densify
from inversion.linalg.maps import SparseMap
from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver

DECLARED = [("all", "all", 0.05), ("all", "gpp", 0.02), ("330102", "all", 0.03)]
TIMES = {
    "temporal_day_to_day_share": 0.3,
    "temporal_day_to_day_efolding_days": 2.0,
    "temporal_same_hour_share": 0.4,
    "temporal_same_hour_efolding_days": 4.0,
}
DAILY = {"daily": [0.3, 0.1, 0.2], "daily_sector_efolding_days": 2.5}
COMBINATIONS = list(product(KERNELS, [{}, TIMES], ["no", "yes"], [{}, DAILY], [(), DECLARED]))


def _description(kernel, times, likeness, daily, declared):
    return description_of(
        declared, spatial_kernel=kernel, likeness_of_sector_mix=likeness, **times, **daily
    )


def _name(combination):
    kernel, times, likeness, daily, declared = combination
    flags = zip(("hours", "alike", "days", "totals"), (times, likeness == "yes", daily, declared))  # noqa: B905
    return "-".join([kernel, *(name for name, on in flags if on)])


@pytest.mark.parametrize("combination", COMBINATIONS, ids=_name)
def test_every_combination_is_positive_semidefinite_and_what_it_says(combination, rng):
    prior = prior_of(rng, bounds_of(8, 4))
    description = _description(*combination)
    covariance = prior_covariance(prior, description)
    dense, plain = densify(covariance), written_out(prior, description)
    scale = np.abs(plain).max()
    assert_allclose(dense, dense.T, atol=1e-12 * scale)
    assert np.linalg.eigvalsh(0.5 * (dense + dense.T))[0] > -1e-10 * scale
    assert_allclose(covariance.diagonal(), np.diagonal(dense), atol=1e-11 * scale)
    if not combination[-1]:
        assert_allclose(dense, plain, rtol=1e-9, atol=1e-12 * scale)
        return
    for region, sector, deviation in DECLARED:
        weights = total_weights(prior, region, sector)
        assert_allclose(np.sqrt(weights @ dense @ weights), deviation, rtol=1e-6)
    W = np.stack([total_weights(prior, *row[:2]) for row in DECLARED], axis=1)

    def given_totals(B):
        return B - B @ W @ np.linalg.solve(W.T @ B @ W, W.T @ B)

    assert_allclose(given_totals(dense), given_totals(plain), atol=1e-8 * scale)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(COMBINATIONS), st.floats(1e-3, 1e3), st.integers(0, 99))
def test_other_units_of_the_flux_scale_b_by_their_square(combination, factor, seed):
    prior = prior_of(np.random.default_rng(seed), bounds_of(8, 3))
    scaled = prior.copy(deep=True)
    for name in ("flux", "flux_standard_deviation"):
        scaled[name] = scaled[name] * factor
    description = _description(*combination)
    other = description.copy(deep=True)
    other["declared_standard_deviation"] = other["declared_standard_deviation"] * factor
    one, two = (
        densify(prior_covariance(*pair)) for pair in ((prior, description), (scaled, other))
    )
    assert_allclose(two, factor**2 * one, rtol=1e-6, atol=1e-9 * factor**2 * np.abs(one).max())


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(COMBINATIONS), st.permutations(range(3)), st.integers(0, 99))
def test_the_order_of_sectors_does_not_matter(combination, order, seed):
    prior = prior_of(np.random.default_rng(seed), bounds_of(8, 3))
    description = _description(*combination)
    turned = description.isel(sector=order, sector_2=order)
    one = densify(prior_covariance(prior, description))
    two = densify(prior_covariance(prior.isel(sector=order), turned))
    size = len(one) // 3
    index = np.concatenate([np.arange(k * size, (k + 1) * size) for k in order])
    assert_allclose(two, one[np.ix_(index, index)], rtol=1e-6, atol=1e-9 * np.abs(one).max())


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(sorted(KERNELS)), st.floats(0.2, 20.0), st.floats(0.1, 10.0))
def test_lengths_and_grids_scale_together(kernel, length, factor):
    """Distances, the length and nothing else: a grid ten times as wide with ten times the length."""
    prior = prior_of(np.random.default_rng(1), bounds_of(24, 2))
    wide = prior.assign_coords(
        northing=prior["northing"] * factor, easting=prior["easting"] * factor
    )
    one, two = (
        densify(
            prior_covariance(grid, description_of(spatial_kernel=kernel, spatial_efolding_km=size))
        )
        for grid, size in ((prior, length), (wide, length * factor))
    )
    assert_allclose(two, one, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kernel", sorted(KERNELS))
def test_every_sector_may_have_its_own_length_and_all_kernels_are_one_over_e_there(kernel, rng):
    prior = prior_of(rng, bounds_of(24, 1))
    prior["flux_standard_deviation"][:] = 1.0
    description = description_of(spatial_kernel=kernel)
    description["sector_correlation"][:] = np.eye(3)
    description["spatial_efolding_m"] = ("sector", [1000.0, 1500.0, 1000.0])
    dense = densify(prior_covariance(prior, description))
    assert dense[0, 4] == pytest.approx(np.exp(-1.0), rel=1e-6)  # the next row, 1000 m away
    assert dense[12, 13] == pytest.approx(np.exp(-1.0), rel=1e-6)  # the next column, 1500 m away
    assert dense[0, 1] < 0.3


def test_more_of_any_error_is_never_less_of_b(rng):
    """The daily part adds: B with it minus B without it is positive semidefinite."""
    prior = prior_of(rng, bounds_of(8, 4))
    less = densify(prior_covariance(prior, description_of()))
    more = densify(prior_covariance(prior, description_of(**DAILY)))
    assert np.linalg.eigvalsh(more - less)[0] > -1e-12


def test_correlations_in_time_are_given_once(rng):
    prior = prior_of(rng, bounds_of(8, 2))
    description = description_of(**TIMES)
    description["period_correlation"] = (("period", "period_2"), np.eye(2), {"units": "1"})
    with pytest.raises(ValueError, match="must be given once; got period_correlation and temporal"):
        prior_covariance(prior, description)


def test_likeness_weights_given_correlations_of_regions_too(rng):
    field = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 2.0], [-1.0, -1.0, -1.0]])[:, None]
    prior = prior_of(rng, bounds_of(24, 1)).drop_vars(["northing", "easting", "flux"])
    prior["flux"] = (("sector", "period", "region"), field)
    prior["flux_standard_deviation"] = (("sector", "period", "region"), np.ones((3, 1, 3)))
    description = description_of(likeness_of_sector_mix="yes")
    description["region_correlation"] = (("region", "region_2"), 0.5 + 0.5 * np.eye(3))
    dense = densify(prior_covariance(prior, description))
    assert_allclose(dense[0, :3], [1.0, 0.0, 0.5 * np.sqrt(0.5)], atol=1e-12)
    assert_allclose(dense[6, 6:], [1.0, 0.5, 0.5], atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_posterior_with_everything_on_is_the_dense_one(dtype, rng):
    prior = prior_of(rng, bounds_of(8, 6))
    description = _description("matern32", TIMES, "yes", DAILY, DECLARED)
    B = prior_covariance(prior, description)
    dense, layout = densify(B), layout_of(prior)
    H = rng.random((20, 3, 6, 12)) * (rng.random((20, 3, 6, 12)) < 0.5)
    for row in range(20):
        H[row, :, : row % 4] = 0.0
        H[row, :, row % 4 + 3 :] = 0.0
    H = H.reshape(20, -1)
    fluxes = prior["flux"].to_numpy().ravel()
    problem = LinearGaussianProblem(
        rng.normal(420.0, 3.0, 20),
        np.full(20, 419.0),
        SparseMap(scipy.sparse.csr_matrix(H)),
        fluxes,
        B,
        np.full(20, 0.5),
    )
    totals, places = batch_totals(layout).weights, every_place(layout)
    posterior = DualSolver(Precision(dtype)).solve(problem, (totals, places))
    gain = dense @ H.T @ np.linalg.inv(H @ dense @ H.T + 0.5 * np.eye(20))
    P = dense - gain @ H @ dense
    tolerance = 1e-8 if dtype == np.float64 else 2e-5
    mean = fluxes + gain @ problem.innovation
    assert_allclose(posterior.mean, mean, atol=tolerance * np.abs(mean).max())
    for weights in (totals, places):
        W = densify(weights)
        expected = W.T @ P @ W
        found = posterior.prior_variance_of(weights) - np.square(posterior.whitened(weights)).sum(0)
        assert_allclose(found, np.diag(expected), atol=tolerance * np.diag(W.T @ dense @ W).max())
    draws = posterior.sample(3000, rng)
    W = densify(totals)
    spread = np.std(draws @ W[:, -1])
    assert_allclose(spread, np.sqrt(W[:, -1] @ P @ W[:, -1]), rtol=0.06)
