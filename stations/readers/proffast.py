"""A table of PROFFAST (`comb_invparms*.csv`) comes in; columns of one gas, without kernels, go out.

Fields are parted by a comma, names and numbers stand behind blanks. The set of columns differs by
version, so all are found by name. Stamps are UTC; `LocalTime` is ignored, `JulianDate` must agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Literal

from pydantic import Field

from stations.flags import FLAGS as BITS
from stations.quarantine import Issue
from stations.reading.fields import BadFieldError, day_seconds, number
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header, row_or_issue

COLUMNS = True
FLAGS: dict[str, str] = {}
_MARKS = ("UTC", "LocalTime", "JulianDate", "spectrum", "gndP", "XAIR", "XCO2")
_MISSING = ("0", "nan")  # the writer leaves 0 where a gas was not retrieved
_JULIAN_1970 = 2440587.5
_JULIAN_APART = 2.0  # s; the Julian date has five decimals, 0.9 s


class Settings(ReaderSettings):
    """PROFFAST table of one day of an EM27/SUN: columns without averaging kernels."""

    format: Literal["proffast"] = Field(default="proffast", description="name of the reader")
    xair_tolerance: float | None = Field(
        default=None,
        gt=0,
        description="XAIR further from 1 than this makes a row suspect; none: any",
    )


def sniff(head: Head) -> bool:
    """Return whether the first line names the columns of PROFFAST.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("UTC, LocalTime, JulianDate, spectrum, gndP, XAIR, XCO2",)))
    True
    """
    names = _names(head.lines[0]) if head.lines else []
    return names[:2] == ["UTC", "LocalTime"] and all(name in names for name in _MARKS)


def _names(text: str) -> list[str]:
    """Return the names of a header line."""
    return [name.strip() for name in text.split(",")]


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a PROFFAST table into rows, issues and header.

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
        Where the first line is not PROFFAST's, or lacks the gas.
    """
    gas = (settings.gas or "co2").upper().removeprefix("X")
    line, text = next(source, (1, ""))
    names = _names(text)
    wanted = [*_MARKS, f"X{gas}"]
    lost = [name for name in wanted if names.count(name) != 1]
    if lost:
        hint = "Declare the right format, or `gas` as one of its columns (co2, ch4, co)."
        raise refuse_header(line, text, f"each of {lost} exactly once", hint)
    source.comment += 1
    first = list(islice(source, 1))
    place = _place(first, names)
    claims = Claims(gas=gas, unit="ppm", zone="UTC", label="centre", basis="dry", **place)
    return Reading(claims, _rows(chain(first, source), source, (text, names), gas, settings))


def _place(first: list[tuple[int, str]], names: list[str]) -> dict[str, float]:
    """Return the place of the first record, where it says one."""
    fields = first[0][1].split(",") if first else []
    place = {}
    for key, name in (("latitude", "latdeg"), ("longitude", "londeg")):
        if name in names and len(fields) == len(names):
            try:
                place[key] = number(fields[names.index(name)], 0, ())
            except BadFieldError:
                return {}
    return place


def _rows(
    lines: Iterator[tuple[int, str]],
    source: Lines,
    header: tuple[str, list[str]],
    gas: str,
    settings: Settings,
) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is counted, its columns must be the same."""
    hint = "Kernels stand in the COCCON netCDF of the same day: read that where there is one."
    expected = "columns with averaging kernels"
    yield Issue(0, 0, "no_kernels", "a table without kernels", expected, hint, "", False)
    text_of_header, names = header
    read_line = _line_reader(names, f"X{gas}", settings)
    for line, text in lines:
        if text.startswith("UTC"):
            again = _names(text)
            if any(name not in again for name in (*_MARKS, f"X{gas}")):
                raise refuse_header(line, text, "the columns of the first line", "Split the file.")
            source.comment += 1
            yield header_again(line, text, same=text == text_of_header)
            read_line = _line_reader(again, f"X{gas}", settings)
            continue
        yield row_or_issue(read_line, line, text)


def _line_reader(names: list[str], column: str, settings: Settings) -> Callable[[int, str], Row]:
    """Return what reads one line of a table with these columns."""
    fields_wanted, commas = len(names), len(names) - 1
    at, julian_at, air_at = (names.index(name) for name in (column, "JulianDate", "XAIR"))
    last = max(at, julian_at, air_at) + 1
    missing = _MISSING + settings.missing
    limit = settings.xair_tolerance or math.inf
    suspect = BITS["suspect"]

    def read_line(line: int, text: str) -> Row:
        if text.count(",") != commas:
            demand_fields(text.split(","), fields_wanted)
        fields = text.split(",", last)
        stamp = _stamp(fields[0])
        apart = (_julian(fields[julian_at], julian_at) - _JULIAN_1970) * 86400 - stamp
        if not -_JULIAN_APART <= apart <= _JULIAN_APART:
            found = f"JulianDate {apart:+.0f} s from UTC"
            hint = "One of the two clocks is wrong; correct the line."
            raise BadFieldError(julian_at + 1, "clocks_differ", found, "the same instant", hint)
        value = number(fields[at].strip(), at + 1, missing)
        air = number(fields[air_at].strip(), air_at + 1, missing)
        flag = suspect if abs(air - 1) > limit else 0
        return Row(line, stamp, value, math.nan, 0 if math.isnan(value) else 1, flag)

    return read_line


def _julian(text: str, at: int) -> float:
    """Return a Julian date."""
    try:
        return float(text)
    except ValueError:
        return number(text.strip(), at + 1, ())  # which says what is wrong with it


def _stamp(text: str) -> int:
    """Return seconds since 1970 of ``YYYY-MM-DD HH:MM:SS``."""
    hour, minute, second = text[11:13], text[14:16], text[17:]
    whole = len(text) == 19 and text[10] == " " and text[13] == ":" == text[16]
    whole = whole and text.isascii() and (hour + minute + second).isdecimal()
    if whole and hour <= "23" and minute <= "59" and second <= "60":
        return _day(text[:10]) + 3600 * int(hour) + 60 * int(minute) + int(second)
    raise BadFieldError(1, "impossible_date", text, "YYYY-MM-DD HH:MM:SS", "See the line.")


@lru_cache(maxsize=64)
def _day(text: str) -> int:
    """Return seconds since 1970 of ``YYYY-MM-DD``."""
    year, month, day = text[:4], text[5:7], text[8:]
    if not ((year + month + day).isdecimal() and text[4] == "-" == text[7]):
        raise BadFieldError(1, "impossible_date", text, "YYYY-MM-DD", "See the line.")
    try:
        return day_seconds(int(year), int(month), int(day))
    except ValueError as error:
        hint = f"No such day ({error})."
        raise BadFieldError(1, "impossible_date", text, "YYYY-MM-DD", hint) from error
