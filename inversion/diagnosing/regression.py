"""Innovations and what they should not depend on come in; how much they do goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.stats

if TYPE_CHECKING:
    from inversion.innovations import Innovations

_HOUR_NS = 3600 * 10**9
_FEWEST = 3


def slopes(fit: Innovations, covariates: dict[str, np.ndarray]) -> list[dict[str, Any]]:
    """Return the slope of the innovations on each covariate, all else as S states it.

    Parameters
    ----------
    fit : Innovations
    covariates : dict of ndarray, (n,)
        Such as ``mixing_height`` [m] and ``wind_speed`` [m s-1]; NaN where not known.

    Returns
    -------
    list of dict
        ``name``, ``n``, ``mean`` and ``spread`` of the covariate, ``slope``
        [umol mol-1 for one spread], ``standard_deviation``, ``z`` and ``p`` (two-sided).

    Notes
    -----
    Generalised least squares with a constant beside it. A slope on mixing height or wind is a
    bias of the transport (SCIENCE 2.12).
    """
    rows = []
    for name, values in covariates.items():
        known = np.isfinite(values)
        kept = np.flatnonzero(known)
        spread = float(np.std(values[kept])) if len(kept) >= _FEWEST else 0.0
        if not spread > 0.0:
            rows.append({"name": name, "n": len(kept)} | dict.fromkeys(_TOLD))
            continue
        mean = float(np.mean(values[kept]))
        design = np.stack([np.ones(len(kept)), (values[kept] - mean) / spread], axis=1)
        slope, deviation = _least_squares(fit, kept, design, 1)
        z = slope / deviation
        told = (mean, spread, slope, deviation, z, float(2.0 * scipy.stats.norm.sf(abs(z))))
        rows.append({"name": name, "n": len(kept)} | dict(zip(_TOLD, told, strict=True)))
    return rows


_TOLD = ("mean", "spread", "slope", "standard_deviation", "z", "p")


def clock_shifts(fit: Innovations, modelled: np.ndarray) -> list[dict[str, Any]]:
    """Return by how much each site's clock seems to be late.

    Parameters
    ----------
    fit : Innovations
    modelled : ndarray, (n,)
        b + H x_a [umol mol-1].

    Returns
    -------
    list of dict
        ``name``, ``n`` (hours with a neighbour), ``shift_hours`` (positive: stamped too late),
        ``standard_deviation``, ``z`` and ``p`` (two-sided); None without neighbours.

    Notes
    -----
    A record stamped late by s shows m(t - s), so that its innovations hold -s dm/dt: the slope on
    the modelled rate of change, by generalised least squares with a constant beside it. First
    order in s: shifts of many hours are seen, their size is not to be believed.
    """
    rows = []
    for name, members in fit.groups():
        rate = _rate(fit.time[members], modelled[members])
        kept, known = members[np.isfinite(rate)], rate[np.isfinite(rate)]
        row: dict[str, Any] = {"name": name, "n": len(kept)}
        if len(kept) < _FEWEST or not np.std(known) > 0.0:
            rows.append(row | dict.fromkeys(("shift_hours", "standard_deviation", "z", "p")))
            continue
        design = np.stack([np.ones(len(kept)), known], axis=1)
        slope, deviation = _least_squares(fit, kept, design, 1)
        z = -slope / deviation
        row |= {"shift_hours": -slope, "standard_deviation": deviation, "z": z}
        rows.append(row | {"p": float(2.0 * scipy.stats.norm.sf(abs(z)))})
    return rows


def _rate(time: np.ndarray, modelled: np.ndarray) -> np.ndarray:
    """Return the change of a series by the hour, from its neighbours one hour away, or NaN."""
    hour = time.astype("datetime64[ns]").astype(np.int64) // _HOUR_NS
    value = dict(zip(hour.tolist(), modelled.tolist(), strict=True))
    rate = np.full(len(hour), np.nan)
    for row, when in enumerate(hour.tolist()):
        before, after = value.get(when - 1), value.get(when + 1)
        if before is not None and after is not None:
            rate[row] = 0.5 * (after - before)
        elif after is not None:
            rate[row] = after - value[when]
        elif before is not None:
            rate[row] = value[when] - before
    return rate


def _least_squares(
    fit: Innovations, rows: np.ndarray, design: np.ndarray, column: int
) -> tuple[float, float]:
    """Return one coefficient of d on a design for some rows, given all others, and its deviation.

    The rows left out enter through S as observations without an unknown of their own.
    """
    precision = fit.precision[np.ix_(rows, rows)]
    covariance = np.linalg.inv(design.T @ precision @ design)
    found = covariance @ (design.T @ fit.weighted[rows])
    return float(found[column]), float(np.sqrt(covariance[column, column]))
