"""Published prior fluxes and extra equations of New Zealand come in; the prior that holds them all and its covariance go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg
import xarray as xr

from inversion.published.new_zealand_regions import GROUPS, LAND, group_weights, outlines
from inversion.published.new_zealand_transport import teragrams_per_flux

if TYPE_CHECKING:
    from inversion.published.new_zealand_files import Files
    from inversion.published.new_zealand_parts import Parts

_FLUX = "umol m-2 s-1"
# 5 kg m-2 a year, the authors' smoothWland and smoothWoce.
_SMOOTHING_TG_M2 = 5e-9
# Regions whose yearly sum is held to the prior's: Australia with a given sd, the ocean by its share.
_AUSTRALIA, _AUSTRALIA_SD_TG, _OCEAN_SHARE = 16, 1000.0, 10.0
_HELD = (_AUSTRALIA, *range(20, 26))


def effective_prior(files: Files, parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of each region's fluxes after the authors' extra equations.

    Parameters
    ----------
    files : Files
    parts : Parts
        p parts.

    Returns
    -------
    mean : ndarray, (regions, p)
        [Tg yr-1]
    covariance : ndarray, (regions, p, p)
        [Tg2 yr-2]; regions are independent of each other.

    Notes
    -----
    The extra equations are data that no observation enters, so they belong to the prior: with
    P0 = diag(u^2), smoothing D s = 0 of variance V_D and yearly sums A s = 48 m of variance V_A,
    the precision is P0^-1 + D^T V_D^-1 D + A^T V_A^-1 A and the mean solves
    precision . mean = P0^-1 s0 + A^T V_A^-1 48 m. Smoothing acts on the whole flux and not on its
    departure from s0, so the mean is not s0. D is cyclic: the last part is paired with the first.
    """
    p = len(parts.year)
    difference = np.eye(p) - np.roll(np.eye(p), 1, axis=1)
    mean, covariance = np.empty((len(files.area), p)), np.empty((len(files.area), p, p))
    for region in range(len(files.area)):
        weight = 1.0 / files.prior_sd[region] ** 2
        smoothing = _SMOOTHING_TG_M2 * files.area[region]
        precision = np.diag(weight) + difference.T @ difference / smoothing**2
        right = weight * files.prior[region]
        if region + 1 in _HELD:
            rows, sums, deviation = yearly_sums(region + 1, files.prior[region], parts)
            precision += (rows.T / deviation**2) @ rows
            right = right + (rows.T / deviation**2) @ sums
        factor = scipy.linalg.cho_factor(precision, lower=True)
        mean[region] = scipy.linalg.cho_solve(factor, right)
        inverse = scipy.linalg.cho_solve(factor, np.eye(p))
        covariance[region] = 0.5 * (inverse + inverse.T)
    return mean, covariance


def yearly_sums(
    number: int, prior: np.ndarray, parts: Parts
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the equations that hold a region's yearly sums, one a year.

    Parameters
    ----------
    number : int
        Number of the region, from 1.
    prior : ndarray, (p,)
        s0 [Tg yr-1].
    parts : Parts

    Returns
    -------
    rows : ndarray, (years, p)
        A: 1 for each part of the year, unweighted as the authors have it.
    sums, deviation : ndarray, (years,)
        48 times the mean of s0 over the year, and 48 times its standard deviation [Tg yr-1].
    """
    years = np.unique(parts.year)
    rows = (parts.year == years[:, None]).astype(np.float64)
    count = rows.sum(axis=1)
    mean = rows @ prior / count
    share = (
        np.full(len(years), _AUSTRALIA_SD_TG)
        if number == _AUSTRALIA
        else _OCEAN_SHARE * np.abs(mean)
    )
    return rows, count * mean, count * share


def prior_of(files: Files, parts: Parts) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the datasets ``prior`` and ``prior_covariance`` of the state (sector, part, region).

    Returns
    -------
    prior : Dataset ``prior``
        The effective mean and standard deviation; the file's own are ``published_flux`` and
        ``published_flux_standard_deviation``.
    prior_covariance : Dataset ``prior_covariance``
        The whole matrix [umol2 m-4 s-2].
    """
    per_flux = teragrams_per_flux(parts, files.area)
    mean, covariance = effective_prior(files, parts)
    p, regions = per_flux.shape
    scaled = covariance / (per_flux.T[:, :, None] * per_flux.T[:, None, :])
    whole = np.zeros((p, regions, p, regions))
    whole[:, np.arange(regions), :, np.arange(regions)] = scaled
    deviation = np.sqrt(np.diagonal(scaled, axis1=1, axis2=2)).T
    fluxes = {
        "flux": mean.T / per_flux,
        "flux_standard_deviation": deviation,
        "published_flux": files.prior.T / per_flux,
        "published_flux_standard_deviation": files.prior_sd.T / per_flux,
    }
    dims, unit = ("sector", "period", "region"), {"units": _FLUX}
    prior = xr.Dataset(
        {
            "sector": ("sector", np.array(["natural"], dtype=object)),
            "sector_kind": ("sector", np.array(["biosphere"], dtype=object)),
            "period_bounds": (("period", "bounds"), parts.bounds),
            "period_in_batch": ("period", np.ones(p, dtype=np.int8)),
            **{name: (dims, value[None], unit) for name, value in fluxes.items()},
            **_regions(files),
        },
        attrs={
            "title": "fluxes of 25 regions that the authors' prior and extra equations expect",
            "synthetic": "no",
            "city_name": "New Zealand",
            "region_outline_crs": "WGS 84, longitude 0 to 360 and latitude in degrees",
        },
    )
    given = {"spatial_kernel": "given", "temporal_kernel": "given", "synthetic": "no"}
    none = np.array([], dtype="<U1")
    description = xr.Dataset(
        {
            "covariance": (
                ("state", "state_2"),
                whole.reshape(p * regions, p * regions),
                {"units": "umol2 m-4 s-2"},
            ),
            "declared_region": ("declared", none),
            "declared_sector": ("declared", none),
            "declared_standard_deviation": ("declared", np.zeros(0), {"units": "kg s-1"}),
        },
        attrs={"title": "covariance of the prior, its extra equations included", **given},
    )
    return prior, description


def _regions(files: Files):
    """Return the variables of regions and of their sums."""
    names = np.array(files.names, dtype=object)
    number = np.arange(1, len(names) + 1)
    weights = group_weights(files.names)
    group_names = np.array([name for name, _ in GROUPS.values()], dtype=object)
    return {
        "region": ("region", names),
        "region_name": ("region", names),
        "region_name_local": ("region", names),
        "region_area": ("region", files.area, {"units": "m2"}),
        "region_inside": ("region", np.isin(number, list(LAND)).astype(np.int8)),
        "region_outline": ("region", np.array(outlines(files), dtype=object)),
        "group": ("group", np.array(list(weights), dtype=object)),
        "group_name": ("group", group_names),
        "group_name_local": ("group", group_names),
        "group_weight": (
            ("group", "region"),
            np.array(list(weights.values())),
            {"units": "1"},
        ),
    }
