"""Innovations and groups come in; how well each group is foretold by all others goes out, in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.stats

if TYPE_CHECKING:
    from inversion.diagnosing.groups import Groups
    from inversion.innovations import Innovations

SHARES = (50, 80, 95)


@dataclass(frozen=True)
class Foretold:
    """Errors of prediction of k observations, and their standard deviations as stated.

    Attributes
    ----------
    error, standard_deviation : ndarray, (k,)
        [umol mol-1]
    """

    error: np.ndarray
    standard_deviation: np.ndarray

    def coverage(self) -> dict[str, float]:
        """Return the share of errors inside the central intervals of 50, 80 and 95 %."""
        z = np.abs(self.error) / self.standard_deviation
        return {
            str(share): float(np.mean(z <= scipy.stats.norm.ppf(0.5 + share / 200.0)))
            for share in SHARES
        }


def crps(error: np.ndarray, standard_deviation: np.ndarray) -> np.ndarray:
    """Return the continuous ranked probability score of normal predictions, (k,).

    Notes
    -----
    sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)) with z = error / sigma (Gneiting et al.
    2005, eq. 5); where the predictions are right its mean is sigma / sqrt(pi).

    Examples
    --------
    >>> crps(np.array([0.0]), np.array([1.0])).round(4).tolist()
    [0.2337]
    """
    z = error / standard_deviation
    normal = scipy.stats.norm
    inner = z * (2.0 * normal.cdf(z) - 1.0) + 2.0 * normal.pdf(z) - 1.0 / np.sqrt(np.pi)
    return standard_deviation * inner


def foretell(fit: Innovations, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return error of prediction (k,) and its covariance (k, k) of a group left out.

    Notes
    -----
    [S^-1]_oo^-1 [S^-1 d]_o and [S^-1]_oo^-1 (SCIENCE 2.12): as if the problem had been solved
    again without the group.
    """
    covariance = np.linalg.inv(fit.precision[np.ix_(members, members)])
    covariance = 0.5 * (covariance + covariance.T)
    return covariance @ fit.weighted[members], covariance


def leave_out(fit: Innovations, groups: Groups) -> tuple[list[dict[str, Any]], Foretold]:
    """Return how each group is foretold, and all predictions together.

    Returns
    -------
    rows : list of dict
        ``name``, ``n``, ``coverage`` (of 50, 80 and 95 % intervals), ``rmse``,
        ``mean_standard_deviation``, ``bias`` (mean error) [umol mol-1], ``bias_z`` (over its
        standard deviation), ``reduced_chi_square``, ``p`` (upper), ``crps``,
        ``crps_expected`` (where S is right) and ``skill`` (1 - CRPS over that of the prior).
    pooled : Foretold
        In the order of the groups.
    """
    rows, errors, deviations = [], [], []
    for name, members in groups:
        error, covariance = foretell(fit, members)
        deviation = np.sqrt(np.diagonal(covariance))
        errors.append(error)
        deviations.append(deviation)
        chi_square = float(fit.weighted[members] @ error)
        before = np.sqrt(np.diagonal(fit.covariance)[members])
        score = float(crps(error, deviation).mean())
        prior_score = float(crps(fit.innovation[members], before).mean())
        n = len(members)
        rows.append(
            {
                "name": name,
                "n": n,
                "coverage": Foretold(error, deviation).coverage(),
                "rmse": float(np.sqrt(np.mean(error**2))),
                "mean_standard_deviation": float(deviation.mean()),
                "bias": float(error.mean()),
                "bias_z": float(error.sum() / np.sqrt(covariance.sum())),
                "reduced_chi_square": chi_square / n,
                "p": float(scipy.stats.chi2.sf(chi_square, n)),
                "crps": score,
                "crps_expected": float(deviation.mean() / np.sqrt(np.pi)),
                "skill": 1.0 - score / prior_score if prior_score > 0.0 else None,
            }
        )
    return rows, Foretold(np.concatenate(errors), np.concatenate(deviations))
