"""Laws of the whole product: what must not depend on order, side or unit of contract datasets."""

from types import SimpleNamespace

import numpy as np
import pytest
from core_fakes import settings as sections
from core_fakes import six_datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from small_problems import changed, jacobian_matrix, kept, regions_problem, with_matrix

from inversion.solve import solve_batch


@pytest.fixture
def datasets(rng):
    return six_datasets(rng)


def _totals(posterior):
    """Return totals and their covariance by region and sector."""
    names = (posterior[name].to_numpy() for name in ("total_region", "total_sector"))
    keys = list(zip(*names, strict=True))
    order = sorted(range(len(keys)), key=lambda k: keys[k])
    covariance = posterior["total_covariance"].to_numpy()[np.ix_(order, order)]
    return [keys[k] for k in order], posterior["total"].to_numpy()[order], covariance


def _same_totals(one, two):
    keys, totals, covariance = _totals(one)
    others, other_totals, other_covariance = _totals(two)
    assert keys == others
    assert_allclose(other_totals, totals, rtol=1e-8, atol=1e-10)
    scale = np.abs(covariance).max()
    assert_allclose(other_covariance, covariance, rtol=1e-7, atol=1e-9 * scale)


@settings(max_examples=4, deadline=None, derandomize=True)
@given(order=st.permutations(range(18)))
def test_the_order_of_observations_changes_no_total(order):
    datasets = six_datasets(np.random.default_rng(1))
    one, two = (solve_batch(d, sections()) for d in (datasets, kept(datasets, order)))
    _same_totals(one, two)
    assert_allclose(two["residual"], one["residual"].to_numpy()[list(order)], rtol=1e-7, atol=1e-9)


@settings(max_examples=4, deadline=None, derandomize=True)
@given(order=st.permutations(range(3)))
def test_the_order_of_sectors_changes_no_total(order):
    datasets = six_datasets(np.random.default_rng(2))
    order = list(order)
    jacobian = datasets["jacobian"].isel(sector=order)
    matrix = jacobian_matrix(datasets["jacobian"]).toarray().reshape(18, 3, -1)[:, order]
    shuffled = datasets | {
        "prior": datasets["prior"].isel(sector=order),
        "prior_covariance": datasets["prior_covariance"].isel(sector=order, sector_2=order),
        "jacobian": with_matrix(jacobian, matrix.reshape(18, -1)),
    }
    one, two = (solve_batch(d, sections()) for d in (datasets, shuffled))
    _same_totals(one, two)
    assert_allclose(two["flux"], one["flux"].to_numpy()[order], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("axis", ["northing", "easting"])
def test_a_mirrored_city_has_mirrored_fluxes(datasets, axis):
    """The covariance depends on distances alone, so a mirror moves every number with its cell."""
    flipped = datasets["prior"].copy(deep=True)
    for name in ("flux", "flux_standard_deviation", "region_fraction", "fixed_flux"):
        flipped[name] = (flipped[name].dims, flipped[name].isel({axis: slice(None, None, -1)}).data)
    places = flipped["flux"].shape[2:]
    matrix = jacobian_matrix(datasets["jacobian"]).toarray().reshape(18, 3, 4, *places)
    matrix = np.flip(matrix, axis=3 if axis == "northing" else 4).reshape(18, -1)
    mirrored = datasets | {
        "prior": flipped,
        "jacobian": with_matrix(datasets["jacobian"], matrix),
    }
    one, two = (solve_batch(d, sections()) for d in (datasets, mirrored))
    _same_totals(one, two)
    back = two["flux"].isel({axis: slice(None, None, -1)}).to_numpy()
    assert_allclose(back, one["flux"].to_numpy(), rtol=1e-7, atol=1e-9)


@settings(max_examples=4, deadline=None, derandomize=True)
@given(order=st.permutations(range(3)))
def test_the_order_of_named_regions_changes_no_total(order):
    datasets = regions_problem(np.random.default_rng(3))
    rng = np.random.default_rng(4)
    root = rng.standard_normal((3, 3))
    alike = root @ root.T
    alike /= np.sqrt(np.outer(np.diag(alike), np.diag(alike)))
    datasets = changed(datasets, "prior_covariance", "region_correlation", lambda _: alike)
    order = list(order)
    matrix = jacobian_matrix(datasets["jacobian"]).toarray().reshape(5, 2, 2, 3)[..., order]
    shuffled = datasets | {
        "prior": datasets["prior"].isel(region=order),
        "prior_covariance": datasets["prior_covariance"].isel(region=order, region_2=order),
        "jacobian": with_matrix(datasets["jacobian"], matrix.reshape(5, -1)),
    }
    _same_totals(*(solve_batch(d, sections()) for d in (datasets, shuffled)))


@pytest.mark.parametrize("factor", [1e-3, 28.0 / 44.0])
def test_totals_follow_the_unit_of_mass_and_fluxes_do_not(datasets, factor):
    """Kilograms of another gas, or tonnes of this one, with the declarations in that unit."""
    other = sections()
    other.gas = SimpleNamespace(name="CO2", molar_mass_g_mol=44.0095 * factor)
    scaled = changed(
        datasets, "prior_covariance", "declared_standard_deviation", lambda v: factor * v
    )
    one, two = solve_batch(datasets, sections()), solve_batch(scaled, other)
    assert_allclose(two["flux"], one["flux"], rtol=1e-9, atol=1e-12)
    assert_allclose(two["total"], factor * one["total"], rtol=1e-9)
    assert_allclose(
        two["total_covariance"], factor**2 * one["total_covariance"], rtol=1e-7, atol=1e-12
    )


def test_fluxes_in_other_units_change_nothing(datasets):
    """Nmol m-2 s-1 in every dataset that has fluxes: 1000 times the number, a thousandth of H."""
    nano = datasets
    for name in ("flux", "flux_standard_deviation", "fixed_flux"):
        nano = changed(nano, "prior", name, lambda v: 1e3 * v)
    nano = changed(nano, "jacobian", "sensitivity", lambda v: 1e-3 * v)
    other = sections()
    other.gas = SimpleNamespace(name="CO2", molar_mass_g_mol=44.0095e-3)
    one, two = solve_batch(datasets, sections()), solve_batch(nano, other)
    assert_allclose(two["flux"], 1e3 * one["flux"], rtol=1e-8, atol=1e-9)
    _same_totals(one, two)
    assert two.attrs["log_evidence"] == pytest.approx(one.attrs["log_evidence"], rel=1e-9)
