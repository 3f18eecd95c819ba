"""Prior and posterior covariance of the sectors' totals come in; which sectors can be told apart goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

TOO_ALIKE = 0.7
UNSEEN = 1e-4


@dataclass(frozen=True)
class SectorTotals:
    """The city's total of each of k sectors.

    Attributes
    ----------
    names : tuple of str, (k,)
    total : ndarray, (k,)
        Posterior mean [kg s-1].
    before, reduction : ndarray, (k, k)
        W^T B W and W^T (B - P) W, computed directly [(kg s-1)^2].
    """

    names: tuple[str, ...]
    total: np.ndarray
    before: np.ndarray
    reduction: np.ndarray

    @property
    def after(self) -> np.ndarray:
        """W^T P W, (k, k)."""
        return self.before - self.reduction


def reduced_kernel(totals: SectorTotals) -> np.ndarray:
    """Return by how much each sector's estimate follows each sector's truth, (k, k).

    Notes
    -----
    A = W^T (B - P) W (W^T B W)^-1: row i tells how the estimate of sector i moves where the truth
    of sector j moves by one, all cells moving as the prior expects them to. The identity is
    perfect; a row that is spread out says that sectors cannot be told apart here.
    """
    return scipy.linalg.solve(totals.before, totals.reduction, assume_a="pos").T


def data_correlation(totals: SectorTotals) -> np.ndarray:
    """Return the correlation of the totals with the prior removed; NaN where one is unseen, (k, k).

    Notes
    -----
    SCIENCE 2.15 b: with Q = L L^T and L^-1 (Q - V) L^-T = U diag(l) U^T, the covariance of what
    the observations alone say is L U diag((1 - l) / l) U^T L^T. Where a sector leans on
    directions with l below 1e-4 by more than 1 % of its prior variance it is unseen.
    """
    root = np.linalg.cholesky(totals.before)
    half = scipy.linalg.solve_triangular(root, totals.reduction, lower=True)
    inner = scipy.linalg.solve_triangular(root, half.T, lower=True)
    strength, direction = np.linalg.eigh(0.5 * (inner + inner.T))
    modes = root @ direction
    seen = strength > UNSEEN
    kept = np.minimum(strength[seen], 1.0)
    covariance = (modes[:, seen] * ((1.0 - kept) / kept)) @ modes[:, seen].T
    unseen = (modes[:, ~seen] ** 2).sum(axis=1) > 0.01 * np.diagonal(totals.before)
    deviation = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.where(
        np.outer(deviation, deviation) > 0.0, np.outer(deviation, deviation), np.nan
    )
    correlation[unseen] = np.nan
    correlation[:, unseen] = np.nan
    return correlation


def pairs_told_as_sum(totals: SectorTotals, limit: float = TOO_ALIKE) -> list[dict[str, Any]]:
    """Return the pairs of sectors whose totals hang together, each as its sum.

    Returns
    -------
    list of dict
        ``sectors``, ``correlation`` (posterior), ``data_correlation`` (prior removed, None where
        one of them is unseen), ``total``, ``standard_deviation`` and
        ``prior_standard_deviation`` of the sum [kg s-1], and ``information`` on it.

    Notes
    -----
    A pair is told where either correlation exceeds the limit in size: low information hides a
    pair behind a low posterior correlation (SCIENCE 2.16).
    """
    after, alone = totals.after, data_correlation(totals)
    deviation = np.sqrt(np.diagonal(after))
    rows = []
    for i, one in enumerate(totals.names):
        for j in range(i + 1, len(totals.names)):
            correlation = float(after[i, j] / (deviation[i] * deviation[j]))
            apart = float(alone[i, j]) if np.isfinite(alone[i, j]) else None
            if max(abs(correlation), abs(apart or 0.0)) <= limit:
                continue
            both = np.ix_([i, j], [i, j])
            before = float(totals.before[both].sum())
            rows.append(
                {
                    "sectors": [one, totals.names[j]],
                    "correlation": correlation,
                    "data_correlation": apart,
                    "total": float(totals.total[i] + totals.total[j]),
                    "standard_deviation": float(np.sqrt(max(after[both].sum(), 0.0))),
                    "prior_standard_deviation": float(np.sqrt(max(before, 0.0))),
                    "information": float(totals.reduction[both].sum()) / before,
                }
            )
    return rows
