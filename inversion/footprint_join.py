"""In come observations and the stations' footprints; out goes one footprint per observation.

The join is exact, by ``obs_id``: nothing is dropped, nothing is matched to a neighbour.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.grid import Grid
from inversion.emission_hours import HOUR


@dataclass(frozen=True)
class FootprintRow:
    """The footprint of one observation, views into its station's arrays.

    Attributes
    ----------
    time : datetime64[ns]
        Start of the observation hour.
    lag_upper : ndarray of timedelta64[ns], (lag,)
        Far edge of each lag bin, back from the end of the observation hour.
    lag_index, row_index, column_index : ndarray of int, (k,)
        Place of each element.
    sensitivity : ndarray, (k,)
        [m2 s mol-1]
    sensitivity_outside : float
        Sensitivity beyond the grid [m2 s mol-1].
    time_integrated : bool
        True where the one lag bin holds the whole history.
    """

    time: np.datetime64
    lag_upper: np.ndarray
    lag_index: np.ndarray
    row_index: np.ndarray
    column_index: np.ndarray
    sensitivity: np.ndarray
    sensitivity_outside: float
    time_integrated: bool

    @property
    def hour_end(self) -> np.datetime64:
        """Return the end of the observation hour."""
        return self.time + HOUR


def join_footprints(
    observations: xr.Dataset, footprints: list[xr.Dataset], prior: xr.Dataset
) -> tuple[list[FootprintRow], dict[str, str | int | float]]:
    """Return each observation's footprint, and the counts worth keeping.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations.
    footprints : list of Dataset ``footprints``
        One per station, in any order.
    prior : Dataset ``prior``
        Whose grid the footprints must share, within 1e-3 of a cell.

    Returns
    -------
    rows : list of FootprintRow, (n,)
    report : dict
        ``grid_difference_cells`` (largest difference of an edge, in cells), ``footprints_unused``
        and ``time_integrated_observations`` (counts).

    Raises
    ------
    ValueError
        Where an observation has no footprint or two, or times, lags or grids do not fit.
    """
    difference = [_grid_difference(footprint, prior) for footprint in footprints]
    places: dict[str, tuple[int, int]] = {}
    for number, footprint in enumerate(footprints):
        for position, obs_id in enumerate(footprint["obs_id"].to_numpy().astype(str).tolist()):
            if obs_id in places:
                msg = (
                    f"an observation must have one footprint; got two for {obs_id} in the "
                    "footprints. Give each station's footprints once."
                )
                raise ValueError(msg)
            places[obs_id] = (number, position)
    wanted = observations["obs_id"].to_numpy().astype(str).tolist()
    _refuse_missing(wanted, places)
    stations = [_StationArrays.of(footprint) for footprint in footprints]
    times = observations["time"].to_numpy().astype("datetime64[ns]")
    rows = [
        stations[places[obs_id][0]].row(places[obs_id][1], obs_id, time)
        for obs_id, time in zip(wanted, times, strict=True)
    ]
    report: dict[str, str | int | float] = {
        "grid_difference_cells": max(difference, default=0.0),
        "footprints_unused": len(places) - len(rows),
        "time_integrated_observations": sum(row.time_integrated for row in rows),
    }
    return rows, report


def _refuse_missing(wanted: list[str], places: dict[str, tuple[int, int]]) -> None:
    """Raise where observations lack a footprint."""
    missing = [obs_id for obs_id in wanted if obs_id not in places]
    if missing:
        shown = ", ".join(missing[:20]) + (" ..." if len(missing) > 20 else "")
        msg = (
            f"every observation must have a footprint; got none for {len(missing)} of "
            f"{len(wanted)} in the footprints: {shown}. Build or give their footprints, or leave "
            "these hours out of the observations."
        )
        raise ValueError(msg)


def _grid_difference(footprint: xr.Dataset, prior: xr.Dataset) -> float:
    """Return the largest difference between the edges of two grids, in cells, or refuse it."""
    of_footprint, of_prior = Grid.from_dataset(footprint), Grid.from_dataset(prior)
    if not of_footprint.same_as(of_prior):
        msg = (
            "the footprints' grid must equal the prior's within 1e-3 of a cell; got "
            f"{of_footprint.crs} {of_footprint.shape} from "
            f"({of_footprint.row_edges[0]}, {of_footprint.column_edges[0]}) against "
            f"{of_prior.crs} {of_prior.shape} from "
            f"({of_prior.row_edges[0]}, {of_prior.column_edges[0]}) in the footprints. "
            "Regrid the footprints, or build the prior on their grid."
        )
        raise ValueError(msg)
    return float(
        max(
            np.max(np.abs(np.subtract(first, second)) / np.min(np.diff(second)))
            for first, second in (
                (of_footprint.row_edges, of_prior.row_edges),
                (of_footprint.column_edges, of_prior.column_edges),
            )
        )
    )


@dataclass(frozen=True)
class _StationArrays:
    """One station's footprints as plain arrays."""

    time: np.ndarray
    row_edge: np.ndarray
    lag_upper: np.ndarray
    elements: dict[str, np.ndarray]
    outside: np.ndarray
    time_integrated: bool

    @classmethod
    def of(cls, footprint: xr.Dataset) -> _StationArrays:
        """Return the arrays of one dataset, its lag bins checked."""
        time_integrated = footprint.attrs.get("time_integrated") == "yes"
        names = ("lag_index", "row_index", "column_index", "sensitivity")
        return cls(
            time=footprint["time"].to_numpy().astype("datetime64[ns]"),
            row_edge=np.concatenate([[0], np.cumsum(footprint["row_size"].to_numpy())]),
            lag_upper=_lag_upper(footprint, time_integrated),
            elements={name: footprint[name].to_numpy() for name in names},
            outside=footprint["sensitivity_outside"].to_numpy(),
            time_integrated=time_integrated,
        )

    def row(self, position: int, obs_id: str, time: np.datetime64) -> FootprintRow:
        """Return the footprint at a position, its time compared with the observation's."""
        if self.time[position] != time:
            msg = (
                "a footprint must have the time of its observation; got "
                f"{self.time[position]} for {time} in {obs_id}. Build the footprints again from "
                "these observations."
            )
            raise ValueError(msg)
        part = slice(self.row_edge[position], self.row_edge[position + 1])
        return FootprintRow(
            time=time,
            lag_upper=self.lag_upper,
            sensitivity_outside=float(self.outside[position]),
            time_integrated=self.time_integrated,
            **{name: values[part] for name, values in self.elements.items()},
        )


def _lag_upper(footprint: xr.Dataset, time_integrated: bool) -> np.ndarray:
    """Return the far edges of the lag bins, which must be whole hours one hour long."""
    bounds = footprint["lag_bounds"].to_numpy().astype(np.float64)
    where = json.dumps(str(footprint.attrs.get("station", "the footprints")))
    if time_integrated and len(bounds) != 1:
        msg = (
            "a time-integrated footprint must have one lag bin; got "
            f"{len(bounds)} in {where}. Drop the attribute time_integrated, or sum the bins."
        )
        raise ValueError(msg)
    whole = np.all(bounds % 3600.0 == 0.0) and np.all(np.diff(bounds, axis=1) == 3600.0)
    if not time_integrated and not whole:
        msg = (
            f"lag bins must be whole hours, one hour long; got {bounds.tolist()[:3]} s in {where}. "
            "Bin the footprints by the hour, or mark them time_integrated."
        )
        raise ValueError(msg)
    return (bounds[:, 1] * 1e9).astype("timedelta64[ns]")
