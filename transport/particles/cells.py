"""Residence of a particle comes in; cells and layers that hold its sum go out."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from transport.particles.body import Minute, Touch
from transport.particles.compiled import inlined


class Lines(NamedTuple):
    """The cells that collect residence, and the edges of layers above ground [m].

    Attributes
    ----------
    row, column : float
        Lowest edges [m].
    per_row, per_column : float
        One over the size of a cell [m-1].
    rows, columns : int
    layers : ndarray (layer + 1,) or (0,)
    """

    row: float
    column: float
    per_row: float
    per_column: float
    rows: int
    columns: int
    layers: np.ndarray


class Sums(NamedTuple):
    """What a flight adds up: time over density and depth [m2 s mol-1].

    Attributes
    ----------
    surface : ndarray (2, hour, row, column)
        At the ground, of even and of odd particles.
    aloft : ndarray (layer, hour, row, column)
    total, beyond : ndarray (n,)
        At the ground, of each particle: all, and beyond the cells.
    end : ndarray (n, 4)
        Row, column, height above ground [m] and age [s] at the end.
    reason : ndarray (n,), int8
        Why it ended: see `flight`.
    steps : ndarray (n,), int64
    """

    surface: np.ndarray
    aloft: np.ndarray
    total: np.ndarray
    beyond: np.ndarray
    end: np.ndarray
    reason: np.ndarray
    steps: np.ndarray


class Held(NamedTuple):
    """Residence in the cell where a particle is, not yet added to it, and what was added so far."""

    row: int
    column: int
    amount: float
    total: float
    beyond: float


def empty_sums(hours: int, lines: Lines, particles: int) -> Sums:
    """Return sums of nothing yet."""
    cells = hours, lines.rows, lines.columns
    return Sums(
        surface=np.zeros((2, *cells)),
        aloft=np.zeros((max(len(lines.layers) - 1, 0), *cells)),
        total=np.zeros(particles),
        beyond=np.zeros(particles),
        end=np.zeros((particles, 4)),
        reason=np.zeros(particles, np.int8),
        steps=np.zeros(particles, np.int64),
    )


@inlined
def put_down(cells: np.ndarray, lines: Lines, held: Held) -> Held:
    """Add what is held to its cell, or to what lies beyond the cells."""
    beyond = held.beyond
    if 0 <= held.row < lines.rows and 0 <= held.column < lines.columns:
        cells[held.row, held.column] += held.amount
    else:
        beyond += held.amount
    return Held(held.row, held.column, 0.0, held.total + held.amount, beyond)


@inlined
def picked_up(cells: np.ndarray, lines: Lines, held: Held, touch: Touch, amount: float) -> Held:
    """Return what is held after a touch; a change of cell puts down what was held before."""
    i = math.floor((touch.row - lines.row) * lines.per_row)
    j = math.floor((touch.column - lines.column) * lines.per_column)
    if i != held.row or j != held.column:
        held = put_down(cells, lines, held)
    return Held(i, j, held.amount + amount, held.total, held.beyond)


@inlined
def add_aloft(
    aloft: np.ndarray, lines: Lines, minute: Minute, touch: Touch, lag: int, step: float
) -> None:
    """Add a step to the layer and cell that hold its middle; nothing outside them."""
    height = touch.height + minute.displacement
    if height >= lines.layers[-1] or height < lines.layers[0]:
        return
    layer = 0
    while height >= lines.layers[layer + 1]:
        layer += 1
    depth = lines.layers[layer + 1] - lines.layers[layer]
    i = math.floor((touch.row - lines.row) * lines.per_row)
    j = math.floor((touch.column - lines.column) * lines.per_column)
    if 0 <= i < lines.rows and 0 <= j < lines.columns:
        aloft[layer, lag, i, j] += step * touch.volume / depth
