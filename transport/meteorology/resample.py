"""A lattice of weather files and a grid come in; the points of a run's weather and the way to them go out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from transport.meteorology.lattice import Lattice, turn

HALO = 1  # points kept around those read from, for slopes of the ground


def target_lattice(grid: Any, margin_m: float, spacing_m: float) -> Lattice:
    """Return points that cover a grid and a margin, on whole multiples of the spacing.

    Parameters
    ----------
    grid : contracts.grid.Grid
        A projected one.
    margin_m, spacing_m : float, m

    Returns
    -------
    Lattice

    Raises
    ------
    ValueError
        Where there is no grid or it lies in degrees.
    """
    if grid is None or grid.geographic:
        found = "none" if grid is None else grid.crs
        msg = (
            f"the grid of a run on weather must be in projected metres; got {found} in grid.crs. "
            "Draw the grid around regions on a projected CRS."
        )
        raise ValueError(msg)
    from pyproj import CRS, Proj

    axes = []
    for edges in (grid.row_edges, grid.column_edges):
        low = np.floor((edges[0] - margin_m) / spacing_m)
        high = np.ceil((edges[-1] + margin_m) / spacing_m)
        axes.append(spacing_m * np.arange(low, high + 1.0))
    return Lattice(axes[0], axes[1], Proj(CRS.from_user_input(grid.crs)))


class DomainTooSmallError(ValueError):
    """A domain that does not reach to all points wanted, and by how much."""


@dataclass(frozen=True, eq=False)
class Resampling:
    """Bilinear interpolation from a part of one lattice to another.

    Attributes
    ----------
    part : (slice, slice)
        Rows and columns of the files' lattice that are read.
    source, target : Lattice
        That part, and the points wanted.
    low : (ndarray, ndarray), int
        Row and column of `source` below each target point, (r, c) each.
    share : (ndarray, ndarray)
        Of the way to the next row and column.
    """

    part: tuple[slice, slice]
    source: Lattice
    target: Lattice
    low: tuple[np.ndarray, np.ndarray]
    share: tuple[np.ndarray, np.ndarray]

    @classmethod
    def between(cls, source: Lattice, target: Lattice) -> Resampling:
        """Return the way from the files' lattice to the target.

        Raises
        ------
        DomainTooSmallError
            Where the target reaches beyond the files' outermost points.
        """
        if min(source.shape) < 2:
            msg = f"of {source.shape} rows and columns"
            raise DomainTooSmallError(msg)
        points = source.locate(*target.places)
        axes = source.rows, source.columns
        _refuse_beyond(points, axes, source)
        low = [
            np.clip(np.searchsorted(a, p, side="right") - 1, 0, len(a) - 2)
            for a, p in zip(axes, points, strict=True)
        ]
        share = [
            np.clip((p - a[i]) / (a[i + 1] - a[i]), 0.0, 1.0)
            for a, p, i in zip(axes, points, low, strict=True)
        ]
        part = tuple(slice(max(int(i.min()) - HALO, 0), int(i.max()) + 2 + HALO) for i in low)
        near = tuple(i - s.start for i, s in zip(low, part, strict=True))
        return cls(part, source.cut(part), target, near, tuple(share))

    def at(self, values: np.ndarray) -> np.ndarray:
        """Return a field (..., row, col) of the source's part at the target's points."""
        (row, column), (north, east) = self.low, self.share
        south_row = values[..., row, column] * (1.0 - east) + values[..., row, column + 1] * east
        north_row = (
            values[..., row + 1, column] * (1.0 - east) + values[..., row + 1, column + 1] * east
        )
        return south_row * (1.0 - north) + north_row * north

    @cached_property
    def angle(self) -> np.ndarray:
        """Angle by which a wind on the source's axes is turned at the target's points, rad."""
        places = self.target.places
        return self.target.north(*places) - self.source.north(*places)

    def wind_at(self, column: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return winds along the source's axes at the target's points and along its axes."""
        return turn(self.at(column), self.at(row), self.angle)


def _refuse_beyond(points: Any, axes: Any, source: Lattice) -> None:
    """Raise where points lie beyond the outermost ones of either axis."""
    sides, count = [], np.zeros(points[0].shape, dtype=bool)
    names = (("south", "north"), ("west", "east"))
    for point, axis, ends in zip(points, axes, names, strict=True):
        step = float(np.diff(axis).mean())
        for end, over in zip(ends, (axis[0] - point, point - axis[-1]), strict=True):
            beyond = over > 1e-6 * step
            count |= beyond
            if beyond.any():
                far = float(over.max()) / step * source.spacing / 1000.0
                sides.append(f"{far:.0f} km in the {end}")
    if sides:
        msg = f"by {', '.join(sides)} ({int(count.sum())} of {count.size} points)"
        raise DomainTooSmallError(msg)
