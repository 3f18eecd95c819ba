"""A map of region numbers comes in; the regions of New Zealand, their sums and their outlines go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from inversion.published.new_zealand_files import Files

LAND = range(1, 16)
# Sums of regions: name, what it is, numbers of its regions from 1.
GROUPS = {
    "land": ("New Zealand land", LAND),
    "north_island": ("North Island", range(1, 9)),
    "south_island": ("South Island", range(9, 16)),
    "coastal": ("Coastal sea", range(17, 20)),
    "ocean": ("Open ocean", range(20, 26)),
}
_STEP_DEGREES, _DECIMALS = 0.1, 2


def group_weights(names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return which regions each sum holds, (regions,) of 0 and 1 by name."""
    number = np.arange(1, len(names) + 1)
    return {
        name: np.isin(number, list(members)).astype(np.float64)
        for name, (_, members) in GROUPS.items()
    }


def outlines(files: Files) -> list[str]:
    """Return the outline of each region as WKT, longitude (0 to 360) and latitude in degrees.

    Raises
    ------
    ValueError
        Where the cells are not a regular grid of 0.1 degrees.

    Notes
    -----
    The union of the cells of each number, exact: merged in whole steps of the grid, where points
    on straight lines are the only ones left out, and then placed. Longitudes beyond 180 go on, so
    that no region is cut by the date line.
    """
    import shapely
    from shapely.affinity import affine_transform

    west, south = _corner(files)
    found = []
    for number in range(1, len(files.names) + 1):
        whole = shapely.unary_union(_runs(files.region_index == number)).simplify(0.0)
        step = _STEP_DEGREES
        placed = affine_transform(shapely.normalize(whole), (step, 0.0, 0.0, step, west, south))
        found.append(shapely.to_wkt(placed, rounding_precision=_DECIMALS))
    return found


def _corner(files: Files):
    """Return west and south edge of the grid [degrees]; refuse an irregular one."""
    steps = np.arange(files.longitude.shape[0]), np.arange(files.longitude.shape[1])
    first = float(files.longitude[0, 0]), float(files.latitude[0, 0])
    regular = np.allclose(
        files.longitude, first[0] + _STEP_DEGREES * steps[0][:, None], atol=1e-6
    ) and np.allclose(files.latitude, first[1] + _STEP_DEGREES * steps[1], atol=1e-6)
    if not regular:
        msg = (
            f"the cells of NAMEgrid must be a regular grid of {_STEP_DEGREES} degrees; got others in "
            "NAMEgrid.mat. Take the authors' file unchanged."
        )
        raise ValueError(msg)
    return tuple(round(centre - _STEP_DEGREES / 2, _DECIMALS) for centre in first)


def _runs(inside: np.ndarray):
    """Return one box, in steps of the grid, for each unbroken run of cells along a column."""
    import shapely

    padded = np.pad(inside.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    column, start = np.nonzero(change == 1)
    end = np.nonzero(change == -1)[1]
    return shapely.box(column, start, column + 1, end)
