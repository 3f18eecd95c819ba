"""A table of hours that a person judged comes in; flags for the record go out.

Columns: ``start,end,inlet,action,who,when,why``; UTC, half-open; action is bad or ok;
an empty inlet means every inlet. The table stands in version control and is never
applied to the raw files.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from stations.flags import FLAGS

COLUMNS = ("start", "end", "inlet", "action", "who", "when", "why")
_ACTIONS = {"bad": "manual_bad", "ok": "manual_ok"}


@dataclass(frozen=True)
class Judgement:
    """One line of the table: [start, end) of one inlet gets a flag.

    Attributes
    ----------
    line : int
    start, end : datetime64[ns]
    inlet_m : float
        NaN for every inlet.
    flag : int
    """

    line: int
    start: np.datetime64
    end: np.datetime64
    inlet_m: float
    flag: int


def read_manual_flags(path: Path) -> list[Judgement]:
    """Read the table of one station.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of Judgement
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    if not rows or tuple(rows[0]) != COLUMNS:
        message = (
            f"manual flags must have columns {','.join(COLUMNS)}; got "
            f"{','.join(rows[0]) if rows else 'nothing'} in {path}:1. Correct the header."
        )
        raise ValueError(message)
    return [_judgement(row, k, path) for k, row in enumerate(rows[1:], 2) if any(row)]


def _judgement(row: list[str], line: int, path: Path) -> Judgement:
    """Read one line."""
    cells = dict(zip(COLUMNS, row, strict=False))
    try:
        start, end = _instant(cells["start"]), _instant(cells["end"])
        inlet = float(cells["inlet"]) if cells["inlet"].strip() else float("nan")
        flag = FLAGS[_ACTIONS[cells["action"].strip()]]
        signed = len(row) == len(COLUMNS) and cells["who"].strip() and cells["why"].strip()
    except (KeyError, ValueError) as error:
        message = (
            "manual flag must have ISO times, an inlet in m or nothing, and action bad or ok; "
            f"got {','.join(row)} ({error}) in {path}:{line}. Correct the line."
        )
        raise ValueError(message) from error
    if not start < end or not signed:
        message = (
            "manual flag must have start < end and say who and why; "
            f"got {','.join(row)} in {path}:{line}. Correct the line."
        )
        raise ValueError(message)
    return Judgement(line, start, end, inlet, flag)


def _instant(text: str) -> np.datetime64:
    """Read an ISO instant; without a zone it is UTC."""
    instant = datetime.fromisoformat(text.strip())
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(instant, "ns")


def manual_flags(judgements: list[Judgement], time: np.ndarray, inlet_m: float) -> np.ndarray:
    """Return the flags that people gave to the hours of one inlet.

    Parameters
    ----------
    judgements : list of Judgement
    time : ndarray (time,), datetime64[ns]
        Starts of the hours; an hour that overlaps a judged interval is judged.
    inlet_m : float

    Returns
    -------
    ndarray (time,), int64
    """
    flag = np.zeros(time.size, dtype=np.int64)
    for item in judgements:
        if np.isnan(item.inlet_m) or abs(item.inlet_m - inlet_m) < 0.05:
            flag[(time + np.timedelta64(1, "h") > item.start) & (time < item.end)] |= item.flag
    return flag
