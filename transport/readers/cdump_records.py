"""The bytes of a HYSPLIT concentration file come in; its start, grid and fields go out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CENTURY_FROM = (
    40  # ASSUME: years of two digits from 40 on are of the 1900s, the others of the 2000s
)


@dataclass(frozen=True)
class Cdump:
    """A whole file.

    Attributes
    ----------
    starts : tuple of (datetime64[ns], float, float, float)
        Time, latitude, longitude [degrees] and height above ground [m] of each start.
    latitude, longitude : ndarray (row,), (col,)
        Points of the grid, which are centres of its cells [degrees].
    heights : tuple of int
        Tops of the levels [m]; 0 is deposition.
    pollutants : tuple of str
    bounds : ndarray (field, 2), datetime64[ns]
        Start and end of sampling as written: backward runs write the later time first.
    level : ndarray (field,), int
        Top of each field's level [m].
    values : ndarray (field, row, col), float32
        Emitted units per m3 or per kg of air.
    """

    starts: tuple[tuple[np.datetime64, float, float, float], ...]
    latitude: np.ndarray
    longitude: np.ndarray
    heights: tuple[int, ...]
    pollutants: tuple[str, ...]
    bounds: np.ndarray
    level: np.ndarray
    values: np.ndarray


def read_cdump(path: Path) -> Cdump:
    """Return the content of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Cdump

    Raises
    ------
    ValueError
        Where records are cut off or have another length than they must.
    """
    records = _records(path)
    try:
        return _parse(records)
    except (struct.error, StopIteration, ValueError, IndexError) as error:
        msg = (
            f"a HYSPLIT concentration file must have whole records; got {error or 'an early end'} "
            f"in {path.name}. Copy the file again, in binary mode."
        )
        raise ValueError(msg) from error


def _records(path: Path) -> Iterator[bytes]:
    """Yield the records of a big-endian Fortran file, their marks checked."""
    content, place = path.read_bytes(), 0
    while place < len(content):
        (length,) = struct.unpack_from(">i", content, place)
        end = place + 4 + length
        if length < 0 or content[end : end + 4] != content[place : place + 4]:
            msg = f"a record that does not end where it says, at byte {place}"
            raise ValueError(msg)
        yield content[place + 4 : end]
        place = end + 4


def _parse(records: Iterator[bytes]) -> Cdump:
    """Return the content of records in their order."""
    *_, number, packed = struct.unpack(">4s7i", next(records))[1:]
    starts = tuple(_start(next(records)) for _ in range(number))
    rows, columns, d_row, d_column, south, west = struct.unpack(">2i4f", next(records))
    head = next(records)
    heights = struct.unpack(f">{struct.unpack_from('>i', head)[0]}i", head[4:])
    head = next(records)
    names = struct.unpack(">" + "4s" * struct.unpack_from(">i", head)[0], head[4:])
    bounds, level, values = [], [], []
    for record in records:
        pair = [_time(*struct.unpack(">6i", part)[:5]) for part in (record, next(records))]
        for _ in range(len(heights) * len(names)):
            top, field = _field(next(records), packed, (rows, columns))
            bounds.append(pair)
            level.append(top)
            values.append(field)
    return Cdump(
        starts=starts,
        latitude=_points(south, d_row, rows),
        longitude=_points(west, d_column, columns),
        heights=heights,
        pollutants=tuple(name.decode("ascii", "replace").strip() for name in names),
        bounds=np.array(bounds, dtype="datetime64[ns]").reshape(-1, 2),
        level=np.array(level, dtype=np.int64),
        values=np.array(values, dtype=np.float32).reshape(-1, rows, columns),
    )


def _points(first: float, step: float, number: int) -> np.ndarray:
    """Return evenly spaced points; single precision is rounded off at 1e-6 degrees."""
    return round(first, 6) + round(step, 6) * np.arange(number)


def _start(record: bytes) -> tuple[np.datetime64, float, float, float]:
    """Return time, latitude, longitude and height of one start."""
    year, month, day, hour, latitude, longitude, height, minute = struct.unpack(">4i3fi", record)
    return _time(year, month, day, hour, minute), round(latitude, 5), round(longitude, 5), height


def _time(year: int, month: int, day: int, hour: int, minute: int) -> np.datetime64:
    """Return a time; years have two digits."""
    century = 1900 if CENTURY_FROM <= year < 100 else 2000 if year < CENTURY_FROM else 0
    text = f"{century + year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}"
    return np.datetime64(text, "ns")


def _field(record: bytes, packed: int, shape: tuple[int, int]) -> tuple[int, np.ndarray]:
    """Return the top of a field's level, and the field (row, col)."""
    _, top = struct.unpack_from(">4si", record)
    if not packed:
        return top, np.frombuffer(record[8:], ">f4").reshape(shape)
    kinds = np.dtype([("column", ">i2"), ("row", ">i2"), ("value", ">f4")])
    (number,) = struct.unpack_from(">i", record, 8)
    entries = np.frombuffer(record[12:], kinds, count=number)
    field = np.zeros(shape, dtype=np.float32)
    field[entries["row"] - 1, entries["column"] - 1] = entries["value"]
    return top, field
