"""Arrays of one's own fluxes and errors come in; the datasets `prior` and `prior_covariance` go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.own_arrays import own_array, own_quantity
from contracts.units import CANONICAL, factor_to_canonical, mass_rate_of_flux
from inventories.own_state import OwnState

FLUX = {"units": "umol m-2 s-1"}


def own_prior(state: OwnState, flux: Any, standard_deviation: Any, unit: str) -> xr.Dataset:
    """Return the dataset `prior` of fluxes one brings.

    Parameters
    ----------
    state : OwnState
        Sectors, periods and places.
    flux, standard_deviation : array_like (sector, period, region) or (sector, period, row, col)
        Mean over each period, upward positive, and its 1-sigma (>= 0; 0 is "known exactly").
    unit : str
        Of both: a flux ("umol m-2 s-1", "nmol m-2 s-1" ...) or the rate of a whole place
        ("kg s-1", "t d-1" ...), which is divided by its area.

    Returns
    -------
    Dataset
        Contract `prior`. On a grid `hourly_profile` is 1; put your own in its place.

    Raises
    ------
    ValueError
        Where shapes, units or numbers are not what they should be.
    """
    axes, per_unit = state.axes(), _to_flux(state, unit)
    mean = per_unit * own_array(flux, axes, "flux", "own_prior")
    deviation = per_unit * own_array(standard_deviation, axes, "standard_deviation", "own_prior")
    if (deviation < 0.0).any():
        msg = (
            f"standard_deviation must be >= 0; got {float(deviation.min()):g} umol m-2 s-1 in "
            "own_prior. Give the square root of the variance."
        )
        raise ValueError(msg)
    dims = ("sector", "period", *state.space_dims)
    dataset = xr.Dataset(
        {
            "flux": (dims, mean, FLUX),
            "flux_standard_deviation": (dims, deviation, FLUX),
            **state.variables(),
        },
        coords=state.coords(),
        attrs={"title": "prior fluxes brought by the user", **state.attributes()},
    )
    check_dataset(dataset, "prior", "own_prior")
    return dataset


def own_prior_covariance(
    prior: xr.Dataset, sector: Any, time: Any, place: Any, declared: Mapping[tuple[str, str], float]
) -> xr.Dataset:
    """Return the dataset `prior_covariance`: how the errors of a prior hang together.

    Parameters
    ----------
    prior : Dataset `prior`
    sector : float or array_like (sector, sector)
        Correlation between the errors of any two sectors, or their matrix.
    time : float or array_like (period, period)
        E-folding time in days, or the matrix of correlations between periods.
    place : float or array_like (region, region)
        E-folding length in km (grids only), or the matrix of correlations between regions.
    declared : mapping of (region, sector) to float
        Standard deviation [kg s-1] that a total of the batch must have exactly; {} for none.

    Returns
    -------
    Dataset
        Contract `prior_covariance`: B = diag(sd) (sector x time x place) diag(sd).

    Raises
    ------
    ValueError
        Where a matrix does not fit the prior or is no correlation matrix.
    """
    sizes = prior.sizes
    matrix = _common(sector, sizes["sector"]) if np.ndim(sector) == 0 else sector
    variables = {"sector_correlation": _square(matrix, "sector", sizes)}
    attrs: dict[str, Any] = {"spatial_kernel": "given", "temporal_kernel": "given"}
    if np.ndim(time) == 0:
        attrs |= {"temporal_kernel": "exponential", "temporal_efolding_days": _length(time, "time")}
    else:
        variables["period_correlation"] = _square(time, "period", sizes)
    on_grid = "region" not in prior["flux"].dims
    if (np.ndim(place) == 0) != on_grid:
        wanted = "an e-folding length in km on a grid" if on_grid else "a matrix (region, region)"
        msg = (
            f"place must be {wanted}; got {np.ndim(place)} axes in own_prior_covariance. "
            "Independent regions have numpy.eye(number of regions)."
        )
        raise ValueError(msg)
    if on_grid:
        attrs |= {"spatial_kernel": "exponential", "spatial_efolding_km": _length(place, "place")}
    else:
        variables["region_correlation"] = _square(place, "region", sizes)
    return _description(prior, variables, declared, attrs)


def whole_prior_covariance(
    prior: xr.Dataset, covariance: Any, declared: Mapping[tuple[str, str], float]
) -> xr.Dataset:
    """Return the dataset `prior_covariance` of a covariance given as one matrix.

    Parameters
    ----------
    prior : Dataset `prior`
        Its `flux_standard_deviation` must be the root of the matrix's diagonal.
    covariance : array_like (state, state), umol2 m-4 s-2
        State in the order sector (slowest), period, place.
    declared : mapping of (region, sector) to float
        As in `own_prior_covariance`.

    Returns
    -------
    Dataset
        Contract `prior_covariance`.
    """
    size = int(prior["flux"].size)
    axes = {"state": size, "state_2": size}
    values = own_array(covariance, axes, "covariance", "whole_prior_covariance")
    variables = {"covariance": (tuple(axes), values, {"units": "umol2 m-4 s-2"})}
    attrs = {"spatial_kernel": "given", "temporal_kernel": "given"}
    return _description(prior, variables, declared, attrs)


def _description(
    prior: xr.Dataset,
    variables: dict[str, Any],
    declared: Mapping[tuple[str, str], float],
    attrs: dict[str, Any],
) -> xr.Dataset:
    """Return the checked dataset with the declared totals."""
    rows = sorted(declared)
    deviations = [declared[row] for row in rows]
    names = [np.array([row[at] for row in rows] or [], dtype=str) for at in (0, 1)]
    dataset = xr.Dataset(
        {
            **variables,
            "declared_region": ("declared", names[0]),
            "declared_sector": ("declared", names[1]),
            "declared_standard_deviation": (
                "declared",
                own_quantity(
                    deviations, "kg s-1", "total", {"declared": len(rows)},
                    ("declared", "own_prior_covariance"),
                ),
                {"units": "kg s-1"},
            ),
        },
        attrs={
            "title": "prior error covariance brought by the user",
            "synthetic": prior.attrs["synthetic"],
            **attrs,
        },
    )  # fmt: skip
    check_dataset(dataset, "prior_covariance", "own_prior_covariance")
    return dataset


def _common(correlation: float, size: int) -> np.ndarray:
    """Return the matrix of one correlation between any two."""
    return (1.0 - correlation) * np.eye(size) + correlation


def _square(matrix: Any, dim: str, sizes: Mapping[Any, int]):
    """Return a matrix of correlations as a variable."""
    axes = {dim: sizes[dim], f"{dim}_2": sizes[dim]}
    values = own_array(matrix, axes, f"the correlations between {dim}s", "own_prior_covariance")
    return tuple(axes), values, {"units": "1"}


def _length(value: Any, name: str) -> float:
    """Return an e-folding length, or refuse."""
    length = float(value)
    if not (np.isfinite(length) and length > 0.0):
        msg = (
            f"{name} must be an e-folding length > 0 (days, km) or a matrix; got {length} in "
            "own_prior_covariance. Independent errors have the matrix numpy.eye(n)."
        )
        raise ValueError(msg)
    return length


def _to_flux(state: OwnState, unit: str) -> Any:
    """Return the factor from a unit of fluxes, or of rates of whole places, to umol m-2 s-1."""
    try:
        return factor_to_canonical(unit, "flux")
    except ValueError as flux_error:
        try:
            rate = factor_to_canonical(unit, "total")
        except ValueError as rate_error:
            msg = (
                f"unit must be one of a flux such as {CANONICAL['flux']!r} or of a rate such as "
                f"{CANONICAL['total']!r}; got {unit!r} in own_prior. {flux_error} {rate_error}"
            )
            raise ValueError(msg) from None
        return rate / (state.areas() * mass_rate_of_flux(state.gas.molar_mass_g_mol))
