"""Meteorology and observations come in; mixing height, wind speed and wind sector of each go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from contracts.grid import Grid

if TYPE_CHECKING:
    import xarray as xr

SECTORS = 8
_HALF_HOUR_NS = 1800 * 10**9
_CALM = 0.5


def weather_of(observations: xr.Dataset, meteorology: xr.Dataset) -> dict[str, np.ndarray]:
    """Return the weather at each observation's receptor in the middle of its hour.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations.
    meteorology : Dataset ``meteorology``
        On a projected grid; winds along its axes.

    Returns
    -------
    dict of ndarray, (n,)
        ``mixing_height`` [m], ``wind_speed`` [m s-1] at the level nearest to the inlet, and
        ``wind_sector``: 0 to 7 for wind from north, north-east, ...; -1 in calm air (below
        0.5 m s-1) and outside the weather's time or grid, where the others are NaN.

    Notes
    -----
    Linear in time, nearest cell. ASSUME: the grid's axes point east and north, which in a
    projection for one city is right within a few degrees.
    """
    row, column, inside = _cells(observations, meteorology)
    site = observations["receptor_index"].to_numpy()
    when = observations["time"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    when = when + _HALF_HOUR_NS
    known = meteorology["time"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    level = meteorology["level"].to_numpy()
    height = observations["inlet_height"].to_numpy()
    place = np.array([int(np.argmin(np.abs(level - one))) for one in height], dtype=np.int64)
    found = {name: np.full(len(site), np.nan) for name in ("height", "east", "north")}
    for number in np.unique(site[inside[site]]):
        own = np.flatnonzero(site == number)
        at = (slice(None), row[number], column[number])
        above = (slice(None), place[number], row[number], column[number])
        for name, variable, index in (
            ("height", "mixing_height", at),
            ("east", "eastward_wind", above),
            ("north", "northward_wind", above),
        ):
            series = meteorology[variable].to_numpy()[index]
            found[name][own] = np.interp(when[own], known, series, left=np.nan, right=np.nan)
    speed = np.hypot(found["east"], found["north"])
    return {
        "mixing_height": found["height"],
        "wind_speed": speed,
        "wind_sector": wind_sector(found["east"], found["north"]),
    }


def wind_sector(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Return where the wind comes from in eighths of a turn, clockwise from north; -1 in calm air.

    Examples
    --------
    >>> wind_sector(np.array([0.0, -5.0, 0.1]), np.array([-5.0, 0.0, 0.0])).tolist()
    [0, 2, -1]
    """
    speed = np.hypot(east, north)
    turn = np.arctan2(-east, -north) / (2.0 * np.pi) * SECTORS
    known = np.isfinite(speed) & (speed >= _CALM)
    sector = np.full(len(speed), -1, dtype=np.int64)
    sector[known] = np.rint(turn[known]).astype(np.int64) % SECTORS
    return sector


def _cells(
    observations: xr.Dataset, meteorology: xr.Dataset
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return row and column of the weather nearest to each receptor, and which lie on its grid."""
    dims = meteorology["mixing_height"].dims[1:]
    # a grid of two points has no bounds: only its CRS is asked
    grid = Grid(str(meteorology.attrs["grid_crs"]), np.arange(2.0), np.arange(2.0))
    easting, northing = grid.project(
        observations["longitude"].to_numpy(), observations["latitude"].to_numpy()
    )
    rows, columns = (meteorology[str(dim)].to_numpy() for dim in dims)
    inside = _within(rows, np.asarray(northing)) & _within(columns, np.asarray(easting))
    return _nearest(rows, northing), _nearest(columns, easting), inside


def _within(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Tell which places lie among the points of an axis, or half a step beyond."""
    half = 0.5 * float(np.diff(points).max(initial=0.0))
    return (places >= points.min() - half) & (places <= points.max() + half)


def _nearest(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the nearest point of an axis for each place."""
    return np.abs(np.asarray(places)[:, None] - points[None, :]).argmin(axis=1)
