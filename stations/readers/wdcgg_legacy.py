"""Lines of a WDCGG file of before 2018 come in; rows of one station and gas go out.

Header lines ``C01 TITLE: ...``, the last of them the names of the columns; then the beginning and
the end of a measurement, its value, number of data, deviation, the contributor's flag, who
calculated it, and remarks (GAW Report 188). Text in Windows-1252.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.fields import BadFieldError, count, deviation, number
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.partial_stamps import month_seconds, partial_stamp
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header, sorted_lines

_KEY = re.compile(r"C\d\d ([A-Z][A-Z /]*?)(?: \((?:degree|m)\))?:\s*(.*)")
_COLUMNS = re.compile(r"C\d\d +DATE +TIME +DATE +TIME +\S+ +ND +SD +F +CS +REM\s*")
_HEADER_LINE = re.compile(r"C\d\d( |$)")
_OFFSET = re.compile(r"UTC ?([+-]) ?(\d{1,2})(?::?([0-5]\d))?(?!\d)")
_MISSING = ("-99999.999", "-9999", "-999.99", "-999.999", "-99.999")
_NO_DATE = "9999-99-99"
_FIELDS = 10
FLAGS = {"-9999": "ok"}
# word in TIME INTERVAL -> length of a slot [s] (a month's depends on the month), parts of a stamp
_SLOTS = {"month": (2_678_400, 2), "dai": (86_400, 3), "hour": (3600, 5)}


class Settings(ReaderSettings):
    """WDCGG text of before 2018: `C01 TITLE: ...`, then two dates, value, ND, SD, F, CS, REM."""

    format: Literal["wdcgg_legacy"] = Field(
        default="wdcgg_legacy", description="name of the reader"
    )
    encoding: str = Field(default="cp1252", description="text encoding")


@dataclass(frozen=True)
class _Header:
    """What the header says by key, and its last line."""

    said: dict[str, str]
    last: int

    def number(self, key: str) -> float:
        """Return the number a line holds, NaN where it holds none or several."""
        try:
            return number(self.said.get(key, "").removesuffix("m").strip(), 0, _MISSING)
        except BadFieldError:
            return math.nan


def sniff(head: Head) -> bool:
    """Return whether the first lines are numbered C01, C02, ...

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("C01 TITLE: CO2 hourly mean data", "C02 FILE NAME: abc.dat")))
    True
    """
    lines = head.lines
    return len(lines) > 1 and lines[0].startswith("C01 TITLE:") and lines[1].startswith("C02 ")


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a WDCGG file into rows, issues and header.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading

    Raises
    ------
    FileRefusedError
        Where the header is cut, or has no line of columns at its end.
    """
    header = _header(source)
    interval = header.said.get("TIME INTERVAL", "").lower()
    nominal, parts = next((slot for word, slot in _SLOTS.items() if word in interval), (0, 5))
    claims = Claims(
        station=header.said.get("STATION NAME", ""),
        gas=header.said.get("PARAMETER", ""),
        unit=header.said.get("MEASUREMENT UNIT", ""),
        scale=header.said.get("MEASUREMENT SCALE") or header.said.get("REFERENCE SCALE", ""),
        latitude=header.number("LATITUDE"),
        longitude=header.number("LONGITUDE"),
        inlet=header.number("SAMPLING HEIGHTS"),
        label="start",
        slot_seconds=nominal,
        zone=_zone(header.said.get("TIME ZONE", "")),
    )
    return Reading(claims, _rows(source, _line_reader(nominal, parts, settings), header))


def _rows(
    source: Lines, line_of: Callable[[int, str], Row], header: _Header
) -> Iterator[Row | Issue]:
    """Give the rows; say at the end where there are not as many lines as the header tells."""
    yield from sorted_lines(source, line_of)
    told = header.said.get("TOTAL LINES", "")
    if told.isdecimal() and int(told) != source.count:
        expected = f"{told} lines (TOTAL LINES)"
        hint = "The file was cut or added to: fetch it again."
        found = f"{source.count} lines"
        yield Issue(0, 0, "truncated_stream", found, expected, hint, "", quarantined=False)


