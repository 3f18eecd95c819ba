import gzip

import numpy as np
import pytest
from station_fakes import FILES, GAS, SECTION, row, scan_one
from station_fakes import gcwerks as gcwerks_settings

from stations.account import inspect_file
from stations.quarantine import FileRefusedError, Issue
from stations.readers import reader
from stations.readers.gcwerks import read as read_gcwerks
from stations.reading.fields import BadFieldError, count, day_seconds, deviation, number, stamp
from stations.reading.lines import text_of
from stations.reading.rows import Rows
from stations.scan import Scan, _account


def scan(name, content, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content)
    result = scan_one(path, row(name).reader)
    assert len(result.rows) + result.quarantined + result.blank_or_comment == result.lines
    return result


def gcwerks(*lines, insert=None):
    text = FILES["GCW"].read_text().splitlines()
    if insert is not None:
        text[insert:insert] = lines
    else:
        text += lines
    return ("\n".join(text) + "\n").encode()


LINE = "250301 061334       air    9   1995.89   1.083   261    432.21   0.125   261"
HEADER = FILES["GCW"].read_text().splitlines()[:3]
CASES = {
    "truncated_line": (LINE[:40], "quarantine"),
    "long_line": (LINE + " 1", "quarantine"),
    "impossible_date": (LINE.replace("250301", "250230"), "quarantine"),
    "bad_stamp": (LINE.replace("250301", " 50301"), "quarantine"),
    "nul_bytes": (LINE[:60] + "\x00" * 8 + LINE[68:], "quarantine"),
    "out_of_gate": (LINE.replace("432.21", "-32.21"), "quarantine"),
    "not_a_number": (LINE.replace("432.21", "432#21"), "quarantine"),
    "not_a_count": (LINE.replace("0.125   261", "0.125   2.1"), "quarantine"),
    "no_samples": (LINE.replace("0.125   261", "0.125     0"), "quarantine"),
    "negative_deviation": (LINE.replace(" 0.125", "-0.125"), "quarantine"),
    "other_inlet": (LINE.replace("   9 ", "  10 "), "quarantine"),
    "unknown_flag": (LINE.replace("air", "fog"), "flag"),
}


@pytest.mark.parametrize("code", sorted(CASES))
def test_each_bad_line_has_its_code_line_and_verdict(code, tmp_path):
    line, verdict = CASES[code]
    path = tmp_path / "f.dat"
    path.write_bytes(gcwerks(line, LINE.replace("061334", "071334")))
    got = inspect_file(path, row("GCW").reader, SECTION, GAS)
    (issue,) = got["issues"]
    assert (issue["code"], issue["line"], got["verdict"]) == (code, 10, verdict)
    assert issue["expected"]
    assert issue["hint"]
    assert got["rows"] + got["quarantined"] + got["blank_or_comment"] == got["lines"] == 11
    assert got["quarantined"] == (verdict == "quarantine")


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "1e999", "1_000", "４３２.21"])
def test_texts_that_python_takes_for_numbers_are_no_values(text, tmp_path):
    got = scan("GCW", gcwerks(LINE.replace("432.21", f"{text:>6}")), tmp_path)
    assert [i.code for i in got.issues] == ["not_a_number"]
    assert len(got.rows) == 6


def account(content, tmp_path, settings_=None):
    path = tmp_path / "f"
    path.write_bytes(content)
    return inspect_file(path, settings_ or row("GCW").reader, SECTION, GAS)


def hours(values, spread="0.400"):
    stamps = np.datetime64("2025-03-01T00:30:00") + np.arange(len(values)) * np.timedelta64(1, "h")
    lines = []
    for when, value in zip(stamps, values, strict=True):
        t = str(when).replace("-", "").replace(":", "").replace("T", " ")[2:]
        s = "0.020" if value == 400.12 else spread
        lines.append(f"{t}       air    9   1995.89   1.083   261    {value:.2f}   {s}   261")
    return ("\n".join([*HEADER, *lines]) + "\n").encode()


