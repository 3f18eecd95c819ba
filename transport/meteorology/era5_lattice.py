"""Coordinates of an ERA5 file come in; its lattice and its pressures, checked, go out."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from transport.meteorology.lattice import Lattice

PASCAL = {"Pa": 1.0, "hPa": 100.0, "millibars": 100.0, "mbar": 100.0}
DEGREES = (("latitude", "longitude"), ("lat", "lon"))
METRES = ("y", "x")


def row_and_column(dataset: xr.Dataset) -> tuple[str, str]:
    """Return the names of the dims of rows and columns; of degrees where there are none."""
    for pair in (*DEGREES, METRES):
        if all(name in dataset.dims for name in pair):
            return pair
    return DEGREES[0]


def pressure_of(axis: xr.DataArray) -> np.ndarray:
    """Return a pressure axis in Pa.

    Raises
    ------
    ValueError
        Where its unit is not one of pressure.
    """
    unit = axis.attrs.get("units")
    if unit not in PASCAL:
        msg = (
            f"the levels of an ERA5 file must be pressures in {' or '.join(PASCAL)}; got {unit!r} "
            f"in the coordinate {axis.name}. Fetch pressure levels (model levels are not read)."
        )
        raise ValueError(msg)
    return axis.to_numpy().astype(float) * PASCAL[unit]


def lattice_of(dataset: xr.Dataset, where: str) -> Lattice:
    """Return the lattice of a file, rows turned to ascend.

    Parameters
    ----------
    dataset : xarray.Dataset
        On latitude and longitude, or on x and y with a grid mapping.
    where : str
        The file, for messages.

    Returns
    -------
    Lattice

    Raises
    ------
    ValueError
        Where an axis is missing, holds what it should not, or is not in order.
    """
    row, column = row_and_column(dataset)
    if row not in dataset.coords or column not in dataset.coords:
        msg = (
            "an ERA5 file must lie on latitude and longitude, or on y and x; got "
            f"{sorted(map(str, dataset.dims))} in {where}. Fetch it on a regular grid."
        )
        raise ValueError(msg)
    rows, columns = (dataset[name].to_numpy().astype(float) for name in (row, column))
    degrees = row != METRES[0]
    rising = np.diff(rows[::-1] if len(rows) > 1 and rows[0] > rows[-1] else rows)
    faults = []
    if degrees and np.abs(rows).max() > 90.0:
        faults.append(f"{row} up to {np.abs(rows).max():g} degrees")
    for name, unit in ((row, "degrees_north"), (column, "degrees_east")):
        found = dataset[name].attrs.get("units")
        if found != (unit if degrees else "m"):
            faults.append(f"{name} in {found!r} for {unit if degrees else 'm'!r}")
    if (rising <= 0.0).any() or (np.diff(columns) <= 0.0).any():
        faults.append(f"{row} or {column} out of order")
    if faults:
        msg = (
            f"axes of an ERA5 file must be {row} and {column}, each in order; got "
            f"{'; '.join(faults)} in {where}. Are the axes swapped?"
        )
        raise ValueError(msg)
    return Lattice(np.sort(rows), columns, None if degrees else _projection(dataset, where))


def _projection(dataset: xr.Dataset, where: str) -> Any:
    """Return the map projection that a grid-mapping variable says."""
    from pyproj import CRS, Proj

    for variable in dataset.variables.values():
        attributes = variable.attrs
        if "grid_mapping_name" not in attributes:
            continue
        for key in ("proj_params", "crs_wkt", "spatial_ref"):
            if key in attributes:
                return Proj(CRS.from_user_input(attributes[key]))
        return Proj(CRS.from_cf(attributes))
    msg = (
        f"a file on y and x must say its projection; got no variable with grid_mapping_name in "
        f"{where}. Keep the grid mapping when regridding."
    )
    raise ValueError(msg)
