"""A netCDF file of gridded proxies comes in; one checked field on the run's grid goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.grid import Grid


def open_proxies(path: str | Path, grid: Any) -> xr.Dataset:
    """Return the proxies, which must lie on the run's grid.

    Parameters
    ----------
    path : path
    grid : contracts.grid.Grid

    Returns
    -------
    xarray.Dataset
        Fully loaded.

    Raises
    ------
    ValueError
        Where the grid is another one.
    """
    with xr.open_dataset(path, engine="netcdf4") as opened:
        proxies = opened.load()
    if not Grid.from_dataset(proxies).same_as(grid):
        msg = (
            f"proxies must lie on the run's grid {grid.crs} {grid.shape}; got another grid in "
            f"{Path(path).name}. Regrid them, or set the grid to theirs."
        )
        raise ValueError(msg)
    return proxies


def proxy_field(proxies: xr.Dataset, name: str, grid: Any) -> np.ndarray:
    """Return a non-negative field.

    Parameters
    ----------
    proxies : xarray.Dataset
    name : str
    grid : contracts.grid.Grid

    Returns
    -------
    ndarray (row, col)
        >= 0, not all zero; the proxy's own unit.

    Raises
    ------
    ValueError
        Where it is unknown, has other dims, or negative or non-finite values.
    """
    values = _field(proxies, name, grid)
    if values.ndim != 2 or (values < 0).any() or not values.sum() > 0:
        msg = (
            f"a proxy must be a field of two dims, >= 0 and not all 0; got {name} of {values.ndim} "
            f"dims from {values.min()} to {values.max()} in the proxies. Correct it."
        )
        raise ValueError(msg)
    return values


def flux_field(proxies: xr.Dataset, name: str, grid: Any, period_bounds: np.ndarray) -> np.ndarray:
    """Return a flux for every state period.

    Parameters
    ----------
    proxies : xarray.Dataset
    name : str
        With dims (row, col), the same in every period, or (time, row, col) with one entry for
        each period, labelled by its start.
    grid : contracts.grid.Grid
    period_bounds : ndarray (period, 2), datetime64[ns]

    Returns
    -------
    ndarray (period, row, col), umol m-2 s-1

    Raises
    ------
    ValueError
        Where it is unknown, has another unit, is not finite, or misses a period.
    """
    values = _field(proxies, name, grid)
    unit = proxies[name].attrs.get("units")
    if unit != "umol m-2 s-1":
        msg = (
            f"the unit of a flux field must be umol m-2 s-1; got {unit!r} in {name} of the "
            "proxies. Convert it."
        )
        raise ValueError(msg)
    if values.ndim == 2:
        return np.repeat(values[None], len(period_bounds), axis=0)
    time = proxies["time"].to_numpy().astype("datetime64[ns]")
    missing = np.setdiff1d(period_bounds[:, 0], time)
    if len(missing):
        msg = (
            f"a flux field with time must have an entry at the start of every period; got none "
            f"for {len(missing)}, first {missing[0]}, in {name} of the proxies. Add them."
        )
        raise ValueError(msg)
    return values[np.searchsorted(time, period_bounds[:, 0])]


def _field(proxies: xr.Dataset, name: str, grid: Any) -> np.ndarray:
    """Return the values of a field with the grid's dims last."""
    if name not in proxies.data_vars:
        msg = (
            f"a proxy must be one of {', '.join(sorted(map(str, proxies.data_vars)))}; got "
            f"{name!r} in inventories.sectors. Name one of these."
        )
        raise ValueError(msg)
    field = proxies[name]
    space = (grid.row_dim, grid.column_dim)
    if field.dims not in (space, ("time", *space)):
        msg = f"a proxy must have dims {space}; got {field.dims} in {name}. Transpose the file."
        raise ValueError(msg)
    values = field.to_numpy().astype(float)
    if not np.isfinite(values).all():
        count = int((~np.isfinite(values)).sum())
        msg = f"a proxy must be finite; got {count} other values in {name}. Fill them knowingly."
        raise ValueError(msg)
    return values