def test_every_verdict_has_an_example(tmp_path):
    clean = [line for k, line in enumerate(FILES["GCW"].read_text().splitlines()) if k != 5]
    ok = ("\n".join(clean) + "\n").encode()
    assert account(ok, tmp_path)["verdict"] == "ok"
    assert account(gcwerks(), tmp_path)["verdict"] == "missing"
    assert account(gcwerks(LINE, LINE), tmp_path)["verdict"] == "dedupe"
    assert account(gcwerks(*HEADER, LINE), tmp_path)["verdict"] == "resegment"
    other = LINE.replace("432.21", "433.21")
    conflict = account(gcwerks(LINE, other), tmp_path)
    assert conflict["verdict"] == "conflict"
    assert [(i["line"], i["code"]) for i in conflict["issues"]] == [
        (10, "conflict"),
        (11, "conflict"),
    ]
    assert ":11 (433.21)" in conflict["issues"][0]["expected"]
    assert conflict["rows"] == 6
    assert account(gcwerks(LINE)[:-1], tmp_path)["verdict"] == "partial"
    assert account(gzip.compress(gcwerks(LINE))[:-9], tmp_path)["verdict"] == "partial"
    assert account(b"<html>log in</html>\n", tmp_path)["verdict"] == "error"
    assert account(b"", tmp_path)["verdict"] == "error"
    ppb = gcwerks().replace(b"431.41", b"43141.").replace(b"433.25", b"43325.")
    ppb = ppb.replace(b"432.37", b"43237.").replace(b"432.21", b"43221.")
    assert account(ppb, tmp_path)["issues"][0]["code"] == "unit_or_column"


def test_stuck_and_tank_air_are_seen(tmp_path):
    rng = np.random.default_rng(1)
    air = np.round(430 + rng.normal(0, 1, 24 * 20), 2)
    assert account(hours(air), tmp_path)["verdict"] == "ok"
    stuck = air.copy()
    stuck[50:60] = 431.5
    got = account(hours(stuck), tmp_path)
    assert [(i["code"], i["line"]) for i in got["issues"]] == [("stuck", 54)]
    tank = air.copy()
    tank[[50, 218, 386]] = 400.12
    got = account(hours(tank), tmp_path)
    assert got["verdict"] == "flag"
    assert [(i["code"], i["line"]) for i in got["issues"]] == [
        ("calibration_as_ambient", line) for line in (54, 222, 390)
    ]


def test_header_with_other_columns_in_the_middle_is_read_by_its_columns(tmp_path):
    header = [
        HEADER[0],
        "     -      -         -    -       co2     co2   co2       ch4     ch4   ch4",
        HEADER[2],
    ]
    swapped = "250301 061334       air    9    432.21   0.125   261   1995.89   1.083   261"
    got = scan("GCW", gcwerks(*header, swapped), tmp_path)
    assert got.rows[-1].value == 432.21
    assert got.issues[0].found == "a header with other columns"


def test_repeated_header_of_a_table(tmp_path):
    text = FILES["CSV"].read_text(encoding="utf-8")
    again = "CO2;日期;时刻;sd;n;状态\n432.5;2025-03-01;10:00;0.1;240;V\n"
    got = scan("CSV", (text + again).encode(), tmp_path)
    assert got.rows[-1].value == 432.5
    assert [i.code for i in got.issues] == ["header_repeated"]


def test_table_lines_that_cannot_be_read(tmp_path):
    text = FILES["CSV"].read_text(encoding="utf-8")
    bad = [
        "2025-03-01;10:00;432.5;0.1",
        "2025-13-01;10:00;432.5;0.1;240;V",
        '2025-03-01;10:20;"432.5;0.1;240;V',
        "2025-03-01;10:40;432,5;0.1;240;V",
        "2025-03-01;11:00;432.5;0.1;0;V",
        "2025-03-01;11:20;432.5;0.1;240;Q",
        "2025-03-01;11:40;nan;0.1;240;V",
    ]
    got = scan("CSV", (text + "\n".join(bad) + "\n").encode(), tmp_path)
    assert [i.code for i in got.issues] == [
        "truncated_line",
        "impossible_date",
        "quoting",
        "not_a_number",
        "no_samples",
        "unknown_flag",
        "not_a_number",
    ]
    assert got.quarantined == 6


def test_a_table_without_its_columns_is_refused(tmp_path):
    got = scan("CSV", b"# x\na;b\n1;2\n", tmp_path)
    assert got.refused
    assert got.issues[0].code == "columns"
    assert scan("CSV", b"# x\n", tmp_path).issues[0].code == "no_header"


def test_undecodable_bytes_cost_their_line_only(tmp_path):
    got = scan("GCW", gcwerks(LINE).replace(b"   std ", b"   s\xffd "), tmp_path)
    assert [i.code for i in got.issues] == ["undecodable"]
    assert len(got.rows) == 6


def test_local_time_and_label_are_kept_apart(tmp_path):
    got = scan("CSV", FILES["CSV"].read_bytes(), tmp_path)
    assert np.datetime64(int(got.rows[0].stamp), "s") == np.datetime64("2025-03-01T00:00")
    assert got.rows[0].seconds == 1200


