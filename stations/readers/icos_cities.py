"""Lines of an ICOS Cities file of mid or low cost sensors come in; rows of its gas go out.

``# KEY: value`` lines, the column names as the last of them (``#Datetime;...``), then fields
between ``;``. The key ``TIME ZONE`` names Central European Time, the remarks say ``Times are
UTC+0`` and ``middle of the averaging interval``: the writer stamps UTC, so the remarks count.
The writer miscounts the header of some of its files (46 for 45 lines): a wrong count is said and
kept. ``H`` and ``C`` mean a source nearby here, not a fault as in ICOS ATC files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.fields import BadFieldError, count, deviation, number, stamp
from stations.reading.icos_header import IcosHeader, data_rows, header_claims, read_header
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.rows import Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header

_MARK = "#Datetime;"
_CLOCK = ["Datetime", "Year", "Month", "Day", "Hour", "Minute", "Second"]
_MISSING = ("",)
FLAGS = {
    "U": "preliminary",  # correct by the automatic checks, nobody looked yet
    "O": "ok",
    "K": "provider_bad",
    "H": "local",  # found by a Hampel filter
    "C": "local",  # found by a person
}


class Settings(ReaderSettings):
    """ICOS Cities text of mid and low cost sensors."""

    format: Literal["icos_cities"] = Field(default="icos_cities", description="name of the reader")


def sniff(head: Head) -> bool:
    """Return whether the header is that of an ICOS Cities file.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("# TITLE: co2 - continuous time series", "#Datetime;Year;Month")))
    True
    """
    lines = head.lines
    return (
        bool(lines)
        and lines[0].startswith("# TITLE:")
        and any(line.startswith(_MARK) for line in lines)
    )


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of an ICOS Cities file into rows, issues and header.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading
        Zone and label are empty where the remarks do not say them; the registry must then.

    Raises
    ------
    FileRefusedError
        Where the header lacks a column.
    """
    header = read_header(source, _MARK)
    return Reading(header_claims(header), _items(source, header, settings))


def _items(source: Lines, header: IcosHeader, settings: Settings) -> Iterator[Row | Issue]:
    """Give the rows, after a remark where the header is miscounted."""
    stated = header.count("HEADER LINES")
    if stated != header.line:
        found, expected = f"HEADER LINES: {stated}", f"{header.line}, where the columns stand"
        hint = "The writer miscounts the header of its hourly files; compare the columns."
        yield Issue(header.line, 0, "header_count", found, expected, hint, "", False)
    yield from data_rows(source, header, _MARK, lambda h: _line_reader(h, settings))


def _line_reader(header: IcosHeader, settings: Settings) -> Callable[[int, str], Row]:
    """Return what reads one line."""
    names = list(header.names)
    gas = header.keys.get("PARAMETER", "")
    if names[: len(_CLOCK)] != _CLOCK or names.count(gas) != 1 or names.count("Flag") != 1:
        expected = f"{';'.join(_CLOCK)}, and {gas or 'the PARAMETER'} and Flag once each"
        hint = "Check the line PARAMETER and the column line."
        raise refuse_header(header.line, ";".join(names), expected, hint)
    value_at, flag_at, width = names.index(gas), names.index("Flag"), len(names)
    stdev_at = names.index("Stdev") if "Stdev" in names else None
    n_at = names.index("NbPoints") if "NbPoints" in names else None
    missing = _MISSING + settings.missing

    def read_line(line: int, text: str) -> Row:
        fields = text.split(";")
        demand_fields(fields, width)
        at = _instant(fields)
        value = number(fields[value_at], value_at + 1, missing)
        stdev, n, flag = math.nan, 1, fields[flag_at]
        if stdev_at is not None:
            stdev = deviation(fields[stdev_at], stdev_at + 1, missing)
        if n_at is not None:
            n = count(fields[n_at], n_at + 1, missing)
        if math.isnan(value):
            n = 0 if n_at is None else n
        elif n == 0:
            hint = "A mean of no samples is no measurement."
            raise BadFieldError(n_at + 1, "no_samples", fields[n_at], "at least 1 sample", hint)  # type: ignore[operator,index]
        else:
            flag = flag or "(empty)"  # in a gap there is nothing to judge
        return Row(line, at, value, stdev, n, 0, flag)

    return read_line


def _instant(fields: list[str]) -> float:
    """Return the stamp, which stands there twice: as text and in columns."""
    whole, *parts = fields[:7]
    at = stamp(parts[:5], 2, number(parts[5], 7, ()))
    year, month, day, hour, minute, second = parts
    twice = f"{year}-{month:0>2}-{day:0>2} {hour:0>2}:{minute:0>2}:{second:0>2}"
    if whole != twice:
        hint = "Was one of them rewritten by a spreadsheet?"
        raise BadFieldError(1, "two_stamps", f"{whole} and {twice}", "the same instant twice", hint)
    return at
