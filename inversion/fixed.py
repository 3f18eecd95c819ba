"""The prior's fixed flux comes in; its mean rate by region, by day and by cell goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import region_weights

if TYPE_CHECKING:
    import xarray as xr

    from inversion.aggregates import Layout


@dataclass(frozen=True)
class FixedFlux:
    """Human respiration: part of the prior mean that no state moves.

    Attributes
    ----------
    mean : ndarray, (r,)
        Mean flux of the batch [umol m-2 s-1].
    rates : ndarray, (c,)
        Rate of each region of the prior where the hourly profile is 1 [kg s-1].
    profile : ndarray, (p,)
        Mean of the hourly profile over each period.
    by_period : ndarray, (p,)
        The city's mean rate in each period [kg s-1].
    relative : float
        Its relative standard deviation.
    """

    mean: np.ndarray
    rates: np.ndarray
    profile: np.ndarray
    by_period: np.ndarray
    relative: float

    def rate(self, layout: Layout, region: str, interval: str = "") -> float:
        """Return the mean rate of a region, ``all`` or a group over the batch or an interval [kg s-1]."""
        weights = layout.intervals[interval].weights if interval else layout.period_weights
        return float(self.profile @ weights) * float(region_weights(layout, region) @ self.rates)


def fixed_flux(prior: xr.Dataset, layout: Layout) -> FixedFlux:
    """Return the fixed flux of a prior averaged over its periods.

    Parameters
    ----------
    prior : Dataset ``prior``
        Without ``fixed_flux`` the result is zero.
    layout : Layout

    Returns
    -------
    FixedFlux
    """
    places, periods = len(layout.region_weights), len(layout.period_weights)
    if "fixed_flux" not in prior:
        zero = np.zeros(len(layout.regions))
        return FixedFlux(np.zeros(places), zero, np.zeros(periods), np.zeros(periods), 0.0)
    profile = period_means(prior)
    flux = prior["fixed_flux"].to_numpy().astype(np.float64).ravel()
    mean = flux * float(profile @ layout.period_weights)
    rates = flux @ layout.region_weights
    relative = float(prior.attrs.get("fixed_relative_standard_deviation", 0.0))
    return FixedFlux(mean, rates, profile, profile * float(flux @ layout.city_weights), relative)


def period_means(prior: xr.Dataset) -> np.ndarray:
    """Return the mean of the fixed flux's hourly profile over each period, (p,)."""
    hours = prior["hour"].to_numpy().astype("datetime64[ns]")
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]")
    profile = prior["fixed_hourly_profile"].to_numpy().astype(np.float64)
    inside = (hours >= bounds[:, :1]) & (hours < bounds[:, 1:])
    counts = inside.sum(axis=1)
    if (counts == 0).any():
        msg = (
            "every period must hold hours of the fixed flux's profile; got none in period "
            f"{int(np.argmin(counts))} of prior.nc. Build the profile for the whole state."
        )
        raise ValueError(msg)
    return inside @ profile / counts
