"""In: settings of time. Out: half-open UTC intervals [start, end) with their bounds, labelled by their start."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

NS = "datetime64[ns]"
HOUR = np.timedelta64(3600, "s")
DAY = np.timedelta64(86400, "s")


def to_ns(times: Any) -> np.ndarray:
    """Return times as datetime64[ns] (pandas 3 makes microseconds).

    Examples
    --------
    >>> to_ns(["2025-06-01T00:00"]).dtype
    dtype('<M8[ns]')
    """
    return np.asarray(times).astype("datetime64[ns]")


@dataclass(frozen=True)
class Period:
    """A named half-open interval [start, end) in UTC."""

    name: str
    start: np.datetime64
    end: np.datetime64

    def __post_init__(self) -> None:
        if not self.start < self.end:
            msg = f"period must start before it ends; got {self.start} .. {self.end} in {self.name!r}."
            raise ValueError(msg)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float((self.end - self.start) / np.timedelta64(1, "s"))

    def contains(self, times: np.ndarray) -> np.ndarray:
        """Return where `times` lie in [start, end)."""
        return (times >= self.start) & (times < self.end)


def _offset(utc_offset_hours: float) -> np.timedelta64:
    return np.timedelta64(round(utc_offset_hours * 3600), "s")


def batch_period(section: Any, name: str) -> Period:
    """Return the batch `name` of the time settings: a local calendar month `YYYY-MM` or a declared interval.

    Examples
    --------
    >>> from contracts.settings.time import TimeSettings
    >>> batch_period(TimeSettings(utc_offset_hours=8, batches={"2025-06": None}), "2025-06").start
    np.datetime64('2025-05-31T16:00:00.000000000')
    """
    if name not in section.batches:
        msg = f"batch must be one of {sorted(section.batches)}; got {name!r} in time.batches."
        raise ValueError(msg)
    declared = section.batches[name]
    if declared is None:
        month = pd.Period(name, freq="M")
        start = np.datetime64(month.start_time, "ns") - _offset(section.utc_offset_hours)
        end = np.datetime64((month + 1).start_time, "ns") - _offset(section.utc_offset_hours)
        return Period(name, start, end)
    return Period(name, np.datetime64(declared.start, "ns"), np.datetime64(declared.end, "ns"))


def state_periods(section: Any, name: str) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Return the state's time bins of a batch: local days, with spin-up days before it.

    Returns
    -------
    names : tuple of str, length p
        Local date of each bin.
    bounds : ndarray of datetime64[ns], (p, 2)
    in_batch : ndarray of int8, (p,)
        0 for the spin-up days that only carry what earlier air brings.
    """
    batch = batch_period(section, name)
    first = batch.start - section.spin_up_days * DAY
    edges = [first]
    local_midnight = (first + _offset(section.utc_offset_hours)).astype("datetime64[D]")
    following = local_midnight.astype("datetime64[ns]") + DAY - _offset(section.utc_offset_hours)
    while following < batch.end:
        edges.append(following)
        following = following + DAY
    edges_ns = np.unique(to_ns([*edges, batch.start, batch.end]))
    bounds = np.stack([edges_ns[:-1], edges_ns[1:]], axis=1)
    local = edges_ns[:-1] + _offset(section.utc_offset_hours)
    names = tuple(str(day) for day in local.astype("datetime64[D]"))
    return names, bounds, (bounds[:, 0] >= batch.start).astype(np.int8)


def hour_starts(bounds: np.ndarray) -> np.ndarray:
    """Return the starts of all whole hours of the bins with `bounds` (p, 2), in order."""
    return np.concatenate([np.arange(start, end, HOUR).astype(NS) for start, end in bounds])


def overlapping(periods: Sequence[Period]) -> list[tuple[str, str]]:
    """Return the pairs of names whose intervals overlap.

    Examples
    --------
    >>> a = Period("a", np.datetime64("2025-01-01", "ns"), np.datetime64("2025-02-01", "ns"))
    >>> b = Period("b", np.datetime64("2025-01-31", "ns"), np.datetime64("2025-03-01", "ns"))
    >>> overlapping([b, a])
    [('a', 'b')]
    """
    ordered = sorted(periods, key=lambda period: (period.start, period.name))
    pairs = pairwise(ordered)
    return [(first.name, second.name) for first, second in pairs if second.start < first.end]
