"""Positions of an inlet valve come in, row by row; what each means, and how long it still means the air of before, goes out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stations.flags import FLAGS
from stations.quarantine import FileRefusedError, Issue
from stations.reading.fields import number

_FLUSH = FLAGS["flush"]


class Seen(NamedTuple):
    """What the valve says of a row.

    Attributes
    ----------
    text : str
        The position, ``moving`` between two.
    flag : int
        Bits of `stations.flags`.
    inlet : float
        Height above ground [m]; NaN where nobody said it.
    """

    text: str
    flag: int
    inlet: float


class Valve:
    """Follows a valve: between two positions, and for a while after, the cell holds old air.

    Parameters
    ----------
    heights : mapping
        Position -> height of its inlet [m].
    others : iterable of str
        Positions that are declared to be something else.
    flush : float
        How long a turned valve makes rows useless [s].

    Attributes
    ----------
    remarks : list of Issue
        Positions that nobody declared, each once; taken away by the reader.

    Examples
    --------
    >>> valve = Valve({1: 50.0, 2: 20.0}, (), 60.0)
    >>> [valve.at(text, when, 2).flag == FLAGS["flush"] for text, when in (("1", 0), ("2", 9))]
    [False, True]
    >>> valve.at("2", 69, 3)
    Seen(text='2', flag=0, inlet=20.0)
    """

    def __init__(self, heights: Mapping[int, float], others: Iterable[str], flush: float) -> None:
        self._heights = {str(position): height for position, height in heights.items()}
        self._known = {*self._heights, *others}
        self._flush = flush
        self._text, self._settled, self._first = "", -math.inf, ""
        self._seen = Seen("", 0, math.nan)
        self._told: set[str] = set()
        self.remarks: list[Issue] = []

    def at(self, text: str, when: float, line: int) -> Seen:
        """Return what a position means at an instant.

        Parameters
        ----------
        text : str
            A number; one that is not whole is a valve on its way.
        when : float
            Seconds on the file's clock.
        line : int
            Line number, 1-based.

        Returns
        -------
        Seen

        Raises
        ------
        FileRefusedError
            Where nothing is declared and the file has a second position.
        """
        if text != self._text:
            self._turn(text, when, line)
        seen = self._seen
        if when >= self._settled:
            return seen
        return Seen(seen.text, seen.flag | _FLUSH, seen.inlet)

    def _turn(self, text: str, when: float, line: int) -> None:
        """Take note of another position."""
        position = number(text, 0, ())
        if self._text and self._flush:
            self._settled = when + self._flush
        self._text = text
        if position != int(position):
            self._seen = Seen("moving", _FLUSH, math.nan)
            return
        name, flag = f"{position:.0f}", 0
        if self._known and name not in self._known:
            flag = FLAGS["unknown_flag"]
            self._tell(name, line)
        elif not self._known and self._first not in ("", name):
            found = f"valve positions {self._first} and {name}"
            hint = "Declare their heights under `inlets`, or what they are under `flags`."
            expected = "declared positions"
            raise FileRefusedError(Issue(line, 0, "undeclared", found, expected, hint))
        self._first = self._first or name
        self._seen = Seen(name, flag, self._heights.get(name, math.nan))

    def _tell(self, name: str, line: int) -> None:
        """Say once that a position is not declared."""
        if name not in self._told:
            self._told.add(name)
            hint = "Declare it under `inlets` or `flags` in the registry."
            expected = f"one of {', '.join(sorted(self._known))}"
            found = f"valve position {name}"
            self.remarks.append(Issue(line, 0, "unknown_flag", found, expected, hint, "", False))
