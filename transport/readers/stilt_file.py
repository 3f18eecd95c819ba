"""Paths of STILT netCDF footprints come in; the receptor of each name, and checked slices, go out.

A STILT file says when it looks back to, and nowhere but in its name for whom.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from contracts.grid import Grid
from transport.readers.lattice import grid_of_centres

# all are m2 s mol-1; STILT's own first, then PYSTILT's and other users'
UNITS = (
    "ppm (umol-1 m2 s)",
    "ppm m2 s umol-1",
    "ppm per (micromol m-2 s-1)",
    "ppm/(umol*m-2*s-1)",
)
HOUR = np.timedelta64(3600, "s")
LATITUDE_FIRST = re.compile(
    r"(?P<time>\d{10})_(?P<latitude>\d+\.?\d*)(?P<north>[NS])(?P<longitude>\d+\.?\d*)(?P<east>[EW])"
    r"(?P<height>\d{5})\.nc"
)
LONGITUDE_FIRST = re.compile(
    r"(?P<time>\d{10})(?P<minute>\d\d)?_(?P<longitude>-?\d+\.?\d*)_(?P<latitude>-?\d+\.?\d*)_"
    r"(?P<height>\d+\.?\d*)_foot\.nc"
)


@dataclass(frozen=True)
class StiltName:
    """What the name of a file says.

    Attributes
    ----------
    path : Path
    time : datetime64[ns]
        Of the receptor, a whole hour, UTC.
    longitude, latitude : float
        Degrees.
    height : float
        Above ground [m].
    """

    path: Path
    time: np.datetime64
    longitude: float
    latitude: float
    height: float


def read_names(files: Sequence[str | Path]) -> list[StiltName]:
    """Return the receptors that names of files say, sorted by path; no file is opened.

    Parameters
    ----------
    files : sequence of path
        `2015090200_40.77N111.85W00035.nc` (height in five digits), or STILT's own
        `201509020000_-111.85_40.77_35_foot.nc`.

    Returns
    -------
    list of StiltName

    Raises
    ------
    ValueError
        Where there is no file, or a name says no receptor.
    """
    if not files:
        msg = (
            "the reader `stilt` must have at least one file; got none in transport.files. "
            "Name the STILT footprint files."
        )
        raise ValueError(msg)
    return [_read_name(Path(file)) for file in sorted(map(str, files))]


def _read_name(path: Path) -> StiltName:
    """Return the receptor that one name says."""
    found = LATITUDE_FIRST.fullmatch(path.name) or LONGITUDE_FIRST.fullmatch(path.name)
    try:
        parts = found.groupdict() if found else {}
        digits = parts["time"]
        day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
        time = np.datetime64(f"{day}T{digits[8:]}:{parts.get('minute') or '00'}", "ns")
        latitude, longitude = float(parts["latitude"]), float(parts["longitude"])
        whole = time == time.astype("datetime64[h]") and abs(latitude) <= 90.0
        valid = whole and abs(longitude) <= 360.0
    except (KeyError, ValueError):
        valid = False
    if not valid:
        msg = (
            "the name of a STILT file must say a whole hour (UTC), place and height of its "
            f"receptor; got {path.name} in {path.parent}. Name it like "
            "2015090200_40.77N111.85W00035.nc or 201509020000_-111.85_40.77_35_foot.nc."
        )
        raise ValueError(msg)
    return StiltName(
        path=path,
        time=time,
        longitude=-longitude if parts.get("east") == "W" else longitude,
        latitude=-latitude if parts.get("north") == "S" else latitude,
        height=float(parts["height"]),
    )


@dataclass(frozen=True)
class StiltFile:
    """One receptor hour's footprint.

    Attributes
    ----------
    grid : contracts.grid.Grid
    hours_before : ndarray (slice,), int
        Hours from the start of each slice to the receptor, descending to 1 at best.
    values : ndarray (slice, row, col)
        Sensitivity [m2 s mol-1], float64.
    gaps : int
        Hours between the first slice and the receptor that have no slice.
    """

    grid: Grid
    hours_before: np.ndarray
    values: np.ndarray
    gaps: int


def open_stilt_file(name: StiltName) -> StiltFile:
    """Return one file's slices.

    Parameters
    ----------
    name : StiltName

    Returns
    -------
    StiltFile

    Raises
    ------
    ValueError
        Where variables, unit, grid, slices or values break a rule.
    """
    with xr.open_dataset(name.path, engine="netcdf4") as dataset:
        grid = _grid(dataset, name.path)
        before = _hours_before(dataset["time"].to_numpy(), name)
        values = dataset["foot"].transpose("time", "lat", "lon").to_numpy().astype(np.float64)
    bad = int((~np.isfinite(values)).sum()), int((values < 0).sum())
    if any(bad):
        msg = (
            f"a footprint must be finite and >= 0; got {bad[0]} non-finite and {bad[1]} negative "
            f"values in foot of {name.path.name}. Leave this file out."
        )
        raise ValueError(msg)
    gaps = int(before.max(initial=0)) - len(before)
    return StiltFile(grid, before, values, gaps)


def stilt_grid(name: StiltName) -> Grid:
    """Return the grid of one file, its variables and unit checked, its values not read.

    Parameters
    ----------
    name : StiltName

    Returns
    -------
    contracts.grid.Grid
        EPSG:4326.

    Raises
    ------
    ValueError
        Where variables, unit or cell centres break a rule.
    """
    with xr.open_dataset(name.path, engine="netcdf4") as dataset:
        return _grid(dataset, name.path)


def _grid(dataset: xr.Dataset, path: Path) -> Grid:
    """Return the grid of an open file; refuse what is no STILT footprint in the known unit."""
    missing = [n for n in ("foot", "time", "lat", "lon") if n not in dataset.variables]
    if missing:
        msg = (
            f"a STILT file must hold foot, time, lat and lon; got no {', '.join(missing)} in "
            f"{path.name}. Give a STILT footprint on longitude and latitude."
        )
        raise ValueError(msg)
    unit = dataset["foot"].attrs.get("units")
    if unit not in UNITS:
        msg = (
            f"the unit of foot must be one of {'; '.join(UNITS)}; got {unit!r} in {path.name}. Convert the file, or "
            "correct its attribute."
        )
        raise ValueError(msg)
    return grid_of_centres(dataset["lat"].to_numpy(), dataset["lon"].to_numpy(), path.name)


def _hours_before(labels: np.ndarray, name: StiltName) -> np.ndarray:
    """Return the hours from each slice's start to the receptor; refuse labels that cannot be."""
    time = labels.astype("datetime64[ns]")
    whole = np.array_equal(time, time.astype("datetime64[h]").astype("datetime64[ns]"))
    before = (name.time - time).astype("timedelta64[h]").astype(np.int64)
    if not whole or (before < 1).any() or (np.diff(before) >= 0).any():
        msg = (
            "slices must be labelled by the start of whole hours before the receptor, ascending; "
            f"got {', '.join(map(str, time[:3].astype('datetime64[m]')))} ... "
            f"{time[-1].astype('datetime64[m]')} for the receptor "
            f"{name.time.astype('datetime64[m]')} in {name.path.name}. Give hourly slices (not "
            "integrated over time), or correct the name."
        )
        raise ValueError(msg)
    return before
