"""Meteorology, receptors and release times come in; positions and air of the puffs go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from transport.ages import Ages

NS_PER_S = 1e9


@dataclass(frozen=True)
class Puffs:
    """The puffs of n observations along s steps back in time.

    Attributes
    ----------
    row, column : ndarray (n, s)
        Positions at the middles of the steps, along the grid's rows (northing) and columns
        (easting) [m].
    lid : ndarray (n, s)
        Largest mixing height since the release, at the receptor [m].
    vertical_deviation, lateral_deviation : ndarray (n,)
        At the receptor and its time [m s-1].
    molar_density : ndarray (n,)
        Of air, at the receptor and its time [mol m-3].
    beyond : int
        Steps whose position lay beyond the meteorology, where the wind of its edge was taken.
    """

    row: np.ndarray
    column: np.ndarray
    lid: np.ndarray
    vertical_deviation: np.ndarray
    lateral_deviation: np.ndarray
    molar_density: np.ndarray
    beyond: int


@dataclass(frozen=True)
class Release:
    """Where and when the puffs are released.

    Attributes
    ----------
    row, column : ndarray (n,)
        Position along the grid's axes [m].
    inlet : float
        Height above ground [m].
    time : ndarray (n,), datetime64[ns]
        Middle of the observation hour.
    """

    row: np.ndarray
    column: np.ndarray
    inlet: float
    time: np.ndarray


class Field:
    """A field on (time, row, column) read between its points, linearly in each.

    ASSUME: beyond the outermost points in space the field has their value.
    """

    def __init__(self, values: np.ndarray, meteorology: xr.Dataset) -> None:
        row_dim, column_dim = meteorology["mixing_height"].dims[1:]
        time = meteorology["time"].to_numpy().astype("datetime64[ns]")
        self.values = np.asarray(values, dtype=float)
        self.origin = time[0]
        self.axes = (
            (time - time[0]).astype("timedelta64[ns]").astype(float) / NS_PER_S,
            meteorology[row_dim].to_numpy().astype(float),
            meteorology[column_dim].to_numpy().astype(float),
        )

    def seconds(self, time: np.ndarray) -> np.ndarray:
        """Return times as seconds since the first instant."""
        return (time - self.origin).astype("timedelta64[ns]").astype(float) / NS_PER_S

    def at(self, seconds: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Return the field at points, arrays that broadcast; last axes of values are kept."""
        low, share = zip(
            *(_place(a, p) for a, p in zip(self.axes, (seconds, row, column), strict=True)),
            strict=True,
        )
        total = 0.0
        for corner in np.ndindex(2, 2, 2):
            weight = 1.0
            index = []
            for axis, step in enumerate(corner):
                weight = weight * (share[axis] if step else 1.0 - share[axis])
                index.append(np.minimum(low[axis] + step, len(self.axes[axis]) - 1))
            total = total + np.asarray(weight)[..., None] * self.values[tuple(index)]
        return total

    def count_beyond(self, row: np.ndarray, column: np.ndarray) -> int:
        """Return how many points lie beyond the outermost points of an axis that has several."""
        beyond = np.zeros(row.shape, dtype=bool)
        for axis, point in zip(self.axes[1:], (row, column), strict=True):
            if len(axis) > 1:
                beyond |= (point < axis[0]) | (point > axis[-1])
        return int(beyond.sum())


def _place(axis: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the index below each point and its share of the way to the next; ends are held."""
    if len(axis) == 1:
        return np.zeros(np.shape(points), dtype=int), np.zeros(np.shape(points))
    held = np.clip(points, axis[0], axis[-1])
    low = np.clip(np.searchsorted(axis, held, side="right") - 1, 0, len(axis) - 2)
    return low, (held - axis[low]) / (axis[low + 1] - axis[low])


def follow_back(meteorology: xr.Dataset, release: Release, ages: Ages) -> Puffs:
    """Return where the puffs came from and through what air.

    Parameters
    ----------
    meteorology : Dataset `meteorology`
    release : Release
        n puffs.
    ages : Ages
        s steps.

    Returns
    -------
    Puffs

    Raises
    ------
    ValueError
        Where the meteorology does not cover all steps of all puffs in time.

    Notes
    -----
    X(t) = x_r - integral of the wind of the level nearest the inlet (the lower of two equally
    near), by the midpoint rule with Heun's predictor: second order in the step.
    ASSUME: wind does not turn or strengthen with height along the path.
    """
    names = ("eastward_wind", "northward_wind")
    level = int(np.argmin(np.abs(meteorology["level"].to_numpy() - release.inlet)))
    wind = Field(
        np.stack([meteorology[n].isel(level=level).to_numpy() for n in names], axis=-1), meteorology
    )
    started = wind.seconds(release.time)
    _refuse_uncovered(wind, started, ages.edges[-1], release.time)
    row, column = release.row.astype(float), release.column.astype(float)
    path = np.empty((2, len(started), len(ages.middle)))
    for step, (age, middle, length) in enumerate(
        zip(ages.edges[:-1], ages.middle, ages.length, strict=True)
    ):
        ahead = wind.at(started - age, row, column)
        half = wind.at(
            started - middle,
            row - 0.5 * length * ahead[:, 1],
            column - 0.5 * length * ahead[:, 0],
        )
        quarter = 0.25 * length * (ahead + half)
        path[:, :, step] = row - quarter[:, 1], column - quarter[:, 0]
        row, column = row - length * half[:, 1], column - length * half[:, 0]
    return Puffs(
        row=path[0],
        column=path[1],
        lid=_lid(meteorology, release, ages),
        beyond=wind.count_beyond(path[0], path[1]),
        **_air(meteorology, release),
    )


def _refuse_uncovered(wind: Field, started: np.ndarray, window: float, time: np.ndarray) -> None:
    """Raise where the steps of a puff begin after or end before the meteorology."""
    early, late = started - window < 0.0, started > wind.axes[0][-1]
    if (early | late).any():
        worst = time[early | late]
        msg = (
            f"the meteorology must cover {window / 3600.0} h before every release; got "
            f"{len(worst)} releases it does not cover, from {worst.min()} to {worst.max()}, in "
            "meteorology.nc. Prepare the meteorology again for this batch and window."
        )
        raise ValueError(msg)


def _lid(meteorology: xr.Dataset, release: Release, ages: Ages) -> np.ndarray:
    """Return the largest mixing height since the release, (n, s), at the receptor."""
    field = Field(meteorology["mixing_height"].to_numpy()[..., None], meteorology)
    started = field.seconds(release.time)[:, None]
    place = release.row[:, None], release.column[:, None]
    at_edge = np.maximum.accumulate(field.at(started - ages.edges[:-1], *place)[..., 0], axis=1)
    return np.maximum(at_edge, field.at(started - ages.middle, *place)[..., 0])


def _air(meteorology: xr.Dataset, release: Release) -> dict[str, np.ndarray]:
    """Return turbulence and density of air at the receptor and its time, (n,) each."""
    names = {
        "vertical_deviation": "vertical_velocity_deviation",
        "lateral_deviation": "lateral_velocity_deviation",
        "molar_density": "air_molar_density",
    }
    values = np.stack([meteorology[name].to_numpy() for name in names.values()], axis=-1)
    field = Field(values, meteorology)
    found = field.at(field.seconds(release.time), release.row, release.column)
    return dict(zip(names, found.T, strict=True))
