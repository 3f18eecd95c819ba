"""A normal distribution comes in; exact draws of it where every coordinate is >= 0 go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg

QUARTER = 0.5 * np.pi
MOST_BOUNCES = 100_000
BATCHES = 50


@dataclass(frozen=True)
class Cut:
    """A normal distribution of c totals and its draws with every total >= 0.

    Attributes
    ----------
    mean : ndarray, (c,)
        Before the cut.
    covariance : ndarray, (c, c)
        Before the cut.
    draws : ndarray, (draws, c)
    """

    mean: np.ndarray
    covariance: np.ndarray
    draws: np.ndarray

    @property
    def shift(self) -> np.ndarray:
        """How far the cut moves the mean, (c,)."""
        return self.draws.mean(axis=0) - self.mean

    @property
    def spread(self) -> np.ndarray:
        """Covariance after the cut, (c, c)."""
        return np.atleast_2d(np.cov(self.draws.T))

    @property
    def error(self) -> np.ndarray:
        """Standard error of the mean after the cut, (c,)."""
        return monte_carlo_error(self.draws)


def truncated_draws(
    mean: np.ndarray, covariance: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return draws from N(mean, covariance) given that every coordinate is >= 0, (count, c).

    Parameters
    ----------
    mean : ndarray, (c,)
    covariance : ndarray, (c, c)
        Positive definite.
    count : int
    rng : Generator

    Raises
    ------
    ValueError
        Where a path bounces more than 1e5 times.

    Notes
    -----
    Exact Hamiltonian paths of a quarter turn (Pakman and Paninski 2014, doi:10.1080/10618600.2013.788448):
    between walls t - mean = v sin(s) + p cos(s); at wall j the speed v loses 2 v_j V_j / V_jj, its
    reflection in the metric of V^-1. Without a wall in reach, draws are independent.
    """
    factor = scipy.linalg.cholesky(covariance, lower=True)
    # a start inside, where the walls allow one; the first tenth is left out
    place = np.maximum(mean, 0.1 * np.sqrt(np.diagonal(covariance))) - mean
    skipped = max(count // 10, 20)
    draws = np.empty((count, len(mean)))
    for k in range(-skipped, count):
        speed = factor @ rng.standard_normal(len(mean))
        place = _quarter_turn(place, speed, mean, covariance)
        if k >= 0:
            draws[k] = place + mean
    return draws


def _quarter_turn(place: np.ndarray, speed: np.ndarray, mean: np.ndarray, covariance: np.ndarray):
    """Return where a path of a quarter turn ends, having bounced off every wall it met."""
    left = QUARTER
    for _ in range(MOST_BOUNCES):
        until, wall = _first_wall(place, speed, mean)
        if until >= left:
            return speed * np.sin(left) + place * np.cos(left)
        sine, cosine = np.sin(until), np.cos(until)
        place, speed = speed * sine + place * cosine, speed * cosine - place * sine
        place[wall] = -mean[wall]
        speed = speed - 2.0 * speed[wall] / covariance[wall, wall] * covariance[:, wall]
        left -= until
    msg = (
        f"a path must end within {MOST_BOUNCES} bounces; got more in truncated_draws. The totals "
        "are too strongly correlated: constrain fewer of them."
    )
    raise ValueError(msg)


def _first_wall(place: np.ndarray, speed: np.ndarray, mean: np.ndarray):
    """Return after which angle a coordinate first falls through 0, and which; infinity if none."""
    radius = np.hypot(speed, place)
    meets = radius > np.abs(mean)
    if not meets.any():
        return np.inf, -1
    phase = np.arctan2(-speed[meets], place[meets])
    angle = np.mod(np.arccos(-mean[meets] / radius[meets]) - phase, 2.0 * np.pi)
    first = int(np.argmin(angle))
    return float(angle[first]), int(np.flatnonzero(meets)[first])


def monte_carlo_error(draws: np.ndarray) -> np.ndarray:
    """Return the standard error of the draws' mean by means of batches, (c,).

    Parameters
    ----------
    draws : ndarray, (count, c)
        In the order in which they were made; at least 100.
    """
    size = len(draws) // BATCHES
    means = draws[: size * BATCHES].reshape(BATCHES, size, -1).mean(axis=1)
    return means.std(axis=0, ddof=1) / np.sqrt(BATCHES)
