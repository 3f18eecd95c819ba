"""Steps of particles, a minute long, come in; the same, cut finer where they leap over cells, go out."""

from __future__ import annotations

from typing import Any

import numpy as np

MINUTES = 100.0  # only the first minutes are cut finer
# from, to and length of the finer steps [min]
BANDS = ((0.0, 10.0, 0.1), (10.0, 20.0, 0.2), (20.0, 100.0, 0.5))


def refine(particles: Any, width: float, height: float) -> tuple[np.ndarray, ...]:
    """Return time, index, longitude, latitude and foot, with more steps where particles leap.

    Parameters
    ----------
    particles : Particles
        n rows.
    width, height : float
        Of a cell [degrees].

    Returns
    -------
    tuple of five ndarray (m,)
        As they were, sorted by particle and age, where the median over particles of their median
        step in the first 100 minutes is not above the size of a cell; else m > n.

    Notes
    -----
    Finer steps lie on straight lines. `foot` is interpolated too, and then scaled so that its sum
    over all particles stays what it was, from 0 to 10, 10 to 20 and 20 to 100 min.
    """
    order = np.lexsort((np.abs(particles.time), particles.index))
    rows = tuple(
        np.asarray(getattr(particles, name))[order]
        for name in ("time", "index", "longitude", "latitude", "foot")
    )
    across, up = _leap(rows)
    if not (across > width or up > height):
        return rows
    return _scaled(_cut(rows), rows)


def _leap(rows: tuple[np.ndarray, ...]) -> tuple[float, float]:
    """Return the median over particles of their median step in the first 100 minutes [degrees]."""
    time, index, longitude, latitude, _ = (part[np.abs(rows[0]) < MINUTES] for part in rows)
    del time
    starts = np.flatnonzero(np.diff(index)) + 1
    medians = []
    for values in (longitude, latitude):
        steps = [np.abs(np.diff(part)) for part in np.split(values, starts)]
        middle = [np.median(step) for step in steps if len(step)]
        medians.append(float(np.median(middle)) if middle else 0.0)
    return medians[0], medians[1]


def _fine_ages() -> np.ndarray:
    """Return the ages at which there is a step [min]."""
    parts = [
        np.round(start + step * np.arange(1, round((end - start) / step) + 1), 1)
        for start, end, step in BANDS
    ]
    return np.concatenate([[0.0], *parts])


def _cut(rows: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Return the rows with more of them on straight lines, time rounded to 0.1 min."""
    fine = _fine_ages()
    starts = np.flatnonzero(np.diff(rows[1])) + 1
    parts = []
    for time, index, *values in zip(*(np.split(part, starts) for part in rows), strict=True):
        age = np.abs(time)
        within = fine[(fine >= age[0]) & (fine <= age[-1])]
        wanted = np.unique(np.round(np.concatenate([age, within]), 1))
        filled = [np.interp(wanted, age, value) for value in values]
        parts.append((-wanted, np.full(len(wanted), index[0]), *filled))
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def _scaled(fine: tuple[np.ndarray, ...], rows: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Return the finer rows with the sums of `foot` that the rows have in each band."""
    foot = fine[4].copy()
    for start, end, _ in BANDS:
        here, there = (
            (np.abs(part[0]) <= end) & ((np.abs(part[0]) > start) | (start == 0.0))
            for part in (fine, rows)
        )
        total = foot[here].sum()
        if total > 0:
            foot[here] *= rows[4][there].sum() / total
    return (*fine[:4], foot)
