"""Instants, flasks and lines come in; names that tell apart samples of one instant go out."""

from __future__ import annotations

import math


class FlaskNames:
    """Names of flasks; the same flask again, with other numbers, is another sample.

    Examples
    --------
    >>> names = FlaskNames()
    >>> [names.of(0, "7-83", text) for text in ("... 7-83 1603.8", "... 7-83 1606.8")]
    ['7-83', '7-83 #2']
    """

    def __init__(self) -> None:
        self._start = math.nan
        self._texts: dict[str, list[str]] = {}

    def of(self, start: float, flask: str, text: str) -> str:
        """Return what tells a sample from the others of its instant.

        Parameters
        ----------
        start : float
            Of the sample [s].
        flask : str
        text : str
            The whole line: the same line again is the same sample.

        Returns
        -------
        str
        """
        if start != self._start:
            self._start, self._texts = start, {}
        texts = self._texts.setdefault(flask, [])
        if text not in texts:
            texts.append(text)
        place = texts.index(text)
        return f"{flask} #{place + 1}" if place else flask
