"""Declared tables: stamps, quotes, swapped dates, sheets, and every real table of our data."""

import datetime as dt
import math
import os
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from pydantic import ValidationError
from station_fakes import GAS, scan_one

from contracts.settings.gas import GasSettings
from stations.flags import FLAGS
from stations.readers import READERS
from stations.reading.clock_text import Clock

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
BASE = {
    "label": "start",
    "slot_seconds": 3600,
    "columns": {"time": "time", "value": "co2"},
    "time_format": "%Y-%m-%d %H:%M",
}


def settings(**changes):
    return READERS["declared_csv"].Settings(**{**BASE, **changes})


def scan(tmp_path, text, gas=GAS, **changes):
    path = tmp_path / "f"
    path.write_text(text, encoding="utf-8", newline="")
    got = scan_one(path, settings(**changes), gas)
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def codes(got):
    return [(i.line, i.code) for i in got.issues]


def utc(text):
    return np.datetime64(text, "ms").astype(int) / 1000


FORMATS = [
    ("%Y-%m-%d %H:%M:%S", "2025-03-01 08:20:15"),
    ("%Y-%m-%d %H:%M", "2025-03-01  8:20"),
    ("%d/%m/%Y %H:%M", "1/3/2025 08:20"),
    ("%d.%m.%Y, %H:%M", "01.03.2025, 08:20"),
    ("%m/%d/%y %I:%M %p", "03/01/25 08:20 PM"),
    ("%Y%m%d%H%M%S", "20250301082015"),
    ("%Y-%jT%H:%M", "2025-060T08:20"),
    ("%d %b %Y %H:%M", "01 Mar 2025 08:20"),
    ("%H:%M %d.%m.%Y", "08:20 01.03.2025"),
    ("%Y-%m-%d %H:%M:%S.%f", "2025-03-01 08:20:15.250"),
    ("%Y-%m-%dT%H:%M:%S%z", "2025-03-01T08:20:15+0800"),
    ("%Y-%m-%dT%H:%M:%S.%f%z", "2025-03-01T08:20:15.250000-02:00"),
    ("%Y年%m月%d日 %H时", "2025年03月01日 08时"),
    ("%Y-%m-%d", "2025-03-01"),
]


@pytest.mark.parametrize(("pattern", "text"), FORMATS)
def test_every_format_reads_as_strptime_does(pattern, text):
    instant = dt.datetime.strptime(text, pattern)
    wanted = instant.replace(tzinfo=instant.tzinfo or dt.UTC).timestamp()
    clock = Clock(pattern)
    assert clock(text) == clock(text) == wanted
    for wrong in (text + "x", text[:-1] + "x", "", text.replace("2", "２"), text.replace("0", "9")):
        with pytest.raises(ValueError, match=r"\S"):
            clock(wrong)


def test_second_60_is_the_next_minute_and_hour_24_is_none():
    clock = Clock("%Y-%m-%d %H:%M:%S")
    assert clock("2025-03-01 08:20:60") == utc("2025-03-01T08:21")
    for wrong in ("2025-03-01 24:00:00", "2025-03-01 08:20:61"):
        with pytest.raises(ValueError, match=r"\S"):
            clock(wrong)


def table(*stamps):
    return "time,co2\n" + "".join(f"{t},{430 + k}\n" for k, t in enumerate(stamps))


DMY = {"time_format": "%d/%m/%Y %H:%M"}
MDY = {"time_format": "%m/%d/%Y %H:%M"}


def days(*pairs):
    return table(*(f"{a:02d}/{b:02d}/2025 00:00" for a, b in pairs))


def test_dates_that_exist_only_in_the_other_order_refuse_the_file(tmp_path):
    text = days(*[(3, d) for d in range(9, 15)])  # two of six fail, less than half
    got = scan(tmp_path, text, **DMY)
    assert (got.refused, got.issues[0].code) == (True, "date_order")
    assert "2 of 6 dates like 03/13/2025" in got.issues[0].found
    assert len(scan(tmp_path, text, **MDY).rows) == 6
    one = days(*[(d, 3) for d in range(1, 20)], (3, 13))
    assert codes(scan(tmp_path, one, **DMY)) == [(21, "impossible_date")]


