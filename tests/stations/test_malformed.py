"""Every kind of malformed input gets its verdict, its line, and an account that adds up."""

import json
import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from malformed import kinds
from malformed_bytes import GOOD, table, table_reader, zipped
from pydantic import ValidationError
from station_fakes import EXAMPLES, GAS, SECTION

from stations.__main__ import main
from stations.account import inspect_file
from stations.ingest import collect, file_records
from stations.verdicts import VERDICTS

KINDS = kinds()
PAGE = Path(__file__).parents[2] / "docs" / "malformed.md"


def judged(case):
    """The account of one kind: of one file as `check` gives it, of several those of their records."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for k, content in enumerate(case.files):
            paths.append(Path(folder) / f"file{k}")
            paths[-1].write_bytes(content)
        if len(paths) == 1:
            gas = GAS if case.reader is not None else None
            return inspect_file(paths[0], case.reader, SECTION, gas, case.expected)
        collected = collect(paths, case.reader, GAS, case.expected)
        records = file_records(collected)
    summed = ("lines", "rows", "quarantined", "blank_or_comment")
    return {
        **{key: sum(record[key] for record in records) for key in summed},
        "verdict": max((record["verdict"] for record in records), key=VERDICTS.index),
        "issues": [issue.brief() for scan in collected.scans for issue in scan.issues],
    }


@pytest.mark.parametrize("case", KINDS, ids=[case.kind for case in KINDS])
def test_each_kind_gets_its_verdict_and_every_line_its_place(case):
    got = judged(case)
    found = [(issue["code"], issue["line"]) for issue in got["issues"]]
    assert got["verdict"] == case.verdict, found
    assert got["rows"] + got["quarantined"] + got["blank_or_comment"] == got["lines"]
    if not case.codes:
        assert found == []
    for code in case.codes:
        assert code in [name for name, _ in found]
    if case.codes:
        assert next(line for name, line in found if name == case.codes[0]) == case.line
    for issue in got["issues"]:
        assert issue["expected"]
        assert issue["hint"]
        assert issue["found"] or issue["code"] == "not_a_number"
    if case.rows is not None:
        assert got["rows"] == case.rows
    elif case.verdict == "error":
        assert got["rows"] == 0


def test_there_are_more_than_45_kinds_and_all_verdicts():
    assert len({case.kind for case in KINDS}) == len(KINDS) > 75
    assert {case.verdict for case in KINDS} == set(VERDICTS)


def _page():
    """The table of the documentation."""
    counts = Counter(case.verdict for case in KINDS)
    lines = [
        "# Malformed files and what becomes of them",
        "",
        f"{len(KINDS)} kinds of malformed input, each made and read by "
        "`tests/stations/test_malformed.py`, which",
        "also writes this page. A file gets the worst verdict that applies; `python -m stations check`",
        "prints it with every issue: line, code, what was found, what was expected, what to do.",
        "",
    ]
    said = {
        "ok": "read, nothing to say",
        "missing": "read; rows without a value stay and are counted",
        "dedupe": "read; exact repeats are counted and set aside",
        "flag": "read; rows, hours or the file carry a flag",
        "quarantine": "the line is kept out, with its text; all others are read",
        "resegment": "read; the lines behind a second header by its columns",
        "conflict": "both lines are kept out, each names the other",
        "partial": "read as far as it goes",
        "error": "the file is refused as a whole",
    }
    for name in VERDICTS:
        lines += [f"## {name}: {said[name]} ({counts[name]})", "", "| Kind | Issue | Line |"]
        lines += ["|---|---|---|"]
        for case in (case for case in KINDS if case.verdict == name):
            codes = ", ".join(f"`{code}`" for code in case.codes) or "none"
            where = ("the file" if case.line == 0 else str(case.line)) if case.codes else ""
            lines.append(f"| {case.kind} | {codes} | {where} |")
        lines.append("")
    lines += [
        "## What one file cannot show",
        "",
        "A clock that is wrong by hours, a drift, a step of a few umol mol-1 behind a gap and the swapped",
        "inlets of two files show in the hourly records of a network: the network page looks for them. A",
        "file alone shows a step behind a gap that is larger than weather, and swapped inlets where it",
        "holds the rows of both.",
        "",
        "A declaration can be malformed as well: the registry is refused where a time format has no year,",
        "a zone does not exist, a flag maps to a name that is none of ours, or a mass per volume comes",
        "without its temperature and pressure.",
        "",
    ]
    return "\n".join(lines)


def test_the_page_of_the_documentation_is_this_table():
    """Written anew where CITYFLUX_WRITE_PAGES is set."""
    if os.environ.get("CITYFLUX_WRITE_PAGES"):
        PAGE.write_text(_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == _page(), "run with CITYFLUX_WRITE_PAGES=1"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"time_format": "%d.%m. %H:%M"}, "must hold year"),
        ({"zone": "Mars/Olympus"}, "zone must be"),
        ({"flags": {"V": "good"}}, "flag must be"),
        ({"unit": "mg m-3", "reference_temperature_k": 298.15}, "must be given together"),
        ({"delimiter": "ab"}, "delimiter must be"),
    ],
)
def test_a_malformed_declaration_is_refused_with_what_to_do(changes, said):
    with pytest.raises(ValidationError, match=said):
        table_reader(**changes)


def test_the_command_line_names_file_member_and_line(tmp_path, capsys):
    path = tmp_path / "two.zip"
    gcwerks = (EXAMPLES / "gcwerks.dat").read_bytes()
    path.write_bytes(zipped({"good.dat": gcwerks, "page.dat": b"<html>log in</html>\n"}))
    assert main(["check", str(path)]) == 2
    assert f"{path}!page.dat:1:0: web_page: <html>log in</html>" in capsys.readouterr().out
    assert main(["check", "--json", str(path)]) == 2
    (account,) = json.loads(capsys.readouterr().out)
    assert [member["verdict"] for member in account["members"]] == ["missing", "error"]


def test_a_registry_entry_reads_the_good_file_through_the_command_line(tmp_path, capsys):
    (tmp_path / "good.csv").write_bytes(table(*GOOD))
    declared = table_reader().model_dump(mode="json", exclude_unset=True)
    row = {
        "title": "t", "latitude": 30.25, "longitude": 120.17, "ground_height_m": 8,
        "inlet_height_m": 50, "instrument_error_umol_mol": 0.1, "files": ["*.csv"],
        "calibration_scale": "WMO-CO2-X2019", "reader": {"format": "declared_csv", **declared},
    }  # fmt: skip
    registry = tmp_path / "registry.yaml"
    registry.write_text(json.dumps({"stations": {"A": row}}))
    words = ["check", "--registry", str(registry), "--station", "A", str(tmp_path / "good.csv")]
    assert main(words) == 0
    assert "9 lines = 8 rows + 0 quarantined + 1 blank" in capsys.readouterr().out
