"""A prior's periods and how errors hang together in time come in; their correlation goes out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from inversion.linalg.in_time import (
    InTime,
    day_to_day,
    exponential_in_time,
    same_hour,
    shared_in_time,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

logger = logging.getLogger(__name__)

_DAY = 86_400.0
_ROUNDING = 1e-12
PARTS = ("day_to_day", "same_hour")


def period_correlation(prior: xr.Dataset, attrs: Mapping[str, Any]) -> InTime:
    """Return the correlation between periods: exponential, day to day, same hour next day.

    Parameters
    ----------
    prior : Dataset ``prior``
        Its periods.
    attrs : mapping
        ``temporal_kernel``, ``temporal_efolding_days``; of each further part its ``share`` of the
        variance and its ``efolding_days``; ``utc_offset_hours`` for the local day.

    Returns
    -------
    InTime, (p, p)
    """
    kernel = attrs["temporal_kernel"]
    if kernel != "exponential":
        msg = (
            f"temporal_kernel must be exponential; got {kernel!r} in prior_covariance.nc. "
            "Set the attribute to exponential, or give period_correlation."
        )
        raise ValueError(msg)
    centres = _seconds(prior).mean(axis=1)
    shares = [float(attrs.get(f"temporal_{part}_share", 0.0)) for part in PARTS]
    parts = [exponential_in_time(centres, float(attrs["temporal_efolding_days"]) * _DAY)]
    if not any(shares):
        return parts[0]
    days, hours = local_parts(prior, attrs)
    if shares[1] > 0.0 and not hours.any():
        logger.info(
            "periods last a day or longer: the part of the same hour is one from day to day"
        )
    lengths = [float(attrs.get(f"temporal_{part}_efolding_days", np.nan)) for part in PARTS]
    wrong = [
        f"{part}: {length} days"
        for part, share, length in zip(PARTS, shares, lengths, strict=True)
        if share > 0.0 and not (np.isfinite(length) and length > 0.0)
    ]
    if wrong:
        msg = (
            "every part of the correlation in time must have an e-folding time > 0; got "
            f"{'; '.join(wrong)} in prior_covariance.nc. Give temporal_<part>_efolding_days."
        )
        raise ValueError(msg)
    rest = 1.0 - sum(shares)
    weights = [0.0 if abs(rest) < _ROUNDING else rest, *shares]
    parts.append(day_to_day(days, lengths[0]) if shares[0] > 0.0 else parts[0])
    parts.append(same_hour(days, hours, lengths[1]) if shares[1] > 0.0 else parts[0])
    return shared_in_time(weights, parts)


def local_parts(prior: xr.Dataset, attrs: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the local day of each period, and which part of the day it is.

    Parameters
    ----------
    prior : Dataset ``prior``
    attrs : mapping
        ``utc_offset_hours``, where it is known.

    Returns
    -------
    days : ndarray of int, (p,)
        Number of the day in which the period's centre lies; only differences mean anything.
    parts : ndarray of int, (p,)
        Number of the period within its day; 0 where periods last a day or longer.

    Raises
    ------
    ValueError
        Where the longest period is shorter than a day and no whole part of it.

    Notes
    -----
    ASSUME: without an offset, the first state period starts at local midnight.
    """
    bounds = _seconds(prior)
    offset = attrs.get("utc_offset_hours")
    since = bounds - bounds[0, 0] if offset is None else bounds + float(offset) * 3600.0
    centres = since.mean(axis=1)
    days = np.floor(centres / _DAY).astype(np.int64)
    longest = float((bounds[:, 1] - bounds[:, 0]).max())
    if longest >= _DAY:
        return days, np.zeros_like(days)
    if abs(_DAY / longest - round(_DAY / longest)) > 1e-9:
        msg = (
            "periods shorter than a day must be a whole part of it; got a longest of "
            f"{longest / 3600.0:.6g} h in prior.nc. Set the shares of parts by day and hour to 0."
        )
        raise ValueError(msg)
    return days, np.floor((centres - days * _DAY) / longest).astype(np.int64)


def _seconds(prior: xr.Dataset) -> np.ndarray:
    """Return starts and ends of the periods, (p, 2), s since 1970."""
    return prior["period_bounds"].to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9
