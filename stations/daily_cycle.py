"""Hours of a network come in; how well its daily cycle fits the sun at each clock offset goes out.

Near the ground carbon dioxide and methane follow two things that know the time: the depth of the
mixed layer (air piles up after sunset, is diluted after sunrise, cleanest in the afternoon) and
people (morning and evening traffic). The daily cycle of a healthy record is a sum of both, with
weights >= 0 that nobody knows; a wrong clock moves it.
"""

from __future__ import annotations

import numpy as np

from stations.evidence import Profile, block_weights
from stations.offsets import Table

LAG = np.arange(-12.0, 12.0, 0.5)  # h
_LEAST_HOURS = 18  # usable hours of a day whose hours are ranked
_MORNING, _EVENING = (8.3, 1.5), (17.5, 2.0)  # centre and sd of activity, solar hours


def daily_cycle(
    table: Table, place: tuple[float, float], block_days: int, weights: tuple[int, int]
) -> tuple[Profile, int] | None:
    """Compare the mean daily cycle of all towers with the sun.

    Parameters
    ----------
    table : Table
    place : tuple of float
        Latitude and longitude of the network, degrees.
    block_days : int
        Consecutive days that are resampled together.
    weights : tuple of int
        Number of resampled records, seed.

    Returns
    -------
    tuple of Profile and int, or None
        Score is R² of the fit; number of days. None where no day is whole.

    Notes
    -----
    Hours are ranked within their day, after the 24 h running mean is taken away, so that an
    offset, a gain or a drift of a sensor changes nothing and a few stagnant days do not rule.
    ASSUME: people keep solar time within an hour or two; the tolerance of the verdict covers it.
    """
    cycle, day = ranked_days(table)
    if day.size == 0:
        return None
    shape = expected_cycles(day, place)
    block = np.arange(day.size) // block_days
    sums = np.zeros((int(block[-1]) + 1, 24))
    np.add.at(sums, block, cycle)
    draws = block_weights(sums.shape[0], weights[0], np.random.default_rng(weights[1]))
    score = goodness(cycle.mean(axis=0)[None], shape)[0]
    return Profile(LAG, score, goodness(draws @ sums, shape), periodic=True), int(day.size)


