"""A netCDF file and the name of a dimension come in; the numbers that stand along it go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from stations.quarantine import printable
from stations.reading.containers import members
from stations.reading.fields import BadFieldError
from stations.reading.netcdf import NetcdfFile, record_text, refuse

_EPOCH = datetime(1970, 1, 1)
_LATEST = 4102444800  # 2100-01-01, s: a stamp beyond it is in another unit


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
