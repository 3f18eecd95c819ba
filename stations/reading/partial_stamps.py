"""The parts of a date, of which the fine ones may be missing, come in; the instant where its slot starts goes out."""

from __future__ import annotations

from collections.abc import Container, Sequence

from stations.reading.fields import BadFieldError, day_seconds, stamp

_FIRST = ("1", "1", "1", "0", "0", "0")


def partial_stamp(
    parts: Sequence[str], column: int, needed: int, absent: Container[str], hint: str = ""
) -> float:
    """Read year, month, day, hour, minute and second, of which the last may be missing.

    Parameters
    ----------
    parts : sequence of str
        Six texts.
    column : int
        Field number of the first, 1-based, for the message.
    needed : int
        How many must be there: 2 where a slot is a month, 5 where it may be a minute.
    absent : container of str
        Texts that mean missing.
    hint : str
        What the message says where it is no instant.

    Returns
    -------
    float
        Seconds since 1970 on the file's clock.

    Raises
    ------
    BadFieldError

    Examples
    --------
    >>> partial_stamp(("2025", "03", "-9", "-9", "-9", "-9"), 1, 2, ("-9",))
    1740787200
    """
    kept = list(parts)
    for k in range(needed, 6):
        if kept[k] in absent:
            kept[k] = _FIRST[k]
    second = kept.pop()
    if not (second.isdecimal() and second.isascii()):
        why = "See the line."
        raise BadFieldError(column + 5, "impossible_date", second, "whole seconds", why)
    return stamp(kept, column, int(second), hint)


def month_seconds(year: int, month: int) -> int:
    """Return the length of a month.

    Parameters
    ----------
    year, month : int

    Returns
    -------
    int
        Seconds.

    Examples
    --------
    >>> month_seconds(2024, 2) // 86400, month_seconds(2024, 12) // 86400
    (29, 31)
    """
    return day_seconds(year + month // 12, month % 12 + 1, 1) - day_seconds(year, month, 1)
