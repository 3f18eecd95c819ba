"""Starts of slots come in; those that a dead clock wrote go out."""

from __future__ import annotations

import time

import numpy as np

from stations.quarantine import Issue
from stations.reading.rows import Rows

_FIRST_RECORD = -410_227_200.0  # 1957-01-01: no continuous record of CO2 is older
_DEAD_CLOCK = 315_532_800.0  # 1980-01-01: where a clock starts anew after it lost its battery
_MODERN = 631_152_000.0  # 1990-01-01
_DAY = 86400.0
_YEAR = 367 * _DAY  # from one New Year to behind the next, of a leap year too
_MONTH = 31 * _DAY
_FEW = 0.5  # of a file that a clock may write before somebody sets it
# Other days on which clocks start anew: of GPS, of loggers, of small computers.
_ANEW = tuple(
    float(np.datetime64(day, "s").astype(np.int64))
    for day in ("1980-01-01", "1990-01-01", "2000-01-01", "2010-01-01")
)


def split_by_clock(rows: Rows, now: float | None = None) -> tuple[Rows, list[Issue]]:
    """Keep out rows from before there were records, from the future, or of a clock that started anew.

    Parameters
    ----------
    rows : Rows
        `stamp` in s since 1970 UTC.
    now : float, optional
        The latest believable instant; a day from now where not given.

    Returns
    -------
    Rows, list of Issue
        A row before 1980 is a clock's reset where most of the file is later than 1990 and more
        than a year lies between; long records reach back without such a gap. So is one
        of the month behind a day on which clocks start anew, where the file has nothing in the
        year behind that month and most of it later; and a file that lies in January 1970 whole.
    """
    if len(rows) == 0:
        return rows, []
    latest = time.time() + _DAY if now is None else now
    wrong = (rows.stamp < _FIRST_RECORD) | (rows.stamp > latest)
    old = rows.stamp < _DEAD_CLOCK
    if old.any() and np.median(rows.stamp) > _MODERN:
        gap = rows.stamp[~old].min() - rows.stamp[old].max()
        wrong |= old & (gap > _YEAR)
    wrong |= _started_anew(rows.stamp)
    hint = "The logger's clock was wrong: find out when, and correct the stamps."
    shown = rows.stamp[wrong]
    issues = [
        Issue(int(line), 0, "clock", _instant(when), "a time between 1957 and now", hint)
        for line, when in zip(rows.line[wrong], shown, strict=True)
    ]
    return rows.take(~wrong), issues


def _started_anew(stamp: np.ndarray) -> np.ndarray:
    """Return the rows that a clock wrote after it lost the date, cut off from all others."""
    middle = np.median(stamp)
    if ((stamp >= 0) & (stamp < _MONTH)).all():
        return np.ones(stamp.size, dtype=bool)
    found = np.zeros(stamp.size, dtype=bool)
    for day in _ANEW:
        near = (stamp >= day) & (stamp < day + _MONTH)
        after = (stamp >= day + _MONTH) & (stamp < day + _YEAR)
        before = (stamp >= day - _MONTH) & (stamp < day)
        few = near.sum() <= _FEW * stamp.size
        if few and middle > day + _YEAR and not after.any() and not before.any():
            found |= near
    return found


def _instant(seconds: float) -> str:
    """Return an instant as people write it."""
    return str(np.datetime64(int(np.clip(seconds, -6e10, 2.5e11)), "s"))
