"""Draws of the parameters come in; totals of each draw, and their average over the draws, go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from inversion.hyperparameters.likelihood import Likelihood

_INDEPENDENT = 1e-10


@dataclass(frozen=True)
class DrawnTotals:
    """Totals given each draw of the parameters, all [kg s-1].

    Attributes
    ----------
    prior : ndarray, (k,)
        W^T x_a, the same in every draw.
    posterior : ndarray, (draws, k)
        W^T x of each draw.
    prior_covariance : ndarray, (draws, k, k)
        W^T B W at the draw's parameters.
    reduction : ndarray, (draws, k, k)
        W^T (B - P) W = Z^T Z, computed directly.
    theta : ndarray, (draws, p)
        The parameters.

    Notes
    -----
    The prior is removed from each draw (`prior`, `posterior`, `prior_covariance` and `reduction`
    are what it takes), and the results are averaged; never the other way round (SCIENCE 2.15 b).
    """

    prior: np.ndarray
    posterior: np.ndarray
    prior_covariance: np.ndarray
    reduction: np.ndarray
    theta: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """W^T P W of each draw, (draws, k, k)."""
        return self.prior_covariance - self.reduction

    @property
    def mean(self) -> np.ndarray:
        """Posterior mean of the totals, averaged over the draws, (k,)."""
        return self.posterior.mean(axis=0)

    @property
    def total_covariance(self) -> np.ndarray:
        """Mean of the draws' covariances and covariance of their means, (k, k) (SCIENCE 2.8)."""
        return self.covariance.mean(axis=0) + self.between

    @property
    def between(self) -> np.ndarray:
        """Covariance of the draws' means, (k, k): what not knowing the parameters adds."""
        centred = self.posterior - self.mean
        return centred.T @ centred / len(centred)

    def only(self, columns: np.ndarray) -> DrawnTotals:
        """Return some of the totals: those of one family."""
        block = np.ix_(np.arange(len(self.theta)), columns, columns)
        return DrawnTotals(
            self.prior[columns],
            self.posterior[:, columns],
            self.prior_covariance[block],
            self.reduction[block],
            self.theta,
        )

    def information(self) -> np.ndarray:
        """Return G = L^-1 (Z^T Z) L^-T with W^T B W = L L^T of each draw, (draws, k, k).

        Raises
        ------
        ValueError
            Where a total is a combination of others.
        """
        found = []
        for before, gained in zip(self.prior_covariance, self.reduction, strict=True):
            scale = np.sqrt(np.diagonal(before))
            correlation = before / np.outer(scale, scale)
            if not np.linalg.eigvalsh(correlation)[0] > _INDEPENDENT:
                msg = (
                    "totals must be linearly independent to be asked for their information; got a "
                    f"smallest eigenvalue of {np.linalg.eigvalsh(correlation)[0]:.3g} of their prior "
                    "correlation in DrawnTotals. Choose some with only()."
                )
                raise ValueError(msg)
            root = np.linalg.cholesky(correlation)
            half = scipy.linalg.solve_triangular(root, gained / np.outer(scale, scale), lower=True)
            found.append(scipy.linalg.solve_triangular(root, half.T, lower=True))
        return np.array(found)


def drawn_totals(likelihood: Likelihood, prior: np.ndarray, theta: np.ndarray) -> DrawnTotals:
    """Return the totals given each draw.

    Parameters
    ----------
    likelihood : Likelihood
        Its family's parts must hold aggregates.
    prior : ndarray, (k,)
        W^T x_a [kg s-1].
    theta : ndarray, (draws, p)

    Returns
    -------
    DrawnTotals

    Notes
    -----
    With S = L L^T at the draw, Z = L^-1 H B W: the totals are W^T x_a + Z^T L^-1 d and their
    covariance W^T B W - Z^T Z (SCIENCE 2.3).
    """
    family, means, before, gained = likelihood.family, [], [], []
    for one in theta:
        factor = likelihood.factor(one)
        both = np.column_stack([likelihood.innovation, family.cross(one)])
        white = scipy.linalg.solve_triangular(factor, both, lower=True, check_finite=False)
        means.append(prior + white[:, 1:].T @ white[:, 0])
        before.append(family.quadratic(one))
        gained.append(white[:, 1:].T @ white[:, 1:])
    return DrawnTotals(prior, np.array(means), np.array(before), np.array(gained), theta)


def evenly(draws: np.ndarray, count: int) -> np.ndarray:
    """Return evenly spaced rows, at most so many.

    Examples
    --------
    >>> evenly(np.arange(10.0), 4).tolist()
    [0.0, 3.0, 6.0, 9.0]
    """
    return draws[np.round(np.linspace(0, len(draws) - 1, min(count, len(draws)))).astype(int)]
