"""A netCDF file comes in; its instants, the numbers along one dimension, and its records as rows go out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from stations.quarantine import Issue, printable
from stations.reading.containers import members
from stations.reading.fields import BadFieldError
from stations.reading.netcdf import NetcdfFile, Records, record_text, refuse
from stations.reading.rows import Row

_EPOCH = datetime(1970, 1, 1)
_LATEST = 4102444800  # 2100-01-01, s: a stamp beyond it is in another unit
_SINCE = re.compile(
    r"([a-z]+) since (\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[t ]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.0*)?)?)?)?"
    r" *(?:z|utc|gmt|([+-])(\d{1,2}):?(\d\d))?"
)
_SECONDS = {"millisecond": 1e-3, "second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_SHORT = {"ms": 1e-3, "sec": 1.0, "s": 1.0, "min": 60.0, "hr": 3600.0, "h": 3600.0, "d": 86400.0}
_CALENDARS = ("standard", "gregorian", "proleptic_gregorian")


def numeric_table(file: NetcdfFile, dimension: str) -> dict[str, np.ndarray]:
    """Return every numeric variable that has one dimension and no other.

    Parameters
    ----------
    file : NetcdfFile
    dimension : str

    Returns
    -------
    dict of str to ndarray (record,), float64
        Sorted by name; NaN where the file's fill value stands, scale and offset applied.

    Raises
    ------
    FileRefusedError
        Where the dimension, or any variable along it, is not there.
    """
    table = {}
    for name in sorted(file.variables):
        if file.variables[name] != (dimension,) or file.values(name).dtype.kind not in "fiu":
            continue
        scale, offset = (file.attribute(name, key, None) for key in ("scale_factor", "add_offset"))
        values = file.numbers(name)
        values = values if scale is None else values * float(scale)
        table[name] = values if offset is None else values + float(offset)
    if dimension not in file.dimensions or not table:
        found = f"dimensions {printable(str(file.dimensions), 120)}"
        refuse("columns", found, f"variables along {dimension!r}", "Check `dimension`.")
    return table


@dataclass(frozen=True)
class RecordTable:
    """The records of a file.

    Attributes
    ----------
    table : dict of str to ndarray (record,), float64
    units : dict of str to str
        The attribute of each, empty where there is none.
    resolution : dict of str to float
        Distance of neighbouring numbers of the stored type, relative to their size.
    text : tuple of str
        Each record for people.
    """

    table: dict[str, np.ndarray]
    units: dict[str, str]
    resolution: dict[str, float]
    text: tuple[str, ...]


def open_records(path: Path, dimension: str) -> RecordTable:
    """Read every numeric variable that has the declared dimension and no other.

    Parameters
    ----------
    path : Path
    dimension : str

    Returns
    -------
    RecordTable

    Raises
    ------
    FileRefusedError
        Where the bytes are not netCDF, are damaged, or lack the dimension.
    """
    file = NetcdfFile(members(path)[0])
    table = numeric_table(file, dimension)
    units = {name: str(file.attribute(name, "units", "")) for name in table}
    kinds = {name: file.values(name).dtype for name in table}
    resolution = {
        name: float(np.finfo(kind).eps) if kind.kind == "f" else 0.0 for name, kind in kinds.items()
    }
    text = tuple(record_text(table, k) for k in range(file.dimensions[dimension]))
    file.close()
    return RecordTable(table, units, resolution, text)


def instant(parts: Sequence[float]) -> int:
    """Return the instant that one number, or the parts of a date, stand for.

    Parameters
    ----------
    parts : sequence of float
        Seconds since 1970-01-01; or year, month, day and, where given, hour, minute, second.

    Returns
    -------
    int
        Seconds since 1970-01-01, rounded to the second, in the zone of the parts.

    Raises
    ------
    BadFieldError
        Where that is no instant between 1970 and 2100.

    Examples
    --------
    >>> instant([1641024000.0]), instant([2022.0, 1.0, 1.0, 8.0])
    (1641024000, 1641024000)
    """
    shown = " ".join(f"{part:g}" for part in parts)
    hint = "Check the variables under `columns.time`."
    expected = "seconds since 1970 before 2100, or year month day hour"
    try:
        if len(parts) == 1:
            seconds = round(parts[0])
        else:
            whole = [int(part) for part in parts]
            if any(part != w for part, w in zip(parts, whole, strict=True)):
                raise ValueError(shown)
            seconds = (datetime(*whole) - _EPOCH) // timedelta(seconds=1)
        if not 0 <= seconds < _LATEST:
            raise ValueError(shown)
    except (ValueError, OverflowError, TypeError) as error:
        raise BadFieldError(0, "impossible_date", shown, expected, hint) from error
    return int(seconds)


def time_unit(units: str, calendar: str = "standard") -> tuple[float, int]:
    """Return what a CF unit of time means.

    Parameters
    ----------
    units : str
        ``minutes since 2013-01-31 00:05:00``; months and years have no fixed length and are
        refused.
    calendar : str

    Returns
    -------
    (float, int)
        Seconds in one, and the instant it counts from [s since 1970-01-01 UTC].

    Raises
    ------
    FileRefusedError
        Where that is no such unit, or of a calendar that no clock keeps.

    Examples
    --------
    >>> time_unit("hours since 1970-01-02"), time_unit("seconds since 1970-01-01T00:00:00Z")
    ((3600.0, 86400), (1.0, 0))
    """
    plain = re.sub(r"\s+", " ", units.strip().lower())
    match = _SINCE.fullmatch(plain)
    word = match.group(1) if match else ""
    factor = {**_SECONDS, **_SHORT}.get(word) or _SECONDS.get(word.removesuffix("s"))
    hint = "Rewrite the time as seconds since 1970-01-01."
    if calendar.lower() not in _CALENDARS:
        refuse("time_unit", f"calendar {calendar!r}", f"one of {', '.join(_CALENDARS)}", hint)
    try:
        if match is None or factor is None:
            raise ValueError(units)
        date = [int(part or 0) for part in match.groups()[1:7]]
        ahead = 3600 * int(match.group(9) or 0) + 60 * int(match.group(10) or 0)
        ahead = -ahead if match.group(8) == "-" else ahead
        return factor, (datetime(*date) - _EPOCH) // timedelta(seconds=1) - ahead
    except (ValueError, OverflowError) as error:
        refuse("time_unit", units, "seconds, minutes, hours or days since a date", hint, error)


def instants(file: NetcdfFile, name: str) -> np.ndarray:
    """Return a variable of time as seconds since 1970-01-01.

    Parameters
    ----------
    file : NetcdfFile
    name : str
        Its unit says what it counts and since when; without "since", seconds since 1970.

    Returns
    -------
    ndarray (record,), float64
        To the millisecond; NaN where the fill value stands.
    """
    units = str(file.attribute(name, "units", ""))
    values = file.numbers(name)
    if " since " not in units:
        return values
    calendar = str(file.attribute(name, "calendar", "standard")) or "standard"
    factor, origin = time_unit(units, calendar)
    return np.round(values * factor + origin, 3)


def without(numbers: np.ndarray, missing: Sequence[str]) -> np.ndarray:
    """Return NaN where one of the declared missing numbers stands.

    Parameters
    ----------
    numbers : ndarray (record,)
    missing : sequence of str
        As declared in the registry; texts that are no numbers mean nothing here.

    Returns
    -------
    ndarray (record,)

    Examples
    --------
    >>> without(np.array([431.5, -77.0]), ("-77", "gap")).tolist()
    [431.5, nan]
    """
    for text in missing:
        try:
            declared = float(text)
        except ValueError:
            continue
        numbers = np.where(np.isclose(numbers, declared, rtol=2e-7, atol=0.0), np.nan, numbers)
    return numbers


@dataclass(frozen=True)
class Columns:
    """The records of a file whose format says what each variable is.

    Attributes
    ----------
    stamp, value : ndarray (record,), float64
    stdev, inlet, seconds : ndarray (record,), float64, or None
    n : ndarray (record,), float64
        Samples; NaN or 0 where the file does not tell.
    flag : ndarray (record,), int64, or None
    provider, sample : list of str, or None
    """

    stamp: np.ndarray
    value: np.ndarray
    n: np.ndarray
    stdev: np.ndarray | None = None
    inlet: np.ndarray | None = None
    seconds: np.ndarray | None = None
    flag: np.ndarray | None = None
    provider: list[str] | None = None
    sample: list[str] | None = None


def record_rows(source: Records, columns: Columns) -> Iterator[Row | Issue]:
    """Give a row or an issue for each record.

    Parameters
    ----------
    source : Records
        Its `table` shows the records of the issues.
    columns : Columns
        A value of which the file does not tell the number of samples counts as one.

    Yields
    ------
    Row or Issue
    """
    size = columns.stamp.size
    nan, zero, empty = np.full(size, np.nan), np.zeros(size), [""] * size
    stdev = nan if columns.stdev is None else columns.stdev
    n = np.nan_to_num(columns.n, nan=0.0, posinf=-1.0)
    wrong = _wrong(columns.stamp, columns.value, stdev, n)
    unknown = (n == 0) & ~np.isnan(columns.value)
    flag = np.zeros(size, dtype=np.int64) if columns.flag is None else columns.flag
    lists = (
        columns.stamp.tolist(),
        columns.value.tolist(),
        stdev.tolist(),
        np.where(wrong > 0, 0, np.where(unknown, 1.0, n)).astype(np.int64).tolist(),
        flag.tolist(),
        columns.provider or empty,
        (nan if columns.inlet is None else columns.inlet).tolist(),
        (zero if columns.seconds is None else np.nan_to_num(columns.seconds)).tolist(),
        columns.sample or empty,
    )
    for line, fields in enumerate(zip(*lists, strict=True), start=1):
        if wrong[line - 1]:
            code, name, expected, hint = _FAULTS[wrong[line - 1] - 1]
            found = f"{getattr(columns, name)[line - 1]:g}"
            yield Issue(line, 0, code, found, expected, hint, source.text(line))
        else:
            yield Row(line, *fields)


_FAULTS = (
    ("impossible_date", "stamp", "an instant before 2100", "The time of this record is damaged."),
    ("not_a_number", "value", "a finite number", "See the record."),
    (
        "negative_deviation",
        "stdev",
        "a standard deviation >= 0",
        "If such values mean missing, the file must say so in `_FillValue`.",
    ),
    ("not_a_count", "n", "a whole number of samples", "See the record."),
)


def _wrong(stamp: np.ndarray, value: np.ndarray, stdev: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return what is wrong with each record: 0, or the number of the fault, the first in front."""
    wrong = np.zeros(stamp.size, dtype=np.int64)
    wrong[(n < 0) | (n != np.floor(n))] = 4
    wrong[(stdev < 0) | np.isinf(stdev)] = 3
    wrong[np.isinf(value)] = 2
    wrong[~(np.abs(stamp) < _LATEST)] = 1
    return wrong
