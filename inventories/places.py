"""Regions, or none, and a grid come in; codes, names and area fractions with `outside` go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

OUTSIDE = "outside"
DOMAIN = "domain"


@dataclass(frozen=True)
class Places:
    """Where totals are told.

    Attributes
    ----------
    codes : tuple of str, (region,)
        Districts, without `outside`.
    names, names_local : tuple of str, (region + 1,)
        The last is `outside`.
    fraction : ndarray (region + 1, row, col)
        Area fractions; they sum to 1 in each cell.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    names_local: tuple[str, ...]
    fraction: np.ndarray


def places_on_grid(regions: Any, place: Any, grid: Any) -> Places:
    """Return the districts on the grid; the whole grid is one region `domain` where there are none.

    Parameters
    ----------
    regions : contracts.districts.Regions or None
    place : RegionSettings
        Names of the whole.
    grid : contracts.grid.Grid

    Returns
    -------
    Places

    Raises
    ------
    ValueError
        Where districts overlap.
    """
    if regions is None:
        fraction = np.stack([np.ones(grid.shape), np.zeros(grid.shape)])
        names = ((place.name, OUTSIDE), (place.name_local, OUTSIDE))
        return Places((DOMAIN,), *names, fraction)
    inside = np.asarray(regions.fractions(grid), float)
    outside = 1.0 - inside.sum(axis=0)
    if outside.min() < -1e-6:
        msg = (
            f"districts must not overlap; got area fractions that sum to {1.0 - outside.min():.6f} "
            "in one cell of the grid. Correct the boundaries."
        )
        raise ValueError(msg)
    # rounding of the polygons' areas leaves up to 1e-9 where districts fill a cell
    outside = np.where(outside < 1e-9, 0.0, outside)
    return Places(
        codes=tuple(str(code) for code in regions.codes),
        names=(*regions.names, OUTSIDE),
        names_local=(*regions.names_local, OUTSIDE),
        fraction=np.concatenate([inside, outside[None]]),
    )
