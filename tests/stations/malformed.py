"""Nothing comes in; malformed files of every kind seen in practice, each with its verdict, go out.

All numbers are invented. Three formats show the kinds: an ICOS file, a GCWerks export and a declared
table. Each kind names the codes that its issues must hold and the line at which the first stands.
"""

import gzip
import zipfile
from dataclasses import dataclass, field, replace

import netCDF4
import numpy as np
from malformed_bytes import (
    GCW_LINE,
    GOOD,
    HEADER,
    ICOS_PLACE,
    PLACE,
    VALUES,
    broken,
    changed,
    gcwerks,
    hours,
    icos,
    locked,
    split,
    table,
    table_reader,
    tarred,
    text,
    weeks,
    with_line,
    zipped,
)
from station_fakes import EXAMPLES, row

from stations.claims import Expected
from stations.readers import READERS


@dataclass(frozen=True)
class Malformed:
    """One kind of malformed input.

    Attributes
    ----------
    kind, verdict : str
    files : tuple of bytes
        Read together, as the files of one station.
    codes : tuple of str
        Codes that the issues must have; empty where there must be no issue at all.
    line : int
        Line that the first issue of the first code names; 0: the file as a whole.
    reader : settings or None
        None to go by the bytes alone.
    expected : Expected or None
        What the registry says of the station.
    rows : int or None
        Rows that must be left; None where a refusal leaves none.
    """

    kind: str
    verdict: str
    files: tuple[bytes, ...]
    codes: tuple[str, ...] = ()
    line: int = 0
    reader: object = field(default_factory=table_reader)
    expected: Expected | None = PLACE
    rows: int | None = None


def stuck():
    air = weeks()
    air[100:112] = 431.5
    return table(*hours(air, np.full(504, 0.6)))


def tank():
    air, spread = weeks(), np.full(504, 0.6)
    for day in range(1, 20, 3):
        air[24 * day + 5], spread[24 * day + 5] = 400.12, 0.02
    return table(*hours(air, spread))


def came_back():
    """A logger that was away for nine hours and comes back with another calibration."""
    air = weeks()
    air[250:] += 18.0
    lines = hours(air, np.full(504, 0.6))
    return table(*lines[:241], *lines[250:])


def two_inlets():
    """Three weeks at 20 and 60 m of one mast, at 120 E; its lines are swapped for five nights."""
    hour = np.arange(504)
    night = np.isin(hour % 24, (13, 14, 15, 16, 17, 18, 19, 20))
    low, high = weeks() + 8.0 * night, weeks()
    swapped = (hour >= 204) & (hour < 324)
    low, high = np.where(swapped, high, low), np.where(swapped, low, high)
    head = (EXAMPLES / "noaa_gml.txt").read_text().splitlines()[:30]
    lines = []
    for k in range(504):
        when = f"2025 1 {1 + k // 24} {k % 24} 0 0 2025.0"
        for value, height in ((low[k], 20), (high[k], 60)):
            place = f"30.25 120.17 {8 + height}.0 8.0 {height}.0"
            lines.append(f"EXM {when} {value:.2f} 0.16 12 {place} ...")
    return text(*head, *lines)


def _encodings():
    chinese = {"time": "时间", "value": "二氧化碳", "flag": "状态"}
    reader = table_reader(columns=chinese)
    lines = ["时间,二氧化碳,状态", *(f"{g.split(',')[0]},{g.split(',')[1]},V" for g in GOOD)]
    plain = "\n".join([*lines, ""])
    mixed = text(HEADER, *GOOD[:4], end="\r\n") + text(*GOOD[4:])
    return [
        Malformed("byte order mark", "ok", (b"\xef\xbb\xbf" + table(*GOOD),), rows=8),
        Malformed("line ends of two systems mixed", "ok", (mixed,), rows=8),
        Malformed("line ends of old Macs", "ok", (text(HEADER, *GOOD, end="\r"),), rows=8),
        Malformed(
            "UTF-16, little end first", "ok", (plain.encode("utf-16"),), reader=reader, rows=8
        ),
        Malformed(
            "UTF-16, big end first",
            "ok",
            (b"\xfe\xff" + plain.encode("utf-16-be"),),
            reader=reader,
            rows=8,
        ),
        Malformed("GBK, not declared", "ok", (plain.encode("gbk"),), reader=reader, rows=8),
        Malformed("header and no line of data", "ok", (table(),), rows=0),
        Malformed("blank lines between", "ok", (table(*GOOD[:3], "", "  ", *GOOD[3:]),), rows=8),
        Malformed("comment lines between", "ok", (table(*GOOD[:3], "# tea", *GOOD[3:]),), rows=8),
        Malformed("quoted fields with line ends", "ok", (_quoted(),), rows=8),
    ]


