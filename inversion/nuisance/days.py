"""Observations and the prior's periods come in; the local day of each observation goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

DAY = np.timedelta64(24, "h")


def local_days(observations: xr.Dataset, prior: xr.Dataset) -> tuple[np.ndarray, list[str]]:
    """Return the local day of each observation and the days' names.

    Parameters
    ----------
    observations : Dataset ``observations``
    prior : Dataset ``prior``

    Returns
    -------
    days : ndarray of int, (n,)
        Index into the names, ascending in time.
    names : list of str
        UTC start of each day that has an observation.

    Notes
    -----
    ASSUME: the first state period starts at local midnight, as periods of the state do.
    """
    numbers, days = np.unique(day_numbers(observations, prior), return_inverse=True)
    return days, day_names(numbers, prior)


def day_numbers(observations: xr.Dataset, prior: xr.Dataset) -> np.ndarray:
    """Return whole local days since the first state period began, of each observation, (n,)."""
    times = observations["time"].to_numpy().astype("datetime64[ns]")
    return ((times - _first(prior)) // DAY).astype(np.int64)


def day_names(numbers: np.ndarray, prior: xr.Dataset) -> list[str]:
    """Return the UTC starts of days counted from the first state period."""
    starts = _first(prior) + numbers.astype(np.int64) * DAY
    return np.datetime_as_string(starts, unit="h").tolist()


def _first(prior: xr.Dataset) -> np.datetime64:
    """Return the start of the first state period."""
    return prior["period_bounds"].to_numpy()[0, 0].astype("datetime64[ns]")
