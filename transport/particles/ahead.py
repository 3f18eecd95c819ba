"""Steps of a long piece of work come in; lines about how far it is and how long it still takes go out."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)
_EVERY_S = 10.0


class Ahead:
    """Says every ten seconds how much is done and what is left.

    Parameters
    ----------
    what : str
    number : int
        Steps to do.
    found : int
        Steps that were done before.
    """

    def __init__(self, what: str, number: int, found: int = 0) -> None:
        self._what, self._number, self._done = what, number, 0
        self._start = self._said = time.monotonic()
        if found:
            logger.info("%s: %d hours found on disk, %d to compute", what, found, number)

    def step(self) -> None:
        """Count one step."""
        self._done += 1
        now = time.monotonic()
        if now - self._said < _EVERY_S:
            return
        self._said = now
        left = (now - self._start) / self._done * (self._number - self._done)
        logger.info(
            "%s: %d of %d hours, about %.0f s left", self._what, self._done, self._number, left
        )