def test_a_record_without_gaps_only_when_swapped_refuses_the_file(tmp_path):
    text = days(*[(d, 3) for d in range(1, 9)])
    got = scan(tmp_path, text, **MDY)
    assert (got.refused, got.issues[0].code) == (True, "date_order")
    assert len(scan(tmp_path, text, **DMY).rows) == 8
    assert len(scan(tmp_path, text, **MDY, date_order_known=True).rows) == 8


def test_orders_that_nothing_speaks_against_are_believed(tmp_path):
    month = 2_678_400
    monthly = days(*[(1, m) for m in range(1, 10)])
    assert len(scan(tmp_path, monthly, **DMY, slot_seconds=month).rows) == 9
    assert len(scan(tmp_path, days((1, 3)), **MDY).rows) == 1
    assert len(scan(tmp_path, days((1, 3), (2, 5), (4, 9)), **MDY).rows) == 3
    iso = table(*(f"2025-{m:02d}-01 00:00" for m in range(1, 8)))
    assert len(scan(tmp_path, iso).rows) == 7


NOTE = {"columns": {"time": "time", "value": "co2", "flag": "note"}, "flags": {"ok": "ok"}}
HEAD = "time,co2,note\n"
A, B, C = (f"2025-03-01 0{k}:00,43{k}.5,ok\n" for k in range(3))


def test_a_quoted_line_end_is_one_row(tmp_path):
    text = HEAD + A + '2025-03-01 05:00,435.5,"two\nlines, a comma and ""quotes"""\n' + B
    got = scan(tmp_path, text, **NOTE)
    assert [(row.line, row.value) for row in got.rows] == [(2, 430.5), (3, 435.5), (5, 431.5)]
    assert (got.blank_or_comment, got.quarantined) == (2, 0)
    assert got.rows[1].provider == 'two\nlines, a comma and "quotes"'


def test_a_row_inside_quotes_is_no_row(tmp_path):
    text = HEAD + A + f'2025-03-01 05:00,435.5,"copied:\n{B}"\n' + C
    got = scan(tmp_path, text, **NOTE)
    assert [row.line for row in got.rows] == [2, 3, 6]
    bad = scan(tmp_path, text.replace("05:00", "5h"), **NOTE)
    assert codes(bad) == [(3, "impossible_date"), (4, "part_of_record"), (5, "part_of_record")]
    assert [row.line for row in bad.rows] == [2, 6]


@pytest.mark.parametrize(
    ("stray", "lines"),
    [
        ('2025-03-01 05:00,"435.5,ok\n', [3]),
        ('2025-03-01 05:00,435.5,o"k\n', [3]),
        ('2025-03-01 05:00,"435.5"5,ok\n', [3]),
        ('2025-03-01 05:00,"435.5,ok\n2025-03-01 06:00,436.5,"\n', [3, 4]),
    ],
)
def test_stray_quotes_cost_their_lines_only(stray, lines, tmp_path):
    got = scan(tmp_path, HEAD + A + stray + B + C, **NOTE)
    assert [line for line, code in codes(got) if code != "unknown_flag"] == lines
    assert len(got.rows) == 3


def test_a_stray_quote_does_not_swallow_the_file(tmp_path):
    many = "".join(f"2025-03-0{d} {h:02d}:00,431.5,ok\n" for d in (1, 2, 3) for h in range(24))
    got = scan(
        tmp_path, HEAD + '2025-03-01 00:30,"x,ok\n' + many + '2025-03-05 00:30,"x,ok\n', **NOTE
    )
    assert codes(got)[0] == (2, "quoting")
    assert codes(got)[-1] == (75, "quoting")
    assert (len(got.rows), got.quarantined) == (72, 2)


