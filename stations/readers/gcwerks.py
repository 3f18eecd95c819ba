"""Lines of a GCWerks export of a Picarro come in; rows of one gas go out.

Three header lines (``Created:``, gas of each column, name of each column), then
``yymmdd hhmmss type port`` and ``C stdev N`` for each gas. Leading zeros are
significant, ``nan`` means missing. The stamp's label is declared in the registry.
ASSUME: two-digit years are 2000 to 2099.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.fields import (
    BadFieldError,
    clock_seconds,
    count,
    deviation,
    number,
)
from stations.reading.lines import Lines
from stations.reading.look import Head
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import ReaderSettings, known_flags

_LEADING = ["date", "time", "type", "port"]
_MISSING = ("nan",)
_NEAR = 20  # rows looked at to see whether fields end below their names
_UNITS = {"co2": "ppm", "ch4": "ppb", "co": "ppb", "n2o": "ppb"}
FLAGS = {"air": "ok", "std": "calibration", "tank": "calibration"}


class Settings(ReaderSettings):
    """GCWerks export of a Picarro: 3 header lines, then yymmdd hhmmss type port and gases."""

    format: Literal["gcwerks"] = Field(default="gcwerks", description="name of the reader")
    gas: str | None = Field(default=None, description="gas as named in the second header line")
    port: int | None = Field(
        default=None, description="valve port of the declared inlet; others are kept out"
    )
    types: dict[str, str] = Field(
        default_factory=dict,
        description="sample type of the file -> 'ok' or one of our flags, beside air, std, tank",
    )

    _types = field_validator("types")(known_flags)

    @model_validator(mode="before")
    @classmethod
    def _types_are_flags(cls, values: Any) -> Any:
        """Let the sample types count as what the provider says of a row."""
        if isinstance(values, dict) and isinstance(values.get("types"), dict):
            return {**values, "flags": {**values["types"], **values.get("flags", {})}}
        return values


@dataclass(frozen=True)
class _Columns:
    """Where the declared gas stands: 0-based fields, fields a row must have, width of a row."""

    value: int
    stdev: int
    n: int
    fields: int
    width: int


def sniff(head: Head) -> bool:
    """Return whether the first three lines are a GCWerks header.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(Head(lines=("Created:  1 Mar 19 07:38 GMT", " - - - - co2", "date time type port C")))
    True
    """
    lines = head.lines
    return len(lines) >= 3 and lines[0].startswith("Created:") and lines[2].split()[:4] == _LEADING


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a GCWerks export into rows, issues and headers.

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
        Where the header is not GCWerks' or lacks the gas.
    """
    gas = settings.gas or "co2"
    head = [text for _, text in islice(source, 3)]
    if not sniff(Head(lines=tuple(head))):
        first = printable(head[0], 60) if head else "an empty file"
        hint = "Declare the right format in the registry, or fetch the file again."
        expected = "three header lines: Created:, gases, date time type port ..."
        raise FileRefusedError(Issue(1, 0, "unknown_format", first, expected, hint))
    source.comment += 3
    columns = _columns(head[1], head[2], 3, gas)
    claims = Claims(gas=gas, unit=_UNITS.get(gas.lower(), ""), zone="UTC", basis="dry")
    return Reading(claims, _rows(source, columns, gas, settings))


def _columns(gases_line: str, names_line: str, line: int, gas: str) -> _Columns:
    """Find the gas in the two header lines that end at `line`."""
    gases, names = gases_line.split(), names_line.split()
    at = {(g.lower(), name): k for k, (g, name) in enumerate(zip(gases, names, strict=False))}
    wanted = [(gas.lower(), name) for name in ("C", "stdev", "N")]
    if len(gases) != len(names) or any(pair not in at for pair in wanted):
        found = f"gases {sorted(set(gases) - {'-'})}, {len(gases)} gases for {len(names)} names"
        expected = f"columns C, stdev, N of gas {gas!r}"
        hint = "Declare `gas` in the registry as the file spells it."
        raise FileRefusedError(Issue(line, 0, "columns", found, expected, hint))
    value, stdev, n = (at[pair] for pair in wanted)
    return _Columns(value, stdev, n, len(names), len(names_line.rstrip()))


def _rows(source: Lines, columns: _Columns, gas: str, settings: Settings) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    near = list(islice(source, _NEAR))
    aligned = any(len(text.rstrip()) == columns.width for _, text in near)
    ahead = chain(near, source)
    for line, text in ahead:
        if text.startswith("Created:"):
            rest = list(islice(ahead, 2))
            again = _columns(rest[0][1], rest[1][1], rest[1][0], gas) if len(rest) == 2 else columns
            source.comment += 1 + len(rest)
            yield header_again(line, text, same=again == columns)
            columns = again
            continue
        try:
            row = _row(text, line, columns, columns.width if aligned else 0, settings)
        except BadFieldError as bad:
            yield bad.issue(line, text)
        else:
            yield row


def _row(text: str, line: int, columns: _Columns, width: int, settings: Settings) -> Row:
    """Read one data line."""
    fields = text.split()
    if len(fields) != columns.fields or len(text.rstrip()) < width:
        code = "truncated_line" if len(fields) <= columns.fields else "long_line"
        found = f"{len(fields)} fields, {len(text.rstrip())} characters"
        expected = f"{columns.fields} fields, {width or 'any number of'} characters"
        raise BadFieldError(
            0, code, found, expected, "The writer was interrupted; fetch the file again."
        )
    if settings.port is not None and fields[3] != str(settings.port):
        hint = "Declare the port of this inlet in the registry, or split the file."
        raise BadFieldError(4, "other_inlet", f"port {fields[3]}", f"port {settings.port}", hint)
    missing = _MISSING + settings.missing
    value = number(fields[columns.value], columns.value + 1, missing)
    stdev = deviation(fields[columns.stdev], columns.stdev + 1, missing)
    n = count(fields[columns.n], columns.n + 1, missing)
    if n == 0 and not math.isnan(value):
        hint = "A mean of no samples is no measurement."
        raise BadFieldError(
            columns.n + 1, "no_samples", fields[columns.n], "at least 1 sample", hint
        )
    return Row(line, _stamp(fields[0], fields[1]), value, stdev, n, 0, fields[2])


def _stamp(date: str, time: str) -> float:
    """Return seconds since 1970 of ``yymmdd hhmmss``."""
    if not (len(date) == len(time) == 6 and date.isascii() and (date + time).isdecimal()):
        hint = "Leading zeros are significant; a spreadsheet may have eaten them."
        raise BadFieldError(
            1, "bad_stamp", f"{date} {time}", "yymmdd hhmmss, six digits each", hint
        )
    try:
        day = (2000 + int(date[:2]), int(date[2:4]), int(date[4:]))
        return clock_seconds(day, int(time[:2]), int(time[2:4]), int(time[4:]))
    except ValueError as error:
        hint = f"No such instant ({error})."
        raise BadFieldError(
            1, "impossible_date", f"{date} {time}", "a date of the calendar", hint
        ) from error
