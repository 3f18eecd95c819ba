"""In: a YAML file or a plain mapping. Out: checked `Settings`, or one error that lists every problem with its line and key."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.settings.model import Settings
from contracts.settings.problems import Problem, SettingsError

_MOST_ROUNDS = 20
_STAND_INS = {"run": "run", "title": ""}


def read_yaml(path: str | Path) -> Any:
    """Return the YAML document with the line of every key; duplicate keys are a `SettingsError`."""
    document, repeated = read_document(path)
    if repeated:
        raise SettingsError(repeated)
    return document


def read_document(path: str | Path) -> tuple[Any, list[Problem]]:
    """Return the YAML document, first of every key given twice, and a problem for each later one.

    Raises
    ------
    SettingsError
        Where there is no file, or no YAML in it.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    if not Path(path).is_file():
        problem = Problem(str(path), "no file", "a YAML file", "Check the path.")
        raise SettingsError([problem])
    text = Path(path).read_text(encoding="utf-8")
    reader = YAML(typ="rt")
    reader.allow_duplicate_keys = True
    try:
        return reader.load(text), _repeated(reader.compose(text), str(path))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = Problem(f"{path}:{line}", str(error.problem), "readable YAML", "Mend the syntax.")
        raise SettingsError([problem]) from None


def _repeated(node: Any, path: str, above: tuple[str, ...] = ()) -> list[Problem]:
    """Return a problem for each key that its mapping has already."""
    problems: list[Problem] = []
    if getattr(node, "id", "") == "sequence":
        for index, value in enumerate(node.value):
            problems += _repeated(value, path, (*above, str(index)))
    if getattr(node, "id", "") == "mapping":
        first: dict[Any, int] = {}
        for key, value in node.value:
            line, name = key.start_mark.line + 1, (*above, str(key.value))
            if key.value in first:
                found = f"the key {key.value!r} again (first on line {first[key.value]})"
                where = f"{path}:{line}: {'.'.join(name)}"
                problems.append(Problem(where, found, "each key once", "Delete one of the two."))
            first.setdefault(key.value, line)
            problems += _repeated(value, path, name)
    return problems


def line_of(document: Any, location: tuple[Any, ...]) -> int:
    """Return the 1-based line of the deepest known key of `location`, 0 where unknown."""
    line, node = 0, document
    for key in location:
        marks = getattr(node, "lc", None)
        try:
            position = marks.item(key) if isinstance(node, list) else marks.key(key)
            line = position[0] + 1
            node = node[key]
        except (AttributeError, KeyError, IndexError, TypeError):
            continue  # a missing key, or pydantic's name of a union's member
    return line


def plain(node: Any) -> Any:
    """Return a YAML document as plain dicts, lists and scalars."""
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def problems_of(error: ValidationError, document: Any, where: str) -> list[Problem]:
    """Return pydantic's violations as problems with file, line and key."""
    problems = []
    for item in error.errors():
        location = tuple(part for part in item["loc"] if part != "BatchSettings")
        key = ".".join(str(part) for part in location)
        line = line_of(document, location)
        place = f"{where}:{line}: {key}" if line else f"{where}: {key}"
        found = "nothing" if item["type"] == "missing" else repr(item["input"])
        if item["type"] == "extra_forbidden":
            found, expected = f"the unknown key {location[-1]!r}", "a known key"
        else:
            expected = item["msg"]
        problems.append(Problem(place, found[:200], expected, "See config/README.md."))
    return problems


def with_given_paths(document: Mapping, path: str | Path) -> dict[str, Any]:
    """Return the sections of a file with the paths of `given` made relative to where we work.

    A user writes them relative to the file that names them.
    """
    sections = plain(document)
    given = sections.get("given")
    if isinstance(given, dict):
        sections["given"] = {key: _beside(value, Path(path).parent) for key, value in given.items()}
    return sections


def _beside(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        return {key: _beside(part, folder) for key, part in value.items()}
    return os.path.normpath(folder / value) if isinstance(value, str) else value


def settings_of(document: Mapping, where: str = "config", lines: Any = None) -> Settings:
    """Return checked settings of a mapping; all violations at once in a `SettingsError`."""
    try:
        return Settings.model_validate(plain(document))
    except ValidationError as error:
        raise SettingsError(problems_of(error, lines or document, where)) from None


def readable_part(document: Mapping) -> Settings | None:
    """Return settings of what remains of a mapping without the entries that pydantic refuses.

    Only for asking the rooms about the rest, so that all problems show at once; nothing runs on it.
    A refused entry falls back to its default; None where one without default is wrong.
    """
    draft = plain(document)
    for _ in range(_MOST_ROUNDS):
        try:
            return Settings.model_validate(draft)
        except ValidationError as error:
            if not _take_out(draft, error):
                return None
    return None


def _take_out(draft: dict, error: ValidationError) -> bool:
    """Remove from `draft` what the violations are about; False where that cannot be done."""
    refused: dict[tuple[str, ...], bool] = {}
    for item in error.errors():
        location = item["loc"]
        if item["type"] == "missing" and len(location) == 1:
            draft[location[0]] = _STAND_INS.get(location[0], {})
            continue
        path, node = [], draft
        for part in location:
            if not isinstance(node, dict):
                break  # a list goes as a whole
            if part in node:
                path.append(part)
                node = node[part]
        refused[tuple(path)] = item["type"] == "extra_forbidden"
    for path in sorted(refused, key=len, reverse=True):  # what is inside before what is around it
        if not path or (len(path) == 1 and draft[path[0]] == {} and not refused[path]):
            return False
        parent = draft
        for part in path[:-1]:
            parent = parent[part]
        value = parent.pop(path[-1])
        if isinstance(value, dict) and value and not refused[path]:
            parent[path[-1]] = {}
    return True


def load_settings(path: str | Path) -> Settings:
    """Read and check a configuration file."""
    document = read_yaml(path)
    if not isinstance(document, Mapping):
        found = type(document).__name__
        raise SettingsError([Problem(str(path), found, "a mapping of sections", "")])
    return settings_of(with_given_paths(document, path), str(path), document)


def sections_of(params: Mapping[str, Any]) -> SimpleNamespace:
    """Return the sections a rule was given (`Settings.sections`) as checked models, by attribute.

    A section that the rule did not name in its params does not exist here, so that nothing can
    be read whose change would not re-run the rule.
    """
    fields = Settings.model_fields
    values = {
        name: TypeAdapter(fields[name].annotation).validate_python(params[name])
        for name in sorted(params)
    }
    return SimpleNamespace(**values)
