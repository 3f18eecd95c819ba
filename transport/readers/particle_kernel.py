"""Positions of an ensemble come in; the width of STILT's kernel at each age, and smoothed sums, go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

MINUTES_IN_DAY = 1440.0
SCALE = 0.06  # degrees, for a spread of 1 degree2 after a day
DECIMALS = 6  # ages are compared to 1e-6 min


@dataclass(frozen=True)
class Widths:
    """Standard deviation of the kernel.

    Attributes
    ----------
    of_row : ndarray (step,)
        [degrees].
    largest : float
        [degrees].
    """

    of_row: np.ndarray
    largest: float


def widths_of(
    age: np.ndarray, longitude: np.ndarray, latitude: np.ndarray, smooth_factor: float
) -> Widths:
    """Return the width of the kernel for each row.

    Parameters
    ----------
    age : ndarray (step,)
        Since the first row of the particle [min].
    longitude, latitude : ndarray (step,), degrees
        Of all particles still alive, wherever they are.
    smooth_factor : float

    Returns
    -------
    Widths

    Notes
    -----
    0.06 V^(1/4) (age / 1 day)^(1/2) / cos(mean latitude) degrees, V being the sum of the variances
    of longitude and latitude [degree2] of all rows of that age. An age at which only one particle
    is left takes the width of the nearest age that has one.
    """
    unique, place = np.unique(np.round(age, DECIMALS), return_inverse=True)
    number = np.bincount(place).astype(float)
    variance = sum(_variance(values, place, number) for values in (longitude, latitude))
    middle = np.bincount(place, weights=latitude) / number
    known = np.flatnonzero(number > 1)
    if not len(known):
        return Widths(np.zeros(len(age)), 0.0)
    spread_out = variance[known] ** 0.25 * np.sqrt(unique[known] / MINUTES_IN_DAY)
    width = smooth_factor * SCALE * spread_out / np.cos(np.deg2rad(middle[known]))
    halfway = 0.5 * (unique[known][1:] + unique[known][:-1])
    return Widths(width[np.searchsorted(halfway, unique, side="right")][place], float(width.max()))


def _variance(values: np.ndarray, place: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Return the sample variance of each group; 0 where it has one member."""
    middle = np.bincount(place, weights=values) / number
    squares = np.bincount(place, weights=(values - middle[place]) ** 2)
    return squares / np.maximum(number - 1.0, 1.0)


@njit(nogil=True, cache=True)
def spread(
    values: np.ndarray,
    cells: np.ndarray,
    weight: np.ndarray,
    width: np.ndarray,
    size: tuple[float, float],
) -> None:
    """Add each particle to the cells around it.

    Parameters
    ----------
    values : ndarray (layer, row, col)
        Is added to.
    cells : ndarray (particle, 3), int
        Layer, row and column; beyond the grid too.
    weight : ndarray (particle,)
        What is added in all, kernel mass beyond the grid included.
    width : ndarray (particle,)
        Standard deviation of the kernel [degrees].
    size : tuple of float
        Height and width of a cell [degrees].

    Notes
    -----
    The kernel reaches floor(3 width / size) cells, is taken at centres of cells and sums to 1.
    """
    rows, columns = values.shape[1], values.shape[2]
    for particle in range(len(weight)):
        layer, row, column = cells[particle]
        sigma = width[particle]
        up, across = int(3.0 * sigma / size[0]), int(3.0 * sigma / size[1])
        vertical, horizontal = np.ones(2 * up + 1), np.ones(2 * across + 1)
        for step in range(-up, up + 1):
            if up:
                vertical[step + up] = np.exp(-0.5 * (step * size[0] / sigma) ** 2)
        for step in range(-across, across + 1):
            if across:
                horizontal[step + across] = np.exp(-0.5 * (step * size[1] / sigma) ** 2)
        share = weight[particle] / (vertical.sum() * horizontal.sum())
        for i in range(max(row - up, 0), min(row + up + 1, rows)):
            for j in range(max(column - across, 0), min(column + across + 1, columns)):
                values[layer, i, j] += (
                    share * vertical[i - row + up] * horizontal[j - column + across]
                )
