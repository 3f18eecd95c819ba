"""One station's observations come in; their footprints go out, by the reader the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.registered import registered
from transport.regrid import onto_grid

READERS = {
    "files": "transport.readers.files:read_footprints",
    "plume": "transport.plume:read_footprints",
    "name": "transport.readers.name:read_footprints",
    "particles": "transport.particles:read_footprints",
    "stilt": "transport.readers.stilt:read_footprints",
}
KEEPING = frozenset({"particles"})
FILE_HOURS = {
    "files": "transport.readers.files:footprint_hours",
    "name": "transport.readers.name:footprint_hours",
    "stilt": "transport.readers.stilt:footprint_hours",
}
FILE_GRID = {
    "files": "transport.readers.files:footprint_grid",
    "name": "transport.readers.name:footprint_grid",
    "stilt": "transport.readers.stilt:footprint_grid",
}


def build_footprints(
    observations: xr.Dataset,
    meteorology: xr.Dataset | None,
    grid: Any,
    section: Any,
    files: Sequence[str | Path],
    keep: Path | None = None,
) -> xr.Dataset:
    """Return the footprints of one station's observations in a batch.

    Parameters
    ----------
    observations : Dataset `observations`
        n rows of one receptor.
    meteorology : Dataset `meteorology` or None
        None for readers of footprint files.
    grid : contracts.grid.Grid
        The prior's grid.
    section : TransportSettings
    files : sequence of path
        Footprint files; empty for a model.
    keep : Path, optional
        Folder where a model that takes long keeps each hour that it has computed, so that a run
        that was cut off goes on there.

    Returns
    -------
    xarray.Dataset
        `footprints`.

    Raises
    ------
    ValueError
        Where the reader is unknown, or from the reader.
    """
    reader = _load(READERS, section.reader)
    if section.reader in FILE_GRID and getattr(section, "regrid", False):
        source = footprint_grid(files, section)
        found = reader(observations, meteorology, source, section, files)
        return onto_grid(found, observations, source, grid)
    if section.reader in KEEPING and keep is not None:
        return reader(observations, meteorology, grid, section, files, keep=keep)
    return reader(observations, meteorology, grid, section, files)


def footprint_hours(files: Sequence[str | Path], section: Any) -> np.ndarray:
    """Return the hours for which files hold footprints, by the reader's own function.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts of the hours, ascending.
    """
    return _load(FILE_HOURS, section.reader)(files, section)


def footprint_grid(files: Sequence[str | Path], section: Any) -> Any:
    """Return the grid on which files hold footprints.

    Parameters
    ----------
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    contracts.grid.Grid
    """
    return _load(FILE_GRID, section.reader)(files, section)


def _load(registry: dict[str, str], name: str) -> Any:
    """Return the attribute that a registry holds under a name, imported now."""
    if name not in registry:
        msg = (
            f"the footprint reader must be one of {', '.join(sorted(registry))}; got {name!r} in "
            "transport.reader. Name one of these."
        )
        raise ValueError(msg)
    return registered(registry[name])
