"""Axes and a map projection come in; a lattice that knows its places, its metres and where north is goes out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

EARTH_RADIUS_M = 6_371_229.0  # the sphere of ECMWF's model, for lattices in degrees


@dataclass(frozen=True, eq=False)
class Lattice:
    """Points on rows and columns of a projection, or of latitude and longitude.

    Attributes
    ----------
    rows, columns : ndarray (r,), (c,)
        Ascending; metres of the projection, or degrees.
    projection : pyproj.Proj, or None
        None: degrees. Longitude and latitude are taken as they stand, whatever the figure of the
        Earth. ASSUME: weather models mean places on the ground by them, sphere or not.
    """

    rows: np.ndarray
    columns: np.ndarray
    projection: Any = None

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.rows), len(self.columns)

    @cached_property
    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of the points, (r, c) each, degrees."""
        column, row = np.meshgrid(self.columns, self.rows)
        return (
            (column, row) if self.projection is None else self.projection(column, row, inverse=True)
        )

    def locate(self, longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (row, column) coordinates of places given in degrees, on the lattice's axes."""
        if self.projection is not None:
            column, row = self.projection(longitude, latitude)
            return row, column
        middle = 0.5 * (self.columns[0] + self.columns[-1])
        return latitude, middle + (longitude - middle + 180.0) % 360.0 - 180.0

    def north(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """Return the angle clockwise from the lattice's rows' axis to true north, rad."""
        if self.projection is None:
            return np.zeros(np.shape(longitude))
        factors = self.projection.get_factors(longitude, latitude)
        return -np.deg2rad(factors.meridian_convergence)

    @cached_property
    def scale(self) -> np.ndarray:
        """Metres of a projected lattice per metre on the ground, (r, c).

        Raises
        ------
        ValueError
            Where it differs by more than 1 % between directions.
        """
        factors = self.projection.get_factors(*self.places)
        along, across = np.asarray(factors.meridional_scale), np.asarray(factors.parallel_scale)
        worst = float(np.abs(along / across - 1.0).max())
        if worst > 0.01:
            msg = (
                "the projection of a grid must stretch all directions alike; got scales that "
                f"differ by {100 * worst:.1f} % in {self.projection.definition}. Choose a "
                "conformal one, such as the UTM zone."
            )
            raise ValueError(msg)
        return np.sqrt(along * across)

    @cached_property
    def metres(self) -> tuple[np.ndarray, np.ndarray]:
        """True metres per unit of the row axis and of the column axis, (r, c) each."""
        if self.projection is None:
            degree = np.full(self.shape, np.pi / 180.0 * EARTH_RADIUS_M)
            return degree, degree * np.cos(np.deg2rad(self.places[1]))
        return (1.0 / self.scale,) * 2

    @property
    def spacing(self) -> float:
        """True metres between neighbours, the mean of both axes, in the middle of the lattice."""
        middle = self.shape[0] // 2, self.shape[1] // 2
        steps = np.diff(self.rows).mean(), np.diff(self.columns).mean()
        return float(np.mean([s * m[middle] for s, m in zip(steps, self.metres, strict=True)]))

    def cut(self, part: tuple[slice, slice]) -> Lattice:
        """Return the lattice of some rows and columns."""
        return Lattice(self.rows[part[0]], self.columns[part[1]], self.projection)

    def slope(self, height: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rise of a height (r, c) per true metre along rows' and columns' axes."""
        along = np.gradient(height, self.rows, axis=0) / self.metres[0]
        return along, np.gradient(height, self.columns, axis=1) / self.metres[1]


def turn(east: np.ndarray, north: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a vector on axes on which true north stands at an angle, clockwise from the rows' axis.

    Parameters
    ----------
    east, north : ndarray, broadcasting with `angle`
        Components towards true east and north.
    angle : ndarray, rad

    Returns
    -------
    column, row : ndarray
        Components along the axes.

    Examples
    --------
    >>> [float(part.round(9)) for part in turn(np.array(0.0), np.array(1.0), np.array(np.pi / 6))]
    [0.5, 0.866025404]
    """
    cosine, sine = np.cos(angle), np.sin(angle)
    return east * cosine + north * sine, north * cosine - east * sine
