"""Settings of a run come in; problems of the section `transport` go out, before any job runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.settings.problems import Problem
from transport.footprints import READERS, footprint_grid
from transport.meteorology import METEOROLOGIES


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
    if section.reader not in READERS:
        return [_unknown("transport.reader", section.reader, READERS)]
    problems = _files(settings)
    wanted = "regions" if section.reader == "plume" else "footprints"
    if settings.grid.source != wanted:
        problems.append(
            Problem(
                "grid.source",
                f"{settings.grid.source!r} with the reader {section.reader!r}",
                repr(wanted),
                "The plume needs projected metres; files of footprints bring their own grid.",
            )
        )
    if section.reader == "plume" and section.meteorology not in METEOROLOGIES:
        problems.append(_unknown("transport.meteorology", section.meteorology, METEOROLOGIES))
    return problems


def _unknown(where: str, found: str | None, registry: dict[str, str]) -> Problem:
    """Return the problem of a name that a registry does not know."""
    return Problem(where, repr(found), f"one of {sorted(registry)}", "Name one of these.")


def _files(settings: Any) -> list[Problem]:
    """Return problems of the files named."""
    section = settings.transport
    made = section.reader == "plume" and settings.synthetic is not None
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
    if section.reader == "name" and not problems:
        try:
            footprint_grid(found, section)
        except (ValueError, OSError) as error:
            problems.append(Problem("transport.files", str(error), "NAME footprints", ""))
    return problems
