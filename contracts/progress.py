"""The size of a long loop comes in; a line of the log now and then, with the share done, goes out."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)


class Progress:
    """Says in the log how far a loop is, where it takes long.

    Parameters
    ----------
    what : str
        What the loop does.
    total : int
        Number of its steps.
    every_s : float
        Shortest time between two lines [s]; a loop shorter than this says nothing.

    Examples
    --------
    >>> progress = Progress("sweep over time", total=2, every_s=60.0)
    >>> for period in range(2):
    ...     progress.done(period + 1)
    """

    def __init__(self, what: str, total: int, every_s: float = 10.0) -> None:
        self.what, self.total, self.every_s = what, total, every_s
        self._start = self._last = time.monotonic()

    def done(self, steps: int) -> None:
        """Tell that so many steps are done."""
        now = time.monotonic()
        if now - self._last < self.every_s:
            return
        self._last = now
        share = steps / self.total
        logger.info(
            "%s: %d of %d (%.0f %%) after %.0f s, about %.0f s to go",
            self.what,
            steps,
            self.total,
            100.0 * share,
            now - self._start,
            (now - self._start) * (1.0 / share - 1.0),
        )