def test_zone_inside_the_stamp_wins(tmp_path):
    declared = row("CSV").reader.model_copy(update={"time_format": "%Y-%m-%d %H:%M%z"})
    path = tmp_path / "f"
    text = "# x\n日期;时刻;CO2;sd;n;状态\n2025-03-01;08:20+09:00;431;0.1;3;V\n"
    path.write_text(text, encoding="utf-8")
    got = scan_one(path, declared)
    assert np.datetime64(int(got.rows[0].stamp), "s") == np.datetime64("2025-02-28T23:00")


def test_a_table_is_never_guessed(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text("time,co2\n2025-03-01,431\n")
    got = inspect_file(path, None, SECTION, GAS)
    assert got["verdict"] == "error"
    assert "--registry" in got["issues"][0]["hint"]
    assert inspect_file(FILES["GCW"], None, SECTION, GAS)["verdict"] == "missing"


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    got = inspect_file(tmp_path / "none", None, SECTION, GAS)
    assert (got["verdict"], got["issues"][0]["code"]) == ("error", "unreadable")


def test_unknown_unit_or_gas_is_refused(tmp_path):
    unit = row("GCW").reader.model_copy(update={"unit": "furlong"})
    assert account(gcwerks(), tmp_path, unit)["issues"][0]["code"] == "unit"
    gas = row("GCW").reader.model_copy(update={"gas": "n2o"})
    assert account(gcwerks(), tmp_path, gas)["issues"][0]["code"] == "columns"


def test_wild_clock_is_named(tmp_path):
    got = account(gcwerks(LINE.replace("250301", "990301")), tmp_path)
    assert "clock" in {i["code"] for i in got["issues"]}


def test_raises():
    with pytest.raises(FileRefusedError, match=r"file must be readable \(unknown_format\)"):
        read_gcwerks(text_of(b"hello\n"), gcwerks_settings())
    with pytest.raises(FileRefusedError, match="encoding"):
        text_of(b"hello", "klingon")
    with pytest.raises(BadFieldError, match="field must be a finite number; got 'x' in column 3"):
        number("x", 3, ())
    with pytest.raises(BadFieldError, match="a whole number >= 0"):
        count("1.5", 3, ())
    with pytest.raises(BadFieldError, match="a standard deviation >= 0"):
        deviation("-1", 3, ())
    with pytest.raises(ValueError, match=r"reader format must be one of .*gcwerks.*; got 'excel'"):
        reader("excel")
    lost = Scan("f", "gcwerks", 5, 1, Rows.of(()), (Issue(2, 0, "x", "", "", ""),))
    with pytest.raises(RuntimeError, match="must account for every line"):
        _account(lost)


def test_row_numbers_are_those_of_the_file(tmp_path):
    got = scan("CSV", FILES["CSV"].read_bytes(), tmp_path)
    assert [r.line for r in got.rows] == [3, 4, 6, 7, 8]


def test_methane_in_the_column_of_carbon_dioxide_is_seen(tmp_path):
    swapped = gcwerks(LINE).replace(
        b"ch4     ch4   ch4       co2     co2   co2", b"co2     co2   co2       ch4     ch4   ch4"
    )
    assert swapped != gcwerks(LINE)
    got = account(swapped, tmp_path)
    assert (got["verdict"], got["issues"][0]["code"]) == ("error", "unit_or_column")
    assert "median" in got["issues"][0]["found"]


def test_a_deviation_that_no_air_can_have_is_kept_out(tmp_path):
    got = account(gcwerks(LINE.replace(" 0.125", " 1e308")), tmp_path)
    assert [(i["code"], i["line"]) for i in got["issues"]] == [("out_of_gate", 10)]
    assert "deviation" in got["issues"][0]["found"]


def test_numbers_too_large_for_a_calendar_are_no_dates():
    for day in ((2025, 10**20, 1), (10**20, 1, 1)):
        with pytest.raises(ValueError, match=r"."):
            day_seconds(*day)
    with pytest.raises(BadFieldError, match="year month day hour minute"):
        stamp(("2025", "99999999999999999999", "1"), 1)


def test_an_archive_whose_directory_is_damaged_is_refused(tmp_path):
    import io
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("naïve.dat", gcwerks(LINE))
    whole = file.getvalue()
    at = whole.rindex("naïve".encode())
    damaged = whole[: at + 2] + b"\x91" + whole[at + 3 :]
    got = account(damaged, tmp_path)
    assert (got["verdict"], got["issues"][0]["code"]) == ("error", "archive")
