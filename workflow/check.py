"""In: the path of a configuration. Out: every problem of it, from all rooms, before any job runs."""

import math
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from contracts.districts import load_regions
from contracts.periods import batch_period, overlapping
from contracts.registered import registered
from contracts.settings.load import (
    line_of,
    plain,
    read_document,
    readable_part,
    settings_of,
    with_given_paths,
)
from contracts.settings.model import Settings
from contracts.settings.problems import Problem, SettingsError
from contracts.units import factor_to_canonical
from stations.registry import RegistryError, load_registry
from workflow.places import outside
from workflow.plan import MAKES, PER_BATCH, PER_STATION, PROBLEM, Plan

ROOMS = (
    "stations.check:check",
    "transport.check:check",
    "inventories.check:check",
    "inversion.check:check",
    "reconcile.check:check",
    "report.check:check",
    "synthetic.check:check",
    "workflow.places:check",
)


# A room whose section is absent has nothing to check.
ROOM_SECTIONS = {
    "stations": "stations",
    "transport": "transport",
    "inventories": "inventories",
    "synthetic": "stations",
}
DEEP = "workflow.feasible:check"
REGISTRY = "stations.registry"
# What must be right before totals can be compared; the second group where the city is made.
_BEFORE_DEEP = ("errors.prior", "inventories.table", "regions")
_BEFORE_MADE = ("grid", "inventories.sectors", "stations.registry", "synthetic", "time")


def check_config(
    path: str | Path, overrides: dict[str, Any] | None = None, *, deep: bool = False
) -> list[Problem]:
    """Return all problems of a configuration file, each with its line and key.

    Rooms are also asked about what remains once refused entries are taken out, so that one message
    names everything; only where an entry without default is wrong must that be mended first.

    Parameters
    ----------
    path : str or Path
    overrides : mapping, optional
        Sections that take the place of the file's.
    deep : bool
        Also ask whether the declared totals can hold together, which takes seconds.
    """
    where = str(path)
    try:
        document, problems = read_document(path)
    except SettingsError as error:
        return list(error.problems)
    if not isinstance(document, Mapping):
        found = type(document).__name__
        return [Problem(where, found, "a mapping of sections", "Write the sections.")]
    given = {**with_given_paths(document, path), **(overrides or {})}
    try:
        settings = settings_of(given, where, document)
    except SettingsError as error:
        problems += error.problems
        settings = readable_part(given)
    if settings is not None:
        problems += _with_lines(check_settings(settings, deep=deep), document, where)
    return list(dict.fromkeys(problems))


def check_settings(settings: Settings, *, deep: bool = False) -> list[Problem]:
    """Return the problems that need more than one section, and those of every room."""
    problems = [*_sections(settings), *_given(settings), *_problem(settings)]
    problems += [*_periods(settings), *_regions(settings), *_registry(settings)]
    for target in ROOMS:
        if ROOM_SECTIONS.get(target.split(".")[0]) not in _absent(settings):
            problems.extend(_ask(target, settings))
    before = _BEFORE_DEEP + (_BEFORE_MADE if settings.synthetic is not None else ())
    if deep and not any(problem.where.startswith(before) for problem in problems):
        problems.extend(_ask(DEEP, settings))
    return problems


def _ask(target: str, settings: Settings) -> list[Problem]:
    return registered(target)(settings)


def _periods(settings: Settings) -> list[Problem]:
    batches = [batch_period(settings.time, name) for name in sorted(settings.time.batches)]
    return [
        Problem(
            "time.batches", f"{one} and {two} overlap", "batches without overlap", "Shorten one."
        )
        for one, two in overlapping(batches)
    ]


def _absent(settings: Settings) -> list[str]:
    """Return the sections that the settings leave out."""
    return [name for name in (*MAKES, "problem") if getattr(settings, name) is None]


def _sections(settings: Settings) -> list[Problem]:
    """Return the sections without which a dataset could not be made, and which nothing brings."""
    plan = Plan(settings)
    if plan.network_only:
        needed = {"stations": "the target is network"}
    else:
        needed = {
            section: f"nothing else makes {', '.join(missing)}"
            for section, datasets in MAKES.items()
            if (missing := [name for name in datasets if not plan.given(name)])
        }
        if "footprints" in settings.given:
            needed.pop("transport", None)
    return [
        Problem(
            section,
            "nothing",
            f"the section {section}: {why}",
            "Write the section, or bring the datasets under given.",
        )
        for section, why in needed.items()
        if section in _absent(settings)
    ]


