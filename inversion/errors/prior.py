"""The datasets prior and prior_covariance come in; the covariance B of the flux state goes out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import ALL, CO2_G_MOL, layout_of, region_sector_mix
from inversion.declared import (
    Declaration,
    feasibility_problems,
    independent_columns,
)
from inversion.linalg.dense import Dense
from inversion.linalg.in_time import exponential_in_time
from inversion.linalg.kernels import SHAPES
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import Product
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.separable import Separable
from inversion.linalg.stationary import Stationary
from inversion.linalg.with_totals import WithTotals
from inversion.nearest import nearest_covariance

if TYPE_CHECKING:
    import xarray as xr

    from inversion.aggregates import Layout
    from inversion.linalg.covariance import Covariance

logger = logging.getLogger(__name__)

EARTH_RADIUS = 6_371_008.8
_KM, _DAY = 1000.0, 86_400.0
_SMALLEST = -1e-10
MOST_EXPLICIT = 10_000


def prior_covariance(
    prior: xr.Dataset, description: xr.Dataset, molar_mass_g_mol: float = CO2_G_MOL
) -> Covariance:
    """Return B of the fluxes [(umol m-2 s-1)^2].

    Parameters
    ----------
    prior : Dataset ``prior``
        Standard deviations, periods, places and regions.
    description : Dataset ``prior_covariance``
        Correlations and declared totals.
    molar_mass_g_mol : float
        Molar mass of the gas [g mol-1], for totals in kg s-1.

    Returns
    -------
    Covariance
        Scaled(sigma, sector (x) period (x) space), corrected so that each declared total has
        exactly its declared standard deviation (SCIENCE 2.2).
    """
    base = (
        _whole(prior, description) if "covariance" in description else _factors(prior, description)
    )
    declared = declarations(description)
    if not declared:
        logger.warning("no total has a declared uncertainty: the correlation lengths decide")
        return base
    return with_declared(base, layout_of(prior, molar_mass_g_mol), declared)


def _factors(prior: xr.Dataset, description: xr.Dataset):
    """Return Scaled(sigma, sector (x) period (x) space)."""
    sigma = prior["flux_standard_deviation"].to_numpy().astype(np.float64, copy=False)
    g, p = sigma.shape[:2]
    kronecker = Kronecker(
        _sectors(prior, description), _periods(prior, description), _spaces(prior, description)
    )
    return ScaledKronecker(sigma.reshape(g, p, -1), kronecker)


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


def with_declared(base: Covariance, layout: Layout, declared: list[Declaration]) -> WithTotals:
    """Return a covariance whose totals have exactly their declared standard deviations.

    Parameters
    ----------
    base : Covariance, (fluxes, fluxes)
        K.
    layout : Layout
    declared : list of Declaration

    Raises
    ------
    ValueError
        Where the values cannot hold together, with the interval that can.
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
    unseen = [ordered[kept[k]] for k in np.flatnonzero(np.diagonal(given) <= 0.0)]
    if unseen:
        msg = (
            "a declared total must have prior uncertainty in at least one cell; got none for "
            f"{[(one.region, one.sector) for one in unseen]} in prior.nc. Leave these totals out "
            "or give their cells a standard deviation."
        )
        raise ValueError(msg)
    totals = np.linalg.lstsq(columns[:, kept], columns, rcond=None)[0]
    deviation = np.array([one.standard_deviation for one in ordered])
    return WithTotals(base, basis, nearest_covariance(given, totals, deviation))


def _sectors(prior: xr.Dataset, description: xr.Dataset):
    """Return the correlation between sectors."""
    if "sector_correlation" not in description:
        msg = (
            "prior errors must come as correlations or as one covariance; got neither "
            "sector_correlation nor covariance in prior_covariance.nc. Give one of them."
        )
        raise ValueError(msg)
    matrix = description["sector_correlation"].to_numpy().astype(np.float64)
    if len(matrix) != prior.sizes["sector"]:
        msg = (
            f"sector_correlation must have one row for each of {prior.sizes['sector']} sectors; "
            f"got {len(matrix)} in prior_covariance.nc. Build it from this prior."
        )
        raise ValueError(msg)
    return Dense(_positive(matrix, "sector_correlation"))


