"""Two records of the same air come in; how well each clock offset between them fits goes out."""

from __future__ import annotations

import numpy as np

from stations.evidence import Profile, block_weights

HOURS = np.arange(-12, 13)  # lags looked at
_CHUNK_DAYS = 45  # levels and daily cycles are taken away in pieces of about this length


def lag_profile(
    record: np.ndarray, reference: np.ndarray, block_days: int, weights: tuple[int, int]
) -> Profile | None:
    """Correlate a record with a reference at every lag.

    Parameters
    ----------
    record, reference : ndarray (day, 24), umol mol-1
        On the same hours; NaN where unusable.
    block_days : int
        Consecutive days that are resampled together.
    weights : tuple of int
        Number of resampled records, seed.

    Returns
    -------
    Profile or None
        Score is the rank correlation; a positive lag means that the record's stamps are later
        than the reference's. None where they share too little.

    Notes
    -----
    From both the median of each hour of the day is taken away, so that what is compared is
    weather and not the daily cycle.
    """
    from scipy.stats import rankdata

    first, second = (rankdata(anomaly(a).ravel(), nan_policy="omit") for a in (record, reference))
    block = np.arange(first.size) // (24 * block_days)
    sums = np.stack([_sums(first, second, int(lag), block) for lag in HOURS], axis=1)
    sums = sums[(sums[..., 0] > 0).all(axis=1)]
    if sums.shape[0] < 3:
        return None
    draws = block_weights(sums.shape[0], weights[0], np.random.default_rng(weights[1]))
    score = _correlation(sums.sum(axis=0)[None])[0]
    if not np.isfinite(score).all():
        return None
    drawn = _correlation(np.tensordot(draws, sums, 1))
    return Profile(HOURS.astype(np.float64), score, np.nan_to_num(drawn, nan=-1.0), periodic=False)


def anomaly(value: np.ndarray) -> np.ndarray:
    """Take away the median of each hour of the day.

    Parameters
    ----------
    value : ndarray (day, 24), umol mol-1

    Returns
    -------
    ndarray (day, 24), umol mol-1
    """
    pieces = np.array_split(value, max(1, round(value.shape[0] / _CHUNK_DAYS)))
    return np.concatenate([piece - _median(piece) for piece in pieces])


def _median(value: np.ndarray) -> np.ndarray:
    """Return the median over days of what is finite, NaN where nothing is."""
    known = np.isfinite(value).any(axis=0)
    return np.where(known, np.nanmedian(np.where(known, value, 0.0), axis=0), np.nan)


def _sums(first: np.ndarray, second: np.ndarray, lag: int, block: np.ndarray) -> np.ndarray:
    """Return n, Σx, Σy, Σx², Σy², Σxy of each block, y taken `lag` hours before x."""
    moved = np.full(second.size, np.nan)
    source = slice(max(0, -lag), second.size - max(0, lag))
    target = slice(max(0, lag), second.size - max(0, -lag))
    moved[target] = second[source]
    both = np.isfinite(first) & np.isfinite(moved)
    x, y = np.where(both, first, 0.0), np.where(both, moved, 0.0)
    terms = (both.astype(np.float64), x, y, x * x, y * y, x * y)
    return np.stack([np.bincount(block, term) for term in terms], axis=-1)


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Return the correlation that sums stand for."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n))
