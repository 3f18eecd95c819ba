"""Particles of STILT come in; the footprint that STILT would make of them goes out.

Rules as found by comparing with files that STILT wrote (SCIENCE.md, section 4.4). Widths are in
degrees and the kernel is isotropic in degrees, as there: this copies a model, it is not advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from transport.readers.particle_kernel import Widths, spread, widths_of
from transport.readers.particle_steps import refine

MINUTES_IN_LAYER = 60.0


@dataclass(frozen=True)
class Particles:
    """Rows of particles, one for each of their steps.

    Attributes
    ----------
    time : ndarray (step,)
        Before the receptor, negative [min].
    index : ndarray (step,), int
        Number of the particle.
    longitude, latitude : ndarray (step,), degrees
    foot : ndarray (step,)
        Sensitivity in that step, of a release of this particle alone [m2 s mol-1].
    """

    time: np.ndarray
    index: np.ndarray
    longitude: np.ndarray
    latitude: np.ndarray
    foot: np.ndarray

    @property
    def number(self) -> int:
        """Number of particles: of distinct indices, not of rows."""
        return len(np.unique(self.index))

    @property
    def total(self) -> float:
        """Sensitivity of the release, wherever it lies [m2 s mol-1]."""
        return float(self.foot.sum()) / self.number


@dataclass(frozen=True)
class Raster:
    """A grid of STILT.

    Attributes
    ----------
    west, south : float
        Edges [degrees].
    width, height : float
        Of a cell [degrees].
    columns, rows : int
    smooth_factor : float
        On the width of the kernel.
    """

    west: float
    south: float
    width: float
    height: float
    columns: int
    rows: int
    smooth_factor: float = 1.0

    @classmethod
    def of(cls, settings: Any) -> Raster:
        """Return the grid of settings (ParticleGridSettings)."""
        return cls(
            settings.west_degrees,
            settings.south_degrees,
            settings.cell_width_degrees,
            settings.cell_height_degrees,
            settings.columns,
            settings.rows,
            settings.smooth_factor,
        )

    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return edges of rows and columns [degrees]."""
        return (
            self.south + self.height * np.arange(self.rows + 1),
            self.west + self.width * np.arange(self.columns + 1),
        )


def footprint_of_particles(particles: Particles, raster: Raster) -> tuple[np.ndarray, np.ndarray]:
    """Return the footprint of particles.

    Parameters
    ----------
    particles : Particles
    raster : Raster

    Returns
    -------
    layer : ndarray (layer,), int
        Hours from the receptor to the start of each layer: -1 is the hour before it.
    values : ndarray (layer, row, col)
        Sensitivity [m2 s mol-1].

    Notes
    -----
    A step at -60 min lies in layer -1. Layers that no particle touches on the grid are left out.
    """
    time, index, longitude, latitude, foot = refine(particles, raster.width, raster.height)
    widths = widths_of(_age(time, index), longitude, latitude, raster.smooth_factor)
    across, up = _half_widths(widths, raster)
    near = (
        (foot > 0)
        & _within(longitude, raster.west, raster.width, raster.columns, across)
        & _within(latitude, raster.south, raster.height, raster.rows, up)
    )
    layer, place = np.unique(
        np.floor(time[near] / MINUTES_IN_LAYER).astype(np.int64), return_inverse=True
    )
    cells = (
        _cell(latitude[near], raster.south, raster.height, raster.rows, up),
        _cell(longitude[near], raster.west, raster.width, raster.columns, across),
    )
    values = np.zeros((len(layer), raster.rows, raster.columns))
    spread(
        values,
        np.stack([place, *cells], axis=1),
        foot[near] / particles.number,
        widths.of_row[near],
        (raster.height, raster.width),
    )
    return layer, values


def _age(time: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return the time since each particle's first row [min], 0 there."""
    first = np.full(int(index.max()) + 1, np.inf)
    np.minimum.at(first, index, np.abs(time))
    return np.abs(time) - first[index]


def _half_widths(widths: Widths, raster: Raster) -> tuple[int, int]:
    """Return the cells that the widest kernel reaches, across and up."""
    reach = 3.0 * widths.largest
    return int(np.floor(reach / raster.width)), int(np.floor(reach / raster.height))


def _within(place: np.ndarray, first: float, step: float, number: int, reach: int) -> np.ndarray:
    """Return which particles lie on the grid or so near that their kernel may reach it."""
    return (place >= first - reach * step) & (place < first + number * step + reach * step)


def _cell(place: np.ndarray, first: float, step: float, number: int, reach: int) -> np.ndarray:
    """Return the cell of each particle; below 0 and from `number` on it lies beyond the grid.

    Many positions lie exactly on edges (they are rounded to 1e-4 degrees), so that it matters how
    the edges are computed: from a start that lies twice the reach and a cell before the grid.
    """
    before = 2 * reach + 1
    edges = (first - before * step) + step * np.arange(number + 2 * before + 1)
    return np.searchsorted(edges, place, side="right") - 1 - before
