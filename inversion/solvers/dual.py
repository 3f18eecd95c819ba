"""A linear Gaussian problem comes in; its posterior, from one Cholesky of S, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.posterior import Posterior

if TYPE_CHECKING:
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DualSolver:
    """Exact solver in observation space: S = H B H^T + R (SCIENCE 2.1).

    Attributes
    ----------
    rows_per_block : int
        Observations handled at once while S is built; bounds the memory.
    column_block : int
        Aggregates pushed through B at once.
    """

    rows_per_block: int = 192
    column_block: int = 8

    def solve(self, problem: LinearGaussianProblem) -> Posterior:
        """Return the posterior of a problem.

        Raises
        ------
        ValueError
            Where S is not positive definite; jitter is never added.
        """
        S = problem.prior_covariance.gram(problem.jacobian, self.rows_per_block)
        S += problem.mismatch_covariance.matmat(np.eye(len(problem.observations)))
        try:
            factor = scipy.linalg.cholesky(S, lower=True)
        except np.linalg.LinAlgError as error:
            raise ValueError(_not_positive(S, problem.obs_id)) from error
        logger.info("solved: %d observations, %d states", *problem.jacobian.shape)
        return Posterior(problem, S, factor, self.column_block)


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
