"""In: the settings' models. Out: `config/README.md`, a table of every setting, and `config/schema.json`, for editors."""

from __future__ import annotations

import argparse
import json
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from contracts.settings.model import Settings
from stations.readers import READERS
from stations.reading.settings import ReaderSettings
from stations.registry import StationRow

TABLE, SCHEMA = "config/README.md", "config/schema.json"
INTRO = f"""\
# Configuration

One file describes one run. `config/config.yaml` is the built-in synthetic city, `config/cities/`
holds real places, `config/stations/` their registries. Everything a run makes lies under
`results/<run>/`.

Unknown keys, a key given twice, NaN and numbers out of range are refused before any job starts,
all of them at once, each with its line: `python -m inversion check <file>`. Numbers carry their
unit in their name. Times are UTC without a zone unless a name says local.

`config/schema.json` is the same as JSON Schema; with this first line an editor completes and checks
keys as you type (in `config/cities/` the path is `../schema.json`):

    # yaml-language-server: $schema=schema.json

This page and the schema are generated. After a change of a settings model:

    python -m workflow.settings_table > {TABLE}
    python -m workflow.settings_table --schema > {SCHEMA}
"""
REGISTRY_INTRO = """\
# The registry of stations

`stations.registry` names a YAML (or TOML) file: `synthetic: true` or `false`, and under `stations:` one entry
for each station with these keys. `reader.format` decides which keys `reader` has.
"""
READER_INTRO = (
    "What any reader may be told. A format that says it itself needs nothing but its name; "
    "docs/formats.md tells which do."
)
_NAMES = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    datetime: "time",
    Any: "anything",
    type(None): "empty",
}
_HEAD = "| Key | Type | Default | Meaning |\n|---|---|---|---|\n"


@dataclass(frozen=True)
class Setting:
    """One line of the table: the key's full name, its type, default and meaning, as text."""

    key: str
    kind: str
    default: str
    meaning: str


def rows(model: type[BaseModel], prefix: str = "", instance: Any = None) -> Iterator[Setting]:
    """Yield every setting of a model, depth first, in the order in which it is declared.

    Parameters
    ----------
    model : type of BaseModel
    prefix : str
        Dotted name of the section that the model stands for.
    instance : BaseModel, optional
        Where given, its values are the defaults.
    """
    for name, field in model.model_fields.items():
        key = f"{prefix}.{name}" if prefix else name
        required = field.is_required() if instance is None else False
        default = None if required else _default(name, field, instance)
        inner = _model_in(field.annotation)
        if field.annotation is not inner:
            shown = "required" if required else _value(default)
            yield Setting(key, _kind(field), shown, _sentence(field.description))
        if inner is not None:
            within = f"{key}{_index(field.annotation)}"
            yield from rows(inner, within, default if isinstance(default, inner) else None)


def page() -> str:
    """Return `config/README.md`."""
    parts = [INTRO]
    top = [s for s in rows(Settings) if "." not in s.key and s.key != "synthetic"]
    parts.append("## Top level\n\n" + _HEAD + _lines(top))
    for name, field in Settings.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None:
            absent = "" if inner is field.annotation else " The whole section may be left out."
            head = f"## `{name}`\n\n{_sentence(field.description)}{absent}\n\n"
            parts.append(head + _HEAD + _lines(rows(inner, name)))
    parts.append(REGISTRY_INTRO)
    row = [s for s in rows(StationRow) if s.key not in {"name", "synthetic", "reader"}]
    parts.append("## A station\n\n" + _HEAD + _lines(row))
    common = list(rows(ReaderSettings, "reader"))
    parts.append(f"## `reader`, every format\n\n{READER_INTRO}\n\n" + _HEAD + _lines(common))
    for module in READERS.values():
        reader = module.Settings
        name = reader.model_fields["format"].default
        head = f"## `reader`, format `{name}`\n\n{(reader.__doc__ or '').splitlines()[0]}\n\n"
        own = [setting for setting in rows(reader, "reader") if setting not in common]
        parts.append(head + _HEAD + _lines(own))
    return "\n".join(parts)


def schema() -> str:
    """Return `config/schema.json`."""
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Settings.model_json_schema(),
    }
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _default(name: str, field: FieldInfo, instance: Any):
    if instance is not None:
        return getattr(instance, name)
    return field.get_default(call_default_factory=True)


def _model_in(annotation: Any):
    """Return the one settings model that a type holds, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [model for part in get_args(annotation) if (model := _model_in(part))]
    return found[0] if len(found) == 1 else None


def _index(annotation: Any) -> str:
    """Return how an entry of a mapping or a list is written after the key."""
    if get_origin(annotation) is dict:
        return ".<name>"
    return "[]" if get_origin(annotation) is tuple else ""


def _kind(field: FieldInfo) -> str:
    bounds = []
    for item in field.metadata:
        for name, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤")):
            if getattr(item, name, None) is not None:
                bounds.append(f"{sign} {getattr(item, name):g}")
    return ", ".join([_type(field.annotation), *bounds])


def _type(annotation: Any) -> str:
    if annotation in _NAMES:
        return _NAMES[annotation]
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin in {Union, types.UnionType}:
        return " or ".join(_type(part) for part in parts)
    if origin is dict:
        return f"mapping of names to {_type(parts[1])}"
    if origin is tuple and parts[-1] is Ellipsis:
        return f"list of {_type(parts[0])}"
    if origin is tuple:
        return f"[{', '.join(_type(part) for part in parts)}]"
    return "the keys below"


def _value(default: Any) -> str:
    if default is None:
        return "empty"
    if isinstance(default, dict) and any(isinstance(v, BaseModel) for v in default.values()):
        return "those of the model"
    plain = list(default) if isinstance(default, tuple) else default
    if isinstance(plain, list) and len(plain) > 3 and len(set(map(repr, plain))) == 1:
        return f"{len(plain)} times {json.dumps(plain[0])}"
    return f"`{json.dumps(plain, ensure_ascii=False)}`"


def _sentence(text: str | None) -> str:
    text = text or ""
    first = text[:1].upper() + text[1:] if text[:1].isalpha() else text
    return first if first.endswith((".", "?")) else f"{first}."


def _lines(settings: Iterator[Setting] | Sequence[Setting]) -> str:
    escaped = r"\|"
    cells = ((f"`{s.key}`", s.kind, s.default, s.meaning.replace("<", "&lt;")) for s in settings)
    return "".join(
        f"| {' | '.join(cell.replace('|', escaped) for cell in line)} |\n" for line in cells
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or the schema, to standard output."""
    parser = argparse.ArgumentParser(prog="python -m workflow.settings_table", description=__doc__)
    parser.add_argument("--schema", action="store_true", help="the JSON Schema instead")
    options = parser.parse_args(arguments)
    sys.stdout.write(schema() if options.schema else page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
