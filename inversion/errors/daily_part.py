"""A prior and the size of what a sector's whole day has in common come in; its covariance goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.errors.periods import local_parts
from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.in_time import exponential_in_time
from inversion.linalg.low_rank import LowRank
from inversion.linalg.sector_days import SectorDays

if TYPE_CHECKING:
    import xarray as xr


def daily_part(prior: xr.Dataset, description: xr.Dataset) -> LowRank | None:
    """Return the covariance of factors that are common to a sector on one local day.

    Parameters
    ----------
    prior : Dataset ``prior``
    description : Dataset ``prior_covariance``
        ``daily_sector_standard_deviation`` (sector): share of the sector's flux; the attribute
        ``daily_sector_efolding_days``.

    Returns
    -------
    LowRank or None
        None where every sector's share is 0. One mode for each sector and day, its pattern the
        sector's prior flux of that day; from day to day they correlate exponentially.

    Notes
    -----
    What weather, electricity or traffic counts do to a whole sector at once (SCIENCE 2.13, the
    family of truths): a correlation in space of limited length cannot express it.
    """
    if "daily_sector_standard_deviation" not in description:
        return None
    share = description["daily_sector_standard_deviation"].to_numpy().astype(np.float64)
    efolding = float(description.attrs.get("daily_sector_efolding_days", np.nan))
    g = prior.sizes["sector"]
    if not (share.shape == (g,) and np.isfinite(share).all() and (share >= 0.0).all()):
        msg = (
            f"daily_sector_standard_deviation must hold one share >= 0 for each of {g} sectors; "
            f"got {share.tolist()} in prior_covariance.nc. Build it from this prior."
        )
        raise ValueError(msg)
    if not share.any():
        return None
    if not (np.isfinite(efolding) and efolding > 0.0):
        msg = (
            f"daily_sector_efolding_days must be finite and > 0; got {efolding} in "
            "prior_covariance.nc. Give the days in which a day's factor is forgotten."
        )
        raise ValueError(msg)
    flux = prior["flux"].to_numpy().astype(np.float64, copy=False)
    numbers, days = np.unique(local_parts(prior, description.attrs)[0], return_inverse=True)
    modes = SectorDays(share[:, None, None] * flux.reshape(g, flux.shape[1], -1), days)
    return LowRank(modes, BlockDiagonal([exponential_in_time(numbers, efolding)] * g))
