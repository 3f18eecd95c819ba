"""A window comes in; the sub-steps back in time from the middle of an observation hour go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HOUR_S = 3600.0
RELEASE_S = 1800.0  # the release lies this long before the end of the observation hour


@dataclass(frozen=True)
class Ages:
    """Sub-steps back in time.

    Attributes
    ----------
    edges : ndarray (step + 1,)
        Ages since the release [s], ascending from 0.
    lag_edge : ndarray (lag + 1,), int
        Steps `lag_edge[j]` to `lag_edge[j + 1] - 1` were emitted in clock hour -j.
    """

    edges: np.ndarray
    lag_edge: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        """Return the middles of the steps [s]."""
        return 0.5 * (self.edges[1:] + self.edges[:-1])

    @property
    def length(self) -> np.ndarray:
        """Return the lengths of the steps [s]."""
        return np.diff(self.edges)


def make_ages(hours_back: int) -> Ages:
    """Return steps of 30 s to 10 min, 60 s to 1 h and 300 s beyond.

    Parameters
    ----------
    hours_back : int
        Clock hours of emissions, the observation hour included (>= 2).

    Returns
    -------
    Ages
        Clock hour 0 holds ages [0, 30 min), hour j ages [30 min + (j - 1) h, 30 min + j h).

    Examples
    --------
    >>> ages = make_ages(3)
    >>> float(ages.edges[-1]), ages.lag_edge.tolist()
    (9000.0, [0, 40, 76, 88])
    """
    end = RELEASE_S + (hours_back - 1) * HOUR_S
    edges = np.concatenate(
        [
            np.arange(0.0, 600.0, 30.0),
            np.arange(600.0, 3600.0, 60.0),
            np.arange(3600.0, end + 1.0, 300.0),
        ]
    )
    bounds = np.concatenate([[0.0], RELEASE_S + HOUR_S * np.arange(hours_back)])
    return Ages(edges, np.searchsorted(edges, bounds))
