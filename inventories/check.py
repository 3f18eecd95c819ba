"""Settings of a run come in; problems of the section `inventories` go out, before any job runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr

from contracts.districts import load_regions
from contracts.settings.problems import Problem
from contracts.units import factor_to_canonical
from inventories.declared import refuse_unknown
from inventories.inputs import input_files
from inventories.places import DOMAIN, OUTSIDE
from inventories.readers.district_table import read_district_table


def check(settings: Any) -> list[Problem]:
    """Return every problem of the inventories that shows without building the prior.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    list of Problem
        Missing files, faults of the district table, unknown proxies, wrong units, error settings
        that name unknown sectors or districts.
    """
    section, root = settings.inventories, Path(settings.data_root)
    if section is None:
        return []
    made = Path("synthetic") if settings.synthetic is not None else None
    try:
        files = input_files(section, lambda name: root / name, made)
    except ValueError as error:
        return [Problem("inventories", "a file that is not named", str(error), "")]
    problems = []
    for name, path in sorted(files.items()):
        if made is not None and path.parent == made:
            continue
        where = f"inventories.{name}"
        if name not in ("table", "proxies"):
            where = f"inventories.sectors.{name}.gridded.file"
        if not path.is_file():
            problems.append(Problem(where, f"no file {path}", "a file", "Check data_root."))
        else:
            problems += _content(name, path, where, settings)
    return [*problems, *_errors(settings)]


def _content(name: str, path: Path, where: str, settings: Any) -> list[Problem]:
    """Return the problems of one file."""
    if name == "table":
        return _table(path, where, settings)
    if name == "proxies":
        return _proxies(path, settings)
    gridded = settings.inventories.sectors[name].gridded
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        if gridded.variable not in dataset:
            found = f"no variable {gridded.variable!r} in {path.name}"
            return [Problem(where, found, f"one of {sorted(map(str, dataset.data_vars))}", "")]
        unit = dataset[gridded.variable].attrs.get("units")
    try:
        factor_to_canonical(str(unit if gridded.unit is None else gridded.unit), "flux")
    except ValueError as error:
        declared = f"{where.removesuffix('file')}unit"
        found = f"the unit {unit!r}" if gridded.unit is None else repr(gridded.unit)
        todo = f"Declare {declared}, or convert the file."
        where = where if gridded.unit is None else declared
        return [Problem(where, found, "a known unit of a flux", f"{error} {todo}")]
    return []


def _table(path: Path, where: str, settings: Any) -> list[Problem]:
    """Return the problems of the district table."""
    section = settings.inventories
    try:
        rows = read_district_table(path, settings.time.utc_offset_hours)
    except ValueError as error:
        return [Problem(where, str(error), "a district table", "")]
    counted = {name for name, s in section.sectors.items() if s.proxy}
    used = [r for r in rows if r.scope == section.scope and r.gas == settings.gas.name]
    problems = []
    for kind, found, known in (
        ("sectors", {row.sector for row in used}, counted),
        ("regions", {row.region for row in used}, {*_codes(settings), OUTSIDE}),
    ):
        if found - known:
            expected = f"{kind} among {sorted(known)}"
            todo = "Add them to the settings, or take the rows out."
            problems.append(Problem(where, f"{kind} {sorted(found - known)}", expected, todo))
    return problems


def _proxies(path: Path, settings: Any) -> list[Problem]:
    """Return the problems of names of proxies."""
    section = settings.inventories
    wanted = {f"sectors.{n}.proxy": s.proxy for n, s in section.sectors.items() if s.proxy}
    wanted |= {f"sectors.{n}.field": s.field for n, s in section.sectors.items() if s.field}
    if section.human_respiration is not None:
        wanted["human_respiration.population"] = section.human_respiration.population
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        known = sorted(map(str, dataset.data_vars))
    return [
        Problem(f"inventories.{key}", repr(name), f"one of {known}", "Name one of these.")
        for key, name in wanted.items()
        if name not in known
    ]


def _codes(settings: Any) -> tuple[str, ...]:
    """Return the codes of the districts; none where the city is unknown (told elsewhere)."""
    try:
        regions = load_regions(settings.regions)
    except ValueError:
        return ()
    return (DOMAIN,) if regions is None else tuple(map(str, regions.codes))


def _errors(settings: Any) -> list[Problem]:
    """Return the problem of error settings that name what is not there."""
    try:
        refuse_unknown(list(settings.inventories.sectors), _codes(settings), settings.errors.prior)
    except ValueError as error:
        return [Problem("errors.prior", "unknown names", str(error), "")]
    return []
