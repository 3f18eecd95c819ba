"""The family of truths around a real prior: its mean, its spread without a draw, its field."""

import numpy as np
import pytest
import record_fakes as fake

from contracts.settings.synthetic_records import RecordFamilySettings
from synthetic.record_family import family_of, implied_spread
from synthetic.record_totals import batch_shares, region_names, sector_names, true_totals

SPREAD = RecordFamilySettings(
    common_log_sd=0.1, sector_log_sd=0.2, smooth_log_sd=0.5, smooth_length_km=2.0, daily_log_sd=0.2
)


@pytest.fixture(scope="module")
def family():
    return family_of(fake.prior(), fake.settings(family=SPREAD))


@pytest.fixture(scope="module")
def drawn(family):
    return [family.draw("test", i) for i in range(3000)]


def test_the_mean_of_all_truths_is_the_prior(family, drawn):
    mean = np.mean([truth.flux for truth in drawn], axis=0)
    error = np.std([truth.flux for truth in drawn], axis=0) / np.sqrt(len(drawn))
    z = (mean - family.flux) / error
    assert np.abs(z).max() < 5.0  # 240 cells, strongly correlated
    assert np.mean(z**2) < 4.0
    factors = np.array([truth.transport for truth in drawn])
    np.testing.assert_allclose([factors.mean(), factors.std()], [1.0, 0.1], atol=0.006)


def spread_by_hand(family, sectors):
    """Return the relative sd of a sum of sectors, cell by cell and period by period."""
    s, prior = family.settings.family, family.prior
    shares, flux = batch_shares(prior), family.flux
    row, column = np.meshgrid(prior["latitude"], prior["longitude"], indexing="ij")
    north = 6371.0 * np.radians(row.ravel())
    east = 6371.0 * np.radians(column.ravel()) * np.cos(np.radians(prior["latitude"].mean().item()))
    far = np.hypot(np.subtract.outer(north, north), np.subtract.outer(east, east))
    field = s.smooth_log_sd**2 * np.exp(-((far / s.smooth_length_km) ** 2))
    total = variance = 0.0
    for a in sectors:
        for b in sectors:
            for p in range(fake.DAYS):
                for q in range(fake.DAYS):
                    m, n = (shares[p] * flux[a, p]).ravel(), (shares[q] * flux[b, q]).ravel()
                    log = s.common_log_sd**2
                    if a == b:
                        day = np.exp(-abs(p - q) / s.daily_correlation_days)
                        log = log + s.sector_log_sd**2 + s.daily_log_sd**2 * day + field
                    variance += m @ (np.expm1(log) * np.ones(field.shape)) @ n
        total += (shares * flux[a]).sum()
    return np.sqrt(variance) / total


def test_the_implied_spread_is_the_sum_over_all_pairs_of_cells(family):
    found = implied_spread(family)
    np.testing.assert_allclose(found.whole, spread_by_hand(family, (0, 1)), rtol=1e-10)
    for number, sector in enumerate(fake.SECTORS):
        expected = spread_by_hand(family, (number,))
        np.testing.assert_allclose(found.sectors[sector], expected, rtol=1e-10)


def test_drawn_totals_have_the_implied_spread(family, drawn):
    totals = np.array([true_totals(truth.flux, family.prior)[0] for truth in drawn])
    relative = totals.std(axis=0) / true_totals(family.flux, family.prior)[0]
    found = implied_spread(family)
    expected = [*found.sectors.values(), found.whole]
    np.testing.assert_allclose(relative[:3], expected, rtol=0.06)


def test_without_spread_every_truth_is_the_prior():
    family = family_of(fake.prior(), fake.silent())
    np.testing.assert_allclose(family.draw("any").flux, family.flux, rtol=1e-12)
    assert implied_spread(family).whole == 0.0


def test_the_field_has_the_stated_correlation(family):
    for root, correlation in zip(family.roots, family.correlations, strict=True):
        np.testing.assert_allclose(root @ root.T, correlation, atol=1e-7)
    rows = family.correlations[0]
    np.testing.assert_allclose(rows[0, 1], np.exp(-((1.112 / 2.0) ** 2)), rtol=1e-3)


def test_a_sector_does_not_depend_on_the_others():
    prior = fake.prior()
    alone = family_of(prior.isel(sector=[1]), fake.settings(family=SPREAD)).draw("draw", 3)
    together = family_of(prior, fake.settings(family=SPREAD)).draw("draw", 3)
    np.testing.assert_array_equal(alone.flux[0], together.flux[1])


def test_a_negative_prior_is_refused():
    flux = -np.ones((2, 3, *fake.GRID.shape))
    with pytest.raises(ValueError, match=r"must be >= 0 everywhere; got -1.0 umol m-2 s-1"):
        family_of(fake.prior(flux=flux), fake.settings())


def test_totals_are_flux_times_area_over_the_batch():
    flux = np.zeros((2, 3, *fake.GRID.shape))
    flux[0, 0] = 1e6  # before the batch
    flux[0, 1, 2, 3] = 4.0
    flux[1, 2, 0, 0] = 6.0  # outside the town
    prior = fake.prior(flux=flux, fixed=1.0)
    table = true_totals(flux, prior)
    area, kilogram = fake.GRID.cell_area, 44.0095e-9
    assert region_names(prior) == ["all", "town", "outside"]
    assert sector_names(prior) == ["cars", "homes", "all", "net"]
    cell = 0.5 * 4.0 * area[2, 3] * kilogram
    fixed = area[:, 1:].sum() * kilogram
    np.testing.assert_allclose(table[0], [cell, 0.0, cell, cell + fixed], rtol=1e-12)
    np.testing.assert_allclose(table[1], table[0], rtol=1e-12)
    there = 0.5 * 6.0 * area[0, 0] * kilogram
    expected = [0.0, there, there, there + area[:, 0].sum() * kilogram]
    np.testing.assert_allclose(table[2], expected, rtol=1e-12)
