"""In: settings. Out: stations that lie outside the grid, and references that are no stations."""

from collections.abc import Mapping
from typing import Any

from contracts.settings.model import Settings
from contracts.settings.problems import Problem
from stations.registry import RegistryError, load_registry
from workflow.plan import Plan
from workflow.space import run_space


def check(settings: Settings) -> list[Problem]:
    """Return stations outside the domain, and names that the registry does not know."""
    if settings.stations is None:
        return []
    try:
        rows = load_registry(settings.stations.registry).stations
    except RegistryError:
        return []  # the room's own check says it
    problems = []
    named = settings.background.stations if settings.background else ()
    wanted = () if named == "own" else named
    required = settings.reconcile.verdict.required_stations
    for where, names in (
        ("background.stations", wanted),
        ("reconcile.verdict.required_stations", required),
    ):
        expected = f"stations of the registry: {', '.join(sorted(rows))}"
        problems += [
            Problem(where, name, expected, "Check the name.") for name in names if name not in rows
        ]
    if settings.transport is None or Plan(settings).given("prior"):
        return problems
    return problems + outside(settings, rows)


def outside(settings: Settings, rows: Mapping[str, Any]) -> list[Problem]:
    """Return towers that lie outside the grid; `rows` need role, longitude and latitude."""
    if settings.grid.source == "regions" and settings.regions.source == "domain":
        todo = "Set grid.source to footprints or box."
        found = "regions.source domain with a grid drawn around regions"
        return [Problem("grid.source", found, "a grid to stand on", todo)]
    try:
        grid, _ = run_space(settings, Plan(settings).external_footprints)
    except ValueError as error:
        return [Problem("grid", str(error), "a grid", "Correct grid, regions or transport.files.")]
    problems = []
    for name in sorted(rows):
        row = rows[name]
        if row.role != "tower":
            continue
        try:
            grid.locate(row.longitude, row.latitude)
        except ValueError:
            where = f"stations.registry: {settings.stations.registry}: {name}"
            found = f"longitude {row.longitude}, latitude {row.latitude}, outside the domain"
            problems.append(Problem(where, found, "a tower inside the grid", "Correct its place."))
    return problems
