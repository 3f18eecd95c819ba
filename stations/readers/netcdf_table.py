"""A netCDF file of records along one dimension and its declaration come in; rows of one station go out.

One value of each variable is one record, as in the receptor files of footprint models and in
exports that hold a whole network. Nothing is guessed: dimension, variables, what selects the
station, unit, label and zone stand in the registry. A record is a "line" of the file, numbered from 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

import numpy as np

from stations.lines import Lines
from stations.quarantine import FileRefusedError, Issue, printable
from stations.readers.fields import BadFieldError
from stations.readers.rows import Parsed, Row
from stations.readers.settings import NetcdfTableReader

NAME = "netcdf_table"
# The first library raises where the file ends early; the usual one reads zeros there.
_ENGINES = {b"CDF\x01": "scipy", b"CDF\x02": "scipy", b"\x89HDF": "netcdf4"}
_DAMAGE = (OSError, ValueError, RuntimeError, KeyError, OverflowError, IndexError, TypeError)
_EPOCH = datetime(1970, 1, 1)
_LATEST = 4102444800  # 2100-01-01, s: a stamp beyond it is in another unit


@dataclass(frozen=True)
class Records(Lines):
    """The records of a file: text for people, numbers for the reader.

    Attributes
    ----------
    table : dict of str to ndarray (record,), float64
        Variables along the declared dimension; NaN where the file's fill value stands.
    units : dict of str to str
        The attribute of each, empty where there is none.
    resolution : dict of str to float
        Distance of neighbouring numbers of the stored type, relative to their size.
    """

    table: dict[str, np.ndarray] | None = None
    units: dict[str, str] | None = None
    resolution: dict[str, float] | None = None


def sniff(head: Sequence[str]) -> bool:
    r"""Return whether the first line of a file, read as text, is netCDF's.

    Parameters
    ----------
    head : sequence of str

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(("\udc89HDF",)), sniff(("CDF\x01",)), sniff(("date,co2",))
    (True, True, False)
    """
    return bool(head) and head[0].startswith(("\udc89HDF", "CDF\x01", "CDF\x02", "CDF\x05"))


def open_records(path: Path, dimension: str) -> Records:
    """Read every numeric variable that has the declared dimension and no other.

    Parameters
    ----------
    path : Path
    dimension : str

    Returns
    -------
    Records

    Raises
    ------
    FileRefusedError
        Where the bytes are not netCDF, are damaged, or lack the dimension.
    """
    import xarray as xr

    path = Path(path)
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        _refuse("unreadable", str(error), "a file that can be opened", "Check the path.", error)
    engine = _ENGINES.get(head[:4])
    if engine is None:
        hint = "Declare the right format in the registry, or rewrite the file as netCDF-4."
        _refuse("unknown_format", repr(head), "a netCDF-4 or a classic netCDF file", hint)
    try:
        with xr.open_dataset(path, decode_times=False, engine=engine) as ds:
            sizes = {str(name): int(size) for name, size in ds.sizes.items()}
            chosen = [
                str(name)
                for name, variable in ds.variables.items()
                if variable.dims == (dimension,) and variable.dtype.kind in "fiu"
            ]
            table = {name: ds[name].values.astype(np.float64) for name in sorted(chosen)}
            units = {name: str(ds[name].attrs.get("units", "")) for name in table}
            kinds = {name: ds[name].encoding.get("dtype", ds[name].dtype) for name in table}
    except _DAMAGE as error:
        hint = "The file was cut or damaged: fetch it again."
        _refuse("unreadable", str(error), "a whole netCDF file", hint, error)
    if dimension not in sizes or not table:
        found = f"dimensions {printable(str(sizes), 120)}"
        _refuse("columns", found, f"variables along {dimension!r}", "Check `dimension`.")
    resolution = {
        name: float(np.finfo(kind).eps) if np.dtype(kind).kind == "f" else 0.0
        for name, kind in kinds.items()
    }
    text = _text(table, sizes[dimension])
    return Records(text, unfinished=False, table=table, units=units, resolution=resolution)


def _refuse(
    code: str, found: str, expected: str, hint: str, cause: Exception | None = None
) -> NoReturn:
    """Refuse a whole file."""
    raise FileRefusedError(Issue(0, 0, code, printable(found, 160), expected, hint)) from cause


def _text(table: dict[str, np.ndarray], size: int) -> tuple[str, ...]:
    """Return each record as one line for people."""
    columns = [[f"{name}={value:.10g}" for value in values] for name, values in table.items()]
    return tuple("; ".join(column[k] for column in columns) for k in range(size))


def read(lines: Lines, settings: NetcdfTableReader) -> Parsed:
    """Sort every record into rows, issues and records of other stations.

    Parameters
    ----------
    lines : Records
    settings : NetcdfTableReader

    Returns
    -------
    Parsed
        `elsewhere` counts the records that `select` leaves to other stations.
    """
    table = lines.table
    _demand(table, settings)
    here = np.ones(len(lines.text), dtype=bool)
    for name, wanted in settings.select.items():
        here &= np.abs(table[name] - wanted) <= settings.select_tolerance
    if not here.any():
        found = f"no record with {settings.select} among {here.size}"
        hint = "Check `select` and `select_tolerance` in the registry."
        _refuse("no_record", found, "at least one record of this station", hint)
    parsed = Parsed(elsewhere=int(np.count_nonzero(~here)))
    for k in np.flatnonzero(here):
        record = {name: float(values[k]) for name, values in table.items()}
        try:
            parsed.rows.append(_row(record, int(k) + 1, settings))
        except BadFieldError as bad:
            parsed.issues.append(bad.issue(int(k) + 1, lines.text[k]))
    return parsed


def _demand(table: dict[str, np.ndarray], settings: NetcdfTableReader) -> None:
    """Refuse a file without the declared variables."""
    columns = settings.columns
    wanted = [*columns.time, columns.value, columns.stdev, columns.n, *settings.select]
    lost = [name for name in wanted if name is not None and name not in table]
    if lost:
        found = f"variables {', '.join(table)} along {settings.dimension!r}"
        hint = "Check `columns`, `select` and `dimension` in the registry."
        _refuse("columns", found, f"also {', '.join(lost)}", hint)


def _row(record: dict[str, float], line: int, settings: NetcdfTableReader) -> Row:
    """Read one record."""
    columns = settings.columns
    stamp = instant([record[name] for name in columns.time]) - settings.offset_seconds
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
    return Row(line, stamp, value, stdev, int(n), 0)


def _present(value: float, settings: NetcdfTableReader) -> float:
    """Return NaN where the value is one of the declared missing ones."""
    declared = [float(text) for text in settings.missing]
    return math.nan if value in declared else value


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
