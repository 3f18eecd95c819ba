"""A strptime format comes in; a fast reader of stamps written that way, which notices a swapped day and month, goes out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

from stations.quarantine import FileRefusedError, Issue
from stations.reading.fields import day_seconds

_TOKEN = re.compile(r"%(.)")
_OF_DAY = frozenset("HMSfzIp")  # what belongs to the time of day; all else to the date
_WIDTH = {"Y": 4, "m": 2, "d": 2, "y": 2, "j": 3}
_CLOCK = r"([01]\d|2[0-3]):([0-5]\d)"
_PLAIN = {
    "%H:%M": re.compile(_CLOCK, re.ASCII),
    "%H:%M:%S": re.compile(_CLOCK + r":([0-5]\d)", re.ASCII),
    "%H:%M:%S.%f": re.compile(_CLOCK + r":([0-5]\d)\.(\d{1,6})", re.ASCII),
}
_CACHED = 1 << 16  # different texts remembered
_DAY = 86400
_FEW = 0.1
_CUTS = Callable[[str], tuple[str, str]]


class Clock:
    """Reads stamps of one format.

    Dates and times of day repeat from line to line: each different text is read once by
    `datetime.strptime` and remembered, so its rules hold and its slowness does not.

    Attributes
    ----------
    pattern : str
        Format as `datetime.strptime` knows it; the stamps' own zone (``%z``) is taken off.

    Examples
    --------
    >>> Clock("%d/%m/%Y %H:%M")("01/03/2025 8:20")
    1740817200
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        date, self._time, self._cut = _halves(pattern)
        self._order = _Order(date) if _ambiguous(date) else None
        self._date = date
        self._days: dict[str, int] = {}
        self._times: dict[str, float] = {}
        self._read = 0

    def __call__(self, text: str) -> float:
        """Return seconds since 1970 on the clock; raise ValueError where it is no instant."""
        self._read += 1
        date, of_day = self._cut(text)
        try:
            return self._days[date] + self._times[of_day]
        except KeyError:
            return self._first(text, date, of_day)

    def with_fraction(self, text: str) -> float:
        """Return the same of a text that may end in a fraction of a second, to the millisecond."""
        whole, point, fraction = text.partition(".")
        seconds = self(whole)
        if not point:
            return seconds
        if not (fraction.isdecimal() and fraction.isascii()):
            message = f"a fraction of digits; got {fraction!r}"
            raise ValueError(message)
        return round(seconds + int(fraction) / 10 ** len(fraction), 3)

    def _first(self, text: str, date: str, of_day: str) -> float:
        """Read and remember what was not seen before."""
        if not text.isascii() and any(c.isdecimal() and not c.isascii() for c in text):
            message = "digits other than 0 to 9"
            raise ValueError(message)
        if not of_day and self._time:  # no place to cut: the whole text at once
            return _seconds_of(datetime.strptime(text, self.pattern))
        for known in (self._days, self._times):
            if len(known) > _CACHED:
                known.clear()
        if date not in self._days:
            try:
                day = datetime.strptime(date, self._date)
            except ValueError:
                if self._order is not None:
                    self._order.failed(date)
                raise
            self._days[date] = day_seconds(day.year, day.month, day.day)
            if self._order is not None:
                self._order.read(date, self._days[date])
        if of_day not in self._times:
            self._times[of_day] = _of_day(of_day, self._time)
        return self._days[date] + self._times[of_day]

    def demand_order(self, slot_seconds: float) -> None:
        """Refuse the file, once read, where day and month look swapped.

        Parameters
        ----------
        slot_seconds : float
            Length of a slot [s]: days that far apart are no gap.

        Raises
        ------
        FileRefusedError
            Where several dates exist only in the other order, or where all exist in both and
            only the other one gives a record without gaps.
        """
        why = self._order.why(self._read, slot_seconds) if self._order else ""
        if why:
            hint = "Swap %d and %m in the registry; if they are right, set date_order_known."
            expected = f"dates written as {self._date}"
            raise FileRefusedError(Issue(0, 0, "date_order", why, expected, hint))


