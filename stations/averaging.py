"""Slots come in; hourly means on a regular UTC axis go out, each gap flagged.

A slot belongs to the hour that its centre lies in; slots that reach over the edge
of that hour are counted and flagged, not split.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stations.flags import BAD, FLAGS
from stations.slots import HOUR_NS, Slots

LONGEST_YEARS = 60  # a longer axis means that a clock was wrong


@dataclass(frozen=True)
class Hourly:
    """Hourly record of one inlet.

    Attributes
    ----------
    time : ndarray (time,), datetime64[ns]
        Start of each hour, UTC, without gaps in the axis.
    value, standard_error, spread : ndarray (time,), umol mol-1
        NaN where missing.
    n : ndarray (time,), int64
        Samples behind the mean.
    flag : ndarray (time,), int64
    straddling_slots : ndarray (time,), int64
        Slots used in the hour that reach over one of its edges.
    """

    time: np.ndarray
    value: np.ndarray
    standard_error: np.ndarray
    spread: np.ndarray
    n: np.ndarray
    flag: np.ndarray
    straddling_slots: np.ndarray


def average_hourly(slots: Slots, minimum_samples: int = 1) -> Hourly:
    """Average slots to hours.

    Parameters
    ----------
    slots : Slots
        At least one.
    minimum_samples : int
        Hours with fewer samples are flagged low_count.

    Returns
    -------
    Hourly
        Mean Σ n c / Σ n over good slots; where an hour has only bad slots, over
        these, with their flags. Spread is the total standard deviation within the
        hour, sqrt(Σ n (s² + (c - mean)²) / Σ n); standard error is spread / sqrt(Σ n).

    Notes
    -----
    Mean and spread as in NOAA GML's in-situ averaging (ccg_average, law of total
    variance). ASSUME: samples within an hour are independent in `standard_error`; what
    is correlated in them is representation, which the mismatch takes from `spread`.
    ASSUME: a slot without a deviation of its own has none (flag spread_unknown).
    """
    hour = slots.centre // HOUR_NS
    first, size = _axis(hour)
    index = hour - first
    used = _used(slots, index, size)
    at, n = index[used], slots.n[used].astype(np.float64)
    total = np.bincount(at, n, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(at, n * slots.value[used], size) / total
        within = np.nan_to_num(slots.stdev[used]) ** 2 + (slots.value[used] - mean[at]) ** 2
        spread = np.sqrt(np.bincount(at, n * within, size) / total)
        standard_error = spread / np.sqrt(total)
    straddling = (slots.start // HOUR_NS != hour) | ((slots.end - 1) // HOUR_NS != hour)
    return Hourly(
        time=(np.arange(first, first + size) * HOUR_NS).astype("datetime64[ns]"),
        value=mean,
        standard_error=standard_error,
        spread=spread,
        n=total.astype(np.int64),
        flag=_flags(slots, index, used, (total, minimum_samples), straddling),
        straddling_slots=np.bincount(at, straddling[used], size).astype(np.int64),
    )


def _axis(hour: np.ndarray) -> tuple[int, int]:
    """Return the first hour and the number of hours of the axis."""
    if hour.size == 0:
        message = (
            "record must hold at least one readable row; got none in the files. "
            "Look at the quarantine, or correct `files` in the registry."
        )
        raise ValueError(message)
    first, last = int(hour.min()), int(hour.max())
    if last - first > LONGEST_YEARS * 8766:
        years = (last - first) / 8766
        message = (
            f"record must span at most {LONGEST_YEARS} years; got {years:.0f} in the files "
            f"({np.datetime64(first, 'h')} to {np.datetime64(last, 'h')}). "
            "A clock was wrong: find and correct the stamps."
        )
        raise ValueError(message)
    return first, last - first + 1


def _used(slots: Slots, index: np.ndarray, size: int) -> np.ndarray:
    """Return the slots behind each mean: the good ones, else the bad ones."""
    finite = np.isfinite(slots.value)
    good = finite & ((slots.flag & BAD) == 0)
    has_good = np.bincount(index[good], minlength=size) > 0
    return good | (finite & ~has_good[index])


def _flags(
    slots: Slots,
    index: np.ndarray,
    used: np.ndarray,
    counted: tuple[np.ndarray, int],
    straddling: np.ndarray,
) -> np.ndarray:
    """Return the flags of the hours."""
    total, minimum_samples = counted
    flag = np.zeros(total.size, dtype=np.int64)
    empty = total == 0
    speaks = used | empty[index]
    np.bitwise_or.at(flag, index[speaks], slots.flag[speaks])
    np.bitwise_or.at(flag, index[used & straddling], FLAGS["straddles"])
    np.bitwise_or.at(flag, index[used & np.isnan(slots.stdev)], FLAGS["spread_unknown"])
    flag[empty] |= FLAGS["missing"]
    flag[~empty & (total < minimum_samples)] |= FLAGS["low_count"]
    return flag
