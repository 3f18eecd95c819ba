"""Readings of a clock in file order and its zone come in; UTC goes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from stations.reading.settings import Era

_EPOCH = datetime(1970, 1, 1)
_FIRST, _LAST = -2.2e9, 7.2e9  # s, 1900 and 2198: a clock beyond them is wrong in any zone


def offset_seconds(zone: str) -> int:
    """Return the seconds that a fixed zone is ahead of UTC.

    Parameters
    ----------
    zone : str
        ``UTC`` or an offset such as ``+08:00``.

    Returns
    -------
    int

    Examples
    --------
    >>> offset_seconds("+08:00"), offset_seconds("-05:30"), offset_seconds("UTC")
    (28800, -19800, 0)
    """
    if zone == "UTC":
        return 0
    hours, minutes = zone[1:].split(":")
    return (int(hours) * 3600 + int(minutes) * 60) * (1 if zone[0] == "+" else -1)


def is_fixed(zone: str) -> bool:
    """Return whether a zone is UTC or a fixed offset."""
    return zone == "UTC" or zone[0] in "+-"


def to_utc(stamp: np.ndarray, zone: str | Sequence[Era]) -> np.ndarray:
    """Return UTC of the readings of a clock.

    Parameters
    ----------
    stamp : ndarray (row,), s since 1970 on the clock
        In the order of the file: where a clock is set back, the hour that comes twice is told
        apart by the order.
    zone : str or sequence of Era
        UTC, a fixed offset, an IANA name, or eras with one each.

    Returns
    -------
    ndarray (row,), s since 1970 UTC
        NaN where the zone has no such time of day (the hour a clock skips).

    Examples
    --------
    >>> to_utc(np.array([28800.0]), "+08:00").tolist()
    [0.0]
    """
    stamp = np.asarray(stamp, dtype=np.float64)
    if isinstance(zone, str):
        return stamp - offset_seconds(zone) if is_fixed(zone) else _named(stamp, zone)
    result = np.full(stamp.size, np.nan)
    begin = -np.inf
    for era in zone:
        end = np.inf if era.until is None else (era.until - _EPOCH).total_seconds()
        inside = (stamp >= begin) & (stamp < end)
        result[inside] = to_utc(stamp[inside], era.zone)
        begin = end
    return result


def _named(stamp: np.ndarray, zone: str) -> np.ndarray:
    """Return UTC of a clock that keeps a zone with its changes of the hour."""
    place = ZoneInfo(zone)
    result = np.empty(stamp.size)
    offsets: dict[tuple[int, int], float] = {}
    before, fold = -np.inf, 0
    ahead = np.diff(stamp)
    step = float(np.median(ahead[ahead > 0])) if (ahead > 0).any() else np.inf
    for k, reading in enumerate(stamp):
        quarter = int(min(max(reading, _FIRST), _LAST) // 900)  # zones change on quarters
        for which in (0, 1):
            if (quarter, which) not in offsets:
                offsets[quarter, which] = _offset(quarter * 900, which, place)
        first, second = offsets[quarter, 0], offsets[quarter, 1]
        if first == second:
            fold = 0
        elif reading < before or (reading == before and step >= first - second > 0):
            fold = 1  # the clock was set back between this row and the last
        result[k] = reading - (second if fold else first)
        before = reading
    return result


def _offset(reading: int, fold: int, place: ZoneInfo) -> float:
    """Return the seconds ahead of UTC, NaN where the clock never shows this time."""
    local = (_EPOCH + timedelta(seconds=reading)).replace(tzinfo=place, fold=fold)
    offset = local.utcoffset() or timedelta(0)
    back = local.astimezone(UTC).astimezone(place).replace(tzinfo=None)
    return offset.total_seconds() if back == local.replace(tzinfo=None) else np.nan