class _Order:
    """What the dates of a file would be with day and month swapped."""

    def __init__(self, date: str) -> None:
        self._other = date.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
        self._days: set[int] = set()
        self._swapped: set[int] = set()
        self._one_way = False
        self._failed = 0
        self._example = ""

    def _swap(self, date: str) -> int | None:
        """Return the day in the other order, None where there is none."""
        try:
            day = datetime.strptime(date, self._other)
        except ValueError:
            return None
        return day_seconds(day.year, day.month, day.day)

    def read(self, date: str, day: int) -> None:
        """Note a date that exists as declared."""
        swapped = self._swap(date)
        self._one_way |= swapped is None
        if not self._one_way and swapped is not None:
            self._days.add(day)
            self._swapped.add(swapped)

    def failed(self, date: str) -> None:
        """Note a line whose date does not exist as declared."""
        if self._swap(date) is not None:
            self._failed += 1
            self._example = self._example or date

    def why(self, lines: int, slot_seconds: float) -> str:
        """Return what speaks for the other order, empty where nothing does."""
        if self._failed >= 2 and self._failed > _FEW * lines:
            return f"{self._failed} of {lines} dates like {self._example} read as {self._other}"
        gap = max(_DAY, slot_seconds * 1.01)
        if self._one_way or len(self._days) < 2 or _gapless(self._days, gap):
            return ""
        if _gapless(self._swapped, gap):
            return f"{len(self._days)} days with gaps, without any if read as {self._other}"
        return ""


def _gapless(days: set[int], gap: float) -> bool:
    """Return whether no two neighbouring days lie further apart than `gap`."""
    ordered = sorted(days)
    return all(b - a <= gap for a, b in pairwise(ordered))


def _halves(pattern: str) -> tuple[str, str, _CUTS]:
    """Cut a format into date and time of day, and say how to cut its texts."""
    tokens = list(_TOKEN.finditer(pattern))
    of_day = [t for t in tokens if t[1] in _OF_DAY]
    of_date = [t for t in tokens if t[1] not in _OF_DAY]

    def whole(text: str) -> tuple[str, str]:
        return text, ""

    if not of_day:
        return pattern, "", whole
    if not of_date or of_day[0].start() < of_date[-1].start():
        return pattern, pattern, whole
    end, start = of_date[-1].end(), of_day[0].start()
    date, between, clock = pattern[:end], pattern[end:start], pattern[start:]
    if not between and all(t[1] in _WIDTH for t in of_date):
        width = len(_TOKEN.sub("", date)) + sum(_WIDTH[t[1]] for t in of_date)
        return date, clock, lambda text: (text[:width], text[width:])
    if between and between not in date:
        return date, clock, lambda text: text.partition(between)[::2]  # type: ignore[return-value]
    if between and between not in clock:
        return date, clock, lambda text: text.rpartition(between)[::2]  # type: ignore[return-value]
    return pattern, pattern, whole


def _ambiguous(date: str) -> bool:
    """Return whether a date has day and month as numbers before its year, in either order."""
    at = {token[1]: token.start() for token in _TOKEN.finditer(date)}
    year = at.get("Y", at.get("y", -1))
    return "d" in at and "m" in at and year > min(at["d"], at["m"])


def _of_day(text: str, pattern: str) -> float:
    """Return seconds since midnight; second 60 is the next minute."""
    if not pattern:
        return 0
    text = text.strip()
    plain = _PLAIN[pattern].fullmatch(text) if pattern in _PLAIN else None
    if plain:
        hour, minute, *second = plain.groups()
        whole = 3600 * int(hour) + 60 * int(minute) + (int(second[0]) if second else 0)
        return whole + round(int(second[1]) / 10 ** len(second[1]), 3) if second[1:] else whole
    try:
        instant = datetime.strptime(text, pattern)
    except ValueError:
        leap = time.strptime(text, pattern) if pattern.endswith("%S") else None
        if leap is None or leap.tm_sec != 60:
            raise
        return 3600 * leap.tm_hour + 60 * leap.tm_min + 60
    return _seconds_of(instant) - day_seconds(1900, 1, 1)


def _seconds_of(instant: datetime) -> float:
    """Return seconds since 1970, to the millisecond, without the stamp's own zone."""
    if instant.tzinfo is not None:
        instant = instant.replace(tzinfo=None) - (instant.utcoffset() or timedelta(0))
    seconds = day_seconds(instant.year, instant.month, instant.day)
    seconds += 3600 * instant.hour + 60 * instant.minute + instant.second
    return seconds + round(instant.microsecond / 1e6, 3) if instant.microsecond else seconds
