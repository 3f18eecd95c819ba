"""STILT netCDF footprints come in; `footprints` with hourly lag bins on the run's grid go out.

Its units (`UNITS` of stilt_file) are m2 s mol-1. A file is one receptor hour; its slices are labelled by
the start of the hour in which the air touched the ground. What lies in the file but outside the
run's grid is counted in `sensitivity_outside`.
ASSUME: hours without a slice saw no ground in the file's domain (STILT drops them); they are counted.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.grid import Grid
from transport.ragged import Ragged, footprint_dataset
from transport.readers.inlet import Inlet, inlet_of
from transport.readers.lattice import cut_out, one_grid, window
from transport.readers.stilt_file import (
    HOUR,
    StiltFile,
    StiltName,
    open_stilt_file,
    read_names,
    stilt_grid,
)

logger = logging.getLogger(__name__)


def footprint_hours(files: Sequence[str | Path], section: Any) -> np.ndarray:
    """Return the observation hours for which there are files, at any receptor.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending, each once.
    """
    return np.unique([_hour(name, section) for name in read_names(files)])


def footprint_grid(files: Sequence[str | Path], section: Any) -> Grid:
    """Return the grid of the files, cell edges midway between their centres.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings
        Not used.

    Returns
    -------
    contracts.grid.Grid
        EPSG:4326.

    Raises
    ------
    ValueError
        Where the files lie on different grids, or a name, a unit or a variable breaks a rule.
    """
    del section
    names = read_names(files)
    return one_grid([(stilt_grid(name), name.path) for name in names], "STILT files")


def release_hours(
    files: Sequence[str | Path], place: tuple[float, float], inlet_height: float, section: Any
) -> np.ndarray:
    """Return the hours for which files hold the footprint of one inlet.

    Parameters
    ----------
    files : sequence of path
    place : tuple of float
        Longitude and latitude of the station, degrees.
    inlet_height : float
        Above ground [m].
    section : TransportSettings

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending; empty where no file was released there.
    """
    mine, _ = _released_at(read_names(files), Inlet(*place, inlet_height), section.stilt)
    return np.sort(np.array([_hour(name, section) for name in mine], dtype="datetime64[ns]"))


def read_footprints(
    observations: xr.Dataset,
    meteorology: xr.Dataset | None,
    grid: Grid,
    section: Any,
    files: Sequence[str | Path],
) -> xr.Dataset:
    """Return the footprints of one station's observations from STILT files.

    Parameters
    ----------
    observations : Dataset `observations`
        n rows of one receptor.
    meteorology : None
        Not used.
    grid : contracts.grid.Grid
        Its cells must be cells of the files within 1e-3 of a cell.
    section : TransportSettings
        `hours_back` lag bins of an hour; `stilt` says how receptors are found.
    files : sequence of path
        Of any receptors; only those of the observations are opened.

    Returns
    -------
    xarray.Dataset
        `footprints`. `inside_share_*` say how much of the sensitivity lies on the grid, `counts`
        how many files, slices and hours without a slice there are.

    Raises
    ------
    ValueError
        Where receptor, inlet, hours or grid do not fit, or a file breaks a rule.
    """
    del meteorology
    names = read_names(files)
    inlet = inlet_of(observations)
    mine = _mine(names, inlet, section.stilt) if inlet else []
    table = _hour_table(mine, section)
    times = observations["time"].to_numpy().astype("datetime64[ns]")
    entries, opened = [], []
    for time in times:
        name = _at(table, time, section)
        found = open_stilt_file(name)
        cut = window(found.grid, grid, name.path.name)
        entries.append(_entry(found, cut, name, section))
        opened.append((name, found))
    edges = np.arange(section.hours_back + 1) * 3600.0
    ragged = Ragged.join(entries, np.stack([edges[:-1], edges[1:]], axis=1))
    attrs = {
        "title": "surface influence by STILT, hour by hour",
        "synthetic": "no",
        "reader": "stilt",
        "time_integrated": "no",
        "mole_fraction_basis": "moist",
        "outside_known": "as far as the files reach",
        "counts": json.dumps({"files_of_receptor": len(mine), **_counts(opened)}),
        **_inside_shares(ragged),
    }
    logger.info("STILT footprints: %d files of the receptor, %d used", len(mine), len(entries))
    return footprint_dataset(observations, ragged, grid, attrs)


def _hour(name: StiltName, section: Any) -> np.datetime64:
    """Return the start of the observation hour that a file is for."""
    return name.time - HOUR if section.stilt.time_label == "end" else name.time


def _entry(
    found: StiltFile, cut: tuple[slice, slice], name: StiltName, section: Any
) -> dict[str, Any]:
    """Return one observation's entries, in the order of lag, row and column.

    Lag bin j is the clock hour j hours before the observation's: an observation that starts at
    the receptor's time has its first slice, an hour before it, in bin 1.
    """
    lag = found.hours_before - (1 if section.stilt.time_label == "end" else 0)
    if lag.max(initial=0) >= section.hours_back:
        msg = (
            f"transport.hours_back must reach the first slice; got {section.hours_back} for a "
            f"slice {int(lag.max()) + 1} clock hours back, the observed included, in "
            f"{name.path.name}. Raise transport.hours_back to that or more."
        )
        raise ValueError(msg)
    part = cut_out(found.values[::-1], cut)
    return {**part, "lag": lag[::-1][part["lag"]]}


def _counts(opened: list[tuple[StiltName, StiltFile]]) -> dict[str, Any]:
    """Return how many files and slices are used, and which files have gaps among their slices."""
    gappy = sorted(name.path.name for name, found in opened if found.gaps)
    return {
        "files_used": len(opened),
        "slices": sum(len(found.hours_before) for _, found in opened),
        "hours_without_slice": sum(found.gaps for _, found in opened),
        "files_with_gaps": gappy,
    }


def _inside_shares(ragged: Ragged) -> dict[str, float]:
    """Return the least, middle and largest share of the sensitivity that lies on the grid."""
    known = ragged.total > 0
    if not known.any():
        return {}
    share = 1.0 - ragged.outside[known] / ragged.total[known]
    return {
        "inside_share_minimum": float(share.min()),
        "inside_share_median": float(np.median(share)),
        "inside_share_maximum": float(share.max()),
    }


def _hour_table(names: list[StiltName], section: Any) -> dict[np.datetime64, StiltName]:
    """Return the file of each hour; refuse an hour twice."""
    table: dict[np.datetime64, StiltName] = {}
    for name in names:
        hour = _hour(name, section)
        if hour in table:
            msg = (
                f"an hour must have one footprint; got {hour} twice, in {table[hour].path} and "
                f"{name.path}. Leave one of the files out."
            )
            raise ValueError(msg)
        table[hour] = name
    return table


def _at(table: dict[np.datetime64, StiltName], time: np.datetime64, section: Any) -> StiltName:
    """Return the file of an observation hour."""
    if time not in table:
        msg = (
            f"every observation must have a footprint; got none for {time} in the STILT files of "
            f"this receptor ({len(table)} hours, transport.stilt.time_label "
            f"{section.stilt.time_label}). Restrict the observations to release_hours, or add files."
        )
        raise ValueError(msg)
    return table[time]


def _released_at(
    names: list[StiltName], inlet: Inlet, section: Any
) -> tuple[list[StiltName], list[str]]:
    """Return the files released at an inlet, and the other release points, each once."""
    mine, others = [], set()
    for name in names:
        away = float(np.hypot(name.longitude - inlet.longitude, name.latitude - inlet.latitude))
        near = away <= section.receptor_tolerance_degrees
        if near and abs(name.height - inlet.height) <= section.receptor_tolerance_m:
            mine.append(name)
        else:
            others.add(f"{name.longitude}, {name.latitude} at {name.height:g} m")
    return mine, sorted(others)


def _mine(names: list[StiltName], inlet: Inlet, section: Any) -> list[StiltName]:
    """Return the files released at an inlet; refuse none."""
    mine, others = _released_at(names, inlet, section)
    if not mine:
        msg = (
            "a footprint must be released at its receptor within "
            f"{section.receptor_tolerance_degrees} degrees and {section.receptor_tolerance_m} m; "
            f"got files for {'; '.join(others)}, the inlet is at {inlet.longitude}, "
            f"{inlet.latitude} at {inlet.height:g} m. Give the files of this station and inlet."
        )
        raise ValueError(msg)
    return mine
