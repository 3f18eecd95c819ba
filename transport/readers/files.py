"""Footprint files of any model come in; `footprints` on the run's grid go out, their format found.

The unit of all formats becomes m2 s mol-1; labels become hours back from the observation's.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.grid import Grid
from transport.ragged import Ragged, footprint_dataset
from transport.readers.file_hours import hour_table, of_receptor, releases_at
from transport.readers.formats import open_footprint_file
from transport.readers.inlet import inlet_of
from transport.readers.lattice import cut_out, one_grid, window
from transport.readers.release import FootprintFile, Release, Slices

logger = logging.getLogger(__name__)


def open_files(files: Sequence[str | Path], section: Any) -> list[FootprintFile]:
    """Return files of one format, sorted by path.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    list of FootprintFile

    Raises
    ------
    ValueError
        Where there is none, they are of several formats, some are integrated over time and some
        are not, or from the reader of the format.
    """
    if not files:
        msg = (
            "the reader `files` must have at least one file; got none in transport.files. "
            "Name the footprint files."
        )
        raise ValueError(msg)
    parts = [open_footprint_file(path, section.footprint_files) for path in sorted(map(str, files))]
    for what, of in (("format", "kind"), ("length of history", "integrated_hours")):
        found = {str(getattr(part, of)): part.path.name for part in parts}
        if len(found) > 1:
            told = "; ".join(f"{key} in {name}" for key, name in sorted(found.items()))
            msg = (
                f"footprint files of one run must have one {what} (None: by the hour); got "
                f"{told}. Give files of one kind; for NAME, set "
                "transport.footprint_files.time_resolved to false."
            )
            raise ValueError(msg)
    return parts


def footprint_hours(files: Sequence[str | Path], section: Any) -> np.ndarray:
    """Return the observation hours for which there are footprints, at any receptor.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending, each once.
    """
    parts = open_files(files, section)
    return np.unique([release.hour for part in parts for release in part.releases])


def footprint_grid(files: Sequence[str | Path], section: Any) -> Grid:
    """Return the grid of the files.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    contracts.grid.Grid
        EPSG:4326.

    Raises
    ------
    ValueError
        Where the files lie on different grids.
    """
    parts = open_files(files, section)
    return one_grid([(part.grid, part.path.name) for part in parts], "footprint files")


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
    mine, _ = releases_at(open_files(files, section), (*place, inlet_height), section)
    hours = [part.releases[position].hour for part, position in mine]
    return np.sort(np.array(hours, dtype="datetime64[ns]"))


def read_footprints(
    observations: xr.Dataset,
    meteorology: xr.Dataset | None,
    grid: Grid,
    section: Any,
    files: Sequence[str | Path],
) -> xr.Dataset:
    """Return the footprints of one station's observations from files of any format.

    Parameters
    ----------
    observations : Dataset `observations`
        n rows of one receptor.
    meteorology : None
        Not used.
    grid : contracts.grid.Grid
        Its cells must be cells of the files within 1e-3 of a cell.
    section : TransportSettings
        `hours_back` lag bins of an hour; `footprint_files` says what files leave open.
    files : sequence of path

    Returns
    -------
    xarray.Dataset
        `footprints`. Attributes: the format, the basis of mole fractions, who said the receptor,
        notes of the files, and `counts`.

    Raises
    ------
    ValueError
        Where receptor, inlet, hours or grid do not fit, or a file breaks a rule.
    """
    del meteorology
    parts = open_files(files, section)
    footprint_grid(files, section)
    inlet = inlet_of(observations)
    mine = of_receptor(parts, inlet, section) if inlet else []
    table = hour_table(mine)
    integrated = parts[0].integrated_hours
    entries, counts = [], Counter({"releases_of_receptor": len(mine)})
    for time in observations["time"].to_numpy().astype("datetime64[ns]"):
        part, position = _at(table, time)
        release, found = part.releases[position], part.slices(position)
        cut = window(part.grid, grid, part.path.name)
        entries.append(_entry(found, release, cut, (part, integrated, section)))
        counts.update({"releases_used": 1, **found.counts})
    bounds = _lag_bounds(integrated, section)
    attrs = {
        "title": f"surface influence from files, {parts[0].kind}",
        "synthetic": "no",
        "reader": "files",
        "footprint_format": parts[0].kind,
        "time_integrated": "no" if integrated is None else "yes",
        "outside_known": "as far as the files reach",
        "receptor_from": "; ".join(sorted({part.receptor_from for part in parts})),
        "notes": "; ".join(note for part in parts for note in part.notes) or "none",
        "counts": json.dumps(dict(sorted(counts.items()))),
        **mole_fraction_basis(parts, section.footprint_files.mole_fraction_basis),
    }
    logger.info("footprints of %s: %s", parts[0].kind, attrs["counts"])
    return footprint_dataset(observations, Ragged.join(entries, bounds), grid, attrs)


def mole_fraction_basis(parts: list[FootprintFile], declared: str | None) -> dict[str, str]:
    """Return the attributes that say which air mole fractions refer to.

    Parameters
    ----------
    parts : list of FootprintFile
    declared : str or None
        By the settings.

    Returns
    -------
    dict
        `mole_fraction_basis` (moist, dry or unknown) and `mole_fraction_basis_from`.

    Raises
    ------
    ValueError
        Where models differ, or the declared one contradicts the model's.
    """
    found = sorted({part.basis for part in parts})
    known = [basis for basis in found if basis != "unknown"]
    if len(found) > 1 or (known and declared not in {None, *known}):
        msg = (
            "mole fractions must refer to one kind of air; got "
            f"{', '.join(found)} in the files and {declared} in "
            "transport.footprint_files.mole_fraction_basis. Leave that out where the model says it."
        )
        raise ValueError(msg)
    if known:
        return {
            "mole_fraction_basis": known[0],
            "mole_fraction_basis_from": "the model's equations",
        }
    said = "declared" if declared else "said neither by the files nor by the settings"
    return {"mole_fraction_basis": declared or "unknown", "mole_fraction_basis_from": said}


def _lag_bounds(integrated: float | None, section: Any) -> np.ndarray:
    """Return the bounds of the lag bins, (lag, 2) [s]."""
    if integrated is not None:
        return np.array([[0.0, integrated * 3600.0]])
    edges = np.arange(section.hours_back + 1) * 3600.0
    return np.stack([edges[:-1], edges[1:]], axis=1)


def _entry(
    found: Slices, release: Release, cut: tuple[slice, slice], rest: tuple[FootprintFile, Any, Any]
) -> dict[str, Any]:
    """Return one observation's entries, in the order of lag, row and column."""
    part, integrated, section = rest
    lag = (release.hour - found.hour).astype("timedelta64[h]").astype(np.int64)
    last = 0 if integrated is not None else section.hours_back - 1
    if (lag < 0).any() or lag.max(initial=0) > last:
        msg = (
            "transport.hours_back must reach the first slice, and no slice may lie after the "
            f"observation; got {section.hours_back} for slices {int(lag.min()) + 1} to "
            f"{int(lag.max()) + 1} clock hours back, the observed included, in {part.path.name}. "
            "Set transport.hours_back, or transport.footprint_files.time_label."
        )
        raise ValueError(msg)
    order = np.argsort(lag, kind="stable")
    entry = cut_out(found.values[order], cut)
    return {
        **entry,
        "lag": lag[order][entry["lag"]],
        "outside": entry["outside"] + found.outside,
        "total": entry["total"] + found.outside,
    }


def _at(
    table: dict[np.datetime64, tuple[FootprintFile, int]], time: np.datetime64
) -> tuple[FootprintFile, int]:
    """Return the file and position of an observation hour."""
    if time not in table:
        msg = (
            f"every observation must have a footprint; got none for {time} in the footprint files "
            f"of this receptor ({len(table)} hours). Restrict the observations to release_hours, "
            "or add files."
        )
        raise ValueError(msg)
    return table[time]
