"""The text of one field comes in; a number goes out, or a reason why there is none."""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache

from stations.quarantine import Issue, printable

# Python's float() would also take "nan", "inf", "1_000" and full-width digits.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

_MANY = 1e12  # samples of one slot; more is no count


class BadFieldError(ValueError):
    """A field that is not what its column promises."""

    def __init__(self, column: int, code: str, found: str, expected: str, hint: str) -> None:
        self.parts = (column, code, printable(found, 60), expected, hint)
        super().__init__(f"field must be {expected}; got {found!r} in column {column}. {hint}")

    def issue(self, line: int, text: str) -> Issue:
        """Return the issue of this field in its line.

        Parameters
        ----------
        line : int
            Line number, 1-based.
        text : str
            The raw line.

        Returns
        -------
        Issue
        """
        return Issue(line, *self.parts, printable(text))


def number(text: str, column: int, missing: tuple[str, ...]) -> float:
    """Read a finite number; a declared missing text gives NaN, anything else is refused.

    Parameters
    ----------
    text : str
    column : int
        Field number, 1-based, for the message.
    missing : tuple of str
        Texts that mean missing, compared as text and, where they are numbers, as numbers.

    Returns
    -------
    float

    Examples
    --------
    >>> number("401.41", 8, ("nan",)), number("nan", 8, ("nan",)), number("-999.9900", 8, ("-999.99",))
    (401.41, nan, nan)
    """
    if _NUMBER.fullmatch(text):
        value = float(text)
        if math.isfinite(value):
            known = _known(missing)
            return math.nan if known and value in known else value
    text = text.strip()
    if text in missing:
        return math.nan
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        listed = ", ".join(repr(m) for m in missing) or "none declared"
        hint = f"If it means missing, declare it in the registry (declared: {listed})."
        raise BadFieldError(column, "not_a_number", text, "a finite number", hint)
    value = float(text)
    return math.nan if value in _known(missing) else value


@lru_cache(maxsize=64)
def _known(missing: tuple[str, ...]) -> frozenset[float]:
    """Return the missing texts that are numbers."""
    return frozenset(float(m) for m in missing if _NUMBER.fullmatch(m))


def count(text: str, column: int, missing: tuple[str, ...]) -> int:
    """Read a whole number >= 0; missing counts as 0.

    Parameters
    ----------
    text : str
    column : int
    missing : tuple of str

    Returns
    -------
    int

    Examples
    --------
    >>> count("259", 10, ("nan",)), count("nan", 10, ("nan",))
    (259, 0)
    """
    value = number(text, column, missing)
    if math.isnan(value):
        return 0
    if not 0 <= value < _MANY or value != int(value):
        hint = "Check which column holds the number of samples."
        raise BadFieldError(column, "not_a_count", text, "a whole number >= 0", hint)
    return int(value)


def deviation(text: str, column: int, missing: tuple[str, ...]) -> float:
    """Read a standard deviation >= 0; missing gives NaN.

    Parameters
    ----------
    text : str
    column : int
    missing : tuple of str

    Returns
    -------
    float

    Examples
    --------
    >>> deviation("0.155", 9, ("nan",))
    0.155
    """
    value = number(text, column, missing)
    if value < 0:
        hint = "If negative values mean missing, declare them."
        raise BadFieldError(column, "negative_deviation", text, "a standard deviation >= 0", hint)
    return value


@lru_cache(maxsize=4096)
def day_seconds(year: int, month: int, day: int) -> int:
    """Return the seconds from 1970-01-01 to the start of a day.

    Parameters
    ----------
    year, month, day : int

    Returns
    -------
    int

    Raises
    ------
    ValueError
        Where the calendar has no such day.

    Examples
    --------
    >>> day_seconds(2025, 3, 1)
    1740787200
    """
    try:
        return (date(year, month, day).toordinal() - 719163) * 86400
    except OverflowError as error:  # a number too large for a calendar
        raise ValueError(str(error)) from error


def clock_seconds(day: tuple[int, int, int], hour: int, minute: int, second: float = 0) -> float:
    """Return the seconds since 1970-01-01 of a clock's reading.

    Parameters
    ----------
    day : tuple of int
        Year, month, day.
    hour, minute : int
        0 to 23, 0 to 59.
    second : float
        0 to 60; 60 is the next minute (a leap second, or a logger that rounds).

    Returns
    -------
    float
        An int where `second` is one.

    Raises
    ------
    ValueError
        Where there is no such instant.

    Examples
    --------
    >>> clock_seconds((2025, 3, 1), 8, 20), clock_seconds((2025, 3, 1), 23, 59, 60)
    (1740817200, 1740873600)
    """
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60):
        message = f"hour, minute, second must be 0-23, 0-59, 0-60; got {hour}:{minute}:{second}."
        raise ValueError(message)
    return day_seconds(*day) + 3600 * hour + 60 * minute + second


def stamp(
    parts: tuple[str, ...] | list[str], column: int, second: float = 0, hint: str = ""
) -> float:
    """Read year, month, day and, where given, hour and minute from texts.

    Parameters
    ----------
    parts : tuple of str
        3, 4 or 5 whole numbers, as many digits as the file likes.
    column : int
        Field number of the first, 1-based, for the message.
    second : float
    hint : str
        What to say where it is no instant; why there is none, where nothing is given.

    Returns
    -------
    float
        Seconds since 1970-01-01 on the file's clock.

    Raises
    ------
    BadFieldError
        Where they are no numbers or no instant of the calendar.

    Examples
    --------
    >>> stamp(("2025", "03", "01", "08", "20"), 3)
    1740817200
    """
    try:
        if not all(part.isdecimal() and part.isascii() for part in parts):
            raise ValueError("not whole numbers")  # noqa: EM101
        year, month, day, *clock = map(int, parts)
        hour, minute = (*clock, 0, 0)[:2]
        return clock_seconds((year, month, day), hour, minute, second)
    except ValueError as error:
        shown = " ".join(parts)
        told = hint or f"No such instant ({error})."
        expected = "year month day hour minute"
        raise BadFieldError(column, "impossible_date", shown, expected, told) from error