def ranked_days(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean rank of each hour within its day, over all towers.

    Parameters
    ----------
    table : Table

    Returns
    -------
    cycle : ndarray (day, 24)
        From -0.5 (lowest of the day) to 0.5.
    day : ndarray (day,), datetime64[ns]
        Days in which every hour is spoken for.
    """
    from scipy.stats import rankdata

    total = np.zeros(table.value.shape[1:])
    count = np.zeros(table.value.shape[1:])
    for value in table.value[table.tower]:
        part = (value.ravel() - _running_mean(value.ravel())).reshape(value.shape)
        hours = np.isfinite(part).sum(axis=1)
        part = part[hours >= _LEAST_HOURS]
        if part.size == 0:
            continue
        rank = rankdata(part, axis=1, nan_policy="omit")
        scaled = (rank - 1.0) / (hours[hours >= _LEAST_HOURS, None] - 1.0) - 0.5
        known = np.isfinite(scaled)
        total[hours >= _LEAST_HOURS] += np.where(known, scaled, 0.0)
        count[hours >= _LEAST_HOURS] += known
    whole = (count > 0).all(axis=1)
    return total[whole] / count[whole], table.day[whole]


def _running_mean(value: np.ndarray) -> np.ndarray:
    """Return the mean of the 24 h around each hour; NaN where more than 6 h are missing."""
    kernel = np.concatenate([[0.5], np.ones(23), [0.5]])
    known = np.isfinite(value)
    count = np.convolve(np.pad(known.astype(np.float64), 12), kernel, mode="valid")
    total = np.convolve(np.pad(np.where(known, value, 0.0), 12), kernel, mode="valid")
    return np.where(count >= _LEAST_HOURS, total / np.maximum(count, 1.0), np.nan)


def expected_cycles(day: np.ndarray, place: tuple[float, float]) -> np.ndarray:
    """Return the two shapes of a daily cycle, seen by clocks of every offset.

    Parameters
    ----------
    day : ndarray (day,), datetime64[ns]
    place : tuple of float
        Latitude and longitude, degrees.

    Returns
    -------
    ndarray (lag, 24, 2)
        Mixed layer and people, means over the days; each with mean 0 and sd 1 over the hours.
    """
    latitude, longitude = place
    hour = np.arange(24) + 0.5 + longitude / 15.0 - round(longitude / 15.0)
    year_day = (day - day.astype("datetime64[Y]")) // np.timedelta64(1, "D")
    values, count = np.unique(year_day, return_counts=True)
    half = half_daylight(latitude, values.astype(np.float64))
    shape = np.empty((LAG.size, 24, 2))
    for k, lag in enumerate(LAG):
        seen = hour - lag
        shape[k, :, 0] = count @ np.stack([mixed_layer(seen, float(h)) for h in half])
        shape[k, :, 1] = activity(seen)
    shape -= shape.mean(axis=1, keepdims=True)
    return shape / shape.std(axis=1, keepdims=True)


def half_daylight(latitude: float, year_day: np.ndarray) -> np.ndarray:
    """Return hours from sunrise to noon.

    Parameters
    ----------
    latitude : float, degrees
    year_day : ndarray (day,)
        0 on 1 January.

    Returns
    -------
    ndarray (day,), h
        arccos(-tan φ tan δ), δ = -23.44° cos(2π (day + 10)/365.25); 0 and 12 within the
        polar circles.

    Examples
    --------
    >>> half_daylight(0.0, np.array([80.0])).round(2).tolist()
    [6.0]
    """
    declination = np.deg2rad(-23.44) * np.cos(2.0 * np.pi * (year_day + 10.0) / 365.25)
    cosine = -np.tan(np.deg2rad(latitude)) * np.tan(declination)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))) / 15.0


def mixed_layer(hour: np.ndarray, half_day: float) -> np.ndarray:
    """Return how air near the ground piles up and is diluted, from 0 to 1.

    Parameters
    ----------
    hour : ndarray (hour,)
        Solar time, h.
    half_day : float
        Hours from sunrise to noon.

    Returns
    -------
    ndarray (hour,)
        Rises as a quarter sine from the afternoon (2 h before sunset, within 13.5 to 16) to 1 h
        after sunrise, falls as a half cosine back.

    Examples
    --------
    >>> mixed_layer(np.array([7.0, 16.0]), 6.0).round(3).tolist()
    [1.0, 0.0]
    """
    low = float(np.clip(12.0 + half_day - 2.0, 13.5, 16.0))
    high = 12.0 - half_day + 1.0
    length = (high - low) % 24.0
    rise = ((hour - low) % 24.0) / length
    fall = ((hour - high) % 24.0) / (24.0 - length)
    return np.where(
        rise < 1.0, np.sin(0.5 * np.pi * np.minimum(rise, 1.0)), 0.5 + 0.5 * np.cos(np.pi * fall)
    )


def activity(hour: np.ndarray) -> np.ndarray:
    """Return how much people burn: a morning and an evening peak.

    Parameters
    ----------
    hour : ndarray (hour,)
        Solar time, h.

    Returns
    -------
    ndarray (hour,)

    Examples
    --------
    >>> activity(np.array([8.3, 3.0])).round(2).tolist()
    [1.0, 0.0]
    """

    def peak(centre: float, sd: float) -> np.ndarray:
        return np.exp(-0.5 * (((hour - centre + 12.0) % 24.0 - 12.0) / sd) ** 2)

    return peak(*_MORNING) + peak(*_EVENING)


def goodness(cycle: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Return the share of a cycle's variance that two shapes with weights >= 0 explain.

    Parameters
    ----------
    cycle : ndarray (record, 24)
    shape : ndarray (lag, 24, 2)

    Returns
    -------
    ndarray (record, lag)
        R² of non-negative least squares; 0 for a flat cycle.
    """
    centred = cycle - cycle.mean(axis=1, keepdims=True)
    gram = np.einsum("lhi,lhj->lij", shape, shape)
    product = np.einsum("bh,lhi->bli", centred, shape)
    weight = np.einsum("lij,blj->bli", np.linalg.inv(gram), product)
    both = np.einsum("bli,bli->bl", weight, product)
    alone = np.maximum(product, 0.0) ** 2 / np.einsum("lii->li", gram)
    explained = np.where((weight > 0).all(axis=-1), both, alone.max(axis=-1))
    total = (centred**2).sum(axis=1, keepdims=True)
    return np.where(total > 0, explained / np.where(total > 0, total, 1.0), 0.0)
