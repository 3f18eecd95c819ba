"""Lines of a NOAA GML text file (2020 and later) come in; rows, issues and header lines go out.

In situ (hourly, daily, monthly means) and flasks (events): ``# key : value`` lines, then one
line of names without mark, then blank-separated fields. Columns go by their names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.fields import count, deviation, number, stamp
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.noaa import MONTH, degrees, header_block, noaa_flags, slot_seconds
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header, row_or_issue

_OPENING = "# header_lines"
_CLOCK = ("year", "month", "day", "hour", "minute")
_NEEDED = ("year", "month", "value")
_MISSING_BELOW = -900.0  # the declared fill is -999.999, what is written -999.99
_NO_DEVIATION = ("-9.99", "-99.99", "-99.999", "-999.99", "-999.999")


FLAGS = noaa_flags


class Settings(ReaderSettings):
    """NOAA GML text of 2020 and later: in-situ means or flask events."""

    format: Literal["noaa_gml"] = Field(default="noaa_gml", description="name of the reader")


@dataclass(frozen=True)
class _Header:
    """What stands before the rows."""

    said: dict[str, str]
    names: tuple[str, ...]
    slot: float

    def claims(self) -> Claims:
        """Return what the file says of itself."""
        said = self.said
        return Claims(
            station=said.get("site_code", ""),
            gas=said.get("dataset_parameter", "").upper(),
            unit=said.get("value:units", ""),
            scale=said.get("dataset_calibration_scale", ""),
            latitude=degrees(said.get("site_latitude"), 90.0),
            longitude=degrees(said.get("site_longitude"), 360.0),
            label="start",
            slot_seconds=self.slot,
            zone="UTC",
            basis="dry",
        )


def sniff(head: Head) -> bool:
    """Return whether the header ends, where it says so, with a line of names without mark.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("# header_lines : 2", "site_code year month value qcflag")))
    True
    """
    lines = head.lines
    if not lines or not lines[0].startswith(_OPENING):
        return False
    size = lines[0].rpartition(":")[2].strip()
    at = int(size) - 1 if size.isdecimal() else 0
    names = lines[at].split() if 0 < at < len(lines) else []
    return names[:1] in (["site_code"], ["site"]) and set(_NEEDED) <= set(names)


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a NOAA GML text into rows, issues and headers.

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
        Where the header is not as long as it says, or lacks a column.
    """
    header = _header(source, *next(source, (1, "")))
    return Reading(header.claims(), _rows(source, header, settings))


def _header(source: Lines, line: int, text: str) -> _Header:
    """Read a header whose first line is already at hand."""
    block = header_block(source, line, text, _OPENING)
    said: dict[str, str] = {}
    for entry in block[:-1]:
        key, mark, value = entry.lstrip("# ").partition(" : ")
        if not mark:
            key, mark, value = entry.lstrip("# ").partition(": ")
        if mark:
            said.setdefault(key.strip(), value.strip())
    names = tuple(block[-1].split())
    lost = [name for name in _NEEDED if names.count(name) != 1]
    if lost or names[0] == "#":
        hint = "The line of names is the last one of the header; fetch the file again."
        expected = f"names without mark, {', '.join(_NEEDED)} once each"
        raise refuse_header(source.count, " ".join(names), expected, hint)
    return _Header(said, names, slot_seconds(said))


def _rows(source: Lines, header: _Header, settings: Settings) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    read_line = _line_reader(header, settings)
    for line, text in source:
        if text[0] == "#":
            if not text.startswith(_OPENING):
                source.comment += 1
                continue
            again = _header(source, line, text)
            if again.claims() != header.claims():
                hint = "Two data sets were joined: split the file."
                raise refuse_header(line, "a header of another data set", "one data set", hint)
            yield header_again(line, text, same=again.names == header.names)
            header, read_line = again, _line_reader(again, settings)
            continue
        yield row_or_issue(read_line, line, text)


def _line_reader(header: _Header, settings: Settings) -> Callable[[int, str], Row]:
    """Return what reads one line of these columns."""
    names, missing = header.names, settings.missing
    at = {name: k for k, name in enumerate(names)}
    fields_wanted, monthly = len(names), header.slot == MONTH
    clock = slice(at["year"], at["year"] + sum(name in at for name in _CLOCK))
    if names[clock] != tuple(name for name in _CLOCK if name in at):
        hint = "Fetch the file again."
        raise refuse_header(0, " ".join(names), "year, month, day, ... side by side", hint)
    value_at = at["value"]
    second_at, sd_at, n_at, flag_at, inlet_at = (
        at.get(name) for name in ("second", "value_std_dev", "nvalue", "qcflag", "intake_height")
    )
    sample_at = [
        at[name]
        for name in ("event_number", "air_sample_container_id", "analysis_datetime")
        if name in at
    ]
    no_deviation = _NO_DEVIATION + missing

    def read_line(line: int, text: str) -> Row:
        fields = text.split()
        demand_fields(fields, fields_wanted)
        parts = fields[clock] if "day" in at else [*fields[clock], "1"]
        second = 0.0 if second_at is None else number(fields[second_at], second_at + 1, ())
        when = stamp(parts, clock.start + 1, second)
        value = number(fields[value_at], value_at + 1, missing)
        flag = "" if flag_at is None else fields[flag_at]
        if value <= _MISSING_BELOW or flag[:1] == "*":
            value = math.nan
        stdev, n, inlet = math.nan, 1, math.nan
        if sd_at is not None:
            stdev = deviation(fields[sd_at], sd_at + 1, no_deviation)
        if n_at is not None:
            n = count(fields[n_at], n_at + 1, ("-9",))
        if inlet_at is not None:
            inlet = number(fields[inlet_at], inlet_at + 1, ())
            inlet = math.nan if inlet <= _MISSING_BELOW else inlet
        if n == 0 and not math.isnan(value):  # the number was not told
            n = 1
        length = _month_seconds(when) if monthly else 0.0
        sample = " ".join([fields[k] for k in sample_at]) if sample_at else ""
        return Row(line, when, value, stdev, n, 0, flag, inlet, length, sample)

    return read_line


def _month_seconds(when: float) -> float:
    """Return the length of the month that begins here."""
    day = date.fromordinal(719163 + int(when // 86400))
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return 86400.0 * (after - day.replace(day=1)).days
