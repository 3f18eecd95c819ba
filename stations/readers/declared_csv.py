"""Lines of a delimited table, or a sheet of a workbook, and its declaration come in; rows go out.

Nothing about the table is guessed: delimiter, decimal mark, header line, columns, time format,
zone, label, unit, missing texts and flags stand in the registry.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from contracts.settings.base import Section
from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.fields import BadFieldError, count, day_seconds, deviation, number
from stations.reading.lines import Lines
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import Era, ReaderSettings
from stations.reading.sorting import demand_fields

FLAGS: dict[str, str] = {}


class CsvColumns(Section):
    """Names of the columns, as the header line spells them."""

    time: tuple[str, ...] = Field(min_length=1, description="columns that make up the time stamp")
    value: str = Field(description="mole fraction")
    stdev: str | None = Field(default=None, description="standard deviation within the slot")
    n: str | None = Field(default=None, description="number of samples in the slot; absent: 1 each")
    flag: str | None = Field(default=None, description="provider's flag")
    inlet: str | None = Field(default=None, description="height of the inlet above ground, m")

    @field_validator("time", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


class Settings(ReaderSettings):
    """Any delimited text file or Excel sheet, described column by column."""

    format: Literal["declared_csv"] = Field(
        default="declared_csv", description="name of the reader"
    )
    label: Literal["start", "centre", "end"] = Field(
        description="which instant of the slot the stamp names"
    )
    slot_seconds: float = Field(gt=0, le=2_678_400, description="length of one averaging slot, s")
    zone: str | tuple[Era, ...] = Field(
        default="UTC",
        description="UTC, a fixed offset such as '+08:00', an IANA name, or eras with one each",
    )
    unit: str = Field(default="ppm", description="unit of the mole fraction and of its deviation")
    missing: tuple[str, ...] = Field(default=("nan",), description="texts that mean missing")
    delimiter: str = Field(
        default=",",
        min_length=1,
        max_length=10,
        description="field delimiter, one character; `blank` for any run of blanks",
    )
    decimal: Literal[".", ","] = Field(default=".", description="decimal mark of all numbers")
    header_row: int = Field(
        default=1, ge=0, description="line of the column names, 1-based; 0: none, give `names`"
    )
    names: tuple[str, ...] = Field(
        default=(), description="column names of a file that has no line of names"
    )
    comment: str = Field(
        default="#", description="lines that start with this are comments; '' for none"
    )
    columns: CsvColumns = Field(description="which column is what")
    time_format: str = Field(
        description="strptime format of the time columns joined by one blank; `epoch` for seconds "
        "since 1970"
    )

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, delimiter: str) -> str:
        if len(delimiter) > 1 and delimiter != "blank":
            message = (
                f"delimiter must be one character or `blank`; got {delimiter!r} in reader. "
                'Write a tab as "\\t".'
            )
            raise ValueError(message)
        return delimiter

    @field_validator("time_format")
    @classmethod
    def _whole_date(cls, pattern: str) -> str:
        date = any(token in pattern for token in ("%j", "%x", "%c")) or (
            any(token in pattern for token in ("%m", "%b", "%B")) and "%d" in pattern
        )
        year = any(token in pattern for token in ("%Y", "%y", "%x", "%c"))
        if pattern != "epoch" and not (date and year):
            message = (
                f"time_format must hold year, month and day; got {pattern!r} in reader. A stamp "
                "without its year fits any year: add the columns that hold it to columns.time."
            )
            raise ValueError(message)
        return pattern

    @model_validator(mode="after")
    def _names_or_row(self) -> Self:
        if (self.header_row == 0) != bool(self.names):
            message = (
                "names must be given where, and only where, header_row is 0; got header_row "
                f"{self.header_row} and {len(self.names)} names in reader. Correct one of them."
            )
            raise ValueError(message)
        return self


@dataclass(frozen=True)
class _Columns:
    """Field numbers, 0-based; None where the column is not declared."""

    time: tuple[int, ...]
    value: int
    stdev: int | None
    n: int | None
    flag: int | None
    inlet: int | None
    fields: int


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a declared table into rows, issues and header.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading
        Lines up to the header line count as comment.

    Raises
    ------
    FileRefusedError
        Where there is no header line, or it lacks a declared column.
    """
    names, line = list(settings.names), 0
    while line < settings.header_row:
        line, text = next(source, (settings.header_row + 1, ""))
        if line > settings.header_row:
            found = f"{source.count} lines"
            expected = f"column names in line {settings.header_row}"
            raise FileRefusedError(Issue(0, 0, "no_header", found, expected, "Check `header_row`."))
        source.comment += 1
        names = _split(text, settings) if line == settings.header_row else names
    columns = _columns(names, line, settings)
    zone = "stamped" if "%z" in settings.time_format else ""
    zone = "UTC" if settings.time_format == "epoch" else zone
    return Reading(Claims(unit="ppm", zone=zone), _rows(source, columns, settings))  # type: ignore[arg-type]


