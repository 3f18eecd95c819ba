"""A linear Gaussian problem comes in; its posterior, from one Cholesky of S, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.covariance import EXACT, Precision
from inversion.posterior import Posterior, augmented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)

REFINEMENTS = 2


@dataclass(frozen=True)
class DualSolver:
    """Exact solver in observation space: S = H B H^T + R (SCIENCE 2.1).

    Attributes
    ----------
    precision : Precision
        Of the sweep that builds S; everything from S on is float64.
    column_block : int
        Aggregates pushed through B at once.
    """

    precision: Precision = EXACT
    column_block: int = 8

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> Posterior:
        """Return the posterior of a problem.

        Parameters
        ----------
        problem : LinearGaussianProblem
        aggregates : sequence of LinearMap, (fluxes, columns)
            Weights whose totals will be asked for: swept together with S, which costs less than
            asking later.

        Raises
        ------
        ValueError
            Where S is not positive definite; jitter is never added.
        """
        weights = [augmented(one, problem) for one in aggregates]
        S, crosses = problem.prior_covariance.gram_and_cross(
            problem.jacobian, weights, self.precision
        )
        S += problem.mismatch_covariance.matmat(np.eye(len(problem.observations)))
        try:
            factor = scipy.linalg.cholesky(S, lower=True)
        except np.linalg.LinAlgError as error:
            raise ValueError(_not_positive(S, problem.obs_id)) from error
        logger.info("solved: %d observations, %d states", *problem.jacobian.shape)
        known = list(zip(aggregates, crosses, strict=True))
        posterior = Posterior(problem, S, factor, self.column_block, known)
        if np.dtype(self.precision.dtype) != np.float64:
            posterior.refine(REFINEMENTS)
        return posterior


def _not_positive(S: np.ndarray, obs_id: tuple[str, ...]):
    """Return the message for a failed Cholesky: smallest eigenvalue and closest observations."""
    smallest = np.linalg.eigvalsh(S)[0]
    scale = np.sqrt(np.maximum(np.diagonal(S), np.finfo(float).tiny))
    correlation = np.abs(S / np.outer(scale, scale))
    np.fill_diagonal(correlation, -1.0)
    one, two = sorted(np.unravel_index(np.argmax(correlation), S.shape))
    return (
        f"S = H B H^T + R must be positive definite; got a smallest eigenvalue of {smallest:.3g} "
        f"in DualSolver, with {obs_id[one]} and {obs_id[two]} the closest observations. Give R a "
        "term that is independent from hour to hour, or drop one of the two."
    )
