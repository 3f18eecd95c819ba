"""The table of settings and the schema against the models they are generated from."""

import json

import jsonschema
import pytest
from pydantic import BaseModel, Field

from contracts.code import ROOT
from contracts.settings.load import plain, read_yaml
from contracts.settings.model import Settings
from workflow import settings_table
from workflow.settings_table import SCHEMA, TABLE, main, page, rows, schema

ADVICE = "is not what the settings' models say; run `python -m workflow.settings_table {}> {}`"
CONFIGS = [ROOT / "config/config.yaml", *sorted((ROOT / "config/cities").glob("*.yaml"))]


class Inner(BaseModel):
    share: float = Field(0.5, gt=0, le=1, description="a share | of all")


class Outer(BaseModel):
    name: str = Field(description="what it is called.")
    inner: Inner = Field(default_factory=lambda: Inner(share=0.25), description="within")
    perhaps: Inner | None = Field(None, description="may be absent")
    many: dict[str, Inner] = Field(default_factory=dict, description="by name")
    pair: tuple[int, int] = Field((1, 2), description="two")
    flat: tuple[float, ...] = Field((1.0,) * 24, description="alike")


def test_the_page_is_in_step_with_the_models():
    committed = (ROOT / TABLE).read_text(encoding="utf-8")
    assert committed == page(), f"{TABLE} {ADVICE.format('', TABLE)}"


def test_the_schema_is_in_step_with_the_models():
    committed = (ROOT / SCHEMA).read_text(encoding="utf-8")
    assert committed == schema(), f"{SCHEMA} {ADVICE.format('--schema ', SCHEMA)}"


def test_rows_show_names_types_bounds_and_effective_defaults():
    found = {row.key: (row.kind, row.default) for row in rows(Outer)}
    assert found == {
        "name": ("text", "required"),
        "inner.share": ("number, > 0, ≤ 1", "`0.25`"),
        "perhaps": ("the keys below or empty", "empty"),
        "perhaps.share": ("number, > 0, ≤ 1", "`0.5`"),
        "many": ("mapping of names to the keys below", "`{}`"),
        "many.<name>.share": ("number, > 0, ≤ 1", "`0.5`"),
        "pair": ("[integer, integer]", "`[1, 2]`"),
        "flat": ("list of number", "24 times 1.0"),
    }


def test_cells_are_escaped_and_sentences_end():
    lines = settings_table._lines(rows(Outer)).splitlines()
    assert lines[0].endswith("| What it is called. |")
    assert lines[1].endswith(r"| A share \| of all. |")


def test_every_setting_says_what_it_means():
    assert [row.key for row in rows(Settings) if len(row.meaning) < 4] == []


def test_every_section_is_in_the_page():
    text = page()
    sections = [
        n for n, f in Settings.model_fields.items() if settings_table._model_in(f.annotation)
    ]
    assert [n for n in sections if f"\n## `{n}`\n" not in text] == []
    assert all(f"`{key}`" in text for key in ("run", "given", "errors.prior.declared.city"))


def as_json(path):
    return json.loads(json.dumps(plain(read_yaml(path)), default=str))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_configurations_fit_the_schema(path):
    jsonschema.validate(as_json(path), json.loads(schema()))


def test_the_schema_refuses_an_unknown_key():
    wrong = as_json(CONFIGS[0])
    wrong["grid"]["cell_size_km"] = 2
    with pytest.raises(jsonschema.ValidationError, match="cell_size_km"):
        jsonschema.validate(wrong, json.loads(schema()))


def test_the_command_writes_either(capsys):
    assert main([]) == 0
    assert capsys.readouterr().out == page()
    assert main(["--schema"]) == 0
    assert capsys.readouterr().out == schema()
