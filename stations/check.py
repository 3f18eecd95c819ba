"""Settings come in; everything that would stop the stations' part of a run goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.settings.problems import Problem
from stations.claims import gas_name
from stations.ingest import SCALED_GASES
from stations.manual import read_manual_flags
from stations.registry import NO_SCALE, Registry, RegistryError, load_registry, resolve_files


def check(settings: Any) -> list[Problem]:
    """Look for problems before any job runs.

    Parameters
    ----------
    settings : Settings
        Uses `stations`, `gas`, `synthetic`, `data_root`, `target`.

    Returns
    -------
    list of Problem
        All of them: a registry that is missing or breaks rules (also a station twice or
        without a calibration scale), scales that differ or belong to another gas, raw files
        or receptor files that are not there, manual flags that cannot be read. None where
        the run has no stations.
    """
    section = settings.stations
    if section is None:
        return []
    try:
        registry = load_registry(section.registry)
    except RegistryError as error:
        todo = "Correct the registry; config/stations holds examples."
        return [
            Problem(f"stations.registry: {section.registry}: {where}", found, expected, todo)
            for where, found, expected in error.problems
        ]
    problems = [*_scales(registry), *_gas(registry, settings.gas.name)]
    if getattr(settings, "target", "fluxes") == "fluxes":
        problems += [*_traceable(registry), *_columns(registry)]
    if settings.synthetic is None and settings.synthetic_records is None:
        problems += _files(registry, Path(section.raw_root or settings.data_root))
    if section.receptors is not None:
        problems += _receptors(section.receptors.files, Path(settings.data_root))
    if section.manual_flags is not None:
        problems += _manual(registry, Path(section.manual_flags))
    return problems


def _scales(registry: Registry) -> list[Problem]:
    """Return a problem if the network would mix calibration scales."""
    scales: dict[str, list[str]] = {}
    for name, row in registry.stations.items():
        if row.scale != NO_SCALE:
            scales.setdefault(row.scale, []).append(name)
    if len(scales) < 2:
        return []
    found = "; ".join(f"{scale}: {', '.join(names)}" for scale, names in sorted(scales.items()))
    todo = "Declare convert_to for the stations that differ."
    return [Problem(f"stations.registry: {registry.path}", found, "one calibration scale", todo)]


def _traceable(registry: Registry) -> list[Problem]:
    """Return a problem if fluxes are sought and the records they need are on no scale."""
    where = f"stations.registry: {registry.path}"
    todo = "State their scale, or set target: network, which watches records and seeks no fluxes."
    listed = {"background": [], "tower": []}
    for name, row in registry.stations.items():
        listed[row.role].append((name, row.scale == NO_SCALE))
    problems = []
    bare = [name for name, none in listed["background"] if none]
    if bare:
        found = f"background stations without a scale: {', '.join(bare)}"
        problems.append(Problem(where, found, "a calibration scale", todo))
    if listed["tower"] and all(none for _, none in listed["tower"]):
        found = f"no tower with a scale ({', '.join(name for name, _ in listed['tower'])})"
        problems.append(Problem(where, found, "at least one traceable tower", todo))
    return problems


def _columns(registry: Registry) -> list[Problem]:
    """Return a problem for each column of air where mole fractions at inlets are needed."""
    todo = "Leave it out of this registry, or set target: network."
    return [
        Problem(
            f"stations.registry: {registry.path}: {name}.instrument_class",
            "column",
            "an instrument at an inlet: columns are compared with a model through their kernels",
            todo,
        )
        for name, row in registry.stations.items()
        if row.instrument_class == "column"
    ]


def _gas(registry: Registry, gas: str) -> list[Problem]:
    """Return a problem for each station whose scale or column is that of another gas."""
    problems = []
    for name, row in registry.stations.items():
        found = [part for part in row.scale.split("-") if part in SCALED_GASES and part != gas]
        column = row.reader.gas or gas
        if gas_name(column) != gas.upper():
            found.append(f"column {column}")
        if found:
            where = f"stations.registry: {registry.path}: {name}"
            todo = "Correct calibration_scale and reader.gas, or gas.name in the settings."
            problems.append(Problem(where, ", ".join(found), f"a record of {gas}", todo))
    return problems


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


def _receptors(globs: tuple[str, ...], root: Path) -> list[Problem]:
    """Return a problem for each pattern of receptor files that finds nothing."""
    return [
        Problem(
            "stations.receptors.files",
            f"nothing matches {pattern} in {root}",
            "at least one receptor file",
            "Correct the pattern, or remove stations.receptors.",
        )
        for pattern in globs
        if not any(path.is_file() for path in root.glob(pattern))
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
