"""A prior and its hours come in; the mean emission of each sector, local day and cell goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

if TYPE_CHECKING:
    import xarray as xr

    from inversion.emission_hours import EmissionHours

_DAY = np.timedelta64(24, "h")


@dataclass(frozen=True)
class DailyMeans:
    """The prior's emissions without what they do within a day.

    Attributes
    ----------
    day : ndarray of int64, (hour,)
        Local day of each hour of the prior.
    flux : ndarray, (day * cell, sector)
        Mean emission over the hours of a local day [umol m-2 s-1].
    n_cell : int
    """

    day: np.ndarray
    flux: np.ndarray
    n_cell: int

    def seen(self, sensitivity: np.ndarray, hour: np.ndarray, cell: np.ndarray) -> np.ndarray:
        """Return the mole fraction that a footprint sees of daily means, (sector,) [umol mol-1].

        Parameters
        ----------
        sensitivity : ndarray, (k,)
            [m2 s mol-1]
        hour, cell : ndarray of int, (k,)
            Emission hour and cell of each element.
        """
        return sensitivity @ self.flux[self.day[hour] * self.n_cell + cell]


def daily_means(prior: xr.Dataset, hours: EmissionHours) -> DailyMeans:
    """Return the mean of profile times flux over the hours of each local day.

    Parameters
    ----------
    prior : Dataset ``prior``
        ``flux`` (sector, period, cell) and ``hourly_profile`` (sector, hour).
    hours : EmissionHours
        Of the same prior.

    Returns
    -------
    DailyMeans

    Notes
    -----
    e(h) = profile(h) flux(period of h) summed over a day and divided by its number of hours: what
    remains, e - mean, sums to zero over every day, whatever the length of the state's periods. A
    weekday's or a season's part of the profile stays in the mean.

    ASSUME: the first state period starts at local midnight, as periods of the state do.
    """
    flux = prior["flux"].to_numpy().astype(np.float64, copy=False)
    flux = flux.reshape(*flux.shape[:2], -1)
    profile = prior["hourly_profile"].to_numpy()
    _, day, count = np.unique(
        (hours.start - hours.bounds[0, 0]) // _DAY, return_inverse=True, return_counts=True
    )
    means = np.empty((len(count), flux.shape[2], len(flux)))
    for sector, (field, factor) in enumerate(zip(flux, profile, strict=True)):
        share = scipy.sparse.coo_matrix(
            (factor / count[day], (day, hours.period)), shape=(len(count), len(field))
        )
        means[:, :, sector] = share.tocsr() @ field
    return DailyMeans(day, means.reshape(-1, len(flux)), flux.shape[2])