def _periods(prior: xr.Dataset, description: xr.Dataset):
    """Return the correlation between periods."""
    if "period_correlation" in description:
        matrix = description["period_correlation"].to_numpy().astype(np.float64)
        if len(matrix) != prior.sizes["period"]:
            msg = (
                f"period_correlation must have one row for each of {prior.sizes['period']} "
                f"periods; got {len(matrix)} in prior_covariance.nc. Build it for this prior."
            )
            raise ValueError(msg)
        return Dense(_positive(matrix, "period_correlation"))
    kernel = description.attrs["temporal_kernel"]
    if kernel != "exponential":
        msg = (
            f"temporal_kernel must be exponential; got {kernel!r} in prior_covariance.nc. "
            "Set the attribute to exponential."
        )
        raise ValueError(msg)
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9
    centres = bounds.mean(axis=1)
    length = float(description.attrs["temporal_efolding_days"]) * _DAY
    return exponential_in_time(centres, length)


def _spaces(prior: xr.Dataset, description: xr.Dataset):
    """Return the correlation between places: one, or one for each sector."""
    if prior["flux"].dims[2:] == ("region",):
        if "region_correlation" not in description:
            msg = (
                "a state of regions must come with region_correlation; got none in "
                "prior_covariance.nc. Give the regions' correlation matrix."
            )
            raise ValueError(msg)
        matrix = description["region_correlation"].to_numpy().astype(np.float64)
        if len(matrix) != prior.sizes["region"]:
            msg = (
                f"region_correlation must have one row for each of {prior.sizes['region']} "
                f"regions; got {len(matrix)} in prior_covariance.nc. Build it for this prior."
            )
            raise ValueError(msg)
        return Dense(_positive(matrix, "region_correlation"))
    kernel = description.attrs["spatial_kernel"]
    if kernel not in SHAPES:
        msg = (
            f"spatial_kernel must be one of {', '.join(SHAPES)}; got {kernel!r} in "
            "prior_covariance.nc. Name one of these."
        )
        raise ValueError(msg)
    shape, spacing = prior["flux"].shape[2:], grid_spacing(prior)
    if "spatial_efolding_m" not in description:
        length = float(description.attrs["spatial_efolding_km"]) * _KM
        return Stationary(shape, spacing, length, kernel)
    lengths = description["spatial_efolding_m"].to_numpy().astype(np.float64).tolist()
    spaces = {length: Stationary(shape, spacing, length, kernel) for length in sorted(set(lengths))}
    return tuple(spaces[length] for length in lengths)


def grid_spacing(prior: xr.Dataset) -> tuple[float, float]:
    """Return the distance of neighbouring rows and columns of a prior's grid [m].

    Notes
    -----
    ASSUME: on a geographic grid the spacing at its middle latitude holds everywhere; over a city
    of 200 km the columns' spacing differs by less than 2 %.
    """
    row, column = prior["flux"].dims[2:]
    steps = [
        float(np.diff(prior[dim].to_numpy()).mean()) if prior.sizes[dim] > 1 else 1.0
        for dim in (row, column)
    ]
    if row == "latitude":
        middle = np.deg2rad(float(prior[row].mean()))
        metres = np.deg2rad(1.0) * EARTH_RADIUS
        return steps[0] * metres, steps[1] * metres * float(np.cos(middle))
    return steps[0], steps[1]


def _positive(matrix: np.ndarray, name: str):
    """Return a correlation matrix, or refuse one that is not positive semidefinite."""
    smallest = np.linalg.eigvalsh(matrix)[0]
    if smallest < _SMALLEST:
        msg = (
            f"{name} must be positive semidefinite; got a smallest eigenvalue of {smallest:.3g} in "
            "prior_covariance.nc. Lower the correlations that cannot hold together."
        )
        raise ValueError(msg)
    return matrix
