"""An estimate comes in; how far each parameter can move before the density falls goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.hyperparameters.optimum import greatest_with

if TYPE_CHECKING:
    from inversion.hyperparameters.optimum import Estimate
    from inversion.hyperparameters.target import Target

FALL = 0.5 * 3.841458820694124  # half the 95 % point of chi square with one degree of freedom
WIDEST = 3.5  # standard deviations to which a profile reaches


@dataclass(frozen=True)
class Profile:
    """The greatest density with one parameter held.

    Attributes
    ----------
    name : str
    theta : ndarray, (points,)
        Ascending.
    fall : ndarray, (points,)
        Log density below that of the estimate, >= 0 but for rounding.
    others : ndarray, (points, p)
        Where the other parameters then are.
    interval : tuple of float
        Where the fall reaches 1.92: a 95 % interval; infinite where it does not within reach.
    """

    name: str
    theta: np.ndarray
    fall: np.ndarray
    others: np.ndarray
    interval: tuple[float, float]

    @property
    def supported(self) -> bool:
        """Whether the configured value, theta = 0, lies outside the interval."""
        return not self.interval[0] <= 0.0 <= self.interval[1]


def profile(target: Target, estimate: Estimate, name: str, points: int = 13) -> Profile:
    """Return the profile of one parameter.

    Parameters
    ----------
    target : Target
    estimate : Estimate
    name : str
    points : int
        Evenly spaced, 3.5 standard deviations either way and within the bounds; the estimate's own
        value besides.

    Returns
    -------
    Profile

    Notes
    -----
    Starts of the other parameters are carried from point to point, outwards from the estimate.
    """
    index = estimate.names.index(name)
    centre, reach = estimate.theta[index], WIDEST * estimate.standard_deviation[index]
    low, high = target.likelihood.family.bounds[index]
    ends = max(low, centre - reach), min(high, centre + reach)
    below = np.linspace(ends[0], centre, points // 2 + 1)[:-1][::-1] if ends[0] < centre else []
    above = np.linspace(centre, ends[1], points // 2 + 1)[1:] if ends[1] > centre else []
    rows = [(centre, 0.0, estimate.theta)]
    for side in (below, above):
        start = estimate.theta
        for value in side:
            start, density = greatest_with(target, index, float(value), start)
            rows.append((float(value), estimate.value - density, start))
    rows.sort(key=lambda row: row[0])
    theta, fall = (np.array([row[k] for row in rows]) for k in (0, 1))
    at = int(np.flatnonzero(theta == centre)[0])
    interval = (
        _crossing(theta[: at + 1][::-1], fall[: at + 1][::-1], -np.inf),
        _crossing(theta[at:], fall[at:], np.inf),
    )
    return Profile(name, theta, fall, np.array([row[2] for row in rows]), interval)


def _crossing(theta: np.ndarray, fall: np.ndarray, open_end: float) -> float:
    """Return where the fall, outwards from the estimate, first reaches 1.92.

    Notes
    -----
    Interpolated in the root of the fall, which is straight where the density is normal.
    """
    root = np.sqrt(np.maximum(fall, 0.0))
    beyond = np.flatnonzero(fall >= FALL)
    if not len(beyond):
        return open_end
    k = int(beyond[0])
    share = (np.sqrt(FALL) - root[k - 1]) / (root[k] - root[k - 1])
    return float(theta[k - 1] + share * (theta[k] - theta[k - 1]))