def _quoted():
    noted = [
        f'{line},"door open\nfor a while"' if k == 2 else f"{line},-" for k, line in enumerate(GOOD)
    ]
    return table(*noted, head=f"{HEADER},note")


def _archives():
    plain = table(*GOOD)
    half = len(plain) // 2
    long = table(*hours(weeks(), np.full(504, 0.6)))
    two = {"a.csv": table(*GOOD[:4]), "b.csv": table(*GOOD[4:])}
    return [
        Malformed("zip of several members", "ok", (zipped(two),), rows=8),
        Malformed("tar.gz of several members", "ok", (tarred(two),), rows=8),
        Malformed(
            "gzip of two streams",
            "ok",
            (gzip.compress(plain[:half]) + gzip.compress(plain[half:]),),
            rows=8,
        ),
        Malformed(
            "gzip cut off", "partial", (gzip.compress(plain, mtime=0)[:-12],), ("truncated_stream",)
        ),
        Malformed(
            "zip member with a wrong checksum",
            "partial",
            (broken(long, zipfile.ZIP_STORED),),
            ("truncated_stream",),
        ),
        Malformed(
            "zip member damaged inside",
            "partial",
            (broken(long, zipfile.ZIP_DEFLATED),),
            ("truncated_stream",),
        ),
        Malformed(
            "file that still grows", "partial", (plain[:-9],), ("unfinished_line",), 9, rows=7
        ),
        Malformed("tar.gz cut off", "error", (tarred(two)[:-40],), ("archive",)),
        Malformed("zip cut off", "error", (zipped(two)[:-30],), ("archive",)),
        Malformed("empty zip", "error", (zipped({}),), ("empty_archive",)),
        Malformed("encrypted zip", "error", (locked(plain),), ("archive",)),
        Malformed("one part of a spanned zip", "error", (split(plain),), ("archive",)),
        Malformed(
            "zip in one part that says spanned", "ok", (b"PK\x07\x08" + zipped(two),), rows=8
        ),
        Malformed(
            "zip with a member of another format",
            "error",
            (zipped({"a.csv": plain, "b.dat": gcwerks()}),),
            ("columns",),
            1,
            rows=8,
        ),
    ]


def _missing():
    return [
        Malformed("declared sentinel", "missing", (changed("429.77", "-999.99"),), rows=8),
        Malformed(
            "declared sentinel with other digits",
            "missing",
            (changed("429.77", "-999.990"),),
            rows=8,
        ),
        Malformed("empty field", "missing", (changed("429.77", ""),), rows=8),
        Malformed(
            "value missing though its flag is good",
            "missing",
            (icos("432.250;0.201;55", "-999.990;-9.990;0"),),
            reader=READERS["icos_atc"].Settings(),
            expected=ICOS_PLACE,
            rows=7,
        ),
        Malformed("exact repeat of a line", "dedupe", (table(*GOOD, GOOD[3]),), rows=9),
        Malformed(
            "exact repeat in another file", "dedupe", (table(*GOOD[:5]), table(*GOOD[4:])), rows=9
        ),
    ]


def _epochs(odd):
    """The good table with its stamps in seconds since 1970, one of them odd."""
    stamps = [str(1740787200 + 3600 * k) for k in range(8)]
    stamps[4] = odd
    return table(*(f"{t},{g.partition(',')[2]}" for t, g in zip(stamps, GOOD, strict=True)))


