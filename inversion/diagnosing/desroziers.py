"""Innovations come in; observed over assumed mismatch errors, by group and by lag, go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse

if TYPE_CHECKING:
    from inversion.diagnosing.groups import Groups
    from inversion.innovations import Innovations

LAGS_HOURS = (1, 2, 3, 4, 5, 24)
_HOUR_NS = 3600 * 10**9


def mismatch_by_group(fit: Innovations, groups: Groups) -> list[dict[str, Any]]:
    """Return observed and assumed error variances of each group.

    Returns
    -------
    list of dict
        ``name``, ``n``, ``observed`` and ``assumed`` [(umol mol-1)^2], ``ratio``,
        ``ratio_standard_deviation`` and ``z``.

    Notes
    -----
    E[(y - H x^) d^T] = R (Desroziers et al. 2005, eq. 1), on the diagonal. y - H x^ = R S^-1 d,
    so the estimate is a quadratic form d^T A d, with mean tr(A S) and variance 2 tr(A S A S)
    where S is right: that is how far a ratio may lie from 1.
    """
    rows = []
    gain = fit.precision @ fit.mismatch
    for name, members in groups:
        mask = np.zeros((fit.n, fit.n), dtype=bool)
        mask[members, members] = True
        rows.append({"name": name, "n": len(members)} | _estimate(fit, gain, mask))
    return rows


def mismatch_by_lag(
    fit: Innovations, lags_hours: tuple[int, ...] = LAGS_HOURS
) -> list[dict[str, Any]]:
    """Return observed and assumed error covariances at one site some hours apart.

    Returns
    -------
    list of dict
        As `mismatch_by_group`, with ``lag_hours`` and ``pairs`` in place of the name; lags
        without pairs are left out, and one that R takes for uncorrelated has no ratio.

    Notes
    -----
    Off the diagonal the same relation tells which correlations are missing (SCIENCE 2.12): where
    R forgets too fast, ratios rise with the lag; where it forgets too slowly, they fall.
    """
    rows = []
    gain = fit.precision @ fit.mismatch
    hour = fit.time.astype("datetime64[ns]").astype(np.int64) // _HOUR_NS
    apart = np.abs(hour[:, None] - hour[None, :])
    same = fit.receptor[:, None] == fit.receptor[None, :]
    for lag in (0, *lags_hours):
        mask = same & (apart == lag)
        pairs = int(mask.sum())
        if pairs:
            rows.append({"lag_hours": lag, "pairs": pairs} | _estimate(fit, gain, mask))
    return rows


def _estimate(fit: Innovations, gain: np.ndarray, mask: np.ndarray) -> dict[str, Any]:
    """Return the mean of (y - H x^)_i d_j over a symmetric mask, beside that of R.

    `gain` is S^-1 R.
    """
    count = int(mask.sum())
    residual = fit.mismatch @ fit.weighted
    chosen = scipy.sparse.csr_matrix(mask, dtype=np.float64)
    observed = float(residual @ (chosen @ fit.innovation)) / count
    assumed = float(fit.mismatch[mask].sum()) / count
    touched = np.flatnonzero(mask.any(axis=1))
    product = 0.5 * (gain[:, touched] @ (chosen[touched] @ fit.covariance))
    product += 0.5 * (chosen @ fit.mismatch)
    deviation = float(np.sqrt(2.0 * np.einsum("ij,ji->", product, product))) / count
    related = abs(assumed) > 1e-6 * float(np.mean(np.diagonal(fit.mismatch)))
    return {
        "observed": observed,
        "assumed": assumed,
        "ratio": observed / assumed if related else None,
        "ratio_standard_deviation": deviation / abs(assumed) if related else None,
        "z": (observed - assumed) / deviation if deviation > 0.0 else None,
    }
