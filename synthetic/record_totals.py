"""Fluxes on the grid of a prior come in; their totals over the batch, by region and sector, go out."""

from __future__ import annotations

import numpy as np
import xarray as xr

OUTSIDE = "outside"
MOL_PER_UMOL = 1e-6
KG_PER_G = 1e-3


def inside_regions(prior: xr.Dataset) -> np.ndarray:
    """Return which regions make up the whole, (region,) bool."""
    if "region_inside" in prior:
        return prior["region_inside"].to_numpy() != 0
    return prior["region"].to_numpy().astype(str) != OUTSIDE


def batch_shares(prior: xr.Dataset) -> np.ndarray:
    """Return what each cell and period weighs in the city's mean over the batch.

    Parameters
    ----------
    prior : Dataset `prior`

    Returns
    -------
    ndarray (period, row, col), m2
        Share of the batch's time × area inside the city; a mean flux [umol m-2 s-1] summed with
        these weights is the city's mean rate [umol s-1].
    """
    fraction = prior["region_fraction"].to_numpy()[inside_regions(prior)].sum(axis=0)
    area = fraction * prior["cell_area"].to_numpy()
    return _time_shares(prior)[:, None, None] * area


def region_names(prior: xr.Dataset) -> list[str]:
    """Return `all` and the prior's regions, in the order of `true_totals`."""
    return ["all", *prior["region"].to_numpy().astype(str).tolist()]


def sector_names(prior: xr.Dataset) -> list[str]:
    """Return the prior's sectors, `all` and `net`, in the order of `true_totals`."""
    return [*prior["sector"].to_numpy().astype(str).tolist(), "all", "net"]


def true_totals(flux: np.ndarray, prior: xr.Dataset) -> np.ndarray:
    """Return the mean rates of a truth over the batch.

    Parameters
    ----------
    flux : ndarray (sector, period, row, col), umol m-2 s-1
    prior : Dataset `prior`
        Regions, cells, periods, molar mass and the fixed flux.

    Returns
    -------
    ndarray (region, sector), kg s-1
        Regions `all`, then the prior's; sectors of the state, then `all` (those an inventory
        counts, or every one where none is of that kind) and `net` (every one and the fixed flux).
    """
    kilogram = MOL_PER_UMOL * float(prior.attrs["molar_mass_g_mol"]) * KG_PER_G
    area = prior["region_fraction"].to_numpy() * prior["cell_area"].to_numpy() * kilogram
    mean = np.einsum("p,spij->sij", _time_shares(prior), flux)
    parts = np.einsum("cij,sij->cs", area, mean)
    counted = prior["sector_kind"].to_numpy().astype(str) == "inventory"
    counted = counted if counted.any() else np.ones_like(counted)
    fixed = prior["fixed_flux"].to_numpy() if "fixed_flux" in prior else np.zeros(mean.shape[1:])
    net = parts.sum(axis=1) + np.einsum("cij,ij->c", area, fixed)
    table = np.column_stack([parts, parts[:, counted].sum(axis=1), net])
    return np.concatenate([table[inside_regions(prior)].sum(axis=0, keepdims=True), table])


def _time_shares(prior: xr.Dataset) -> np.ndarray:
    """Return the share of each period in the batch, (period,); 0 in the spin-up."""
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]")
    seconds = (bounds[:, 1] - bounds[:, 0]) / np.timedelta64(1, "s")
    seconds = seconds * (prior["period_in_batch"].to_numpy() != 0)
    return seconds / seconds.sum()
