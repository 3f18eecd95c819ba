"""Lines of the old ICOS ATC minute export come in; rows of its gas go out.

One line of names, then fields between single blanks: ``Site Year Month Day Hour Minute Date co2
Stdev NbPoints Flag QualityId LastModified... AutoDescriptiveFlag ManualDescriptiveFlag``. The two
last names are descriptions that are nearly always empty, so a line has two names more than words.
The file says neither its unit nor its slot, scale, place and inlet.
ASSUME: stamps are UTC and the start of the slot, and the unit is the one that the ATC writes for
the gas, as in its later files.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.fields import BadFieldError, count, deviation, number, stamp
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header, row_or_issue

_LEADING = ["Site", "Year", "Month", "Day", "Hour", "Minute", "Date"]
_BEHIND = ["Stdev", "NbPoints", "Flag", "QualityId"]
_EMPTY_AT_THE_END = ("AutoDescriptiveFlag", "ManualDescriptiveFlag")
_GAS = len(_LEADING)  # field number of the gas, 0-based
_UNITS = {"co2": "ppm", "ch4": "ppb", "co": "ppb", "n2o": "ppb"}
_MISSING = ("-999.99",)
_NO_STDEV = ("-9.99", "-999.99")
FLAGS = {
    "U": "preliminary",  # correct by the automatic checks, nobody looked yet
    "O": "ok",
    "R": "ok",
    "N": "provider_bad",
    "K": "provider_bad",
    "H": "provider_bad",
}


class Settings(ReaderSettings):
    """Old ICOS ATC export: one line of names, fields between blanks. Declare slot_seconds."""

    format: Literal["icos_minute"] = Field(default="icos_minute", description="name of the reader")


def sniff(head: Head) -> bool:
    """Return whether the first line holds the names of the old ICOS export.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> names = "Site Year Month Day Hour Minute Date co2 Stdev NbPoints Flag QualityId"
    >>> sniff(Head(lines=(names,)))
    True
    """
    return bool(head.lines) and _is_header(head.lines[0])


def _is_header(line: str) -> bool:
    """Return whether a line holds the names."""
    names = line.split()
    return names[:_GAS] == _LEADING and names[_GAS + 1 : _GAS + 5] == _BEHIND


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of an old ICOS export into rows, issues and headers.

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
        Where the first line does not hold the names.
    """
    line, first = next(source, (1, ""))
    if not _is_header(first):
        expected = f"{' '.join(_LEADING)}, a gas, {' '.join(_BEHIND)} in the first line"
        hint = "Declare the right format in the registry, or fetch the file again."
        raise refuse_header(line, first or "an empty file", expected, hint)
    source.comment += 1
    gas = first.split()[_GAS]
    claims = Claims(
        gas=gas, unit=_UNITS.get(gas.lower(), ""), label="start", zone="UTC", basis="dry"
    )
    return Reading(claims, _rows(source, first.split(), settings))


def _rows(source: Lines, names: list[str], settings: Settings) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    read_line = _line_reader(names, settings)
    for line, text in source:
        if text.startswith("Site ") and _is_header(text):
            again = text.split()
            if again[_GAS] != names[_GAS]:
                hint = "Two gases were joined; split the file."
                raise refuse_header(line, again[_GAS], names[_GAS], hint)
            source.comment += 1
            yield header_again(line, text, same=again == names)
            read_line = _line_reader(again, settings)
            continue
        yield row_or_issue(read_line, line, text)


def _line_reader(names: list[str], settings: Settings) -> Callable[[int, str], Row]:
    """Return what reads one line."""
    missing, no_stdev = _MISSING + settings.missing, _NO_STDEV + settings.missing
    shortest = len(names)
    while names[shortest - 1] in _EMPTY_AT_THE_END:
        shortest -= 1
    described = shortest < len(names)  # descriptions may hold blanks: there is no longest line
    stdev_at, n_at, flag_at = _GAS + 1, _GAS + 2, _GAS + 3

    def read_line(line: int, text: str) -> Row:
        fields = text.split(" ")
        if len(fields) < shortest or "" in fields[:shortest]:
            found = f"{shortest - len(fields[:shortest]) + fields[:shortest].count('')} too few"
            hint = "Blanks between fields are single; the writer may have been interrupted."
            raise BadFieldError(0, "truncated_line", found, f"{shortest} fields", hint)
        if not described:
            demand_fields(fields, shortest)
        at = stamp(fields[1:6], 2)
        value = number(fields[_GAS], _GAS + 1, missing)
        stdev = deviation(fields[stdev_at], stdev_at + 1, no_stdev)
        n = count(fields[n_at], n_at + 1, missing)
        if n == 0 and not math.isnan(value):
            hint = "A mean of no samples is no measurement."
            raise BadFieldError(n_at + 1, "no_samples", fields[n_at], "at least 1 sample", hint)
        return Row(line, at, value, stdev, n, 0, fields[flag_at])

    return read_line
