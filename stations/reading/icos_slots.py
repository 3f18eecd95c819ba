"""Fields of an ICOS line come in; the start and the length of its slot go out."""

from __future__ import annotations

from collections.abc import Callable

from stations.reading.fields import BadFieldError, day_seconds, number, stamp

_TWO_DIGITS = {f"{k:02}": k for k in range(60)}
_DAY = 86400.0  # s
Slot = Callable[[list[str]], tuple[float, float]]


def clock_reader(first: int, days: int | None) -> Slot:
    """Return what reads Year, Month, Day, Hour, Minute.

    Parameters
    ----------
    first : int
        Field number of Year, 0-based; the others follow it.
    days : int or None
        Field number of the integration time in days, where there is one.

    Returns
    -------
    callable
        Fields -> (s since 1970 on the file's clock, length [s] or 0 where no field says it).

    Examples
    --------
    >>> clock_reader(0, None)(["2025", "03", "01", "08", "00"])
    (1740816000, 0.0)
    """
    known: dict[tuple[str, str, str], int] = {}
    two = _TWO_DIGITS

    def timed(fields: list[str]) -> tuple[float, float]:
        year, month, day, hour, minute = fields[first : first + 5]
        midnight = known.get((year, month, day))
        if midnight is None or minute not in two or two.get(hour, 24) > 23:
            at = stamp((year, month, day, hour, minute), first + 1)
            known[year, month, day] = day_seconds(int(year), int(month), int(day))
        else:
            at = midnight + 3600 * two[hour] + 60 * two[minute]
        return at, 0.0 if days is None else _DAY * number(fields[days], days + 1, ("",))

    return timed


def span_reader(start_at: int, end_at: int) -> Slot:
    """Return what reads SamplingStart and SamplingEnd.

    Parameters
    ----------
    start_at, end_at : int
        Field numbers, 0-based.

    Returns
    -------
    callable
        Fields -> (s since 1970 UTC, length [s]).

    Examples
    --------
    >>> span_reader(0, 1)(["2022-01-13T12:59:59Z", "2022-01-13T13:59:59Z"])
    (1642078799.0, 3600.0)
    """

    def timed(fields: list[str]) -> tuple[float, float]:
        start = _instant(fields[start_at], start_at + 1)
        end = _instant(fields[end_at], end_at + 1)
        if end <= start:
            hint = "Start and end may be swapped."
            raise BadFieldError(end_at + 1, "empty_slot", fields[end_at], "a later end", hint)
        return start, end - start

    return timed


def _instant(text: str, column: int) -> float:
    """Return seconds since 1970 of ``2022-01-13T12:59:59Z``."""
    parts = text[:4], text[5:7], text[8:10], text[11:13], text[14:16]
    if text[4:5] + text[7:8] + text[10:11] + text[13:14] + text[16:17] + text[19:] != "--T::Z":
        hint = "Was the column rewritten by a spreadsheet?"
        raise BadFieldError(column, "bad_stamp", text, "an instant like 2022-01-13T12:59:59Z", hint)
    return stamp(parts, column, number(text[17:19], column, ()))
