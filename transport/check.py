"""Settings of a run come in; problems of the section `transport` go out, before any job runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.grid import grid_of_box
from contracts.settings.problems import Problem
from contracts.settings.transport import MODELS
from transport.footprints import FILE_GRID, READERS, footprint_grid
from transport.meteorology import METEOROLOGIES
from transport.readers.lattice import window


def check(settings: Any) -> list[Problem]:
    """Return every problem of the transport.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    list of Problem
        Unknown readers, missing or unreadable files, a grid that does not fit the reader.
    """
    section = settings.transport
    if section is None:
        return []
    if section.reader not in READERS:
        return [_unknown("transport.reader", section.reader, READERS)]
    problems = _files(settings)
    modelled = section.reader in MODELS
    wanted = ("regions",) if modelled or section.regrid else ("footprints", "box")
    if settings.grid.source not in wanted:
        problems.append(
            Problem(
                "grid.source",
                f"{settings.grid.source!r} with the reader {section.reader!r}",
                " or ".join(map(repr, wanted)),
                "A model needs projected metres; files of footprints bring their own cells, of "
                "which a box may be a part; transport.regrid shares them among the regions' cells.",
            )
        )
    if modelled and section.meteorology not in METEOROLOGIES:
        problems.append(_unknown("transport.meteorology", section.meteorology, METEOROLOGIES))
    elif section.reader == "plume" and section.meteorology != "synthetic":
        todo = "Use the reader `particles`."
        found = f"{section.meteorology!r} with the reader 'plume'"
        problems.append(Problem("transport.meteorology", found, "'synthetic'", todo))
    return problems


def _unknown(where: str, found: str | None, registry: dict[str, str]) -> Problem:
    """Return the problem of a name that a registry does not know."""
    return Problem(where, repr(found), f"one of {sorted(registry)}", "Name one of these.")


def _files(settings: Any) -> list[Problem]:
    """Return problems of the files named."""
    section = settings.transport
    made = section.reader in MODELS and settings.synthetic is not None
    if not section.files:
        if made:
            return []
        return [Problem("transport.files", "none", "at least one file", "Name the files.")]
    root = Path(settings.data_root)
    problems, found = [], []
    for number, pattern in enumerate(section.files):
        paths = sorted(root.glob(pattern))
        found += paths
        if not paths:
            where = f"transport.files.{number}"
            problems.append(
                Problem(where, f"no file {root / pattern}", "a file", "Check path and data_root.")
            )
    if section.reader in FILE_GRID and not problems:
        problems += _cells(found, settings)
    return problems


def _cells(files: list[Path], settings: Any) -> list[Problem]:
    """Return problems of the files' grid, and of a box that is no part of it."""
    name = settings.transport.reader.upper()
    try:
        whole = footprint_grid(files, settings.transport)
    except (ValueError, OSError) as error:
        return [Problem("transport.files", str(error), f"{name} footprints", "")]
    if settings.grid.source == "box":
        try:
            window(whole, grid_of_box(settings.grid), "transport.files")
        except ValueError as error:
            return [Problem("grid", str(error), "a box of the files' cells", "")]
    return []
