"""The fields of a line's time columns come in; seconds since 1970 on the file's clock go out."""

from __future__ import annotations

from collections.abc import Callable

from stations.reading.clock_text import Clock
from stations.reading.fields import BadFieldError, day_seconds, number

Instant = Callable[[list[str]], float]


def clock_columns(clock: Clock, places: tuple[int, ...]) -> Instant:
    """Return what reads stamps written in a format, in one column or several.

    Parameters
    ----------
    clock : Clock
    places : tuple of int
        Field numbers, 0-based; their texts are joined by one blank.

    Returns
    -------
    callable
        ``fields -> seconds``; raises `BadFieldError`.

    Examples
    --------
    >>> clock_columns(Clock("%Y-%m-%d %H:%M"), (0, 1))(["2025-03-01", "08:20", "431.41"])
    1740817200
    """
    first, one = places[0], len(places) == 1

    def instant(fields: list[str]) -> float:
        text = fields[first] if one else " ".join([fields[k] for k in places])
        try:
            return clock(text)
        except ValueError as error:
            expected = f"an instant written as {clock.pattern}"
            hint = f"Check `time_format` ({error})."
            raise BadFieldError(first + 1, "impossible_date", text, expected, hint) from error

    return instant


def epoch_column(places: tuple[int, ...], decimal: str = ".") -> Instant:
    """Return what reads seconds since 1970 that stand there as such.

    Parameters
    ----------
    places : tuple of int
    decimal : str
        Decimal mark.

    Returns
    -------
    callable
        ``fields -> seconds``, to the millisecond.

    Examples
    --------
    >>> epoch_column((1,))(["x", "1740817200.5"])
    1740817200.5
    """
    place = places[0]

    def instant(fields: list[str]) -> float:
        return round(number(_pointed(fields[place], decimal), place + 1, ()), 3)

    return instant


def day_of_year_columns(places: tuple[int, ...], year: int | None, decimal: str = ".") -> Instant:
    """Return what reads days of the year with their fraction; 1.0 is the start of 1 January.

    Parameters
    ----------
    places : tuple of int
        Of the day; or of year and day where `year` is not given.
    year : int or None
    decimal : str
        Decimal mark.

    Returns
    -------
    callable
        ``fields -> seconds``, to the millisecond.

    Examples
    --------
    >>> day_of_year_columns((0,), 2025)(["60.5"]) - 1740787200
    43200.0
    """
    place = places[-1]
    years = places[:-1]

    def instant(fields: list[str]) -> float:
        which = number(fields[years[0]], years[0] + 1, ()) if years else float(year or 0)
        day = number(_pointed(fields[place], decimal), place + 1, ())
        if which == int(which) and 1950 <= which <= 2200:
            begin, end = day_seconds(int(which), 1, 1), day_seconds(int(which) + 1, 1, 1)
            if 1 <= day < 1 + (end - begin) / 86400:
                return round(begin + (day - 1) * 86400, 3)
        found, hint = f"day {day:g} of {which:g}", "Is it the day of the year, from 1 on?"
        raise BadFieldError(place + 1, "impossible_date", found, "a day of the year", hint)

    return instant


def _pointed(text: str, decimal: str) -> str:
    """Return a number with a decimal point."""
    return text.replace(",", ".") if decimal == "," else text
