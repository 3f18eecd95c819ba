"""NAME netCDF footprints come in; `footprints` with one time-integrated lag bin go out.

The unit (mol/mol)/(mol m-2 s-1) is m2 s mol-1, and numerically umol mol-1 per umol m-2 s-1.
ASSUME: files hold no sensitivity beyond their grid; what lies there is unknown, stored as zero.
Where the run's grid is a part of the files', the rest is counted in `sensitivity_outside`.
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
from transport.readers.inlet import inlet_of
from transport.readers.lattice import cut_out, one_grid, window
from transport.readers.name_file import NameFile, open_name_files

logger = logging.getLogger(__name__)
INLET_TOLERANCE_M = 1.0


def footprint_hours(files: Sequence[str | Path], section: Any) -> np.ndarray:
    """Return the hours that the files hold.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings
        Not used.

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending.
    """
    del section
    return np.sort(np.concatenate([part.time for part in open_name_files(files)]))


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
        Where the files lie on different grids.
    """
    del section
    parts = open_name_files(files)
    return one_grid([(part.grid, part.path.name) for part in parts], "NAME files")


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
        Its cells must be cells of the files within 1e-3 of a cell.
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
    whole = footprint_grid(files, section)
    cut = window(whole, grid, f"NAME files such as {Path(sorted(map(str, files))[0]).name}")
    parts = _of_receptor(open_name_files(files), observations, section.name)
    table, in_files = _hour_table(parts)
    entries = [_entry(table, time, parts, cut) for time in _times(observations)]
    reasons = [f"{part.path.name}: {part.hitres_reason}" for part in parts if part.hitres_reason]
    bounds = np.array([[0.0, section.name.integrated_hours * 3600.0]])
    attrs = {
        "title": "surface influence by NAME, integrated over time",
        "synthetic": "no",
        "reader": "name",
        "time_integrated": "yes",
        "mole_fraction_basis": "unknown",
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
    table: dict[np.datetime64, tuple[int, int]],
    time: np.datetime64,
    parts: list[NameFile],
    cut: tuple[slice, slice],
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
    return cut_out(cells[None], cut)


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
        Above ground [m]; compared with the height in the file's name, within 1 m.
    section : TransportSettings

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending; empty where no file was released there.
    """
    parts, _ = _released_at(open_name_files(files), place, inlet_height, section.name)
    hours = [np.zeros(0, "datetime64[ns]"), *(part.time for part in parts)]
    return np.sort(np.concatenate(hours))


def _released_at(
    parts: list[NameFile], place: tuple[float, float], inlet: float, section: Any
) -> tuple[list[NameFile], list[str]]:
    """Return the files released at an inlet, and why the others are not."""
    mine, reasons = [], []
    for part in parts:
        distance = float(
            np.hypot(part.release_longitude - place[0], part.release_latitude - place[1]).max()
        )
        height = re.search(r"-(\d+)magl", part.path.name)
        if not distance <= section.receptor_tolerance_degrees:
            reasons.append(f"{part.path.name}: {distance:.4f} degrees away")
        elif height and abs(float(height[1]) - inlet) > INLET_TOLERANCE_M:
            reasons.append(f"{part.path.name}: at {height[1]} m, the inlet is at {inlet:g} m")
        else:
            mine.append(part)
    return mine, reasons


def _of_receptor(parts: list[NameFile], observations: xr.Dataset, section: Any) -> list[NameFile]:
    """Return the files released at the observations' inlet; all of them where no row asks."""
    inlet = inlet_of(observations)
    if inlet is None:
        return parts
    mine, reasons = _released_at(parts, (inlet.longitude, inlet.latitude), inlet.height, section)
    if not mine:
        msg = (
            "a footprint must be released at its receptor within "
            f"{section.receptor_tolerance_degrees} degrees and {INLET_TOLERANCE_M} m; got "
            f"{'; '.join(reasons)}. Give the files of this station and inlet."
        )
        raise ValueError(msg)
    if reasons:
        logger.info("NAME files of other receptors: %s", "; ".join(reasons))
    return mine