def _lines():
    def bad(kind, content, code, line=6, rows=7, **more):
        return Malformed(kind, "quarantine", (content,), (code,), line, rows=rows, **more)

    end_of_summer = table_reader(zone="Europe/Berlin")
    skipped = table(*(f"2025-03-30 {h:02d}:00,{v:.2f},0.15,58,V" for h, v in enumerate(VALUES)))
    garbled = with_line("2025-03-01 12:00,429.77,0.15,58,V").replace(b"429.77", b"42\xff.77")
    return [
        bad("line cut short", with_line(GOOD[4][:22]), "truncated_line"),
        bad("line with a field too many", with_line(GOOD[4] + ",1"), "long_line"),
        bad("line cut short in fixed columns", gcwerks(GCW_LINE[:70], GCW_LINE.replace("061334", "071334")), "truncated_line", 10, 7, reader=row("GCW").reader, expected=None),
        bad("block of NUL bytes", with_line(GOOD[4][:12] + "\0" * 64), "nul_bytes"),
        bad("bytes that are no text", garbled, "undecodable"),
        bad("impossible date", changed("03-01", "02-30"), "impossible_date"),
        bad("hour 24", changed("12:00", "24:00"), "impossible_date"),
        bad("clock in the future", changed("2025", "2085"), "clock"),
        bad("clock that started anew in 1970", changed("2025-03-01", "1970-01-01"), "clock"),
        bad("clock that started anew in 2000", changed("2025-03-01", "2000-01-01"), "clock"),
        bad("milliseconds since 1970 among seconds", _epochs("1740801600000"), "clock", reader=table_reader(time_format="epoch", zone="Europe/Berlin")),
        bad("more samples than there can be", changed(",58,", ",99999999999999999999,"), "not_a_count"),
        bad("line of sums at the end", table(*GOOD, "Mean,430.6,0.15,464,V"), "impossible_date", 10, 8),
        bad("field longer than 1 kB", changed("429.77", "9" * 1500), "not_a_number"),
        bad("value outside the gate", changed("429.77", "4297.7"), "out_of_gate"),
        bad("negative value that nobody declared", changed("429.77", "-99.9"), "out_of_gate"),
        bad("negative deviation", changed("0.15", "-0.15"), "negative_deviation"),
        bad("no samples but a value", changed(",58,", ",0,"), "no_samples"),
        bad("number of samples with decimals", changed(",58,", ",57.5,"), "not_a_count"),
        bad("letter in a number", changed("429.77", "429.l7"), "not_a_number"),
        bad("infinite value", changed("429.77", "inf"), "not_a_number"),
        bad("quote that never closes", changed("429.77", '"429.77'), "quoting"),
        bad("line longer than a million characters", with_line("9" * (1 << 21)), "overlong_line"),
        bad("other inlet among the lines", gcwerks(GCW_LINE.replace("   9 ", "  10 ")), "other_inlet", 10, 6, reader=row("GCW").reader, expected=None),
        bad("hour that a named zone skips", skipped, "impossible_date", 4, 7, reader=end_of_summer),
    ]  # fmt: skip


def _refused():
    def bad(kind, content, code, line=0, **more):
        return Malformed(kind, "error", (content,), (code,), line, **more)

    ppb = table(
        *(line.replace(f"{v:.2f}", f"{1000 * v:.0f}") for line, v in zip(GOOD, VALUES, strict=True))
    )
    swapped = table(*GOOD, head="time,sd,co2,n,flag")
    thousands = [
        line.replace(f"{v:.2f}", f'"431,{k}10.0"')
        for k, (line, v) in enumerate(zip(GOOD, VALUES, strict=True))
    ]
    comma = [f"{g.split(',')[0]};{g.split(',')[1].replace('.', ',')};V" for g in GOOD]
    semicolon = table_reader(
        delimiter=";", columns={"time": "time", "value": "co2", "flag": "flag"}
    )
    american = table_reader(time_format="%d/%m/%Y %H:%M", slot_seconds=86400)
    days = [
        f"{m:02d}/{d:02d}/2025 12:00,{430 + d / 10:.2f},0.15,58,V"
        for m in (3, 4)
        for d in range(1, 29)
    ]
    icos_reader = READERS["icos_atc"].Settings()
    at = {"reader": icos_reader, "expected": ICOS_PLACE}
    nothing = {"reader": None, "expected": None}
    page = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head>\n<body></body></html>\n"
    return [
        bad("ppb in a column declared ppm", ppb, "unit_or_column", 2),
        bad("columns swapped", swapped, "unit_or_column", 2),
        bad("thousands separators", table(*thousands), "not_a_number", 2),
        bad("decimal comma that nobody declared", table(*comma, head="time;co2;flag"), "not_a_number", 2, reader=semicolon),
        bad("day and month in the other order", table(*days), "date_order", 0, reader=american),
        bad("dates valid in both orders", table(*_both_orders()), "date_order", 0, reader=table_reader(time_format="%d/%m/%Y %H:%M")),
        bad("web page of a login instead of data", page, "web_page", 1),
        bad("header count that is not true", icos("HEADER LINES: 22", "HEADER LINES: 21"), "header", 22, **at),
        bad("empty file", b"", "no_header"),
        bad("empty file of nobody", b"", "unknown_format", 1, **nothing),
        bad("format that nobody knows", table(*GOOD), "unknown_format", 1, **nothing),
        bad("another format than declared", gcwerks(), "other_format", 1, **at),
        bad("two formats at once", _two_formats(), "ambiguous_format", 1, **nothing),
        bad("column name twice", table(*GOOD, head="time,co2,co2,n,flag"), "columns", 1),
        bad("declared column that is not there", table(*GOOD, head="time,CO2,sd,n,flag"), "columns", 1),
        bad("other gas than asked for", icos("PARAMETER: CO2", "PARAMETER: CH4").replace(b";co2", b";ch4"), "other_gas", 0, **at),
        bad("other inlet than the registry's", icos(), "other_inlet", 0, reader=icos_reader, expected=replace(ICOS_PLACE, inlet=60.0)),
        bad("other scale than the registry's", icos(), "scale", 0, reader=icos_reader, expected=replace(ICOS_PLACE, scale="WMO-CO2-X2007")),
        bad("unit that nobody knows", table(*GOOD), "unit", 0, reader=table_reader(unit="ppm wet")),
        bad("netCDF file cut off", (EXAMPLES / "tccon.nc").read_bytes()[:9000], "unreadable", 0, **nothing),
    ]  # fmt: skip