def _header(source: Lines) -> _Header:
    """Read the header up to its line of columns, which must stand where HEADER LINES says."""
    said: dict[str, str] = {}
    line, text = 0, "an empty file"
    for line, text in source:
        if not _HEADER_LINE.match(text):
            break
        source.comment += 1
        if _COLUMNS.fullmatch(text):
            told = said.get("HEADER LINES", "")
            if not told.isdecimal() or int(told) != line:
                found = f"columns in line {line}, HEADER LINES: {told or 'not there'}"
                expected = "as many header lines as line C05 says"
                raise refuse_header(line, found, expected, "Fetch the file again.")
            return _Header(said, line)
        match = _KEY.match(text)
        if match:
            said.setdefault(match[1], match[2].strip())
    hint = "Without the names of its columns nobody knows them; declare it as declared_csv."
    raise refuse_header(line, text, "Cnn DATE TIME DATE TIME gas ND SD F CS REM", hint)


def _zone(said: str) -> str:
    """Return the zone of the stamps, empty where only `local time` is said.

    Examples
    --------
    >>> _zone("UTC"), _zone("Local time UTC+9"), _zone("Other UTC-03:30"), _zone("Local time")
    ('UTC', '+09:00', '-03:30', '')
    """
    if said.upper() in ("UTC", "GMT"):
        return "UTC"
    match = _OFFSET.search(said.upper())
    if match is None or int(match[2]) > 14:
        return ""
    return f"{match[1]}{int(match[2]):02d}:{match[3] or '00'}"


def _line_reader(nominal: float, parts: int, settings: Settings) -> Callable[[int, str], Row]:
    """Return the function that reads one data line."""
    missing = _MISSING + settings.missing
    monthly = nominal == _SLOTS["month"][0]

    def read_line(line: int, text: str) -> Row:
        fields = text.split(None, _FIELDS - 1)
        if len(fields) != _FIELDS:
            demand_fields(fields, _FIELDS)
        start = _instant(fields[0], fields[1], 1, parts)
        value = number(fields[4], 5, missing)
        n = count(fields[5], 6, missing)
        seconds = 0.0
        if monthly:
            seconds = month_seconds(int(fields[0][:4]), int(fields[0][5:7]))
        if fields[2] != _NO_DATE:
            seconds = _instant(fields[2], fields[3], 3, 5) - start or seconds
            if seconds < 0:
                found = f"{fields[2]} {fields[3]}"
                hint = "Beginning and end were mixed up."
                raise BadFieldError(3, "end_before_start", found, "a later end", hint)
        stdev = deviation(fields[6], 7, missing)
        n = n or int(not math.isnan(value))
        return Row(line, start, value, stdev, n, 0, fields[7], math.nan, seconds)

    return read_line


def _instant(date: str, clock: str, column: int, needed: int) -> float:
    """Return seconds since 1970 of ``yyyy-mm-dd hh:mm``; 99 is a part finer than the slot."""
    shown = f"{date} {clock}"
    if len(date) != 10 or date[4] + date[7] != "--" or len(clock) != 5 or clock[2] != ":":
        hint = "See the line."
        raise BadFieldError(column, "bad_stamp", shown, "yyyy-mm-dd hh:mm", hint)
    if date == _NO_DATE:
        hint = "The file does not say when; the line cannot be placed."
        raise BadFieldError(column, "impossible_date", shown, "a date", hint)
    parts = (date[:4], date[5:7], date[8:], clock[:2], clock[3:], "00")
    hint = (
        "Hours run from 00 to 23: a writer that counts from 01 to 24 names ends, and one that "
        "goes on to 26 is lost. Ask the provider."
    )
    return partial_stamp(parts, column, needed, ("99",), hint if "23" < parts[3] < "27" else "")
