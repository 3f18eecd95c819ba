"""Settings come in; everything that would stop the stations' part of a run goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.settings.problems import Problem
from stations.manual import read_manual_flags
from stations.registry import Registry, RegistryError, load_registry, resolve_files


def check(settings: Any) -> list[Problem]:
    """Look for problems before any job runs.

    Parameters
    ----------
    settings : Settings
        Uses `stations`, `synthetic`, `data_root`.

    Returns
    -------
    list of Problem
        All of them: a registry that is missing or breaks rules (also a station twice or
        without a calibration scale), scales that differ, raw files that are not there,
        manual flags that cannot be read.
    """
    section = settings.stations
    try:
        registry = load_registry(section.registry)
    except RegistryError as error:
        todo = "Correct the registry; config/stations holds examples."
        return [
            Problem(f"stations.registry: {section.registry}: {where}", found, expected, todo)
            for where, found, expected in error.problems
        ]
    problems = _scales(registry)
    if settings.synthetic is None:
        problems += _files(registry, Path(section.raw_root or settings.data_root))
    if section.manual_flags is not None:
        problems += _manual(registry, Path(section.manual_flags))
    return problems


def _scales(registry: Registry) -> list[Problem]:
    """Return a problem if the network would mix calibration scales."""
    scales: dict[str, list[str]] = {}
    for name, row in registry.stations.items():
        scales.setdefault(row.scale, []).append(name)
    if len(scales) < 2:
        return []
    found = "; ".join(f"{scale}: {', '.join(names)}" for scale, names in sorted(scales.items()))
    todo = "Declare convert_to for the stations that differ."
    return [Problem(f"stations.registry: {registry.path}", found, "one calibration scale", todo)]


def _files(registry: Registry, root: Path) -> list[Problem]:
    """Return a problem for each station without raw files."""
    if not root.is_dir():
        todo = "Set stations.raw_root or data_root to the folder of the raw files."
        return [Problem("stations.raw_root", f"no folder {root}", "a folder", todo)]
    return [
        Problem(
            f"stations.registry: {registry.path}: {name}.files",
            f"nothing matches {', '.join(row.files)} in {root}",
            "at least one raw file",
            "Correct the globs, or bring the files.",
        )
        for name, row in registry.stations.items()
        if not resolve_files(row, root)
    ]


def _manual(registry: Registry, folder: Path) -> list[Problem]:
    """Return a problem for each table of manual flags that cannot be used."""
    if not folder.is_dir():
        todo = "Create the folder, or remove stations.manual_flags."
        return [Problem("stations.manual_flags", f"no folder {folder}", "a folder", todo)]
    problems = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in registry.stations:
            expected = f"one of {', '.join(registry.stations)}"
            todo = "Name the file after its station."
            problems.append(Problem("stations.manual_flags", path.name, expected, todo))
            continue
        try:
            read_manual_flags(path)
        except ValueError as error:
            todo = "Correct the line."
            problems.append(Problem("stations.manual_flags", str(error), "a readable table", todo))
    return problems
