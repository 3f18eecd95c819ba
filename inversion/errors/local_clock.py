"""Times in UTC come in; the local day and hour of each goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

_DAY = np.timedelta64(24, "h")
_HOUR = np.timedelta64(1, "h")
_EPOCH = np.datetime64("1970-01-01T00:00", "ns")


def local_clock(
    observations: xr.Dataset, prior: xr.Dataset, utc_offset_hours: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the local day and the local hour in which each observation starts.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations.
    prior : Dataset ``prior``
        Its first state period is the midnight to count from where no offset is given.
    utc_offset_hours : float, optional
        Local time minus UTC [h].

    Returns
    -------
    day : ndarray of int, (n,)
        Number of the local day; only differences mean anything.
    hour : ndarray of int, (n,)
        0 to 23.

    Notes
    -----
    ASSUME: without an offset, the first state period starts at local midnight.
    """
    times = observations["time"].to_numpy().astype("datetime64[ns]")
    if utc_offset_hours is None:
        midnight = prior["period_bounds"].to_numpy()[0, 0].astype("datetime64[ns]")
    else:
        midnight = _EPOCH - np.timedelta64(round(utc_offset_hours * 3600), "s")
    since = times - midnight
    day = since // _DAY
    return day, (since - day * _DAY) // _HOUR