def test_a_name_may_be_broken_and_comments_may_hold_quotes(tmp_path):
    text = (
        '# 5" tube\n"time","CO2\n(ppm)"\n2025-03-01 00:00,431.5\n# 6" tube\n2025-03-01 01:00,432\n'
    )
    got = scan(tmp_path, text, header_row=2, columns={"time": "time", "value": "CO2 (ppm)"})
    assert (len(got.rows), got.blank_or_comment) == (2, 4)


def test_cut_at_every_byte_a_quoted_record_invents_nothing(tmp_path):
    text = HEAD + A + '2025-03-01 05:00,435.5,"two\nlines"\n' + C
    whole = {tuple(row)[:3] for row in scan(tmp_path, text, **NOTE).rows}
    for cut in range(len(text)):
        assert {tuple(row)[:3] for row in scan(tmp_path, text[:cut], **NOTE).rows} <= whole


def test_day_of_the_year(tmp_path):
    doy = {"columns": {"time": "d", "value": "co2"}, "time_format": "doy"}
    text = "d,co2\n1,431\n60.5,432\n366,433\n0.5,434\n"
    got = scan(tmp_path, text, **doy, year=2025)
    assert [row.stamp for row in got.rows] == [utc("2025-01-01"), utc("2025-03-01T12:00")]
    assert codes(got) == [(4, "impossible_date"), (5, "impossible_date")]
    two = {**doy, "columns": {"time": ["y", "d"], "value": "co2"}, "decimal": ",", "delimiter": ";"}
    got = scan(tmp_path, "y;d;co2\n2024;366,25;431,5\n2025;366,25;431,5\n", **two)
    assert [row.stamp for row in got.rows] == [utc("2024-12-31T06:00")]
    for wrong in (doy, {**two, "year": 2025}, {"year": 2025}):
        with pytest.raises(ValidationError, match="a day of the year must come with its year"):
            settings(**wrong)


def test_one_station_of_a_network_in_one_file(tmp_path):
    text = "pod,time,co2\na,2025-03-01 00:00,431\nb,2025-03-01 00:00,455\nb,x,y\na,2025-03-01 01:00,432\n"
    got = scan(tmp_path, text, select={"pod": "a"})
    assert ([row.line for row in got.rows], got.lines, got.elsewhere) == ([2, 5], 3, 2)
    none = scan(tmp_path, text, select={"pod": "c"})
    assert (none.refused, none.issues[0].code) == (True, "no_record")
    assert scan(tmp_path, text, select={"pid": "a"}).issues[0].code == "columns"


def workbook(path):
    book = openpyxl.Workbook()
    first = book.active
    first.title = "Info"
    first.append(["nothing here"])
    sheet = book.create_sheet("Messwerte")
    sheet["A1"] = "Station X, erfundene Luft"
    sheet.merge_cells("A1:C1")
    sheet.append(["Zeit", "CO2 (ppm)", "Status"])
    start = dt.datetime(2025, 3, 1)
    for k, text in enumerate(["431,41", "432,05", None, "430,9", "429,75"]):
        sheet.append([start + dt.timedelta(hours=k), text, "V"])
    sheet.append([start + dt.timedelta(hours=5), 429.5, "V"])
    sheet.append([45717.25, "428,1", "V"])
    book.save(path)


def test_a_workbook(tmp_path):
    workbook(tmp_path / "f.xlsx")
    declared = settings(
        members="Messwerte",
        header_row=2,
        decimal=",",
        missing=("",),
        columns={"time": "Zeit", "value": "CO2 (ppm)", "flag": "Status"},
        time_format="%Y-%m-%d %H:%M:%S",
        zone="+01:00",
        flags={"V": "ok"},
    )
    got = scan_one(tmp_path / "f.xlsx", declared)
    assert got.file.endswith("f.xlsx!Messwerte")
    assert (got.lines, len(got.rows), got.blank_or_comment) == (9, 6, 2)
    assert codes(got) == [(9, "impossible_date")]  # a number where dates stand: which epoch?
    assert got.rows[0].stamp == utc("2025-02-28T23:00")
    assert [row.value for row in got.rows][:2] == [431.41, 432.05]
    assert math.isnan(got.rows[2].value)
    assert got.rows[5].value == 429.5
    wrong = scan_one(tmp_path / "f.xlsx", declared.model_copy(update={"members": "Daten"}))
    assert (wrong.refused, wrong.issues[0].code) == (True, "no_member")


