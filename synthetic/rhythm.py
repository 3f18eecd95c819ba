"""Profiles of the settings and the timeline come in; factors of hours and days go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.hours import Timeline


@dataclass(frozen=True)
class Rhythm:
    """How sectors go up and down; the same for the prior and for every truth.

    Attributes
    ----------
    hourly : ndarray (sector, 24)
        By local hour, mean 1.
    day : ndarray (sector, day)
        By day of the timeline; mean 1 over the batch.
    human : ndarray (24,)
        Of human respiration, mean 1.
    """

    hourly: np.ndarray
    day: np.ndarray
    human: np.ndarray

    def factor(self, hour: np.ndarray) -> np.ndarray:
        """Return the factor of flux on hours of the timeline.

        Parameters
        ----------
        hour : ndarray (hour,), int
            Positions in the timeline.

        Returns
        -------
        ndarray (sector, hour)
        """
        return self.hourly[:, hour % 24] * self.day[:, hour // 24]


def make_rhythm(
    hourly: np.ndarray, weekday: np.ndarray, human: np.ndarray, timeline: Timeline
) -> Rhythm:
    """Lay profiles over the timeline.

    Parameters
    ----------
    hourly : ndarray (sector, 24)
        Any positive scale.
    weekday : ndarray (sector, 7)
        Monday first, any positive scale.
    human : ndarray (24,)
    timeline : Timeline

    Returns
    -------
    Rhythm
        Normalised.
    """
    day = weekday[:, timeline.weekday]
    return Rhythm(
        hourly=hourly / hourly.mean(axis=1, keepdims=True),
        day=day / day[:, timeline.in_batch].mean(axis=1, keepdims=True),
        human=human / human.mean(),
    )
