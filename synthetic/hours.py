"""The batch and its offset to UTC come in; the days and hours of the synthetic city go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAY = np.timedelta64(24, "h").astype("timedelta64[ns]")


@dataclass(frozen=True)
class Timeline:
    """All local days the city lives through, in order.

    Attributes
    ----------
    day_start : ndarray (day,), datetime64[ns], UTC
        Local midnights.
    state : slice
        Days that are periods of the state (with spin-up).
    in_batch : ndarray (day,), bool
    raw : slice
        Days written to station files.
    utc_offset_hours : float
    """

    day_start: np.ndarray
    state: slice
    in_batch: np.ndarray
    raw: slice
    utc_offset_hours: float

    @property
    def hour_start(self) -> np.ndarray:
        """UTC starts of all hours, (24 day,), datetime64[ns]."""
        hours = np.arange(24).astype("timedelta64[h]")
        return (self.day_start[:, None] + hours).ravel()

    @property
    def weekday(self) -> np.ndarray:
        """Local weekday of each day, 0 = Monday."""
        offset = np.timedelta64(round(self.utc_offset_hours * 60), "m")
        local = (self.day_start + offset).astype("datetime64[D]")
        return (local.astype(int) + 3) % 7


def make_timeline(
    bounds: np.ndarray, in_batch: np.ndarray, lead_days: int, utc_offset_hours: float
) -> Timeline:
    """Extend the periods of the state to all days that station files show.

    Parameters
    ----------
    bounds : ndarray (period, 2), datetime64[ns], UTC
        Local days, contiguous.
    in_batch : ndarray (period,), bool
    lead_days : int
        Days of station data before the batch; one more day of air before that.
    utc_offset_hours : float

    Returns
    -------
    Timeline
        Ends one day after the batch.
    """
    bounds = bounds.astype("datetime64[ns]")
    length = bounds[:, 1] - bounds[:, 0]
    if (length != DAY).any():
        msg = (
            f"the synthetic city's state periods must be whole local days of 24 h; got a period "
            f"of {length[length != DAY][0] / np.timedelta64(1, 'h')} h in time.batches. "
            "Start and end the batch at local midnight."
        )
        raise ValueError(msg)
    spin_up = int((~np.asarray(in_batch, bool)).sum())
    before = max(lead_days + 1, spin_up + 1)
    first = bounds[0, 0] - (before - spin_up) * DAY
    count = before + int(np.asarray(in_batch, bool).sum()) + 1
    flags = np.zeros(count, bool)
    flags[before:-1] = True
    return Timeline(
        day_start=first + np.arange(count) * DAY,
        state=slice(before - spin_up, count - 1),
        in_batch=flags,
        raw=slice(before - lead_days, count),
        utc_offset_hours=utc_offset_hours,
    )
