"""Logs of an LGR analyser: its clock, its commas, its signature."""

import pytest
from station_fakes import EXAMPLES, GAS, SECTION, scan_one

from contracts.settings.gas import GasSettings
from stations.account import inspect_file
from stations.flags import FLAGS
from stations.readers import READERS, recognised
from stations.reading.look import Head

TEXT = (EXAMPLES / "lgr_ugga.txt").read_text().splitlines()
LINE = TEXT[2]
SETTINGS = READERS["lgr_ugga"].Settings(label="start", slot_seconds=20, zone="UTC")


def scan(tmp_path, *lines, gas=GAS, **changes):
    path = tmp_path / "f"
    path.write_text("\n".join(lines) + "\n")
    got = scan_one(path, SETTINGS.model_copy(update=changes), gas)
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def test_signature_is_comment_and_the_clock_is_read_to_the_millisecond(tmp_path):
    got = scan(tmp_path, *TEXT)
    assert (got.lines, len(got.rows), got.blank_or_comment, got.quarantined) == (14, 6, 8, 0)
    assert got.rows[0].stamp == 1740762000.412
    assert got.claims.zone == ""
    methane = scan(tmp_path, *TEXT, gas=GasSettings(name="CH4"))
    assert methane.rows[0].value == 2.0011


def test_recognised_but_its_zone_must_be_said():
    assert recognised(Head(lines=tuple(TEXT))) == ["lgr_ugga"]
    got = inspect_file(EXAMPLES / "lgr_ugga.txt", None, SECTION, GAS)
    assert (got["format"], got["verdict"]) == ("lgr_ugga", "error")
    assert got["issues"][0]["code"] == "zone"


def test_eras_of_the_clock(tmp_path):
    eras = ({"until": "2025-02-28T17:00:30", "zone": "-07:00"}, {"zone": "UTC"})
    declared = READERS["lgr_ugga"].Settings(label="start", slot_seconds=20, zone=eras)
    path = tmp_path / "f"
    path.write_text("\n".join(TEXT) + "\n")
    stamps = scan_one(path, declared).rows.stamp
    assert stamps[1] - 1740762020.409 == 7 * 3600
    assert stamps[2] == 1740762040.415


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s: s + ",,,", ""),
        (lambda s: s + ",9", "long_line"),
        (lambda s: s.replace(",", ",,", 1), "long_line"),
        (lambda s: s.rsplit(",", 3)[0], "truncated_line"),
        (lambda s: s.replace("02/28", "02/30"), "impossible_date"),
        (lambda s: s.replace(".412", ".4x"), "impossible_date"),
        (lambda s: s.replace("4.314100e+02", "4.3141e+"), "not_a_number"),
        (lambda s: s.replace("   3,", "   8,"), "unknown_flag"),
    ],
)
def test_lines_after_a_power_cut(change, code, tmp_path):
    got = scan(tmp_path, *TEXT[:2], change(LINE), *TEXT[3:8])
    assert [i.code for i in got.issues] == ([code] if code else [])
    assert len(got.rows) == (6 if code in ("", "unknown_flag") else 5)


def test_23_columns_bad_fits_and_valves(tmp_path):
    cut = [TEXT[0], *(text.rsplit(",", 1)[0] for text in TEXT[1:4])]
    got = scan(tmp_path, *cut)
    assert (len(got.rows), got.quarantined) == (2, 0)
    poor = scan(tmp_path, *TEXT[:2], LINE.replace("   3,", "   2,"))
    assert poor.rows[0].flag == FLAGS["instrument"]
    other = scan(tmp_path, *TEXT[:4], LINE.replace(",   1,", ",   2,"), valve="1")
    assert [i.code for i in other.issues] == ["other_inlet"]


def test_a_second_log_in_the_file_and_lines_behind_a_signature(tmp_path):
    got = scan(tmp_path, *TEXT, *TEXT[:2], LINE.replace("17:00:00", "18:00:00"))
    assert [i.code for i in got.issues] == ["header_repeated"]
    assert len(got.rows) == 7
    unclosed = [*TEXT[:10], LINE.replace("17:00:00", "18:00:00")]
    assert len(scan(tmp_path, *unclosed).rows) == 7


def test_day_and_month_swapped_is_noticed(tmp_path):
    lines = [*TEXT[:3], *(LINE.replace("02/28", f"{day:02d}/03") for day in range(10, 16))]
    got = scan(tmp_path, *lines)
    assert (got.refused, got.issues[0].code) == (True, "date_order")
    right = [LINE.replace("02/28", f"{day:02d}/03") for day in range(10, 16)]
    assert len(scan(tmp_path, *TEXT[:2], *right, date_order="dmy").rows) == 6


def test_another_header_is_refused(tmp_path):
    got = scan(tmp_path, "VC:1", "Time, CO2", "1, 2")
    assert (got.refused, got.issues[0].code) == (True, "header")
