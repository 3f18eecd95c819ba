"""A date and a time of day as a PC writes them, and seconds since 1970 beside them, come in; one instant goes out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NoReturn

from stations.reading.fields import BadFieldError, stamp
from stations.reading.settings import Era
from stations.reading.sorting import refuse_header
from stations.zones import is_fixed, offset_seconds

_QUARTER = 900.0  # zones differ by quarters of an hour
_KEPT = 2000  # minutes remembered


class PcClock:
    """Reads ``yyyy-mm-dd`` and ``hh:mm:ss.sss``; minutes already read are remembered.

    Examples
    --------
    >>> PcClock().read("2025-03-01", "08:20:05.250")
    1740817205.25
    """

    def __init__(self) -> None:
        self._minutes: dict[str, float] = {}

    def read(self, date: str, time: str) -> float:
        """Return seconds since 1970 on the PC's clock, to the millisecond.

        Parameters
        ----------
        date, time : str

        Returns
        -------
        float

        Raises
        ------
        BadFieldError
            Where they are no instant.
        """
        second = time[6:]
        key = date + time[:6]
        if key not in self._minutes:
            if len(self._minutes) > _KEPT:
                self._minutes.clear()
            self._minutes[key] = self._minute(date, time)
        if not (second.replace(".", "", 1).isdecimal() and second.isascii()):
            self._refuse(date, time)
        whole = float(second)
        if whole >= 61:
            self._refuse(date, time)
        return round(self._minutes[key] + whole, 3)

    def _minute(self, date: str, time: str) -> float:
        """Return the start of a minute."""
        parts = [*date.split("-"), *time[:5].split(":")]
        if len(date) != 10 or len(parts) != 5 or time[5:6] != ":":
            self._refuse(date, time)
        return stamp(parts, 1)

    def _refuse(self, date: str, time: str) -> NoReturn:
        """Refuse what is no instant."""
        expected = "yyyy-mm-dd hh:mm:ss.sss"
        raise BadFieldError(1, "bad_stamp", f"{date} {time}", expected, "See the line.")


def clock_shift(apart: list[float], zone: str | Sequence[Era] | None) -> float | None:
    """Return what the PC's clock is ahead of its own seconds since 1970.

    Parameters
    ----------
    apart : list of float
        What it is ahead in the first lines [s].
    zone : str, sequence of Era or None
        As declared; None: the clock must be UTC.

    Returns
    -------
    float or None
        Seconds; None where the zone changes, so any quarter of an hour is right.

    Raises
    ------
    FileRefusedError
        Where the first lines show another difference.

    Examples
    --------
    >>> clock_shift([28800.0, 28799.9], "+08:00"), clock_shift([0.0], None)
    (28800, 0)
    """
    if zone is not None and not (isinstance(zone, str) and is_fixed(zone)):
        return None
    shift = offset_seconds(zone) if isinstance(zone, str) else 0
    usual = median(apart) if apart else shift
    if abs(usual - shift) > 1:
        found = f"DATE and TIME {usual:.0f} s ahead of EPOCH_TIME"
        expected = f"clocks {shift} s apart (zone {zone or 'UTC'})"
        hint = "The PC's clock is not UTC: declare `zone` in the registry, as the PC kept it."
        raise refuse_header(2, found, expected, hint)
    return shift


def demand_same_clock(when: float, text: str, column: int, shift: float | None) -> None:
    """Refuse a line whose two clocks disagree: one of them is damaged.

    Parameters
    ----------
    when : float
        Of the PC's clock [s since 1970].
    text : str
        Seconds since 1970 as the line has them.
    column : int
        Its field number, 1-based.
    shift : float or None
        As `clock_shift` gives it.

    Raises
    ------
    BadFieldError
        Where they are more than a second apart.
    """
    try:
        apart = when - float(text)
    except ValueError:
        apart = math.nan
    half = _QUARTER / 2
    off = (apart + half) % _QUARTER - half if shift is None else apart - shift
    if not -1 <= off <= 1:
        hint = "One of them is damaged, or the clock was set; see the line."
        expected = "DATE and TIME within 1 s"
        raise BadFieldError(column, "clock_differs", f"{text}, {off:.0f} s off", expected, hint)
