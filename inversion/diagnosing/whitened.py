"""Innovations come in; tests that nothing is left in them once S has made them white go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg
import scipy.stats

if TYPE_CHECKING:
    from inversion.innovations import Innovations

LAGS_HOURS = (1, 2, 3, 24)
Z_95 = float(scipy.stats.norm.ppf(0.975))
_HOUR_NS = 3600 * 10**9


def whitened(fit: Innovations) -> np.ndarray:
    """Return L^-1 d with S = L L^T in order of time: N(0, 1) and independent where S is right, (n,).

    Notes
    -----
    Each number is the error of a forecast from all earlier observations over its deviation.
    """
    order = np.lexsort((fit.receptor, fit.time))
    factor = np.linalg.cholesky(fit.covariance[np.ix_(order, order)])
    white = np.empty(fit.n)
    white[order] = scipy.linalg.solve_triangular(factor, fit.innovation[order], lower=True)
    return white


def autocorrelation(
    fit: Innovations, white: np.ndarray, lags_hours: tuple[int, ...] = LAGS_HOURS
) -> list[dict[str, Any]]:
    """Return how whitened innovations hang together at some lags, and between sites at one hour.

    Returns
    -------
    list of dict
        ``lag_hours`` (0: pairs of sites at the same hour), ``pairs``, ``correlation`` (None
        without pairs) and ``limit``, 1.96 / sqrt(pairs).

    Notes
    -----
    Pairs of one receptor, pooled over receptors. A correlation time of R that is too short leaves
    a positive correlation behind, one that is too long a negative one.
    """
    rows = []
    hour = fit.time.astype("datetime64[ns]").astype(np.int64) // _HOUR_NS
    for lag in (0, *lags_hours):
        first, second = _pairs(hour, fit.receptor, lag)
        count = len(first)
        mean = float(np.mean(white[first] * white[second])) if count else None
        size = float(np.mean(white**2)) if count else 1.0
        rows.append(
            {
                "lag_hours": lag,
                "pairs": count,
                "correlation": None if mean is None else mean / size,
                "limit": Z_95 / float(np.sqrt(count)) if count else None,
            }
        )
    return rows


def _pairs(hour: np.ndarray, receptor: np.ndarray, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs that lie a lag apart at one receptor; for lag 0 those of two receptors."""
    if lag == 0:
        same = (hour[:, None] == hour[None, :]) & (receptor[:, None] < receptor[None, :])
        return np.nonzero(same)
    place = {key: row for row, key in enumerate(zip(receptor.tolist(), hour.tolist(), strict=True))}
    found = [
        (row, place[(site, when + lag)])
        for (site, when), row in place.items()
        if (site, when + lag) in place
    ]
    first, second = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return first, second


def site_means(fit: Innovations, white: np.ndarray) -> list[dict[str, Any]]:
    """Return whether a site is off as a whole: a t-test of its whitened mean, and a bias in ppm.

    Returns
    -------
    list of dict
        ``name``, ``n``, ``mean`` (whitened), ``t``, ``t_p`` (two-sided), ``bias`` and
        ``bias_standard_deviation`` [umol mol-1], ``bias_p``.

    Notes
    -----
    The bias is the generalised least squares estimate of a constant added to the site's
    innovations, (1^T S^-1 d) / (1^T S^-1 1), with variance 1 / (1^T S^-1 1): what S says the
    others foretell is taken off, which no mean of one site's numbers does.
    """
    rows = []
    for name, members in fit.groups():
        series, n = white[members], len(members)
        told = fit.precision[np.ix_(members, members)].sum()
        bias, deviation = float(fit.weighted[members].sum() / told), float(1.0 / np.sqrt(told))
        spread = float(series.std(ddof=1)) if n > 1 else 0.0
        t = float(series.mean() / (spread / np.sqrt(n))) if spread > 0.0 else None
        rows.append(
            {
                "name": name,
                "n": n,
                "mean": float(series.mean()),
                "t": t,
                "t_p": None if t is None else float(2.0 * scipy.stats.t.sf(abs(t), n - 1)),
                "bias": bias,
                "bias_standard_deviation": deviation,
                "bias_p": float(2.0 * scipy.stats.norm.sf(abs(bias) / deviation)),
            }
        )
    return rows
