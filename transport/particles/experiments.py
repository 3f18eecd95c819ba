"""A made column or plain and a model come in; flights of the model's own kernel through it go out.

For tests against formulas: nothing here computes a step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transport.particles.cells import Lines, Sums, empty_sums
from transport.particles.flight import Releases, fly
from transport.particles.turbulence import Model
from transport.particles.wind import COMPONENTS, SURFACE, Air

FAR = 1e7  # m: half the width of a plain that no particle leaves
NOWHERE = Lines(-FAR, -FAR, 0.5 / FAR, 0.5 / FAR, 1, 1, np.zeros(0))


def constant(value: float) -> Callable[..., Any]:
    """Return a field that is the same everywhere."""
    return lambda *where: np.full(np.broadcast(*where).shape, value)


@dataclass(frozen=True)
class Plain:
    """Weather over level ground.

    Attributes
    ----------
    lid, friction, buoyancy : float or callable of hour
        Mixing height [m], u* [m s-1] and buoyancy flux [m2 s-3].
    eastward, northward, upward : callable (hour, level, row, column) -> m s-1
    density : callable of height -> mol m-3
    level : ndarray
        Heights [m]; the last is a ceiling that turbulence does not cross.
    half_width : float
        Of the square [m], in the middle of which lies (0, 0).
    points : int
        On each side.
    roughness, displacement, map_factor : float
    """

    lid: Any = 1000.0
    friction: Any = 0.4
    buoyancy: Any = 0.0
    eastward: Callable[..., Any] = field(default_factory=lambda: constant(0.0))
    northward: Callable[..., Any] = field(default_factory=lambda: constant(0.0))
    upward: Callable[..., Any] = field(default_factory=lambda: constant(0.0))
    density: Callable[..., Any] = field(default_factory=lambda: constant(41.0))
    level: np.ndarray = field(default_factory=lambda: np.array([10.0, 1000.0, 20_000.0]))
    half_width: float = FAR
    points: int = 2
    roughness: float = 0.1
    displacement: float = 0.0
    map_factor: float = 1.0

    def air(self, hours: int) -> Air:
        """Return the weather from `hours` before to `hours` after the first hour."""
        time = np.arange(-hours, hours + 1)
        axis = np.linspace(-self.half_width, self.half_width, self.points)
        mesh = np.meshgrid(time, self.level, axis, axis, indexing="ij", sparse=True)
        shape = len(time), self.points, self.points
        wind = np.empty((*shape, len(self.level), COMPONENTS), np.float32)
        for part, given in enumerate((self.eastward, self.northward, self.upward)):
            values = np.broadcast_to(given(*mesh), (len(time), len(self.level), *shape[1:]))
            wind[..., part] = np.moveaxis(values, 1, -1)
        wind[..., 3] = self.density(self.level)
        surface = np.empty((*shape, SURFACE), np.float32)
        for part, value in enumerate((self.lid, self.friction, self.buoyancy)):
            series = np.asarray(value(time) if callable(value) else value, float)
            surface[..., part] = np.broadcast_to(series, len(time))[:, None, None]
        surface[..., 3:] = self.roughness, self.displacement, self.map_factor
        thin = np.append(1.0 / np.diff(self.level), 0.0)
        per = (self.points - 1) / (2.0 * self.half_width)
        return Air(
            wind.reshape(-1), surface.reshape(-1), np.asarray(self.level, float), thin, self.points, self.points,
            -int(hours), 1, -self.half_width, -self.half_width, per, per,
        )  # fmt: skip


def release(
    height: np.ndarray, key: int, elapsed: Any = 0.0, row: Any = 0.0, column: Any = 0.0
) -> Releases:
    """Return releases at heights [m], (n,); elapsed [s] and place [m] are numbers or (n,)."""
    height = np.asarray(height, float)
    elapsed, row, column = (
        np.broadcast_to(np.asarray(value, float), height.shape).copy()
        for value in (elapsed, row, column)
    )
    return Releases(np.uint64(key), elapsed, row, column, height)


def experiment(plain: Plain, model: Model, start: Releases, lines: Lines = NOWHERE) -> Sums:
    """Return what particles did on a plain.

    Parameters
    ----------
    plain : Plain
    model : Model
        Its direction says whether time runs forward or back.
    start : Releases
    lines : Lines
        Cells; one that holds everything where not given.

    Returns
    -------
    Sums
    """
    sums = empty_sums(model.hours, lines, len(start.height))
    fly(plain.air(model.hours), model, lines, start, sums)
    return sums
