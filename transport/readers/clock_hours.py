"""Sensitivities of intervals in time come in; those of clock hours before the observation go out."""

from __future__ import annotations

from typing import Any

import numpy as np

from transport.readers.release import HOUR, Slices


def observation_hour(time: np.datetime64, section: Any, where: str) -> np.datetime64:
    """Return the start of the observation hour of a receptor that is an instant.

    Parameters
    ----------
    time : datetime64
        UTC.
    section : FootprintFileSettings
        `time_label` says whether the hour starts or ends then.
    where : str
        For the error.

    Returns
    -------
    datetime64[ns]

    Raises
    ------
    ValueError
        Where the time is not a whole hour.
    """
    time = time.astype("datetime64[ns]")
    if np.isnat(time) or time != time.astype("datetime64[h]"):
        msg = (
            f"the time of a receptor must be a whole hour (UTC); got {time} in {where}. "
            "Leave this file out."
        )
        raise ValueError(msg)
    return time - HOUR if section.time_label == "end" else time


def by_clock_hour(
    bounds: np.ndarray, values: np.ndarray, stop: np.datetime64, where: str
) -> Slices:
    """Return sensitivities by clock hour.

    Parameters
    ----------
    bounds : ndarray (interval, 2), datetime64[ns]
        Earlier and later bound of each interval, whole hours.
    values : ndarray (interval, row, col), float64
        Sensitivity [m2 s mol-1].
    stop : datetime64[ns]
        When the air was drawn in; what an interval holds touched the ground before.
    where : str
        For the error.

    Returns
    -------
    Slices
        Hours ascending, each once. Counted: intervals longer than an hour, and hours that
        several intervals share (their sensitivities are added).

    Raises
    ------
    ValueError
        Where bounds are not whole hours, or an interval after `stop` is not empty.

    Notes
    -----
    ASSUME: the sensitivity of an interval longer than an hour is spread evenly over its hours
    before `stop`.

    Examples
    --------
    >>> day = np.datetime64("2025-06-01T00", "ns")
    >>> three = by_clock_hour(np.array([[day, day + 3 * HOUR]]), np.full((1, 1, 1), 6.0),
    ...                       day + 2 * HOUR, "here")
    >>> three.values.ravel().tolist(), three.counts
    ([3.0, 3.0], {'intervals_split': 1, 'hours_of_several_intervals': 0})
    """
    bounds = np.asarray(bounds).astype("datetime64[ns]")
    whole = np.array_equal(bounds, bounds.astype("datetime64[h]").astype("datetime64[ns]"))
    if not whole or not (bounds[:, 0] < bounds[:, 1]).all():
        msg = (
            "intervals must be bounded by whole hours, the earlier first; got "
            f"{bounds[:2].astype('datetime64[s]').tolist()} in {where}. Write hourly output."
        )
        raise ValueError(msg)
    end = np.minimum(bounds[:, 1], stop.astype("datetime64[ns]"))
    number = np.maximum((end - bounds[:, 0]) // HOUR, 0).astype(np.int64)
    late = (number == 0) & (values.sum(axis=(1, 2)) > 0)
    if late.any():
        msg = (
            "what a footprint saw must lie before its observation ends; got "
            f"{int(late.sum())} intervals from {bounds[late][0, 0]} on, after {stop}, in {where}. "
            "Correct the receptor's time, or give a backward run."
        )
        raise ValueError(msg)
    owner = np.repeat(np.arange(len(bounds)), number)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
    hours = bounds[owner, 0] + step * HOUR
    unique, place = np.unique(hours, return_inverse=True)
    result = np.zeros((len(unique), *values.shape[1:]))
    np.add.at(result, place, values[owner] / number[owner][:, None, None])
    long = int(((bounds[:, 1] - bounds[:, 0] > HOUR) & (number > 0)).sum())
    shared = np.bincount(place, minlength=len(unique)) > 1
    counts = {"intervals_split": long, "hours_of_several_intervals": int(shared.sum())}
    return Slices(unique, result, counts=counts)
