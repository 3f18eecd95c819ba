"""The datasets prior and prior_covariance come in; the covariance B of the flux state goes out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import ALL, CO2_G_MOL, batch_bounds, layout_of, region_sector_mix
from inversion.averaging import batch_factor
from inversion.declared import (
    Declaration,
    admissible,
    feasibility_problems,
    independent_columns,
)
from inversion.errors.daily_part import daily_part
from inversion.errors.factors import correlation_factors
from inversion.linalg.dense import Dense
from inversion.linalg.maps import Product
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.separable import Separable
from inversion.linalg.summed import Sum
from inversion.linalg.with_totals import WithTotals
from inversion.nearest import nearest_covariance

if TYPE_CHECKING:
    import xarray as xr

    from inversion.aggregates import Layout
    from inversion.linalg.covariance import Covariance

logger = logging.getLogger(__name__)

MOST_EXPLICIT = 10_000
_SMALLEST = 1e-12


def prior_covariance(
    prior: xr.Dataset, description: xr.Dataset, molar_mass_g_mol: float = CO2_G_MOL
) -> Covariance:
    """Return B of the fluxes [(umol m-2 s-1)^2].

    Parameters
    ----------
    prior : Dataset ``prior``
        Fluxes, standard deviations, periods, places and regions.
    description : Dataset ``prior_covariance``
        Correlations, the part that sectors have in common on a day, and declared totals.
    molar_mass_g_mol : float
        Molar mass of the gas [g mol-1], for totals in kg s-1.

    Returns
    -------
    Covariance
        Scaled(sigma, sector (x) period (x) space), plus the daily part of the sectors where there
        is one, corrected so that each declared total has exactly its declared standard deviation
        (SCIENCE 2.2).
    """
    base = (
        _whole(prior, description) if "covariance" in description else _factors(prior, description)
    )
    daily = daily_part(prior, description)
    if daily is not None:
        base = Sum([base, daily])
    declared = declarations(description)
    if not declared:
        logger.warning("no total has a declared uncertainty: the correlation lengths decide")
        return base
    start, end = batch_bounds(prior)
    factor = batch_factor(description.attrs, (end - start) / np.timedelta64(24, "h"))
    return with_declared(base, layout_of(prior, molar_mass_g_mol), declared, factor)


def _factors(prior: xr.Dataset, description: xr.Dataset):
    """Return Scaled(sigma, sector (x) period (x) space)."""
    sigma = prior["flux_standard_deviation"].to_numpy().astype(np.float64, copy=False)
    g, p = sigma.shape[:2]
    return ScaledKronecker(sigma.reshape(g, p, -1), correlation_factors(prior, description))


def _whole(prior: xr.Dataset, description: xr.Dataset):
    """Return the covariance that was given as one matrix, its diagonal compared with the prior's."""
    if "sector_correlation" in description:
        msg = (
            "prior errors must be given once; got both covariance and sector_correlation in "
            "prior_covariance.nc. Remove one of them."
        )
        raise ValueError(msg)
    matrix = description["covariance"].to_numpy().astype(np.float64, copy=False)
    sigma = prior["flux_standard_deviation"].to_numpy().ravel()
    if len(matrix) != len(sigma):
        msg = (
            f"covariance must have one row for each of {len(sigma)} states of the prior; got "
            f"{len(matrix)} in prior_covariance.nc. Order: sector, then period, then place."
        )
        raise ValueError(msg)
    if len(matrix) > MOST_EXPLICIT:
        msg = (
            f"an explicit covariance must have at most {MOST_EXPLICIT} states; got {len(matrix)} in "
            "prior_covariance.nc. Give correlations of sectors, periods and regions instead."
        )
        raise ValueError(msg)
    variance = np.diagonal(matrix)
    worst = np.abs(variance - sigma**2) > 1e-6 * np.maximum(variance, sigma**2)
    if worst.any():
        state = int(np.flatnonzero(worst)[0])
        msg = (
            "the covariance's diagonal must be the square of flux_standard_deviation; got "
            f"{variance[state]:.6g} against {sigma[state] ** 2:.6g} for state {state} in "
            "prior_covariance.nc. Order: sector, then period, then place."
        )
        raise ValueError(msg)
    return Dense(matrix)


def declarations(description: xr.Dataset) -> list[Declaration]:
    """Return the declared totals of a dataset ``prior_covariance``."""
    return [
        Declaration(str(region), str(sector), float(deviation))
        for region, sector, deviation in zip(
            description["declared_region"].to_numpy(),
            description["declared_sector"].to_numpy(),
            description["declared_standard_deviation"].to_numpy(),
            strict=True,
        )
    ]


def with_declared(
    base: Covariance, layout: Layout, declared: list[Declaration], factor: float = 1.0
) -> WithTotals:
    """Return a covariance whose totals have exactly their declared standard deviations.

    Parameters
    ----------
    base : Covariance, (fluxes, fluxes)
        K.
    layout : Layout
    declared : list of Declaration
    factor : float
        From a declared standard deviation to that of the batch's mean: 1 where it was declared
        for the batch (`inversion.averaging.batch_factor`).

    Raises
    ------
    ValueError
        Where the values cannot hold together, with the interval that can; where a total has no
        uncertainty in any cell, or two totals are one.
    """
    sectors = tuple(np.array(layout.sectors)[layout.is_inventory].tolist())
    problems = feasibility_problems(declared, layout.districts, sectors)
    if problems:
        raise ValueError("\n".join(problems))
    # The city comes last, so that it and the last sector are the totals left to depend.
    ordered = sorted(declared, key=lambda one: one.region == ALL and one.sector == ALL)
    columns = np.array([region_sector_mix(layout, one.region, one.sector) for one in ordered]).T
    kept = independent_columns(columns)
    whole = Separable(
        np.eye(len(layout.sectors)), layout.period_weights[:, None], layout.region_weights
    )
    basis = Product(whole, columns[:, kept])
    given = base.quadratic(basis)
    _refuse_unseen(given, [ordered[k] for k in kept])
    totals = np.linalg.lstsq(columns[:, kept], columns, rcond=None)[0]
    deviation = factor * np.array([one.standard_deviation for one in ordered])
    try:
        wanted = nearest_covariance(given, totals, deviation)
    except ValueError as error:
        intervals = "; ".join(admissible(declared, layout.districts, sectors))
        msg = f"{error} {intervals}".rstrip()
        raise ValueError(msg) from error
    return WithTotals(base, basis, wanted)


def _refuse_unseen(given: np.ndarray, totals: list[Declaration]):
    """Refuse totals without prior uncertainty, and totals that the prior takes for one."""
    names = [(one.region, one.sector) for one in totals]
    variance = np.diagonal(given)
    unseen = [name for name, value in zip(names, variance, strict=True) if not value > 0.0]
    if unseen:
        msg = (
            "a declared total must have prior uncertainty in at least one cell; got none for "
            f"{unseen} in prior.nc. Leave these totals out or give their cells a standard "
            "deviation."
        )
        raise ValueError(msg)
    scale = np.sqrt(variance)
    strength, direction = np.linalg.eigh(given / np.outer(scale, scale))
    if strength[0] < _SMALLEST:
        alike = [name for name, share in zip(names, direction[:, 0], strict=True) if share**2 > 0.1]
        msg = (
            "declared totals must be able to differ from each other; got a smallest eigenvalue of "
            f"{strength[0]:.3g} of their prior correlation, in {alike}. Leave one of them out, or "
            "lower the correlations that make them one."
        )
        raise ValueError(msg)
