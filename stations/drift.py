"""A series of daily offsets comes in; its robust slope and an honest standard error go out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DAYS = 30.0  # slopes are per 30 days
_Z95 = 1.959963984540054


class Slope(NamedTuple):
    """A slope, umol mol-1 per 30 days, its standard error, and the freedom behind that; NaN if none."""

    value: float
    standard_error: float
    degrees_of_freedom: float


def theil_sen(day: np.ndarray, offset: np.ndarray, minimum_days: int) -> Slope:
    """Return the median of all pairwise slopes.

    Parameters
    ----------
    day : ndarray (day,), d
        Strictly ascending.
    offset : ndarray (day,), umol mol-1
        NaN where there is none.
    minimum_days : int
        With fewer finite offsets the slope is NaN.

    Returns
    -------
    Slope

    Notes
    -----
    Sen (1968), J. Am. Stat. Assoc. 63, 1379-1389: median of slopes and the rank interval
    from Kendall's variance n(n-1)(2n+5)/18. Half the 95 % interval over 1.96 is the
    standard error; it is multiplied by sqrt((1+r)/(1-r)), r the lag-1 correlation of the
    residuals of consecutive days, corrected by + (1 + 4 r)/n for its bias in short series
    (Kendall 1954, Biometrika 41, 403-404) and kept within 0 to 0.9. Degrees of freedom:
    independent days n (1-r)/(1+r), less 2.

    Examples
    --------
    >>> day = np.arange(20.0)
    >>> slope = theil_sen(day, 0.1 * day, 14)
    >>> round(slope.value, 9), slope.standard_error < 1e-9
    (3.0, True)
    """
    finite = np.isfinite(offset)
    t, y = day[finite], offset[finite]
    if t.size < max(minimum_days, 3):
        return Slope(np.nan, np.nan, np.nan)
    first, second = np.triu_indices(t.size, 1)
    slopes = np.sort((y[second] - y[first]) / (t[second] - t[first]))
    slope = float(np.median(slopes))
    spread = _Z95 * np.sqrt(t.size * (t.size - 1) * (2 * t.size + 5) / 18.0)
    low = max(int(np.floor((slopes.size - spread) / 2)), 0)
    high = min(int(np.ceil((slopes.size + spread) / 2)), slopes.size - 1)
    error = float(slopes[high] - slopes[low]) / (2.0 * _Z95)
    inflation = _inflation(t, y - slope * t)
    degrees = max(t.size / inflation**2 - 2.0, 1.0)
    return Slope(DAYS * slope, DAYS * error * inflation, degrees)


def critical_ratio(standard_errors: float, degrees_of_freedom: float) -> float:
    """Return the ratio to its standard error that is as rare as so many normal standard errors.

    Parameters
    ----------
    standard_errors : float
        Of a normal distribution.
    degrees_of_freedom : float

    Returns
    -------
    float
        Student's t with the same tail probability.

    Examples
    --------
    >>> round(critical_ratio(4.0, 33.0), 2), round(critical_ratio(4.0, 1e9), 2)
    (4.58, 4.0)
    """
    from scipy.stats import norm, t

    return float(t.isf(norm.sf(standard_errors), degrees_of_freedom))


def _inflation(day: np.ndarray, residual: np.ndarray) -> float:
    """Return sqrt((1+r)/(1-r)) of the residuals' correlation from one day to the next."""
    centred = residual - np.median(residual)
    next_day = np.diff(day) == 1
    variance = float(np.mean(centred**2))
    if variance == 0 or not next_day.any():
        return 1.0
    r = float(np.mean((centred[1:] * centred[:-1])[next_day])) / variance
    r = min(max(r + (1.0 + 4.0 * r) / day.size, 0.0), 0.9)
    return float(np.sqrt((1.0 + r) / (1.0 - r)))
