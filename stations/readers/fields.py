"""The text of one field comes in; a number goes out, or a reason why there is none."""

from __future__ import annotations

import math
import re

from stations.quarantine import Issue, printable

# Python's float() would also take "nan", "inf", "1_000" and full-width digits.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


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
    text = text.strip()
    if text in missing:
        return math.nan
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        listed = ", ".join(repr(m) for m in missing) or "none declared"
        hint = f"If it means missing, declare it in the registry (declared: {listed})."
        raise BadFieldError(column, "not_a_number", text, "a finite number", hint)
    value = float(text)
    if any(_NUMBER.fullmatch(m) and float(m) == value for m in missing):
        return math.nan
    return value


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
    if value < 0 or value != int(value):
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
