"""In come the hours and periods of a prior; out goes a table from any hour to its index and period.

An hour that is not one of the prior's has index -1: it lies outside the state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

HOUR = np.timedelta64(3_600_000_000_000, "ns")


@dataclass(frozen=True)
class EmissionHours:
    """The hours a prior describes, and the state period each belongs to.

    Attributes
    ----------
    start : ndarray of datetime64[ns], (hour,)
        Starts of the hours, ascending.
    period : ndarray of int64, (hour,)
        State period of each hour.
    bounds : ndarray of datetime64[ns], (period, 2)
        Half-open bounds of the periods.
    """

    start: np.ndarray
    period: np.ndarray
    bounds: np.ndarray

    def index_of(self, times: np.ndarray) -> np.ndarray:
        """Return the index of the hour that starts at each time, -1 where there is none."""
        place = np.searchsorted(self.start, times)
        found = self.start[np.minimum(place, len(self.start) - 1)] == times
        return np.where(found, place, -1)

    def period_at(self, time: np.datetime64) -> int:
        """Return the period that holds a time, -1 where none does."""
        holds = np.flatnonzero((self.bounds[:, 0] <= time) & (time < self.bounds[:, 1]))
        return int(holds[0]) if len(holds) else -1


def emission_hours(prior: xr.Dataset) -> EmissionHours:
    """Return the table of hours of a prior.

    Parameters
    ----------
    prior : Dataset ``prior``
        ``hour`` and ``period_bounds``.

    Returns
    -------
    EmissionHours

    Raises
    ------
    ValueError
        Where the hours are not exactly the hours of the periods.
    """
    start = prior["hour"].to_numpy().astype("datetime64[ns]")
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]")
    expected = np.concatenate([np.arange(low, high, HOUR) for low, high in bounds])
    if not np.array_equal(start, expected):
        msg = (
            f"the hours of a prior must be the hours of its periods, in order; got {len(start)} "
            f"hours for {len(expected)} hours of {len(bounds)} periods in prior.nc. Write one "
            "hourly profile value for each hour of each period."
        )
        raise ValueError(msg)
    counts = [len(np.arange(low, high, HOUR)) for low, high in bounds]
    return EmissionHours(start, np.repeat(np.arange(len(bounds)), counts), bounds)
