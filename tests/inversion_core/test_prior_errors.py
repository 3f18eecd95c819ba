"""B from its datasets against the matrix written out, and what it refuses."""

import numpy as np
import pytest
from core_fakes import (
    COLUMNS,
    ROWS,
    G,
    P,
    correlation,
    covariance_dataset,
    dense_space,
    prior_dataset,
    sector_correlation,
)
from numpy.testing import assert_allclose

from inversion.errors.factors import grid_spacing
from inversion.errors.prior import prior_covariance
from inversion.linalg.dense import densify


def test_prior_covariance_is_the_written_out_matrix(rng, caplog):
    prior = prior_dataset(rng)
    covariance = prior_covariance(prior, covariance_dataset([]))
    sigma = prior["flux_standard_deviation"].to_numpy().ravel()
    dense = np.kron(np.kron(sector_correlation(), correlation(P, 1.7)), dense_space())
    assert_allclose(densify(covariance), sigma[:, None] * dense * sigma, rtol=1e-9, atol=1e-12)
    assert "no total has a declared uncertainty" in caplog.text


def test_each_sector_may_have_its_own_length(rng):
    prior, description = prior_dataset(rng), covariance_dataset([])
    description["sector_correlation"][1, 2] = description["sector_correlation"][2, 1] = 0.0
    description["spatial_efolding_m"] = ("sector", [2500.0, 2500.0, 6000.0])
    block = densify(prior_covariance(prior, description))[-ROWS * COLUMNS :, -ROWS * COLUMNS :]
    sigma = prior["flux_standard_deviation"].to_numpy()[2, -1].ravel()
    assert_allclose(block, np.outer(sigma, sigma) * dense_space(6000.0), rtol=1e-9)


def test_regions_as_states_use_their_own_correlation(rng):
    prior = prior_dataset(rng)
    regional = prior.drop_vars(["northing", "easting", "flux", "flux_standard_deviation"])
    field = rng.uniform(0.5, 1.0, (G, P, 3))
    regional["flux"] = (("sector", "period", "region"), field)
    regional["flux_standard_deviation"] = (("sector", "period", "region"), field)
    description = covariance_dataset([])
    with pytest.raises(ValueError, match="must come with region_correlation"):
        prior_covariance(regional, description)
    matrix = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 1.0]])
    description["region_correlation"] = (("region", "region_2"), matrix)
    dense = np.kron(np.kron(sector_correlation(), correlation(P, 1.7)), matrix)
    expected = field.ravel()[:, None] * dense * field.ravel()
    assert_allclose(densify(prior_covariance(regional, description)), expected, rtol=1e-10)


def test_spacing_on_a_geographic_grid_is_in_metres(rng):
    prior = prior_dataset(rng).rename(northing="latitude", easting="longitude")
    prior = prior.assign_coords(
        latitude=30.0 + 0.01 * np.arange(ROWS), longitude=120.0 + 0.02 * np.arange(COLUMNS)
    )
    north, east = grid_spacing(prior)
    assert north == pytest.approx(1112.0, rel=1e-3)
    assert east == pytest.approx(2224.0 * np.cos(np.deg2rad(30.02)), rel=1e-3)


def test_wrong_descriptions_are_refused(rng):
    prior = prior_dataset(rng)
    for name, match in (("spatial_kernel", "spatial_kernel must"), ("temporal_kernel", "temporal")):
        description = covariance_dataset([])
        description.attrs[name] = "cubic"
        with pytest.raises(ValueError, match=match):
            prior_covariance(prior, description)
    description = covariance_dataset([])
    description["sector_correlation"][0, 2] = description["sector_correlation"][2, 0] = 0.95
    with pytest.raises(ValueError, match="sector_correlation must be positive semidefinite"):
        prior_covariance(prior, description)
    two = covariance_dataset([]).isel(sector=slice(0, 2), sector_2=slice(0, 2))
    with pytest.raises(ValueError, match="one row for each of 3 sectors"):
        prior_covariance(prior, two)
