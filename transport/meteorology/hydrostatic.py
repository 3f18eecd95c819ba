"""Temperature on pressure levels and at the ground comes in; heights above ground go out."""

from __future__ import annotations

import numpy as np

from transport.meteorology.air import GAS_CONSTANT, GRAVITY


def heights(
    pressure: np.ndarray, virtual: np.ndarray, surface_pressure: np.ndarray, ground: np.ndarray
) -> np.ndarray:
    """Return the heights of pressure levels above ground.

    Parameters
    ----------
    pressure : ndarray (layer,), Pa
        Descending.
    virtual : ndarray (layer, row, col), K
        Virtual temperature.
    surface_pressure : ndarray (row, col), Pa
    ground : ndarray (row, col), K
        Virtual temperature at the ground.

    Returns
    -------
    ndarray (layer, row, col), m
        Negative for levels below the ground, there with the ground's temperature.

    Notes
    -----
    Thickness R/g times the mean of both virtual temperatures times ln(p1/p2), from the ground up.

    Examples
    --------
    >>> warm = np.full((2, 1, 1), 300.0)
    >>> found = heights(np.array([9e4, 5e4]), warm, np.full((1, 1), 1e5), warm[0])
    >>> found.ravel().round(1).tolist()
    [925.2, 6086.7]
    """
    result = np.empty_like(virtual)
    scale = GAS_CONSTANT / GRAVITY
    height = np.zeros_like(surface_pressure)
    below, warm = surface_pressure, ground
    for number, level in enumerate(pressure):
        above = level < surface_pressure
        here = np.where(above, virtual[number], ground)
        result[number] = height + scale * 0.5 * (warm + here) * np.log(below / level)
        height = np.where(above, result[number], height)
        below, warm = np.where(above, level, below), np.where(above, here, warm)
    return result
