"""Horizontal wind and density on levels come in; the vertical wind that conserves mass goes out."""

from __future__ import annotations

import numpy as np


def vertical_wind(
    wind: tuple[np.ndarray, np.ndarray],
    density: np.ndarray,
    levels: np.ndarray,
    axes: tuple[np.ndarray, np.ndarray],
    map_factor: np.ndarray,
) -> np.ndarray:
    """Return the vertical wind relative to the ground, nil at the ground.

    Parameters
    ----------
    wind : (eastward, northward), ndarrays (level, row, col), m s-1
        Along the columns' and the rows' axes.
    density : ndarray (level, row, col), kg m-3
    levels : ndarray (level,), m
        Above ground.
    axes : (rows, columns), ndarrays, m
        Of the projection.
    map_factor : ndarray (row, col), 1
        Metres of the projection per metre on the ground.

    Returns
    -------
    ndarray (level, row, col), m s-1

    Notes
    -----
    d(rho w)/dz = -m^2 [d(rho u/m)/dx + d(rho v/m)/dy] in coordinates of height above ground,
    integrated by trapezoids from the ground, with the divergence of the lowest level below it.
    ASSUME: density does not change in time.
    """
    east = np.gradient(density * wind[0] / map_factor, axes[1], axis=2)
    north = np.gradient(density * wind[1] / map_factor, axes[0], axis=1)
    divergence = map_factor**2 * (east + north)
    steps = np.diff(levels)[:, None, None]
    above = np.cumsum(0.5 * steps * (divergence[1:] + divergence[:-1]), axis=0)
    lowest = levels[0] * divergence[:1]
    return -np.concatenate([lowest, lowest + above]) / density
