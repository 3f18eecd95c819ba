"""Weather on a regular grid, a place and a time come in; wind, density and the column go out.

Linear in time and along every axis of space; a logarithmic profile below the lowest level.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from transport.particles.compiled import inlined

COMPONENTS = 4  # along columns, along rows, upwards, molar density of dry air
SURFACE = 6  # lid, u*, buoyancy flux, roughness, displacement, map factor
U0, U1, U2, U3, U4 = (np.uint64(i) for i in range(5))
U5, U6, U7 = (np.uint64(i) for i in range(5, 8))


class Air(NamedTuple):
    """Weather as the kernel reads it.

    Attributes
    ----------
    wind : ndarray (time * row * column * level * 4,), float32
        Components last; see COMPONENTS.
    surface : ndarray (time * row * column * 6,), float32
        See SURFACE.
    level, per_thickness : ndarray (level,)
        Heights above ground [m], and one over the distance to the next (the last is not used).
    rows, columns : int
    hour : int
        Hours from the observation hour to the first instant.
    spacing : int
        Hours between instants.
    row, column : float
        Of the first point [m].
    per_row, per_column : float
        One over the distance between points [m-1].
    """

    wind: np.ndarray
    surface: np.ndarray
    level: np.ndarray
    per_thickness: np.ndarray
    rows: int
    columns: int
    hour: int
    spacing: int
    row: float
    column: float
    per_row: float
    per_column: float


@inlined
def instant(air: Air, hour: int, second: float) -> tuple[int, float]:
    """Return the instant before a time and the share of the way to the next.

    `hour` counts from the observation hour; whole hours are integers, so that the share does not
    depend on where the weather begins.
    """
    since = hour - air.hour
    before = since // air.spacing
    return before, ((since - before * air.spacing) * 3600.0 + second) / (air.spacing * 3600.0)


@inlined
def place(air: Air, row: float, column: float) -> tuple[int, float, int, float]:
    """Return the point before a place on both axes and the shares of the way to the next."""
    along_row = (row - air.row) * air.per_row
    along_column = (column - air.column) * air.per_column
    i = min(max(int(along_row), 0), air.rows - 2)
    j = min(max(int(along_column), 0), air.columns - 2)
    return i, along_row - i, j, along_column - j


@inlined
def outside(air: Air, row: float, column: float) -> bool:
    """Return whether a place lies beyond the weather's outermost points."""
    along_row = (row - air.row) * air.per_row
    along_column = (column - air.column) * air.per_column
    return not (0.0 <= along_row <= air.rows - 1.0 and 0.0 <= along_column <= air.columns - 1.0)


@inlined
def surface_at(
    air: Air, when: tuple[int, float], row: float, column: float
) -> tuple[float, float, float, float, float, float]:
    """Return lid, u*, buoyancy flux, roughness, displacement and map factor at a place and time."""
    before, late = when
    i, up, j, right = place(air, row, column)
    across = np.uint64(air.columns) * U6
    later = np.uint64(air.rows) * across
    corner = np.uint64(before) * later + np.uint64(i) * across + np.uint64(j) * U6
    surface = air.surface
    lid = friction = buoyancy = roughness = displacement = scale = 0.0
    for step in range(2):
        for north in range(2):
            line = corner + np.uint64(step) * later + np.uint64(north) * across
            weight = (late if step == 1 else 1.0 - late) * (up if north == 1 else 1.0 - up)
            for east in range(2):
                share = weight * (right if east == 1 else 1.0 - right)
                at = line + np.uint64(east) * U6
                lid += share * surface[at]
                friction += share * surface[at + U1]
                buoyancy += share * surface[at + U2]
                roughness += share * surface[at + U3]
                displacement += share * surface[at + U4]
                scale += share * surface[at + U5]
    return lid, friction, buoyancy, roughness, displacement, scale


@inlined
def level_below(air: Air, height: float, level: int) -> int:
    """Return the level at or below a height, sought from the last one found."""
    last = air.level.size - 2
    while level > 0 and height < air.level[level]:
        level -= 1
    while level < last and height >= air.level[level + 1]:
        level += 1
    return level


@inlined
def wind_at(
    air: Air,
    when: tuple[int, float],
    row: float,
    column: float,
    vertical: tuple[float, float, float, int],
) -> tuple[float, float, float, float, float]:
    """Return wind along columns and rows and upwards, dry molar volume and slope of ln(density).

    Parameters
    ----------
    air : Air
    when : tuple
        From `instant`.
    row, column : float
        Place [m].
    vertical : tuple
        Height above the displacement height, displacement, roughness [m] and the last level.

    Returns
    -------
    tuple of float
        [m s-1], [m s-1], [m s-1], [m3 mol-1], d ln(density) / dz [m-1].

    Notes
    -----
    Below the lowest level z1 the wind is that level's times ln(1 + z/z0) / ln(1 + z1/z0), which is
    0 at the ground; vertical wind is linear; density is constant.
    """
    height, displacement, roughness, level = vertical
    above = height + displacement
    bottom = air.level[level]
    thin = air.per_thickness[level]
    high = min(max((above - bottom) * thin, 0.0), 1.0)
    low = 1.0 - high
    before, late = when
    i, up, j, right = place(air, row, column)
    levels = np.uint64(air.level.size) * U4
    across = np.uint64(air.columns) * levels
    later = np.uint64(air.rows) * across
    corner = np.uint64(before) * later + np.uint64(i) * across + np.uint64(j) * levels
    corner += np.uint64(level) * U4
    wind = air.wind
    u0 = u1 = v0 = v1 = w0 = w1 = d0 = d1 = 0.0
    for step in range(2):
        for north in range(2):
            line = corner + np.uint64(step) * later + np.uint64(north) * across
            weight = (late if step == 1 else 1.0 - late) * (up if north == 1 else 1.0 - up)
            for east in range(2):
                share = weight * (right if east == 1 else 1.0 - right)
                at = line + np.uint64(east) * levels
                u0 += share * wind[at]
                v0 += share * wind[at + U1]
                w0 += share * wind[at + U2]
                d0 += share * wind[at + U3]
                u1 += share * wind[at + U4]
                v1 += share * wind[at + U5]
                w1 += share * wind[at + U6]
                d1 += share * wind[at + U7]
    volume = 1.0 / (low * d0 + high * d1)
    if above < air.level[0]:
        first = air.level[0] - displacement
        share = math.log(1.0 + height / roughness) / math.log(1.0 + first / roughness)
        return u0 * share, v0 * share, w0 * height / first, volume, 0.0
    thinning = (d1 - d0) * thin * volume
    return low * u0 + high * u1, low * v0 + high * v1, low * w0 + high * w1, volume, thinning
