"""Station records come in; a table of hours, and daily offsets of each tower to the others, go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from stations.flags import usable

_MEDIAN_TO_MEAN = 1.2533  # sd of a median over sd of a mean, normal distribution


@dataclass(frozen=True)
class Table:
    """All records on one hourly axis of whole solar days.

    Attributes
    ----------
    names : tuple of str
        Sorted.
    day : ndarray (day,), datetime64[ns]
        Start of each solar day, UTC.
    value : ndarray (station, day, 24), umol mol-1
        Usable hours; NaN elsewhere.
    flag : ndarray (station, day, 24), int64
        -1 outside the record.
    tower : ndarray (station,), bool
    outside : dict of str to int
        Hours of records of background stations before or after all towers; not in the table.
    """

    names: tuple[str, ...]
    day: np.ndarray
    value: np.ndarray
    flag: np.ndarray
    tower: np.ndarray
    outside: dict[str, int]


def make_table(stations: Mapping[str, xr.Dataset]) -> Table:
    """Put records on a common axis.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`.

    Returns
    -------
    Table
        Solar time is that of the network's median longitude, to the hour. Its days are those of
        the towers: a background record of years does not make a month of towers incomplete.
    """
    if not stations:
        message = "network must have at least one station; got none. Check the registry."
        raise ValueError(message)
    names = tuple(sorted(stations))
    shift = round(float(np.median([stations[name].attrs["longitude"] for name in names])) / 15.0)
    hours = {name: _hours(stations[name]["time"].values) + shift for name in names}
    tower = np.array([stations[name].attrs["role"] == "tower" for name in names])
    span = [name for name, is_tower in zip(names, tower, strict=True) if is_tower] or names
    first = min(int(hours[name][0]) for name in span) // 24
    last = max(int(hours[name][-1]) for name in span) // 24
    outside = {}
    shape = (len(names), 24 * (last - first + 1))
    value, flag = np.full(shape, np.nan), np.full(shape, -1, dtype=np.int64)
    for k, name in enumerate(names):
        at = hours[name] - 24 * first
        inside = (at >= 0) & (at < shape[1])
        if not inside.all():
            outside[name] = int(np.count_nonzero(~inside))
        flags = stations[name]["quality_flag"].values[inside].astype(np.int64)
        values = stations[name]["mole_fraction"].values[inside]
        flag[k, at[inside]] = flags
        value[k, at[inside]] = np.where(usable(flags), values, np.nan)
    day_hours = 24 * np.arange(first, last + 1) - shift
    return Table(
        names=names,
        day=day_hours.astype("datetime64[h]").astype("datetime64[ns]"),
        value=value.reshape(len(names), -1, 24),
        flag=flag.reshape(len(names), -1, 24),
        tower=tower,
        outside=outside,
    )


def _hours(time: np.ndarray) -> np.ndarray:
    """Return hours since 1970 UTC."""
    return time.astype("datetime64[h]").astype(np.int64)


@dataclass(frozen=True)
class Offsets:
    """Daily offsets, umol mol-1; NaN on days without enough common hours.

    Attributes
    ----------
    value, standard_error : ndarray (station, day)
    """

    value: np.ndarray
    standard_error: np.ndarray


def daily_offsets(
    table: Table, active: np.ndarray, solar_hours: tuple[int, int], minimum_hours: int
) -> Offsets:
    """Return the daily offset of each active tower to the median of the other active ones.

    Parameters
    ----------
    table : Table
    active : ndarray (station,), bool
    solar_hours : tuple of int
        First hour and hour after the last.
    minimum_hours : int
        Common hours that a day needs.

    Returns
    -------
    Offsets
        Median over the day's hours of value minus the others' median; standard error
        1.25 sd / sqrt(hours). Stations that are not active, and a lone tower, have NaN.
    """
    shape = table.value.shape[:2]
    offset, error = np.full(shape, np.nan), np.full(shape, np.nan)
    value = table.value[:, :, slice(*solar_hours)]
    for k in np.flatnonzero(active):
        others = active.copy()
        others[k] = False
        if not others.any():
            continue
        difference = value[k] - _median(np.moveaxis(value[others], 0, -1))
        count = np.isfinite(difference).sum(axis=-1)
        enough = count >= minimum_hours
        offset[k] = np.where(enough, _median(difference), np.nan)
        deviation = _deviation(difference, count)
        enough &= count > 1
        error[k, enough] = _MEDIAN_TO_MEAN * deviation[enough] / np.sqrt(count[enough])
    return Offsets(offset, error)


def _median(array: np.ndarray) -> np.ndarray:
    """Return the median over the last axis of what is finite; NaN where nothing is."""
    ordered = np.sort(array, axis=-1)
    count = np.isfinite(array).sum(axis=-1)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0)[..., None], -1)[..., 0]
    high = np.take_along_axis(ordered, np.minimum(count // 2, array.shape[-1] - 1)[..., None], -1)[
        ..., 0
    ]
    return np.where(count > 0, 0.5 * (low + high), np.nan)


def _deviation(array: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the standard deviation over the last axis of what is finite, 0 for fewer than 2."""
    filled = np.where(np.isfinite(array), array, 0.0)
    mean = filled.sum(axis=-1) / np.maximum(count, 1)
    squares = np.where(np.isfinite(array), (array - mean[..., None]) ** 2, 0.0).sum(axis=-1)
    return np.sqrt(squares / np.maximum(count - 1, 1))
