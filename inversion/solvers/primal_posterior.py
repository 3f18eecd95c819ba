"""A problem and the leading pairs of its Hessian come in; means and bounded covariances of any aggregate go out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.covariance import MissingCapability
from inversion.linalg.row_variance import row_variance
from inversion.posterior import Posterior, augmented
from inversion.solvers.least_cost import least_cost, mean_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inversion.linalg.lanczos import Basis
    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem


class PrimalPosterior(Posterior):
    """The posterior as far as the leading pairs of the Hessian tell it.

    Parameters
    ----------
    problem : LinearGaussianProblem
    basis : Basis
        k vectors Q of the observations.
    column_block : int
    sums : sequence of (LinearMap, ndarray)
        Aggregates whose W^T B H^T Q is known already, (k, columns).

    Notes
    -----
    Z = C^-1 Q^T H B W with C C^T = I + T, so that Z^T Z <= W^T (B - P) W: variances are never
    under-estimated and exact where the basis is complete.
    """

    def __init__(
        self,
        problem: LinearGaussianProblem,
        basis: Basis,
        column_block: int = 8,
        sums: Sequence[tuple[LinearMap, np.ndarray]] = (),
    ) -> None:
        self.basis, self._sums = basis, tuple(sums)
        lower = scipy.linalg.cholesky(np.eye(self.pairs) + basis.projected, lower=True)
        super().__init__(problem, None, lower, column_block)
        self.tolerance = mean_error(basis)
        self._best = least_cost(basis, self.pairs)

    @property
    def pairs(self) -> int:
        """Number of pairs of the Hessian that were found."""
        return len(self.basis.vectors)

    @cached_property
    def eigenvalues(self) -> np.ndarray:
        """Eigenvalues of the Hessian above 1 as far as they were found, descending, (pairs,)."""
        return np.maximum(scipy.linalg.eigvalsh(self.basis.projected)[::-1], 0.0)

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        last = f", the last of {self.eigenvalues[-1]:.3g}" if self.pairs else ""
        left = "nothing left" if self.basis.complete else "variances over-estimated by what is left"
        return f"primal: {self.pairs} pairs of the Hessian{last}; {left}"

    @property
    def factor(self) -> np.ndarray:
        """The factor of S, which this solver does not have."""
        raise self._missing(what="the factor of S")

    @cached_property
    def mean(self) -> np.ndarray:
        """Posterior mean of all states, (m,)."""
        problem = self.problem
        reached = problem.jacobian.rmatvec(self._best @ self.basis.vectors)
        return problem.prior + problem.prior_covariance.matvec(reached)

    @cached_property
    def weights(self) -> np.ndarray:
        """R^-1 (y - b - H x), posterior, (n,)."""
        basis, rest = self.basis, np.zeros(self.pairs)
        rest[:1] = basis.start_norm
        weights = (rest - basis.projected @ self._best) @ basis.vectors
        if self.pairs:
            weights -= basis.coupling * self._best[-1] * basis.following
        return weights

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Return C^-1 Q^T times a block, (n, k) -> (pairs, k)."""
        return self._within(self.basis.vectors @ block)

    def unwhiten(self, block: np.ndarray) -> np.ndarray:
        """Return Q C^-T times a block, (pairs, k) -> (n, k)."""
        self._require_complete("the gain of other data")
        within = scipy.linalg.solve_triangular(self._factor, block, lower=True, trans="T")
        return self.basis.vectors.T @ within

    def whitened(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return Z, (pairs, k): Z^T Z is the reduction of the aggregates' covariance, or less."""
        return self._within(self._summed(weights))

    def whitened_blocks(self, weights: LinearMap, width: int) -> Iterator[np.ndarray]:
        """Yield the columns of Z in blocks, (pairs, width)."""
        sums = self._summed(weights)
        for start in range(0, weights.shape[1], width):
            yield self._within(sums[:, start : start + width])

    def solve_observations(self, block: np.ndarray) -> np.ndarray:
        """Return S^-1 times a block, (n, k) -> (n, k); all pairs must have been found."""
        self._require_complete("S^-1 for other data (draws, gains, leave-one-out)")
        within = scipy.linalg.cho_solve(
            (self._factor, True), self.basis.projected @ (self.basis.vectors @ block)
        )
        return self.problem.mismatch_covariance.solve(block) - self.basis.vectors.T @ within

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws from the posterior, (count, m); all pairs must have been found."""
        self._require_complete("draws from the posterior")
        return super().sample(count, rng)

    @cached_property
    def dofs(self) -> float:
        """Degrees of freedom for signal, sum of v / (1 + v) over the pairs found: no more than all."""
        return float((self.eigenvalues / (1.0 + self.eigenvalues)).sum())

    def dofs_left(self, draws: int, rng: np.random.Generator) -> float:
        """Return an estimate of the most that all other pairs could add to ``dofs``.

        Notes
        -----
        tr(F) with F what G is outside the basis (Hutchinson's estimator, one product with B a
        draw); sum of v / (1 + v) is concave in G, so the degrees of freedom missed are fewer.
        """
        problem, R = self.problem, self.problem.mismatch_covariance
        noise = R.root_matmat(rng.standard_normal((R.root_size, draws)))
        outside = R.solve(noise) - self.basis.vectors.T @ (self.basis.vectors @ noise)
        seen = problem.jacobian.rmatmat(outside)
        return float(np.einsum("ij,ij->", seen, problem.prior_covariance.matmat(seen)) / draws)

    @property
    def log_determinant(self) -> float:
        """Logarithm of |S|; all pairs must have been found."""
        self._require_complete("the log evidence, which needs ln|S|")
        R = self.problem.mismatch_covariance
        return float(R.logdet() + np.log1p(self.eigenvalues).sum())

    @cached_property
    def innovation_variance(self) -> np.ndarray:
        """Diagonal of S [(umol mol-1)^2], (n,), exact."""
        R, problem = self.problem.mismatch_covariance, self.problem
        if not self.basis.complete:
            return R.diagonal() + row_variance(problem.prior_covariance, problem.jacobian)
        images = self.basis.images
        return R.diagonal() + np.einsum("kn,kn->n", images, self.basis.projected @ images)

    @property
    def innovation_covariance(self) -> np.ndarray:
        """S, (n, n); all pairs must have been found."""
        self._require_complete("S")
        images = self.basis.images
        R = self.problem.mismatch_covariance.in_memory()
        return R + images.T @ self.basis.projected @ images

    @property
    def residual_standard_deviation(self) -> np.ndarray:
        """Square root of the diagonal of R S^-1 R [umol mol-1], (n,); all pairs must be found."""
        self._require_complete("the standard deviations of the residuals")
        images = self.basis.images
        within = scipy.linalg.cho_solve((self._factor, True), self.basis.projected @ images)
        explained = np.einsum("kn,kn->n", images, within)
        return np.sqrt(np.maximum(self.problem.mismatch_covariance.diagonal() - explained, 0.0))

    def _within(self, block: np.ndarray) -> np.ndarray:
        """Return C^-1 times a block, (pairs, k) -> (pairs, k)."""
        return scipy.linalg.solve_triangular(self._factor, block, lower=True)

    def _summed(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return Q^T H B W, (pairs, k), with as few products with B as there are pairs or columns."""
        for known, sums in self._sums:
            if known is weights:
                return sums
        aggregation = augmented(weights, self.problem)
        if aggregation.shape[1] <= self.pairs:
            return self.basis.vectors @ self.cross(weights)
        problem, sums = self.problem, np.empty((self.pairs, aggregation.shape[1]))
        for start in range(0, self.pairs, self.column_block):
            rows = slice(start, start + self.column_block)
            seen = problem.jacobian.rmatmat(self.basis.vectors[rows].T)
            sums[rows] = aggregation.rmatmat(problem.prior_covariance.matmat(seen)).T
        return sums

    def _require_complete(self, what: str) -> None:
        """Refuse what only all pairs can tell."""
        if not self.basis.complete:
            raise self._missing(what)

    def _missing(self, what: str) -> MissingCapability:
        """Return the exception for what the pairs found do not tell."""
        return MissingCapability(
            f"the primal solver must have found every pair of the Hessian to give {what}; got "
            f"{self.pairs} pairs. Use the dual solver, or raise solver.pairs."
        )
