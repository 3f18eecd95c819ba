"""In: a YAML file or a plain mapping. Out: checked `Settings`, or one error that lists every problem with its line and key."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.settings.model import Settings
from contracts.settings.problems import Problem, SettingsError


def read_yaml(path: str | Path) -> Any:
    """Return the YAML document with the line of every key; duplicate keys are a `SettingsError`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError

    if not Path(path).is_file():
        problem = Problem(str(path), "no file", "a YAML file", "Check the path.")
        raise SettingsError([problem])
    try:
        return YAML(typ="rt").load(Path(path).read_text(encoding="utf-8"))
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        found = (error.problem or "a key given twice").splitlines()[0]
        problem = Problem(f"{path}:{line}", found, "each key once", "Delete one of the two.")
        raise SettingsError([problem]) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = Problem(f"{path}:{line}", str(error.problem), "readable YAML", "Mend the syntax.")
        raise SettingsError([problem]) from None


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
            break
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


def settings_of(document: Mapping, where: str = "config", lines: Any = None) -> Settings:
    """Return checked settings of a mapping; all violations at once in a `SettingsError`."""
    try:
        return Settings.model_validate(plain(document))
    except ValidationError as error:
        raise SettingsError(problems_of(error, lines or document, where)) from None


def load_settings(path: str | Path) -> Settings:
    """Read and check a configuration file."""
    document = read_yaml(path)
    if not isinstance(document, Mapping):
        found = type(document).__name__
        raise SettingsError([Problem(str(path), found, "a mapping of sections", "")])
    return settings_of(document, str(path))


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
