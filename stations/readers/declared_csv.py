"""Lines of a delimited table, or a sheet of a workbook, and its declaration come in; rows go out.

Nothing about the table is guessed: delimiter, decimal mark, header line, columns, time format,
zone, label, unit, missing texts and flags stand in the registry. A quoted field may hold line
ends: such a record is one row, and its other lines count as comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from stations.quarantine import FileRefusedError, Issue
from stations.reading.clock_text import Clock
from stations.reading.fields import BadFieldError
from stations.reading.lines import Lines
from stations.reading.named_columns import (
    NamedColumns,
    Places,
    find_columns,
    places_of,
    row_reader,
)
from stations.reading.quoted import quoted_records, record_issues, split_quoted
from stations.reading.remarks import header_again
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import Era, ReaderSettings
from stations.reading.sorting import demand_fields
from stations.reading.time_columns import clock_columns, day_of_year_columns, epoch_column

FLAGS: dict[str, str] = {}
_NO_PATTERN = ("epoch", "doy")


class CsvColumns(NamedColumns):
    """Names of the columns, as the header line spells them."""

    time: tuple[str, ...] = Field(min_length=1, description="columns that make up the time stamp")

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
        "since 1970; `doy` for the day of the year and its fraction (1.5: noon of 1 January) of "
        "`year`, or in two columns, year and day"
    )
    year: int | None = Field(
        default=None, ge=1950, le=2200, description="year of a file whose stamps are days of it"
    )
    date_order_known: bool = Field(
        default=False,
        description="the order of day and month is right, whatever the dates look like",
    )
    select: dict[str, str] = Field(
        default_factory=dict,
        description="columns and the texts that the lines of this station have in them",
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
        if pattern not in _NO_PATTERN and not (date and year):
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

    @model_validator(mode="after")
    def _year_of_days(self) -> Self:
        wanted = 1 if self.year is not None else 2
        if (self.time_format == "doy" or self.year is not None) and (
            self.time_format != "doy" or len(self.columns.time) != wanted
        ):
            message = (
                "a day of the year must come with its year; got year "
                f"{self.year}, time_format {self.time_format!r} and {len(self.columns.time)} "
                "time column(s) in reader. With `doy` declare `year`, or the two columns."
            )
            raise ValueError(message)
        return self


@dataclass(frozen=True)
class _Table:
    """How the lines below one header are cut and read."""

    fields: int
    time: tuple[int, ...]
    places: Places
    select: tuple[tuple[int, str], ...]


def read(source: Lines, settings: Settings) -> Reading:
    """Sort every line of a declared table into rows, issues, header and lines of other stations.

    Parameters
    ----------
    source : Lines
    settings : Settings

    Returns
    -------
    Reading
        Lines up to the header line count as comment; `elsewhere` counts those that `select`
        leaves to other stations.

    Raises
    ------
    FileRefusedError
        Where there is no header line, or it lacks a declared column; once read, where no line is
        of this station or day and month look swapped.
    """
    names, line = list(settings.names), 0
    records = _records(source, settings)
    while line < settings.header_row:
        line, text, taken = next(records, (settings.header_row + 1, "", []))
        if line > settings.header_row:
            found = f"{source.count} lines"
            expected = f"column names in line {settings.header_row}"
            raise FileRefusedError(Issue(0, 0, "no_header", found, expected, "Check `header_row`."))
        source.comment += 1 + len(taken)
        if line == settings.header_row:
            names = _names(_split(text, settings))
    table = _table(names, line, settings)
    zone = "stamped" if "%z" in settings.time_format else ""
    zone = "UTC" if settings.time_format == "epoch" else zone
    reading = Reading(Claims(unit="ppm", zone=zone), ())  # type: ignore[arg-type]
    reading.items = _rows(source, records, table, settings, reading)
    return reading


def _records(source: Lines, settings: Settings) -> Iterator[tuple[int, str, list[tuple[int, str]]]]:
    """Give the records of a table; quotes mean nothing between blanks."""
    if settings.delimiter == "blank":
        return ((line, text, []) for line, text in source)
    return quoted_records(source, settings.comment)


def _split(text: str, settings: Settings) -> list[str]:
    """Cut one record into fields without their outer blanks."""
    return text.split() if settings.delimiter == "blank" else split_quoted(text, settings.delimiter)


def _names(fields: list[str]) -> list[str]:
    """Return column names, each on one line."""
    return [" ".join(name.split()) if "\n" in name else name for name in fields]


def _table(names: list[str], line: int, settings: Settings) -> _Table:
    """Find the declared columns among the names of the header line."""
    declared = settings.columns
    at = find_columns(names, [*declared.time, *settings.select], line)
    return _Table(
        fields=len(names),
        time=tuple(at[name] for name in declared.time),
        places=places_of(names, declared, line),
        select=tuple((at[name], text) for name, text in settings.select.items()),
    )


def _rows(  # type: ignore[no-untyped-def]
    source: Lines,
    records,  # noqa: ANN001
    table: _Table,
    settings: Settings,
    reading: Reading,
) -> Iterator[Row | Issue]:
    """Give the rows; a header inside the file is read anew."""
    first, value = settings.columns.time[0], settings.columns.value
    clock = None if settings.time_format in _NO_PATTERN else Clock(settings.time_format)
    instant, row_of = _instant(clock, table.time, settings), _row_of(table, settings)
    mine = False
    for line, text, taken in records:
        if settings.comment and text.startswith(settings.comment):
            source.comment += 1
            continue
        try:
            fields = _split(text, settings)
            if value in fields and first in fields:
                again = _table(_names(fields), line, settings)
                source.comment += 1 + len(taken)
                yield header_again(line, text, same=again == table)
                table = again
                instant, row_of = _instant(clock, table.time, settings), _row_of(table, settings)
                continue
            demand_fields(fields, table.fields)
            if any(fields[k] != wanted for k, wanted in table.select):
                reading.elsewhere += 1 + len(taken)
                continue
            mine = True
            row = row_of(line, instant(fields), fields)
        except BadFieldError as bad:
            yield from record_issues(bad.issue(line, text), taken)
        else:
            source.comment += len(taken)
            yield row
    source.count -= reading.elsewhere  # they are no lines of this station
    if reading.elsewhere and not mine:
        hint = "Check `select` in the registry."
        found = f"no line with {settings.select} among {reading.elsewhere}"
        expected = "at least one line of this station"
        raise FileRefusedError(Issue(0, 0, "no_record", found, expected, hint))
    if clock is not None and not settings.date_order_known:
        clock.demand_order(settings.slot_seconds)


def _row_of(table: _Table, settings: Settings) -> Callable[[int, float, list[str]], Row]:
    """Return what makes a row of the fields below one header."""
    return row_reader(table.places, settings.missing, settings.decimal)


def _instant(
    clock: Clock | None, places: tuple[int, ...], settings: Settings
) -> Callable[[list[str]], float]:
    """Return what reads the time columns below one header."""
    if clock is not None:
        return clock_columns(clock, places)
    if settings.time_format == "epoch":
        return epoch_column(places, settings.decimal)
    return day_of_year_columns(places, settings.year, settings.decimal)