def _split(text: str, settings: Settings) -> list[str]:
    """Cut one line into fields without their outer blanks."""
    if settings.delimiter == "blank":
        return text.split()
    if '"' not in text:
        return [field.strip() for field in text.split(settings.delimiter)]
    try:
        fields = next(csv.reader([text], delimiter=settings.delimiter, strict=True), [])
    except csv.Error as error:
        hint = "A quoted field must end in its own line."
        raise BadFieldError(0, "quoting", str(error), "closed quotes", hint) from error
    return [field.strip() for field in fields]


def _columns(names: list[str], line: int, settings: Settings) -> _Columns:
    """Find the declared columns among the names of the header line."""
    declared = settings.columns
    single = {key: getattr(declared, key) for key in ("value", "stdev", "n", "flag", "inlet")}
    wanted = [*declared.time, *(name for name in single.values() if name is not None)]
    lost = [name for name in wanted if names.count(name) != 1]
    if lost:
        found = f"columns {printable(str(names), 120)}"
        expected = f"each of {lost} exactly once"
        hint = "Check `header_row`, `delimiter`, `encoding` and `columns` in the registry."
        raise FileRefusedError(Issue(line, 0, "columns", found, expected, hint))
    at = {name: k for k, name in enumerate(names)}
    return _Columns(
        time=tuple(at[name] for name in declared.time),
        fields=len(names),
        **{key: None if name is None else at[name] for key, name in single.items()},
    )


def _rows(source: Lines, columns: _Columns, settings: Settings) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    first, value = settings.columns.time[0], settings.columns.value
    instant = partial(_epoch if settings.time_format == "epoch" else _stamp, settings=settings)
    for line, text in source:
        if settings.comment and text.startswith(settings.comment):
            source.comment += 1
            continue
        try:
            fields = _split(text, settings)
            if value in fields and first in fields:
                again = _columns(fields, line, settings)
                source.comment += 1
                yield header_again(line, text, same=again == columns)
                columns = again
                continue
            row = _row(fields, line, columns, settings, instant)
        except BadFieldError as bad:
            yield bad.issue(line, text)
        else:
            yield row


def _row(fields, line, columns, settings, instant) -> Row:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Read the fields of one line."""
    demand_fields(fields, columns.fields)
    stamp = instant(fields, columns)
    missing = settings.missing
    if settings.decimal == ",":
        fields = [field.replace(",", ".") for field in fields]
    value = number(fields[columns.value], columns.value + 1, missing)
    stdev, inlet = math.nan, math.nan
    if columns.stdev is not None:
        stdev = deviation(fields[columns.stdev], columns.stdev + 1, missing)
    if columns.inlet is not None:
        inlet = number(fields[columns.inlet], columns.inlet + 1, missing)
    n = 0 if math.isnan(value) else 1
    if columns.n is not None:
        n = count(fields[columns.n], columns.n + 1, missing)
        if n == 0 and not math.isnan(value):
            hint = "A mean of no samples is no measurement."
            raise BadFieldError(columns.n + 1, "no_samples", fields[columns.n], "at least 1", hint)
    provider = "" if columns.flag is None else fields[columns.flag] or "(empty)"
    return Row(line, stamp, value, stdev, n, 0, provider, inlet)


def _epoch(fields: list[str], columns: _Columns, settings: Settings) -> float:
    """Return seconds since 1970 that stand there as such."""
    return round(number(fields[columns.time[0]], columns.time[0] + 1, ()), 3)


def _stamp(fields: list[str], columns: _Columns, settings: Settings) -> float:
    """Return seconds since 1970 of the declared time columns."""
    text = " ".join(fields[k] for k in columns.time)
    try:
        instant = datetime.strptime(text, settings.time_format)
    except ValueError as error:
        raise BadFieldError(
            columns.time[0] + 1,
            "impossible_date",
            text,
            f"an instant written as {settings.time_format}",
            f"Check `time_format` ({error}).",
        ) from error
    if instant.tzinfo is not None:
        instant = instant.replace(tzinfo=None) - (instant.utcoffset() or timedelta(0))
    seconds = day_seconds(instant.year, instant.month, instant.day)
    seconds += 3600 * instant.hour + 60 * instant.minute + instant.second
    return seconds + round(instant.microsecond / 1e6, 3) if instant.microsecond else seconds
