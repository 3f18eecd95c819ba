"""Attributes and coordinates of a wrfout file come in; the lattice of its mass points goes out.

WRF's maps are drawn on a sphere of 6370 km; on the ellipsoid its points would not be regular.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from transport.meteorology.lattice import Lattice

RADIUS_M = 6_370_000.0
TOLERANCE = 0.01  # of a grid step
PROJECTIONS = {1: "lcc", 2: "stere", 3: "merc", 6: "latlon"}


def definition(attributes: dict[str, Any], where: str) -> str | None:
    """Return the map of a WRF domain in PROJ's words; None: latitude and longitude.

    Parameters
    ----------
    attributes : dict
        Global ones of the file: MAP_PROJ, TRUELAT1, TRUELAT2, STAND_LON, MOAD_CEN_LAT, POLE_LAT.
    where : str
        The file, for messages.

    Returns
    -------
    str, or None

    Raises
    ------
    ValueError
        Where the map is none of Lambert, polar stereographic, Mercator, unrotated degrees.

    Examples
    --------
    >>> definition({"MAP_PROJ": 3, "TRUELAT1": 0.0, "STAND_LON": -89.0}, "a.nc")
    '+proj=merc +lat_ts=0.0 +lon_0=-89.0 +R=6370000.0'
    """
    number = int(attributes.get("MAP_PROJ", -1))
    rotated = number == 6 and abs(float(attributes.get("POLE_LAT", 90.0))) < 90.0 - 1e-6
    if number not in PROJECTIONS or rotated:
        found = "6 with a rotated pole" if rotated else number
        msg = (
            "MAP_PROJ of a WRF file must be 1 (Lambert), 2 (polar stereographic), 3 (Mercator) or "
            f"6 (unrotated latitude and longitude); got {found} in {where}. Regrid the output."
        )
        raise ValueError(msg)
    if number == 6:
        return None
    first, along = float(attributes["TRUELAT1"]), float(attributes["STAND_LON"])
    if number == 3:
        shape = f"+lat_ts={first}"
    elif number == 2:
        shape = f"+lat_0={90.0 if first > 0.0 else -90.0} +lat_ts={first}"
    else:
        second, centre = float(attributes["TRUELAT2"]), float(attributes["MOAD_CEN_LAT"])
        shape = f"+lat_1={first} +lat_2={second} +lat_0={centre}"
    return f"+proj={PROJECTIONS[number]} {shape} +lon_0={along} +R={RADIUS_M}"


def wrf_lattice(
    attributes: dict[str, Any], longitude: np.ndarray, latitude: np.ndarray, where: str
) -> Lattice:
    """Return the regular lattice on which a WRF file's mass points lie.

    Parameters
    ----------
    attributes : dict
        Global ones of the file, DX and DY [m] among them.
    longitude, latitude : ndarray (row, col), degrees
        XLONG and XLAT.
    where : str
        The file, for messages.

    Returns
    -------
    Lattice

    Raises
    ------
    ValueError
        Where the points miss the lattice by more than 0.01 of a step: the wrong map, or axes
        swapped.
    """
    words = definition(attributes, where)
    east, north = np.asarray(longitude, float), np.asarray(latitude, float)
    if words is None:
        projection = None
        steps = [float(np.diff(north[:, 0]).mean()), float(np.diff(east[0]).mean())]
    else:
        from pyproj import Proj

        projection = Proj(words)
        east, north = projection(east, north)
        steps = [float(attributes["DY"]), float(attributes["DX"])]
    rows = steps[0] * (np.arange(north.shape[0]) - (north.shape[0] - 1) / 2) + north.mean()
    columns = steps[1] * (np.arange(east.shape[1]) - (east.shape[1] - 1) / 2) + east.mean()
    residual = max(
        np.abs(north - rows[:, None]).max() / abs(steps[0]),
        np.abs(east - columns).max() / abs(steps[1]),
    )
    if not residual <= TOLERANCE or min(steps) <= 0.0:
        msg = (
            f"XLAT and XLONG must lie on the map that MAP_PROJ, TRUELAT and STAND_LON say, {words}, "
            f"DY rows and DX columns apart within {TOLERANCE} of a step, northward and eastward; "
            f"got {residual:.3g} steps in {where}. Check the attributes and the order of the axes."
        )
        raise ValueError(msg)
    return Lattice(rows, columns, projection)
