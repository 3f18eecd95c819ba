"""Factors by local hour and weekday come in; factors with mean 1 over day and batch go out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contracts.periods import hour_starts


def _local(times: np.ndarray, utc_offset_hours: float) -> np.ndarray:
    """Return local times, datetime64[s]."""
    return times.astype("datetime64[s]") + np.timedelta64(round(utc_offset_hours * 3600), "s")


def hourly_profile(
    factors: Sequence[float], period_bounds: np.ndarray, utc_offset_hours: float, what: str
) -> np.ndarray:
    """Return the factor of each hour; its mean over each period is 1.

    Parameters
    ----------
    factors : sequence of 24 floats
        For the local hours 0 to 23, any mean.
    period_bounds : ndarray (period, 2), datetime64[ns]
        UTC, whole hours.
    utc_offset_hours : float
    what : str
        For the error: the sector.

    Returns
    -------
    ndarray (hour,)
        In the order of the periods' hours.

    Raises
    ------
    ValueError
        Where all hours of a period have the factor 0.

    Examples
    --------
    >>> day = np.array([["2025-06-01T16", "2025-06-02T16"]], "datetime64[ns]")
    >>> hourly_profile([2.0] * 12 + [1.0] * 12, day, 8.0, "x")[[0, 12]].round(3).tolist()
    [1.333, 0.667]
    """
    parts = []
    for bounds in period_bounds:
        hours = hour_starts(bounds[None])
        local = _local(hours, utc_offset_hours)
        clock = (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
        raw = np.asarray(factors, float)[clock]
        if not raw.sum() > 0:
            msg = (
                f"a profile must not be 0 in every hour of a period; got 0 from {bounds[0]} to "
                f"{bounds[1]} for {what}. Let periods begin at local midnight, or change the profile."
            )
            raise ValueError(msg)
        parts.append(raw / raw.mean())
    return np.concatenate(parts)


def weekday_factors(
    factors: Sequence[float],
    period_bounds: np.ndarray,
    in_batch: np.ndarray,
    utc_offset_hours: float,
) -> np.ndarray:
    """Return the factor of each period; its mean over the batch, weighted by time, is 1.

    Parameters
    ----------
    factors : sequence of 7 floats
        From Monday to Sunday, any mean.
    period_bounds : ndarray (period, 2), datetime64[ns]
        UTC.
    in_batch : ndarray (period,)
        0 for spin-up periods, which have factors but do not count in the mean.
    utc_offset_hours : float

    Returns
    -------
    ndarray (period,)

    Notes
    -----
    A period has the factor of the local weekday on which it begins.
    ASSUME: public holidays are weekdays like others.
    """
    days = _local(period_bounds[:, 0], utc_offset_hours).astype("datetime64[D]").astype(int)
    raw = np.asarray(factors, float)[(days + 3) % 7]  # 1970-01-01 was a Thursday
    length = (period_bounds[:, 1] - period_bounds[:, 0]).astype("timedelta64[ns]").astype(float)
    weight = length * (np.asarray(in_batch) > 0)
    return raw / ((raw * weight).sum() / weight.sum())