def _given(settings: Settings) -> list[Problem]:
    plan, problems = Plan(settings), []
    known = sorted({*PER_BATCH, *PER_STATION})
    for dataset, given in sorted(settings.given.items()):
        where = f"given.{dataset}"
        if dataset not in known:
            found = f"the dataset {dataset!r}"
            problems.append(Problem(where, found, f"one of {known}", "Check its name."))
            continue
        if dataset in PER_STATION and isinstance(given, str):
            expected = "a mapping of station to file"
            problems.append(Problem(where, repr(given), expected, "Write STATION: file."))
            continue
        wanted = set(plan.batches)
        if isinstance(given, dict) and dataset in PER_BATCH and set(given) != wanted:
            expected = f"one file for each batch: {', '.join(sorted(wanted))}"
            problems.append(Problem(where, f"{sorted(given)}", expected, "Name every batch once."))
        problems.extend(
            Problem(f"{where}.{key}".rstrip("."), f"no file {file}", "a file", "Check the path.")
            for key, file in plan.given_files(dataset).items()
            if not Path(file).is_file()
        )
    return problems


def _problem(settings: Settings) -> list[Problem]:
    """Return datasets that are brought twice, by themselves and inside a whole problem."""
    if settings.problem is None:
        return []
    both = sorted(frozenset(PROBLEM) & frozenset(settings.given))
    if not both:
        return []
    todo = "Remove them, or the section problem."
    return [Problem("given", ", ".join(both), "no dataset that problem brings too", todo)]


def _regions(settings: Settings) -> list[Problem]:
    if settings.regions.source == "domain" or Plan(settings).given("prior"):
        return []
    try:
        load_regions(settings.regions)
    except ValueError as error:
        return [Problem("regions.city", repr(settings.regions.city), str(error), "")]
    return []


def _registry(settings: Settings) -> list[Problem]:
    """Return unknown units, and towers outside the grid where a faulty row hides the others."""
    if settings.stations is None:
        return []
    path = settings.stations.registry
    try:
        stations = plain(read_document(path)[0])["stations"]
        entries = {name: stations[name] for name in sorted(stations)}
    except (SettingsError, TypeError, LookupError):
        return []  # the room's own check says it
    problems = []
    for name, entry in entries.items():
        reader = entry.get("reader") if isinstance(entry, dict) else None
        unit = reader.get("unit", "ppm") if isinstance(reader, dict) else "ppm"
        try:
            factor_to_canonical(str(unit), "mole_fraction")
        except ValueError as error:
            where = f"{REGISTRY}: {path}: {name}.reader.unit"
            problems.append(Problem(where, repr(unit), "a unit of mole fractions", str(error)))
    try:
        load_registry(path)
    except RegistryError:
        places = {name: _place(entry) for name, entry in entries.items()}
        problems += outside(settings, {name: row for name, row in places.items() if row})
    return problems


def _place(entry: Any) -> SimpleNamespace | None:
    """Return role and place of a station whose row may be faulty elsewhere."""
    if not isinstance(entry, dict):
        return None
    place = [entry.get(name) for name in ("longitude", "latitude")]
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in place):
        return None
    role = entry.get("role", "tower")
    return SimpleNamespace(role=role, longitude=place[0], latitude=place[1])


def _with_lines(problems: list[Problem], document: Any, where: str) -> list[Problem]:
    """Return problems with file and line before keys of the configuration and the registry."""
    located: list[Problem] = []
    registries: dict[str, Any] = {}
    for problem in problems:
        key, _, rest = problem.where.partition(": ")
        keys = tuple(key.replace("[", ".").replace("]", "").split("."))
        line = line_of(document, keys)
        if key == REGISTRY and rest:
            rest = _line_in_registry(rest, registries)
        place = f"{where}:{line}: {key}" if line else f"{where}: {key}"
        place = f"{place}: {rest}" if rest else place
        found = problem.found.removesuffix(".")  # the sentence brings its own
        located.append(Problem(place, found, problem.expected, problem.todo))
    return located


def _line_in_registry(place: str, registries: dict[str, Any]) -> str:
    """Return `file: station.key` with the line in that file, where it can be told."""
    path, _, key = place.partition(": ")
    if path not in registries:
        try:
            registries[path] = read_document(path)[0]
        except SettingsError:
            registries[path] = None
    line = line_of(registries[path], ("stations", *key.split(".")))
    return f"{path}:{line}: {key}" if key and line else place
