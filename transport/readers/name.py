"""NAME netCDF footprints come in; `footprints` with one time-integrated lag bin go out.

The unit (mol/mol)/(mol m-2 s-1) is m2 s mol-1, and numerically umol mol-1 per umol m-2 s-1.
ASSUME: files hold no sensitivity beyond their grid; what lies there is unknown, stored as zero.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.grid import Grid
from transport.ragged import Ragged, footprint_dataset
from transport.readers.name_file import NameFile, open_name_files

logger = logging.getLogger(__name__)


def footprint_hours(files: Sequence[str | Path]) -> np.ndarray:
    """Return the hours that the files hold.

    Parameters
    ----------
    files : sequence of path

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending.
    """
    return np.sort(np.concatenate([part.time for part in open_name_files(files)]))


def footprint_grid(files: Sequence[str | Path]) -> Grid:
    """Return the grid of the files, cell edges midway between their centres.

    Parameters
    ----------
    files : sequence of path

    Returns
    -------
    contracts.grid.Grid
        EPSG:4326.

    Raises
    ------
    ValueError
        Where the files lie on different grids.
    """
    parts = open_name_files(files)
    for part in parts[1:]:
        if not part.grid.same_as(parts[0].grid):
            msg = (
                f"NAME files of one run must share a grid; got another one in {part.path.name} "
                f"than in {parts[0].path.name}. Give files of one grid."
            )
            raise ValueError(msg)
    return parts[0].grid


def read_footprints(
    observations: xr.Dataset,
    meteorology: xr.Dataset | None,
    grid: Grid,
    section: Any,
    files: Sequence[str | Path],
) -> xr.Dataset:
    """Return the footprints of one station's observations from NAME files.

    Parameters
    ----------
    observations : Dataset `observations`
        n rows of one receptor.
    meteorology : None
        Not used.
    grid : contracts.grid.Grid
        Must equal the files' within 1e-3 of a cell.
    section : TransportSettings
    files : sequence of path

    Returns
    -------
    xarray.Dataset
        `footprints`, time_integrated="yes". Attributes count hours in the files and hours used,
        and give the reason where `fp_HiTRes` was refused.

    Raises
    ------
    ValueError
        Where grids, receptor or inlet differ, hours are missing, or values are not finite and >= 0.
    """
    del meteorology
    if not footprint_grid(files).same_as(grid):
        msg = (
            "the prior's grid must be the NAME files' grid within 1e-3 of a cell; got "
            f"{grid.crs} {grid.shape} in the prior. Set grid.from_file to the footprint file."
        )
        raise ValueError(msg)
    parts = open_name_files(files)
    for part in parts:
        _refuse_other_receptor(part, observations, section.name)
    table, in_files = _hour_table(parts)
    entries = [_entry(table, time, parts) for time in _times(observations)]
    reasons = [f"{part.path.name}: {part.hitres_reason}" for part in parts if part.hitres_reason]
    bounds = np.array([[0.0, section.name.integrated_hours * 3600.0]])
    attrs = {
        "title": "surface influence by NAME, integrated over time",
        "synthetic": "no",
        "reader": "name",
        "time_integrated": "yes",
        "outside_known": "no",
        "hours_in_files": in_files,
        "hours_used": len(entries),
        "time_resolved_refused": "; ".join(reasons) or "none",
    }
    for reason in reasons:
        logger.warning("time-resolved footprints refused, integrated ones used: %s", reason)
    logger.info("NAME footprints: %d hours in files, %d used", in_files, len(entries))
    return footprint_dataset(observations, Ragged.join(entries, bounds), grid, attrs)


def _times(observations: xr.Dataset) -> np.ndarray:
    """Return the starts of the observation hours, (n,)."""
    return observations["time"].to_numpy().astype("datetime64[ns]")


def _hour_table(parts: list[NameFile]) -> tuple[dict[np.datetime64, tuple[int, int]], int]:
    """Return file and position of each hour, and the number of hours; refuse an hour twice."""
    table: dict[np.datetime64, tuple[int, int]] = {}
    for number, part in enumerate(parts):
        for position, time in enumerate(part.time):
            if time in table:
                msg = (
                    f"an hour must have one footprint; got {time} twice, the second in "
                    f"{part.path.name}. Leave one of the files out."
                )
                raise ValueError(msg)
            table[time] = (number, position)
    return table, len(table)


def _entry(
    table: dict[np.datetime64, tuple[int, int]], time: np.datetime64, parts: list[NameFile]
) -> dict[str, Any]:
    """Return one observation's entries, in the order of row and column."""
    if time not in table:
        msg = (
            f"every observation must have a footprint; got none for {time} in the NAME files "
            f"({len(table)} hours). Restrict the observations to footprint_hours, or add files."
        )
        raise ValueError(msg)
    number, position = table[time]
    cells = parts[number].footprint(position)
    row, column = np.nonzero(cells)
    value = cells[row, column]
    return {
        "lag": np.zeros(len(row), dtype=np.int32),
        "row": row,
        "column": column,
        "value": value,
        "total": float(value.sum()),
        "outside": 0.0,
    }


def _refuse_other_receptor(part: NameFile, observations: xr.Dataset, section: Any) -> None:
    """Raise where a file's release point is not the observations' inlet."""
    used = np.unique(observations["receptor_index"].to_numpy())
    receptor = observations.isel(receptor=used)
    longitude = receptor["longitude"].to_numpy()[:, None]
    latitude = receptor["latitude"].to_numpy()[:, None]
    distance = np.hypot(part.release_longitude - longitude, part.release_latitude - latitude)
    if len(used) and not distance.max() <= section.receptor_tolerance_degrees:
        msg = (
            "a footprint must be released at its receptor within "
            f"{section.receptor_tolerance_degrees} degrees; got {distance.max():.4f} in "
            f"{part.path.name}. Give the files of this station."
        )
        raise ValueError(msg)
    height = re.search(r"-(\d+)magl", part.path.name)
    inlets = receptor["inlet_height"].to_numpy()
    if height and len(used) and not np.allclose(inlets, float(height[1]), atol=1.0):
        msg = (
            f"a footprint must be released at the inlet's height; got {height[1]} m in "
            f"{part.path.name} for an inlet at {inlets.tolist()} m. Give the files of this inlet."
        )
        raise ValueError(msg)


def release_hours(
    files: Sequence[str | Path], place: tuple[float, float], inlet_height: float, section: Any
) -> np.ndarray:
    """Return the hours for which files hold footprints released at one inlet.

    Parameters
    ----------
    files : sequence of path
    place : tuple of float
        Longitude and latitude of the inlet, degrees.
    inlet_height : float
        m above ground; compared with the height in the file's name, within 1 m.
    section : TransportSettings

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending.
    """
    hours = [np.array([], dtype="datetime64[ns]")]
    for part in open_name_files(files):
        height = re.search(r"-(\d+)magl", part.path.name)
        distance = np.hypot(part.release_longitude - place[0], part.release_latitude - place[1])
        near = distance.max() <= section.name.receptor_tolerance_degrees
        if near and (height is None or abs(float(height[1]) - inlet_height) <= 1.0):
            hours.append(part.time.astype("datetime64[ns]"))
    return np.sort(np.concatenate(hours))