DAY_TIME = "%Y-%m-%d %H:%M:%S"
MINUTE = {"slot_seconds": 60}
AQMESH = {
    "time_format": DAY_TIME,
    "columns": {"time": "date_UTC", "value": "co2_ppm", "flag": "ratification_status"},
    "flags": {"P": "preliminary"},
    "missing": ("-999",),
}
MUNICH = {
    **MINUTE,
    "time_format": "%Y-%m-%dT%H:%M:%S.%f%z",
    "columns": {
        "time": "creation_timestamp",
        "value": "gmp343_corrected",
        "inlet": "measurement_height",
    },
}
TANKS = {"-10.0": "ok", "385.29": "calibration", "442.46": "calibration", "568.44": "calibration"}
F, M, S, I = "openghg_formats", "munich_acropolis", "slc_uataq", "icos_obspack_cabauw"  # noqa: E741
# file -> declaration; lines, rows, quarantined, elsewhere, missing; first and last stamp and value
REAL = {
    f"{F}/co2_data.csv 11245": (
        {**AQMESH, "select": {"pod_id_location": "11245"}},
        (11, 9, 1, 220, 0),
        ("2021-06-16T01:00", 413.76),
        ("2021-10-01T00:00", 442.45),
    ),
    f"{F}/co2_data.csv 39245": (
        {**AQMESH, "select": {"pod_id_location": "39245"}},
        (158, 156, 1, 73, 76),
        ("2021-06-15T01:00", None),
        ("2021-06-21T12:00", 404.95),
    ),
    f"{F}/NPL_test.csv": (
        {**MINUTE, **DMY, "columns": {"time": "Time", "value": "Cal_CO2_dry"}},
        (18, 10, 7, 0, 0),
        ("2020-06-12T00:00", 424.1672774),
        ("2020-07-01T00:24", 419.9544809),
    ),
    f"{F}/BTT_test.csv": (
        {
            "slot_seconds": 1800,
            "time_format": "doy",
            "year": 2020,
            "columns": {"time": "DOY", "value": "co2.cal", "stdev": "co2.sd.ppm"},
            "missing": ("NA", "-9999"),
        },
        (22, 20, 1, 0, 11),
        ("2020-01-14T09:28:48", 420.470067098115),
        ("2020-02-22T10:29:16.8", None),
    ),
    f"{F}/THB_hourly_means_test.csv": (
        {
            "time_format": DAY_TIME,
            "columns": {"time": "Date", "value": "CO2/ppm", "stdev": "CO2 stdev/ppm"},
        },
        (27, 26, 0, 0, 0),
        ("2018-05-05T00:00", 460.573223064186),
        ("2018-05-13T16:00", 411.233745006401),
    ),
    f"{F}/thames_20190707_full.csv": (
        {
            "slot_seconds": 5,
            "time_format": "%Y-%m-%d %H:%M:%S.%f",
            "columns": {"time": "Date", "value": "CO2"},
        },
        (76, 75, 0, 0, 0),
        ("2019-07-01T00:39:55", 417.973447605473),
        ("2019-08-01T00:10:30", 417.800006527298),
    ),
    f"{M}/processed__ACROPOLIS_Blutenburgstrasse.csv": (
        MUNICH,
        (5077, 5076, 0, 0, 0),
        ("2024-06-21T12:05", 520.9570282495147),
        ("2024-06-23T07:31", 435.1309024110464),
    ),
    f"{M}/processed__ACROPOLIS_Blutenburgstrasse.csv 85 m": (
        {**MUNICH, "select": {"measurement_height": "85"}},
        (2534, 2533, 0, 2543, 0),
        ("2024-06-21T12:05", 520.9570282495147),
        ("2024-06-23T07:31", 436.7814273856566),
    ),
    f"{S}/wbb_hourly_20151228_20160229.csv": (
        {
            "time_format": DAY_TIME,
            "columns": {"time": "time_utc", "value": "CO2_ppm"},
            "missing": ("",),
        },
        (1514, 1513, 0, 0, 74),
        ("2015-12-28T07:00", 477.17048506640435),
        ("2016-02-29T07:00", None),
    ),
    f"{S}/nerdmobile_20170717_1s.csv": (
        {
            "slot_seconds": 1,
            "time_format": DAY_TIME,
            "columns": {"time": "time_utc", "value": "CO2d_ppm"},
            "missing": ("",),
        },
        (17419, 17417, 1, 0, 469),
        ("2017-07-17T20:06:01", 482.3113),
        ("2017-07-18T00:56:25", None),
    ),
    f"{S}/uataq_sample_data.csv": (
        {
            "slot_seconds": 10,
            "time_format": "epoch",
            "columns": {"time": "Time", "value": "rawCO2", "flag": "ID"},
            "flags": TANKS,
        },
        (685, 684, 0, 0, 0),
        ("2016-01-16T10:04", 395.472991943),
        ("2016-01-16T12:09:20", 587.954956055),
    ),
    f"{I}/svb_co2.csv": (
        {
            "time_format": DAY_TIME,
            "columns": {"time": "DateTime", "value": "co2", "inlet": "SamplingHeight"},
        },
        (15641, 15640, 0, 0, 0),
        ("2017-06-01T00:00", 413.194),
        ("2019-04-30T23:00", 416.115),
    ),
}


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA")
class TestRealFiles:
    @pytest.mark.parametrize("name", sorted(REAL))
    def test_every_line_is_accounted_for(self, name):
        declared, counts, first, last = REAL[name]
        got = scan_one(DATA / name.split()[0], settings(**declared))
        missing = int(np.isnan(got.rows.value).sum())
        assert [got.lines, len(got.rows), got.quarantined, got.elsewhere, missing] == [*counts]
        assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
        for row, (stamp, value) in ((got.rows[0], first), (got.rows[-1], last)):
            assert row.stamp == utc(stamp)
            assert math.isnan(row.value) if value is None else row.value == value

    def test_tanks_are_told_by_their_number(self):
        got = scan_one(
            DATA / S / "uataq_sample_data.csv", settings(**REAL[f"{S}/uataq_sample_data.csv"][0])
        )
        assert int((got.rows.flag == FLAGS["calibration"]).sum()) == 30

    def test_methane_of_the_same_file_and_an_enhancement_that_is_no_mole_fraction(self):
        methane = GasSettings(name="CH4")
        columns = {"time": "Time", "value": "Cal_CH4_dry"}
        got = scan_one(
            DATA / F / "NPL_test.csv", settings(**MINUTE, **DMY, columns=columns), methane
        )
        assert got.rows[0].value == 2.004462127
        columns = {"time": ["DATE", "TIME"], "value": "Methane_Enhancement_Over_Background(ppb)"}
        declared = settings(
            columns=columns, unit="ppb", slot_seconds=1, time_format="%d/%m/%Y %H:%M:%S"
        )
        got = scan_one(DATA / F / "glasgow_licor_sample.txt", declared, methane)
        assert (got.refused, got.lines, got.issues[0].code) == (True, 20, "unit_or_column")

    def test_day_and_month_of_a_real_file_declared_the_wrong_way(self):
        columns = {"time": ["DATE", "TIME"], "value": "Methane_Enhancement_Over_Background(ppb)"}
        wrong = settings(columns=columns, unit="ppb", time_format="%m/%d/%Y %H:%M:%S")
        got = scan_one(DATA / F / "glasgow_licor_sample.txt", wrong, GasSettings(name="CH4"))
        assert (got.refused, got.issues[0].code) == (True, "date_order")
