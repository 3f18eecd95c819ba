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
        A row before 1980 is a clock's reset where most of the file is later than 1990.
    """
    if len(rows) == 0:
        return rows, []
    latest = time.time() + _DAY if now is None else now
    wrong = (rows.stamp < _FIRST_RECORD) | (rows.stamp > latest)
    if np.median(rows.stamp) > _MODERN:
        wrong |= rows.stamp < _DEAD_CLOCK
    hint = "The logger's clock was wrong: find out when, and correct the stamps."
    shown = rows.stamp[wrong]
    issues = [
        Issue(int(line), 0, "clock", _instant(when), "a time between 1957 and now", hint)
        for line, when in zip(rows.line[wrong], shown, strict=True)
    ]
    return rows.take(~wrong), issues


def _instant(seconds: float) -> str:
    """Return an instant as people write it."""
    return str(np.datetime64(int(np.clip(seconds, -6e10, 2.5e11)), "s"))
