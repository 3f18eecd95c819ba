"""A CSV table of district totals comes in; checked rows go out, or every fault with its line."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

COLUMNS = (
    "region", "sector", "period_start", "period_end", "total_t",
    "standard_deviation_percent", "scope", "gas", "source",
)  # fmt: skip


@dataclass(frozen=True)
class TableRow:
    """One total of one region, sector and period.

    Attributes
    ----------
    line : int
        In the file, from 1.
    region, sector, scope, gas, source : str
    start, end : numpy.datetime64[ns]
        Half-open, UTC.
    total_kg : float
        Over the period [kg].
    deviation_percent : float or None
        Declared 1-sigma; None where undeclared.
    """

    line: int
    region: str
    sector: str
    start: np.datetime64
    end: np.datetime64
    total_kg: float
    deviation_percent: float | None
    scope: str
    gas: str
    source: str


def read_district_table(path: str | Path, utc_offset_hours: float) -> tuple[TableRow, ...]:
    """Return the rows of a district table.

    Parameters
    ----------
    path : path
        UTF-8 CSV with the header `COLUMNS`; lines that begin with # are comments.
    utc_offset_hours : float
        Of local time: a bare date is a local midnight, a time with Z is UTC.

    Returns
    -------
    tuple of TableRow
        In the file's order.

    Raises
    ------
    ValueError
        All faults at once: file, line, column, found, expected.
    """
    path = Path(path)
    faults: list[str] = []
    rows: list[TableRow] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in _records(path):
        found = _row(line, cells, utc_offset_hours, faults)
        key = tuple(cells.get(c) or "" for c in COLUMNS[:4]) + (cells["scope"], cells["gas"])
        if key in seen:
            faults.append(f"line {line}, column region: found {key} again, expected it once "
                          f"(first on line {seen[key]})")  # fmt: skip
        seen.setdefault(key, line)
        if found is not None:
            rows.append(found)
    if not rows and not faults:
        faults.append("line 2: found no rows, expected at least one")
    if faults:
        shown = "; ".join(faults[:20]) + (f"; and {len(faults) - 20} more" * (len(faults) > 20))
        msg = (
            f"a district table must keep its format; got {len(faults)} faults in {path.name}: "
            f"{shown}. Correct these cells."
        )
        raise ValueError(msg)
    return tuple(rows)


def _records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of each row that is neither blank nor a comment."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        header: list[str] | None = None
        for cells in reader:
            if not cells or cells[0].lstrip().startswith("#"):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                if header != list(COLUMNS):
                    msg = (
                        f"the header must be {','.join(COLUMNS)}; got {','.join(header)} in "
                        f"{path.name}, line {reader.line_num}. Name the columns so."
                    )
                    raise ValueError(msg)
                continue
            if len(cells) != len(COLUMNS):
                msg = (
                    f"a row must have {len(COLUMNS)} cells; got {len(cells)} in {path.name}, line "
                    f"{reader.line_num}. Quote cells that hold commas."
                )
                raise ValueError(msg)
            values = (cell.strip() for cell in cells)
            yield reader.line_num, dict(zip(COLUMNS, values, strict=True))


def _row(
    line: int, cells: dict[str, str], utc_offset_hours: float, faults: list[str]
) -> TableRow | None:
    """Return one row, or None and its faults appended."""
    before = len(faults)

    def fault(column: str, expected: str) -> None:
        faults.append(f"line {line}, column {column}: found {cells[column]!r}, expected {expected}")

    for column in ("region", "sector", "scope", "gas", "source"):
        if not cells[column]:
            fault(column, "a name")
    start = _instant(cells["period_start"], utc_offset_hours)
    end = _instant(cells["period_end"], utc_offset_hours)
    for column, value in (("period_start", start), ("period_end", end)):
        if value is None:
            fault(column, "YYYY-MM-DD (local midnight) or YYYY-MM-DDTHH:MM:SSZ")
    if start is not None and end is not None and not start < end:
        fault("period_end", "an end after the start, not included")
    total = _number(cells["total_t"])
    if total is None or total < 0:
        fault("total_t", "a number >= 0, tonnes")
    text = cells["standard_deviation_percent"]
    deviation = _number(text) if text else None
    if text and not (deviation is not None and deviation > 0):
        fault("standard_deviation_percent", "a number > 0, per cent, or nothing (undeclared)")
    if len(faults) > before:
        return None
    names = {column: cells[column] for column in ("region", "sector", "scope", "gas", "source")}
    return TableRow(
        line=line, start=start, end=end, total_kg=total * 1000.0, deviation_percent=deviation,
        **names,
    )  # fmt: skip


def _number(text: str) -> float | None:
    """Return a finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _instant(text: str, utc_offset_hours: float) -> np.datetime64 | None:
    """Return a UTC instant from a local date or an ISO time with zone, or None."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    if parsed.tzinfo is None:
        if len(text) != len("YYYY-MM-DD"):
            return None
        offset = np.timedelta64(round(utc_offset_hours * 3600), "s")
        return (np.datetime64(text) - offset).astype("datetime64[ns]")
    return np.datetime64(parsed.astimezone(UTC).replace(tzinfo=None), "ns")
