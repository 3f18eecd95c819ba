"""Lines of a BEACO2N export of one node come in; rows of one gas go out.

``epoch`` is the time and ``datetime`` (UTC) must agree with it; ``local_timestamp`` is that of
California wherever the node stands, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from pydantic import Field

from stations.quarantine import Issue
from stations.reading.clock_text import Clock
from stations.reading.fields import BadFieldError, number
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.named_columns import EMPTY, find_columns
from stations.reading.quoted import split_quoted
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings
from stations.reading.sorting import demand_fields, refuse_header

FLAGS = {EMPTY: "preliminary", "1a": "preliminary", "2": "ok"}
_NAMES = ("node_id", "epoch", "datetime", "local_timestamp")
_MISSING = ("-999",)


class Settings(ReaderSettings):
    """BEACO2N export: local_timestamp, datetime, node_id, epoch, ..., <gas>_ppm, <gas>_ppm_QC_level."""

    format: Literal["beaco2n"] = Field(default="beaco2n", description="name of the reader")


@dataclass(frozen=True)
class _Columns:
    """Field numbers, 0-based."""

    node: int
    epoch: int
    datetime: int
    value: int
    level: int
    fields: int


def sniff(head: Head) -> bool:
    """Return whether the first line names a node, its epoch and both of its times.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("local_timestamp,datetime,node_id,epoch,julian_day,co2_ppm",)))
    True
    """
    first = next((line for line in head.lines if line.strip()), "")
    names = {name.strip().strip('"') for name in first.split(",")}
    return names.issuperset(_NAMES)


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a BEACO2N export into rows, issues and header.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading
        Rows of the node that the first line of data names.

    Raises
    ------
    FileRefusedError
        Where the header is not BEACO2N's or lacks the gas.
    """
    gas = (settings.gas or "co2").lower()
    line, text = next(source, (1, ""))
    if not sniff(Head(lines=(text,))):
        hint = "Declare the right format in the registry; other tables are read as declared_csv."
        raise refuse_header(line, text, f"a header line with {', '.join(_NAMES)}", hint)
    source.comment += 1
    columns = _columns(text, line, gas)
    first = [pair for pair in (next(source, None),) if pair is not None]
    node = _node(first[0][1], columns) if first else ""
    claims = Claims(station=node, gas=gas.upper(), unit="ppm", zone="UTC")
    return Reading(claims, _rows(chain(first, source), source, columns, gas, node, settings))


def _columns(text: str, line: int, gas: str) -> _Columns:
    """Find the columns in the header line."""
    names = split_quoted(text, ",")
    wanted = ["node_id", "epoch", "datetime", f"{gas}_ppm", f"{gas}_ppm_QC_level"]
    at = find_columns(names, wanted, line)
    node, epoch, datetime, value, level = (at[name] for name in wanted)
    return _Columns(node, epoch, datetime, value, level, len(names))


def _node(text: str, columns: _Columns) -> str:
    """Return the node of a line, empty where it cannot be told."""
    try:
        fields = split_quoted(text, ",")
    except BadFieldError:
        return ""
    return fields[columns.node] if len(fields) == columns.fields else ""


def _rows(
    pairs: Iterator[tuple[int, str]],
    source: Lines,
    columns: _Columns,
    gas: str,
    node: str,
    settings: Settings,
) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    clock, missing = Clock("%Y-%m-%d %H:%M:%S"), _MISSING + settings.missing
    for line, text in pairs:
        if "epoch" in text and sniff(Head(lines=(text,))):
            again = _columns(text, line, gas)
            source.comment += 1
            yield header_again(line, text, same=again == columns)
            columns = again
            continue
        try:
            fields = split_quoted(text, ",")
            demand_fields(fields, columns.fields)
            if node and fields[columns.node] != node:
                hint = "Give each node a file of its own."
                found, expected = f"node {fields[columns.node]}", f"node {node}"
                raise BadFieldError(columns.node + 1, "other_station", found, expected, hint)
            stamp = _stamp(fields, columns, clock)
            value = number(fields[columns.value], columns.value + 1, missing)
        except BadFieldError as bad:
            yield bad.issue(line, text)
        else:
            n = 0 if value != value else 1  # noqa: PLR0124 - true for NaN only
            yield Row(line, stamp, value, n=n, provider=fields[columns.level] or EMPTY)


def _stamp(fields: list[str], columns: _Columns, clock: Clock) -> float:
    """Return the epoch, which the UTC time beside it must confirm."""
    epoch = round(number(fields[columns.epoch], columns.epoch + 1, ()), 3)
    text = fields[columns.datetime]
    try:
        said = clock(text)
    except ValueError as error:
        column, hint = columns.datetime + 1, f"No such instant ({error})."
        expected = "a time like 2025-03-01 00:00:00"
        raise BadFieldError(column, "impossible_date", text, expected, hint) from error
    if abs(said - epoch) > 1:
        hint = "One of the two clocks is wrong: ask the provider."
        found, expected = f"{text}, {epoch - said:+g} s from its epoch", "datetime as epoch, UTC"
        raise BadFieldError(columns.datetime + 1, "bad_stamp", found, expected, hint)
    return epoch
