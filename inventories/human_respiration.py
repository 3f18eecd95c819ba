"""Persons per cell come in; the flux of what they breathe out goes out."""

from __future__ import annotations

import numpy as np

CARBON_G_MOL = 12.011
SECONDS_PER_DAY = 86400.0


def human_flux(
    persons: np.ndarray, cell_area: np.ndarray, grams_carbon_per_person_day: float
) -> np.ndarray:
    """Return the flux of human respiration.

    Parameters
    ----------
    persons : ndarray (row, col)
    cell_area : ndarray (row, col), m2
    grams_carbon_per_person_day : float
        246 g (SCIENCE 5.2, S62).

    Returns
    -------
    ndarray (row, col), umol m-2 s-1

    Notes
    -----
    ASSUME: the same at every hour; people are where they live.

    Examples
    --------
    >>> flux = human_flux(np.array([[12.5e6]]), np.array([[1.0]]), 246.0)
    >>> round(float(flux[0, 0]) * 44.0095e-9 * 86400 * 365 / 1e9, 2)  # Mt a year
    4.11
    """
    per_person = grams_carbon_per_person_day / CARBON_G_MOL / SECONDS_PER_DAY * 1e6
    return persons * per_person / cell_area
