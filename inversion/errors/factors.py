"""The datasets prior and prior_covariance come in; the correlation of sectors, periods and places goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.errors.periods import PARTS, period_correlation
from inversion.errors.sector_mix import sector_mix
from inversion.linalg.dense import Dense
from inversion.linalg.kernels import SHAPES
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.likeness import Likeness
from inversion.linalg.stationary import Stationary

if TYPE_CHECKING:
    import xarray as xr

    from inversion.linalg.covariance import Covariance

EARTH_RADIUS = 6_371_008.8
_KM = 1000.0
_SMALLEST = -1e-10


def correlation_factors(prior: xr.Dataset, description: xr.Dataset) -> Kronecker:
    """Return sector (x) period (x) space.

    Parameters
    ----------
    prior : Dataset ``prior``
    description : Dataset ``prior_covariance``

    Returns
    -------
    Kronecker, factor shape (sectors, periods, places)
        Its period factor is an `InTime` unless the correlation of periods was given.
    """
    sectors = _correlation(prior, description, "sector")
    if sectors is None:
        msg = (
            "prior errors must come as correlations or as one covariance; got neither "
            "sector_correlation nor covariance in prior_covariance.nc. Give one of them."
        )
        raise ValueError(msg)
    periods = _correlation(prior, description, "period")
    shares = [f"temporal_{part}_share" for part in PARTS]
    twice = [name for name in shares if float(description.attrs.get(name, 0.0)) > 0.0]
    if periods is not None and twice:
        msg = (
            "the correlation in time must be given once; got period_correlation and "
            f"{', '.join(twice)} in prior_covariance.nc. Remove one of them."
        )
        raise ValueError(msg)
    return Kronecker(
        sectors,
        period_correlation(prior, description.attrs) if periods is None else periods,
        _spaces(prior, description, sectors.matrix),
    )


def _spaces(prior: xr.Dataset, description: xr.Dataset, sectors: np.ndarray):
    """Return the correlation between places of each sector; sectors of equal kind share one."""
    lengths = _lengths(prior, description)
    spaces = {length: _space(prior, description, length) for length in sorted(set(lengths))}
    plain = [spaces[length] for length in lengths]
    if description.attrs.get("likeness_of_sector_mix", "no") != "yes":
        return tuple(plain)
    mix, counted = sector_mix(prior)
    torn = np.argwhere(sectors * (counted[:, None] != counted[None, :]))
    if len(torn):
        names = prior["sector"].to_numpy().astype(str)[torn[0]].tolist()
        msg = (
            "sectors of an inventory, which the likeness of cells weights, and others must not be "
            f"correlated; got {names} in prior_covariance.nc. Set their correlation to 0 or "
            "likeness_of_sector_mix to no."
        )
        raise ValueError(msg)
    alike = {length: Likeness(space, mix) for length, space in spaces.items()}
    return tuple(
        alike[length] if inventory else spaces[length]
        for length, inventory in zip(lengths, counted.tolist(), strict=True)
    )


def _lengths(prior: xr.Dataset, description: xr.Dataset) -> list[float]:
    """Return the e-folding length of each sector [m]; 0 for regions, which have none."""
    g = prior.sizes["sector"]
    if prior["flux"].dims[2:] == ("region",):
        return [0.0] * g
    if "spatial_efolding_m" in description:
        return description["spatial_efolding_m"].to_numpy().astype(np.float64).tolist()
    return [float(description.attrs["spatial_efolding_km"]) * _KM] * g


def _space(prior: xr.Dataset, description: xr.Dataset, length: float) -> Covariance:
    """Return the correlation between places for one e-folding length [m]."""
    if prior["flux"].dims[2:] == ("region",):
        given = _correlation(prior, description, "region")
        if given is None:
            msg = (
                "a state of regions must come with region_correlation; got none in "
                "prior_covariance.nc. Give the regions' correlation matrix."
            )
            raise ValueError(msg)
        return given
    kernel = description.attrs["spatial_kernel"]
    if kernel not in SHAPES:
        msg = (
            f"spatial_kernel must be one of {', '.join(SHAPES)}; got {kernel!r} in "
            "prior_covariance.nc. Name one of these."
        )
        raise ValueError(msg)
    return Stationary(prior["flux"].shape[2:], grid_spacing(prior), length, kernel)


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


def _correlation(prior: xr.Dataset, description: xr.Dataset, dim: str) -> Dense | None:
    """Return a correlation that was given as a matrix, None where it was not."""
    name = f"{dim}_correlation"
    if name not in description:
        return None
    matrix = description[name].to_numpy().astype(np.float64)
    if len(matrix) != prior.sizes[dim]:
        msg = (
            f"{name} must have one row for each of {prior.sizes[dim]} {dim}s; got {len(matrix)} "
            "in prior_covariance.nc. Build it for this prior."
        )
        raise ValueError(msg)
    smallest = np.linalg.eigvalsh(matrix)[0]
    if smallest < _SMALLEST:
        msg = (
            f"{name} must be positive semidefinite; got a smallest eigenvalue of {smallest:.3g} in "
            "prior_covariance.nc. Lower the correlations that cannot hold together."
        )
        raise ValueError(msg)
    return Dense(matrix)
