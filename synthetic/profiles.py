"""The inventories' settings come in; profiles of every state sector go out."""

from __future__ import annotations

from typing import Any

import numpy as np


def profiles_of(section: Any, sectors: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the profiles by local hour and by weekday of the state sectors.

    Parameters
    ----------
    section : InventorySettings
    sectors : tuple of str

    Returns
    -------
    hourly : ndarray (sector, 24)
    weekday : ndarray (sector, 7)
        Monday first.
    """
    rows = [section.sectors[name] for name in sectors]
    hourly = np.array([row.hourly_profile for row in rows], float)
    return hourly, np.array([row.weekday_profile for row in rows], float)
