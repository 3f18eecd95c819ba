"""Lines of a Campbell logger's table (TOA5 or TOACI1) and its declaration come in; rows go out.

TOA5 has four header lines: environment, names, units, processing; TOACI1 has two: environment,
names. The unit of the value is the file's own. ASSUME: nothing about the label: a logger stamps
the end of an interval unless its program says otherwise, so the registry must say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.clock_text import Clock
from stations.reading.fields import BadFieldError
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.named_columns import NamedColumns, find_columns, places_of, row_reader
from stations.reading.quoted import quoted_records, record_issues, split_quoted
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import Era, ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header

DESCRIBED = True
FLAGS: dict[str, str] = {}
_MISSING = ("NAN",)
# First field -> lines of the header, name of the column of stamps.
_KINDS = {"TOA5": (4, "TIMESTAMP"), "TOACI1": (2, "TMSTAMP")}
_DAY = 86400
Record = tuple[int, str, list[tuple[int, str]]]


class Settings(ReaderSettings):
    """Campbell TOA5 or TOACI1 table; columns, label, slot and zone are declared."""

    format: Literal["toa5"] = Field(default="toa5", description="name of the reader")
    label: Literal["start", "centre", "end"] = Field(
        description="which instant of the slot the stamp names; a logger's custom is the end"
    )
    slot_seconds: float = Field(gt=0, le=2_678_400, description="length of one averaging slot, s")
    zone: str | tuple[Era, ...] = Field(
        description="UTC, a fixed offset such as '+08:00', an IANA name, or eras with one each"
    )
    columns: NamedColumns = Field(description="which column is what")


@dataclass(frozen=True)
class _Header:
    """What the header lines say: station, names, unit of each column, place of the stamp."""

    station: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    time: int


def sniff(head: Head) -> bool:
    """Return whether the first field is TOA5 or TOACI1.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=('"TOA5","Mast","CR3000","2835"', '"TIMESTAMP","RECORD"')))
    True
    """
    first = next((line for line in head.lines if line.strip()), "")
    return _kind(first) is not None


def _kind(text: str) -> str | None:
    """Return the kind of table that a line begins, None where it begins none."""
    first = text.partition(",")[0].strip().strip('"')
    return first if first in _KINDS else None


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a Campbell table into rows, issues and headers.

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
        Where the header is not Campbell's or lacks a declared column.
    """
    records = quoted_records(source)
    first = next(records, (1, "", []))
    header = _header(first, records, source)
    value = find_columns(list(header.names), [settings.columns.value], first[0])
    unit = header.units[value[settings.columns.value]] if header.units else ""
    claims = Claims(station=header.station, unit=unit)
    return Reading(claims, _rows(records, source, header, settings))


def _header(first: Record, records: Iterator[Record], source: Lines) -> _Header:
    """Read the header that begins with a record; its lines count as comment."""
    line, text, taken = first
    kind = _kind(text)
    if kind is None:
        hint = "Declare the right format in the registry; other tables are read as declared_csv."
        raise refuse_header(line, text, "a first field TOA5 or TOACI1", hint)
    size, stamp = _KINDS[kind]
    rest = list(islice(records, size - 1))
    source.comment += 1 + len(taken) + sum(1 + len(more) for _, _, more in rest)
    try:
        fields = [split_quoted(text, ",") for _, text, _ in (first, *rest)]
    except BadFieldError as bad:
        raise refuse_header(line, text, "closed quotes", "Fetch the file again.") from bad
    if len(fields) < size or (size == 4 and len(fields[1]) != len(fields[2])):
        found = f"{len(fields)} header lines of {[len(cells) for cells in fields]} fields"
        hint = "The header was cut: fetch the file again."
        raise refuse_header(line, found, f"{size} header lines, as many units as names", hint)
    at = find_columns(fields[1], [stamp], line)
    station = fields[0][1] if len(fields[0]) > 1 else ""
    units = tuple(fields[2]) if size == 4 else ()
    return _Header(station, tuple(fields[1]), units, at[stamp])


def _rows(
    records: Iterator[Record], source: Lines, header: _Header, settings: Settings
) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    clock = Clock("%Y-%m-%d %H:%M:%S")
    read_line = _line_reader(header, clock, settings)
    for record in records:
        line, text, taken = record
        if _kind(text) is not None:
            again = _header(record, records, source)
            yield header_again(line, text, same=again == header)
            header, read_line = again, _line_reader(again, clock, settings)
            continue
        try:
            row = read_line(line, text)
        except BadFieldError as bad:
            yield from record_issues(bad.issue(line, text), taken)
        else:
            source.comment += len(taken)
            yield row


def _line_reader(header: _Header, clock: Clock, settings: Settings) -> Callable[[int, str], Row]:
    """Return what reads a record below one header."""
    size, time = len(header.names), header.time
    places = places_of(list(header.names), settings.columns, 2)
    row_of = row_reader(places, _MISSING + settings.missing)

    def read_line(line: int, text: str) -> Row:
        fields = split_quoted(text, ",")
        demand_fields(fields, size)
        return row_of(line, _stamp(fields[time], time + 1, clock), fields)

    return read_line


def _stamp(text: str, column: int, clock: Clock) -> float:
    """Return seconds since 1970; hour 24, which a logger can be set to write, ends its day."""
    try:
        if " 24:00:00" in text:
            return clock.with_fraction(text.replace(" 24:", " 00:")) + _DAY
        return clock.with_fraction(text)
    except ValueError as error:
        expected, hint = "a time like 2025-03-01 00:00:00", f"No such instant ({error})."
        raise BadFieldError(column, "impossible_date", text, expected, hint) from error
