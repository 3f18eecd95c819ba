"""Header lines of an ICOS text file come in; its keys, its columns, its claims and its data lines go out.

ICOS ATC and ICOS Cities write the same kind of header: ``# KEY: value`` lines, remarks, and the
column names as the last ``#`` line. ``HEADER LINES`` counts all of them, ``TOTAL LINES`` the file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from stations.quarantine import FileRefusedError, Issue
from stations.reading.lines import Lines
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Row
from stations.reading.sorting import refuse_header, row_or_issue

_INTERVALS = {"hourly": 3600.0, "daily": 86400.0, "minutely": 60.0}  # s
_PERIOD = re.compile(r"(\d+)[ -]?(second|minute|hour|day)s?")
_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_ZONE = re.compile(r"times are utc(?:\s*([+-])\s*(\d{1,2}))?")
_FARTHEST = 14  # hours from UTC
_LABEL = re.compile(r"\b(beginning|start|middle|centre|end) of the (?:averaging|integration)")
_LABELS = {"beginning": "start", "start": "start", "middle": "centre", "centre": "centre"}
_HEIGHT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:m\b.*)?", re.ASCII)
_SAME = ("STATION CODE", "PARAMETER", "MEASUREMENT UNIT", "MEASUREMENT SCALE", "SAMPLING HEIGHTS")
_SAME += ("TIME INTERVAL",)


@dataclass(frozen=True)
class IcosHeader:
    """One header.

    Attributes
    ----------
    keys : mapping
        ``# KEY: value`` lines; of a key that comes twice the first.
    remarks : str
        The other lines, in small letters, joined by line ends.
    names : tuple of str
        Columns, as written.
    line : int
        Line number of the column line.
    """

    keys: Mapping[str, str]
    remarks: str
    names: tuple[str, ...]
    line: int

    def count(self, key: str) -> int:
        """Return a count that the header states; refuse a file without it."""
        text = self.keys.get(key, "")
        if not (text.isascii() and text.isdecimal() and len(text) < 12):
            raise refuse_header(
                self.line,
                f"{key}: {text}" if text else f"no line # {key}:",
                f"# {key}: and a whole number",
                "The header was edited or cut; fetch the file again.",
            )
        return int(text)

    @property
    def data_lines(self) -> int:
        """Lines behind the header that the header promises."""
        return self.count("TOTAL LINES") - self.count("HEADER LINES")


def parse_header(lines: list[str], line: int) -> IcosHeader:
    """Return the header that ends with its column line.

    Parameters
    ----------
    lines : list of str
        All start with ``#``; the last names the columns.
    line : int
        Line number of the last.

    Returns
    -------
    IcosHeader

    Examples
    --------
    >>> parse_header(["# PARAMETER: CO2", "#  - Times are UTC", "#Site;co2"], 3).keys
    {'PARAMETER': 'CO2'}
    """
    keys: dict[str, str] = {}
    remarks = []
    for text in lines[:-1]:
        key, colon, value = text[1:].partition(":")
        if colon and key.strip().isupper():
            keys.setdefault(key.strip(), value.strip())
        else:
            remarks.append(text[1:].strip(" -").lower())
    names = tuple(name.strip() for name in lines[-1][1:].split(";"))
    return IcosHeader(keys, "\n".join(remarks), names, line)


def read_header(source: Lines, mark: str) -> IcosHeader:
    """Read the header of a file; its lines count as comment.

    Parameters
    ----------
    source : Lines
        At its start.
    mark : str
        How the column line begins, with its ``#``.

    Returns
    -------
    IcosHeader

    Raises
    ------
    FileRefusedError
        Where the column line is missing.
    """
    lines: list[str] = []
    for line, text in source:
        if not text.startswith("#"):
            hint = "The header was edited or cut; fetch the file again."
            raise refuse_header(line, text, f"a header line, and {mark}... as the last", hint)
        source.comment += 1
        lines.append(text)
        if text.startswith(mark):
            return parse_header(lines, line)
    hint = "The file ends in its header; fetch it again."
    raise refuse_header(source.count, f"{len(lines)} header lines", f"a line {mark}...", hint)


def header_claims(header: IcosHeader) -> Claims:
    """Return what a header says about all rows; what it does not say stays empty.

    Parameters
    ----------
    header : IcosHeader

    Returns
    -------
    Claims
        Zone and label come from the remarks (``Times are UTC``): the key ``TIME ZONE`` is the
        zone of the place, not of the stamps.
    """
    keys = header.keys
    zone = _ZONE.search(header.remarks)
    label = _LABEL.search(header.remarks)
    interval = keys.get("TIME INTERVAL", "").lower()
    period = _PERIOD.fullmatch(interval)
    named = _INTERVALS.get(interval, 0.0)
    height = _HEIGHT.fullmatch(keys.get("SAMPLING HEIGHTS", ""))
    return Claims(
        station=keys.get("STATION CODE", ""),
        gas=keys.get("PARAMETER", ""),
        unit=keys.get("MEASUREMENT UNIT", ""),
        scale=keys.get("MEASUREMENT SCALE", ""),
        latitude=_degrees(keys.get("LATITUDE", ""), "S"),
        longitude=_degrees(keys.get("LONGITUDE", ""), "W"),
        inlet=float(height[1]) if height else math.nan,
        label=_LABELS.get(label[1], "end") if label else "",  # type: ignore[arg-type]
        slot_seconds=int(period[1]) * _SECONDS[period[2]] if period else named,
        zone=_zone(zone) if zone else "",
        basis="dry",
    )


def _zone(match: re.Match[str]) -> str:
    """Return the zone of ``Times are UTC+1``; empty where there is no such zone."""
    hours = int(match[2] or 0)
    if hours > _FARTHEST:
        return ""
    return f"{match[1]}{hours:02}:00" if hours else "UTC"


def _degrees(text: str, opposite: str) -> float:
    """Return degrees; the sign stands in the number, a letter S or W gives it where it does not."""
    number, _, letter = text.partition(" ")
    try:
        value = float(number)
    except ValueError:
        return math.nan
    return -abs(value) if letter.strip() == opposite else value


def data_rows(
    source: Lines,
    header: IcosHeader,
    mark: str,
    reader_of: Callable[[IcosHeader], Callable[[int, str], Row]],
) -> Iterator[Row | Issue]:
    """Read the lines behind a header; a header inside the file is read anew.

    Parameters
    ----------
    source : Lines
        Standing behind `header`.
    header : IcosHeader
    mark : str
        How the column line begins.
    reader_of : callable
        Header -> ``read_line(number, text) -> Row``, which raises `BadFieldError`.

    Yields
    ------
    Row or Issue
        At the end a remark where the file holds fewer or more lines than its header promises.

    Raises
    ------
    FileRefusedError
        Where a later header is of another record.
    """
    promised = header.data_lines
    read_line = reader_of(header)
    above: list[str] = []
    for line, text in source:
        if text[0] == "#":
            source.comment += 1
            above.append(text)
            if text.startswith(mark):
                again = parse_header(above, line)
                above = []
                _demand_same(header, again)
                yield header_again(line, text, same=again.names == header.names)
                promised += again.data_lines if again.keys else 0
                header = replace(again, keys=again.keys or header.keys)
                read_line = reader_of(header)
            continue
        yield row_or_issue(read_line, line, text)
    yield from _counted(source.count - source.comment, promised)


def _demand_same(header: IcosHeader, again: IcosHeader) -> None:
    """Refuse two records in one file: the claims of the first would be put on the second."""
    for key in _SAME if again.keys else ():
        if again.keys.get(key, "") != header.keys.get(key, ""):
            found = f"{key}: {again.keys.get(key, '')}"
            expected = f"{key}: {header.keys.get(key, '')}, as in the first header"
            raise FileRefusedError(
                Issue(again.line, 0, "two_records", found, expected, "Split the joined files.")
            )


def _counted(lines: int, promised: int) -> Iterator[Issue]:
    """Say where a file holds fewer or more data lines than it promises."""
    found, expected = f"{lines} data lines", f"{promised} (TOTAL LINES less HEADER LINES)"
    if lines < promised:
        hint = "The file was cut; what is there was read. Fetch it again for the rest."
        yield Issue(0, 0, "truncated_stream", found, expected, hint, "", False)
    elif lines > promised:
        hint = "Lines were added after the provider wrote it, or the header was not updated."
        yield Issue(0, 0, "line_count", found, expected, hint, "", False)
