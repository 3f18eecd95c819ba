"""Lengths of averaging periods and an e-folding time come in; correlations of the means over them go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

AVERAGING = ("batch", "year")
_YEAR_DAYS = (365.0, 366.0)
_SMALL = 1e-4


def mean_correlation(length_days: float, efolding_days: float) -> float:
    """Return the variance of the mean over a window, for a process of variance 1.

    Parameters
    ----------
    length_days : float
        Of the window, > 0.
    efolding_days : float
        Of the exponential correlation in time, > 0.

    Notes
    -----
    With x = length / efolding, the mean of exp(-|t - t'| / efolding) over all pairs of times in
    the window: 2 (x - 1 + exp(-x)) / x^2.

    Examples
    --------
    >>> round(mean_correlation(30.0, 365.0), 4), round(mean_correlation(365.0, 365.0), 4)
    (0.9732, 0.7358)
    """
    x = length_days / efolding_days
    if x < _SMALL:
        return 1.0 - x / 3.0 + x**2 / 12.0
    return float(2.0 * (x + np.expm1(-x)) / x**2)


def window_covariance(edges_days: np.ndarray, efolding_days: float) -> np.ndarray:
    """Return the covariance of the means over adjoining windows, for a process of variance 1.

    Parameters
    ----------
    edges_days : ndarray, (k + 1,)
        Ascending.
    efolding_days : float

    Returns
    -------
    ndarray, (k, k)

    Notes
    -----
    For windows i before j, with lengths l in e-folding times and the gap between them:
    exp(-gap) (1 - exp(-l_i)) (1 - exp(-l_j)) / (l_i l_j). Months whose totals have these
    covariances have the year's variance of `mean_correlation`, exactly.
    """
    edges = np.asarray(edges_days, dtype=np.float64) / efolding_days
    length = np.diff(edges)
    gap = edges[:-1][None, :] - edges[1:][:, None]  # from the end of i to the start of j
    share = -np.expm1(-length) / length
    upper = np.triu(np.exp(-np.maximum(gap, 0.0)) * np.outer(share, share), 1)
    own = [mean_correlation(one * efolding_days, efolding_days) for one in length]
    return upper + upper.T + np.diag(own)


def batch_factor(attrs: Mapping[str, Any], batch_days: float) -> float:
    """Return the standard deviation of a batch's mean over the declared one.

    Parameters
    ----------
    attrs : mapping
        ``declared_averaging``: ``batch`` (also where it is missing) or ``year``;
        ``declared_efolding_days``: in which the error of a total is forgotten.
    batch_days : float
        Length of the batch.

    Returns
    -------
    float
        1 for ``batch`` and for a batch of one year; above 1 for a shorter batch.

    Notes
    -----
    The error of a total has its own, long correlation in time D_t (SCIENCE 2.2). Means over the
    year and over the batch then have variances in the ratio of `mean_correlation`: twelve months
    of a year declared at 15 % have 17 % each, correlated, and not 52 % each, independent.
    A year has 365 days, or 366 where the batch does.
    """
    averaging = str(attrs.get("declared_averaging", "batch"))
    if averaging not in AVERAGING:
        msg = (
            f"declared_averaging must be one of {', '.join(AVERAGING)}; got {averaging!r} in "
            "prior_covariance.nc. Say which mean the declared standard deviations are of."
        )
        raise ValueError(msg)
    if averaging == "batch":
        return 1.0
    efolding = float(attrs.get("declared_efolding_days", np.nan))
    if not (np.isfinite(efolding) and efolding > 0.0):
        msg = (
            f"declared_efolding_days must be finite and > 0; got {efolding} in "
            "prior_covariance.nc. Give the days in which the error of a total is forgotten."
        )
        raise ValueError(msg)
    year = float(np.clip(batch_days, *_YEAR_DAYS))
    ratio = mean_correlation(batch_days, efolding) / mean_correlation(year, efolding)
    return float(np.sqrt(ratio))
