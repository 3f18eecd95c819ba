"""A linear Gaussian problem comes in; its posterior, from one Cholesky of S, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import EXACT, Precision
from inversion.linalg.positive import cholesky_of, require_semidefinite
from inversion.linalg.side_by_side import threads
from inversion.posterior import Posterior, augmented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)

REFINEMENTS = 2
LEFT_OVER = 1e-9
_ADVICE = "Give R a term that is independent from hour to hour, or drop one of the two."


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

        Returns
        -------
        Posterior
            The prior itself, with reductions of zero, where there are no observations.

        Raises
        ------
        ValueError
            Where R is not positive semidefinite, S = H B H^T + R not positive definite, or a sweep
            in single precision too coarse for this S; jitter is never added.
        """
        with threads(self.precision.threads):
            return self._solved(problem, aggregates)

    def _solved(self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap]) -> Posterior:
        n, m = problem.jacobian.shape
        logger.info("dual: S of %d observations from %d states, %s", n, m, self._arithmetic)
        S, crosses = self._swept(problem, aggregates)
        R = problem.mismatch_covariance.in_memory()
        require_semidefinite(R, "R", problem.obs_id, _ADVICE)
        S += R
        factor = cholesky_of(S, "S = H B H^T + R", problem.obs_id, _ADVICE)
        known = list(zip(aggregates, crosses, strict=True))
        posterior = Posterior(problem, S, factor, self.column_block, known)
        if np.dtype(self.precision.dtype) != np.float64:
            posterior.refine(REFINEMENTS)
            _require_solved(posterior.tolerance)
        logger.info("dual: S factorised, %d aggregates known", sum(c.shape[1] for c in crosses))
        return posterior

    @property
    def _arithmetic(self):
        """Name of the sweep's arithmetic."""
        return np.dtype(self.precision.dtype).name

    def _swept(self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap]):
        """Return H B H^T and H B W of each aggregate; without observations both are empty."""
        weights = [augmented(one, problem) for one in aggregates]
        if not len(problem.observations):
            logger.warning("dual: no observations, the prior is returned")
            return np.zeros((0, 0)), [np.zeros((0, one.shape[1])) for one in weights]
        return problem.prior_covariance.gram_and_cross(problem.jacobian, weights, self.precision)


def _require_solved(left_over: float):
    """Refuse weights that refinement did not bring to double precision."""
    if not left_over <= LEFT_OVER:
        msg = (
            f"S^-1 d must be solved to {LEFT_OVER:g} of d; got {left_over:.3g} after {REFINEMENTS} "
            "refinements of a sweep in single precision in DualSolver. Set solver.precision to "
            "double, or give R a term that is independent from hour to hour."
        )
        raise ValueError(msg)
