"""A linear Gaussian problem comes in; its posterior, from products and the leading pairs of its Hessian, goes out."""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from contracts.progress import Progress
from inversion.linalg.lanczos import Basis, lanczos
from inversion.posterior import augmented
from inversion.solvers.least_cost import mean_error
from inversion.solvers.primal_posterior import PrimalPosterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.covariance import Covariance
    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PrimalSolver:
    """Matrix-free solver for very many observations: no S, no root and no inverse of B.

    Attributes
    ----------
    pairs : int
        Most pairs of the Hessian that are looked for; each costs one product with B.
    mean_tolerance_sd : float
        Largest error of the mean of any aggregate, in its posterior standard deviations.
    column_block : int
        Aggregates pushed through B at once, where they are asked for later.

    Notes
    -----
    With chi the whitened state, the Hessian of the cost is I + A^T A. Its leading vectors are
    B H^T q for vectors q of the observations (SCIENCE 2.11, generalised Golub-Kahan), so what is
    held is two vectors of n numbers a pair and nothing of the state's size. R must solve.

    The mean is the least cost over x_a + B H^T span(Q): the iterate of conjugate gradients
    preconditioned with B. Its error e obeys e^T P^-1 e <= r^T G r with r the rest of the
    equations and G = H B H^T, so that no aggregate's mean is further off than the root of it,
    counted in that aggregate's posterior standard deviations.

    The covariance is B - (B H^T Q)(I + T)^-1(...)^T: as S restricted to span(Q) is inverted,
    variances are never under-estimated, whatever the number of pairs, and exact with all.
    """

    pairs: int = 200
    mean_tolerance_sd: float = 1e-3
    column_block: int = 8

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> PrimalPosterior:
        """Return the posterior of a problem.

        Parameters
        ----------
        problem : LinearGaussianProblem
        aggregates : sequence of LinearMap, (fluxes, columns)
            Weights whose totals will be asked for: summed on the way, which costs no product.

        Raises
        ------
        ValueError
            Where R is not positive definite, or the mean needs more pairs.
        """
        require_definite(problem.mismatch_covariance)
        weights = [augmented(one, problem) for one in aggregates]
        rows: list[list[np.ndarray]] = [[] for _ in weights]
        most = min(self.pairs, len(problem.observations))
        progress, done = Progress("primal: pairs", max(most, 1)), itertools.count(1)

        def product(vector: np.ndarray) -> np.ndarray:
            field = problem.prior_covariance.matvec(problem.jacobian.rmatvec(vector))
            for row, one in zip(rows, weights, strict=True):
                row.append(one.rmatvec(field))
            progress.done(next(done))
            return problem.jacobian.matvec(field)

        basis = lanczos(
            product,
            problem.mismatch_covariance,
            problem.innovation,
            most,
            min(problem.jacobian.shape),
        )
        self._require_converged(basis)
        known = [
            (one, np.array(row).reshape(-1, weight.shape[1]))
            for one, row, weight in zip(aggregates, rows, weights, strict=True)
        ]
        posterior = PrimalPosterior(problem, basis, self.column_block, known)
        logger.info("%s", posterior.description)
        return posterior

    def _require_converged(self, basis: Basis):
        """Refuse a mean that is further off than the tolerance."""
        reached = mean_error(basis)
        if not reached <= self.mean_tolerance_sd:
            msg = (
                f"the mean must be exact to solver.mean_tolerance_sd = {self.mean_tolerance_sd:g} "
                f"posterior standard deviations; got a bound of {reached:.3g} after "
                f"{len(basis.vectors)} pairs in PrimalSolver. Raise solver.pairs, or use the dual "
                "solver."
            )
            raise ValueError(msg)


def require_definite(mismatch: Covariance) -> None:
    """Refuse an R with which nothing can be solved."""
    variance = mismatch.diagonal()
    try:
        solved = mismatch.solve(np.ones((mismatch.size, 1))) if variance.all() else np.inf
    except np.linalg.LinAlgError:
        solved = np.inf
    if not np.isfinite(solved).all():
        msg = (
            "R must be positive definite for the primal solver, which divides by it; got a "
            f"smallest variance of {variance.min():.3g} and no inverse in PrimalSolver. Give every "
            "observation an error of its own, or use the dual solver."
        )
        raise ValueError(msg)
