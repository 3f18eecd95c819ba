"""A netCDF file of records along one dimension and its declaration come in; rows of one station go out.

One value of each variable is one record, as in the receptor files of footprint models and in
exports that hold a whole network. Nothing is guessed: dimension, variables, what selects the
station, unit, label and zone stand in the registry. A record is a "line" of the file, numbered from 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from contracts.settings.base import Section
from stations.quarantine import Issue
from stations.reading.fields import BadFieldError
from stations.reading.look import Head
from stations.reading.netcdf import Records, refuse
from stations.reading.netcdf_records import instant, instants, numeric_table
from stations.reading.rows import Claims, Reading, Row
from stations.reading.settings import Era, ReaderSettings

SOURCE = "netcdf"
FLAGS: dict[str, str] = {}


class NetcdfColumns(Section):
    """Names of the variables, as the file spells them."""

    time: tuple[str, ...] = Field(
        min_length=1,
        max_length=6,
        description="one variable in the unit that it names (seconds, minutes, hours or days since "
        "a date; none: seconds since 1970), or year, month, day, hour, ... in this order",
    )
    value: str = Field(description="mole fraction")
    stdev: str | None = Field(default=None, description="standard deviation within the slot")
    n: str | None = Field(default=None, description="number of samples in the slot; absent: 1 each")

    @field_validator("time", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("time")
    @classmethod
    def _whole_date(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(names) == 2:
            message = (
                f"time must be one variable in seconds, or year, month, day, ...; got {names} in "
                "reader.columns. Name all parts of the date."
            )
            raise ValueError(message)
        return names


class Settings(ReaderSettings):
    """A netCDF file with one value of each variable for each record, of one or many stations."""

    format: Literal["netcdf_table"] = Field(
        default="netcdf_table", description="name of the reader"
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
    dimension: str = Field(description="dimension along which the records stand")
    columns: NetcdfColumns = Field(description="which variable is what")
    select: dict[str, float] = Field(
        default_factory=dict,
        description="variables and the values that the records of this station have in them",
    )
    select_tolerance: float = Field(
        default=1e-4, ge=0, description="largest difference from these values"
    )
    missing: tuple[str, ...] = Field(
        default=("nan",), description="numbers that mean missing, beside the file's own fill value"
    )

    @field_validator("missing")
    @classmethod
    def _numbers(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            try:
                float(text)
            except ValueError as error:
                message = (
                    f"missing must be numbers, as text; got {text!r} in reader. Correct the list."
                )
                raise ValueError(message) from error
        return texts


def sniff(head: Head) -> bool:
    """Return False: what the variables of any netCDF file mean must be declared.

    Parameters
    ----------
    head : Head

    Returns
    -------
    bool
    """
    del head
    return False


def read(source: Records, settings: Settings) -> Reading:
    """Sort every record into rows, issues and records of other stations.

    Parameters
    ----------
    source : Records
    settings : Settings

    Returns
    -------
    Reading
        `elsewhere` counts the records that `select` leaves to other stations.

    Raises
    ------
    FileRefusedError
        Where the dimension, a variable or the station is not there.
    """
    table = source.table = numeric_table(source.file, settings.dimension)
    _demand(table, settings)
    size = source.file.dimensions[settings.dimension]
    here = np.ones(size, dtype=bool)
    for name, wanted in settings.select.items():
        here &= np.abs(table[name] - wanted) <= settings.select_tolerance
    if not here.any():
        found = f"no record with {settings.select} among {here.size}"
        hint = "Check `select` and `select_tolerance` in the registry."
        refuse("no_record", found, "at least one record of this station", hint)
    source.count = int(np.count_nonzero(here))
    return Reading(Claims(unit="ppm"), _rows(source, here, settings), elsewhere=int((~here).sum()))


def _rows(source: Records, here: np.ndarray, settings: Settings) -> Iterator[Row | Issue]:
    """Give a row or an issue for each record of the station."""
    times = settings.columns.time
    clock = instants(source.file, times[0]) if len(times) == 1 else None
    for k in np.flatnonzero(here):
        record = {name: float(values[k]) for name, values in source.table.items()}
        parts = [record[name] for name in times] if clock is None else [float(clock[k])]
        try:
            row = _row(record, int(k) + 1, settings, parts)
        except BadFieldError as bad:
            yield bad.issue(int(k) + 1, source.text(int(k) + 1))
        else:
            yield row


def _demand(table: dict[str, np.ndarray], settings: Settings) -> None:
    """Refuse a file without the declared variables."""
    columns = settings.columns
    wanted = [*columns.time, columns.value, columns.stdev, columns.n, *settings.select]
    lost = [name for name in wanted if name is not None and name not in table]
    if lost:
        found = f"variables {', '.join(table)} along {settings.dimension!r}"
        hint = "Check `columns`, `select` and `dimension` in the registry."
        refuse("columns", found, f"also {', '.join(lost)}", hint)


def _row(record: dict[str, float], line: int, settings: Settings, parts: list[float]) -> Row:
    """Read one record, whose time is one instant in seconds or the parts of a date."""
    columns = settings.columns
    stamp = instant(parts)
    value = _present(record[columns.value], settings)
    if math.isinf(value):
        raise BadFieldError(0, "not_a_number", f"{value}", "a finite number", "See the record.")
    stdev = math.nan if columns.stdev is None else _present(record[columns.stdev], settings)
    if stdev < 0 or math.isinf(stdev):
        hint = "If such values mean missing, the file must say so in `_FillValue`."
        raise BadFieldError(
            0, "negative_deviation", f"{stdev:g}", "a standard deviation >= 0", hint
        )
    n = float(not math.isnan(value)) if columns.n is None else record[columns.n]
    if not (n >= 0 and n == int(n)) or (n == 0 and not math.isnan(value)):
        hint = "Check which variable holds the number of samples."
        raise BadFieldError(0, "not_a_count", f"{n:g}", "a whole number of samples", hint)
    return Row(line, stamp, value, stdev, int(n))


def _present(value: float, settings: Settings) -> float:
    """Return NaN where the value is one of the declared missing ones."""
    declared = [float(text) for text in settings.missing]
    return math.nan if value in declared else value
