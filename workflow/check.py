"""In: the path of a configuration. Out: every problem of it, from all rooms, before any job runs."""

from importlib import import_module
from pathlib import Path
from typing import Any

from contracts.districts import load_regions
from contracts.periods import batch_period, overlapping
from contracts.settings.load import line_of, read_yaml, settings_of
from contracts.settings.model import Settings
from contracts.settings.problems import Problem, SettingsError

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


def check_config(path: str | Path, overrides: dict[str, Any] | None = None) -> list[Problem]:
    """Return all problems of a configuration file, each with its line and key.

    What pydantic refuses is told first: rooms are only asked about settings that can be read.
    """
    try:
        document = read_yaml(path)
        settings = settings_of({**document, **(overrides or {})}, str(path), document)
    except SettingsError as error:
        return list(error.problems)
    return _with_lines(check_settings(settings), document, str(path))


def check_settings(settings: Settings) -> list[Problem]:
    """Return the problems that need more than one section, and those of every room."""
    problems = [*_periods(settings), *_given(settings), *_regions(settings)]
    for target in ROOMS:
        module, attribute = target.split(":")
        problems.extend(getattr(import_module(module), attribute)(settings))
    return problems


def _periods(settings: Settings) -> list[Problem]:
    batches = [batch_period(settings.time, name) for name in sorted(settings.time.batches)]
    return [
        Problem("time.batches", f"{one} and {two} overlap", "batches without overlap", "Shorten one.")
        for one, two in overlapping(batches)
    ]


def _given(settings: Settings) -> list[Problem]:
    from workflow.plan import PER_BATCH

    problems = []
    for dataset, given in sorted(settings.given.items()):
        where = f"given.{dataset}"
        if dataset not in PER_BATCH:
            expected = f"one of {sorted(PER_BATCH)}"
            problems.append(Problem(where, f"the dataset {dataset!r}", expected, "Check its name."))
            continue
        files = {"": given} if isinstance(given, str) else given
        problems.extend(
            Problem(f"{where}.{key}".rstrip("."), f"no file {file}", "a file", "Check the path.")
            for key, file in sorted(files.items())
            if not Path(file).is_file()
        )
    return problems


def _regions(settings: Settings) -> list[Problem]:
    if settings.regions.source == "domain":
        return []
    try:
        load_regions(settings.regions)
    except ValueError as error:
        return [Problem("regions.city", repr(settings.regions.city), str(error), "")]
    return []


def _with_lines(problems: Any, document: Any, where: str) -> list[Problem]:
    """Return problems with file and line before keys that have none yet."""
    found = []
    for problem in problems:
        place = problem.where
        if document is not None and not place.startswith(where):
            keys = tuple(place.split(":")[0].strip().replace("[", ".").replace("]", "").split("."))
            line = line_of(document, keys)
            place = f"{where}:{line}: {place}" if line else f"{where}: {place}"
        found.append(Problem(place, problem.found, problem.expected, problem.todo))
    return found
