"""A batch comes in; the length of its intervals of time goes out."""

from __future__ import annotations

import numpy as np

from report.inputs import Batch

SECOND = np.timedelta64(1, "s")


def batch_seconds(batch: Batch) -> float:
    """Return the length of a batch [s], the days of its spin-up left out."""
    bounds = batch.prior["period_bounds"].values
    used = batch.prior["period_in_batch"].values == 1
    return float(np.sum((bounds[used, 1] - bounds[used, 0]) / SECOND))


def longest_period_hours(batch: Batch) -> float:
    """Return the length of the longest period of the state [h]."""
    bounds = batch.prior["period_bounds"].values
    return float(np.max((bounds[:, 1] - bounds[:, 0]) / SECOND)) / 3600.0


def local_dates(bounds: np.ndarray, utc_offset_hours: float) -> str:
    """Return first and last local day of an interval.

    Parameters
    ----------
    bounds : ndarray of datetime64[ns], (2,)
        Start and end, UTC.
    utc_offset_hours : float
        Local time minus UTC [h].

    Examples
    --------
    >>> local_dates(np.array(["2010-12-31T12", "2011-12-31T12"], "datetime64[ns]"), 12.0)
    '2011-01-01 – 2011-12-31'
    """
    offset = np.timedelta64(round(3600 * utc_offset_hours), "s")
    first, last = bounds[0] + offset, bounds[1] + offset - SECOND
    return f"{str(first)[:10]} – {str(last)[:10]}"