def _both_orders():
    """Hours of 12 days of March written month first: each is a date in the other order too."""
    hours = [(d, h) for d in range(1, 13) for h in range(24)]
    return [f"03/{d:02d}/2025 {h:02d}:00,{430 + h / 10:.2f},0.15,58,V" for d, h in hours]


def _two_formats():
    """A netCDF file with the variables of two formats of columns."""
    file = netCDF4.Dataset("both", "w", memory=1024)
    file.createDimension("time", 1)
    names = "time long ak_xco2 extrapolation_flags_ak_xco2 prior_pressure integration_operator"
    for name in f"{names} XCO2 XAIR local_noon time_prior height_prior sza_avk".split():
        file.createVariable(name, "f8", ("time",))
    return bytes(file.close())


def _conflicts_and_looks():
    other = GOOD[3].replace("430.18", "430.81")
    berlin = table_reader(zone="Europe/Berlin")
    fold = table(*(f"2025-10-26 {h:02d}:00,{v:.2f},0.15,58,V" for h, v in zip((0, 1, 2, 2, 3, 4, 5, 6), VALUES, strict=True)))  # fmt: skip
    moved = [",".join([f.split(",")[k] for k in (0, 2, 1, 3, 4)]) for f in GOOD[4:]]
    return [
        Malformed("two values for one hour", "conflict", (table(*GOOD, other),), ("conflict",), 5, rows=7),
        Malformed("two values for one hour in two files", "conflict", (table(*GOOD[:5]), table(other, *GOOD[5:])), ("conflict",), 5, rows=7),
        Malformed("header repeated", "resegment", (table(*GOOD[:4], HEADER, *GOOD[4:]),), ("header_repeated",), 6, rows=8),
        Malformed("columns change inside the file", "resegment", (table(*GOOD[:4], "time,sd,co2,n,flag", *moved),), ("header_repeated",), 6, rows=8),
        Malformed("instrument that stands still", "flag", (stuck(),), ("stuck",), 102, rows=504),
        Malformed("calibration gas recorded as air", "flag", (tank(),), ("calibration_as_ambient",), 31, rows=504),
        Malformed("step behind a gap", "flag", (came_back(),), ("step",), 243, rows=495),
        Malformed("inlets of a mast swapped for some nights", "flag", (two_inlets(),), ("inlet_swap",), 441, READERS["noaa_gml"].Settings(), None, rows=1008),
        Malformed("flag that nobody declared", "flag", (changed(",V", ",Q"),), ("unknown_flag",), 6, rows=8),
        Malformed("file of another place", "flag", (icos("51.2500 N", "48.2500 N"),), ("place_differs",), 0, READERS["icos_atc"].Settings(), ICOS_PLACE, rows=7),
        Malformed("hour that a named zone has twice", "ok", (fold,), reader=berlin, rows=8),
    ]  # fmt: skip


def kinds():
    """All kinds, by verdict as the table of the documentation shows them."""
    return [
        *_encodings(),
        *_archives(),
        *_missing(),
        *_lines(),
        *_refused(),
        *_conflicts_and_looks(),
    ]
