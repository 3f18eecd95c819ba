"""A problem and its factorised S come in; means, covariances and fits of any aggregate go out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.maps import LinearMap, OnBlock, as_map

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from inversion.problem import LinearGaussianProblem


class Posterior:
    """The posterior of a linear Gaussian problem, in observation space.

    Parameters
    ----------
    problem : LinearGaussianProblem
        n observations, m states.
    innovation_covariance : ndarray, (n, n)
        S = H B H^T + R.
    factor : ndarray, (n, n)
        Lower Cholesky factor L of S.
    column_block : int
        Aggregates pushed through B at once.
    crosses : sequence of (LinearMap, ndarray)
        Aggregates whose H B W is known already; asked for as these same objects.

    Notes
    -----
    SCIENCE 2.1 and 2.3: x = x_a + B H^T S^-1 d, W^T P W = W^T B W - Z^T Z with Z = L^-1 H B W.
    P itself is never formed.
    """

    def __init__(
        self,
        problem: LinearGaussianProblem,
        innovation_covariance: np.ndarray | None,
        factor: np.ndarray | None,
        column_block: int = 8,
        crosses: Sequence[tuple[LinearMap, np.ndarray]] = (),
    ) -> None:
        self.problem = problem
        self._factor = factor
        self.column_block = column_block
        self._S = innovation_covariance
        self._crosses = tuple(crosses)
        self.innovation = problem.innovation
        self.tolerance = 0.0

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        return "dual: one Cholesky of S in observation space"

    @property
    def factor(self) -> np.ndarray:
        """Lower Cholesky factor L of S, (n, n)."""
        return self._factor

    @property
    def innovation_covariance(self) -> np.ndarray:
        """S, (n, n)."""
        return self._S

    @cached_property
    def weights(self) -> np.ndarray:
        """S^-1 d, (n,)."""
        return self.solve_observations(self.innovation[:, None])[:, 0]

    def refine(self, steps: int, enough: float = 1e-10) -> None:
        """Bring the weights S^-1 d to double precision where S was swept in single.

        Parameters
        ----------
        steps : int
            Most corrections made.
        enough : float
            Share of d that may be left over.

        Notes
        -----
        Iterative refinement: what S, applied exactly, leaves of d is solved for with the factor at
        hand. Each look costs one product with B, and the last one gives the mean. ``tolerance`` is
        the share left over.
        """
        problem, scale = self.problem, float(np.linalg.norm(self.innovation))
        for step in range(steps + 1):
            moved = self._moved()
            reached = problem.jacobian.matvec(moved)
            reached += problem.mismatch_covariance.matvec(self.weights)
            left = self.innovation - reached
            self.tolerance = float(np.linalg.norm(left)) / scale if scale > 0.0 else 0.0
            if self.tolerance <= enough or step == steps:
                break
            self.weights = self.weights + self.solve_observations(left[:, None])[:, 0]
        self.mean = problem.prior + moved

    @cached_property
    def mean(self) -> np.ndarray:
        """Posterior mean of all states, (m,)."""
        return self.problem.prior + self._moved()

    def _moved(self):
        """Return B H^T S^-1 d: how far the observations move the mean, (m,)."""
        problem = self.problem
        return problem.prior_covariance.matvec(problem.jacobian.rmatvec(self.weights))

    @property
    def state_mean(self) -> np.ndarray:
        """Posterior mean of the fluxes [umol m-2 s-1], (n_flux,)."""
        return self.mean[: self.problem.n_flux]

    @property
    def nuisance_mean(self) -> np.ndarray:
        """Posterior mean of the nuisance states in their units, (q,)."""
        return self.mean[self.problem.n_flux :]

    @cached_property
    def nuisance_covariance(self) -> np.ndarray:
        """Posterior covariance of the nuisance states, (q, q)."""
        sizes = (self.problem.n_flux, len(self.problem.prior) - self.problem.n_flux)
        return self.covariance_of(OnBlock(as_map(np.eye(sizes[1])), 1, sizes))

    def solve_observations(self, block: np.ndarray) -> np.ndarray:
        """Return S^-1 times a block, (n, k) -> (n, k)."""
        return scipy.linalg.cho_solve((self.factor, True), block)

    def whitened(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return Z = L^-1 H B W, (n, k): Z^T Z is the reduction of the aggregates' covariance."""
        return self.whiten(self.cross(weights))

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Return L^-1 times a block, (n, k) -> (n, k)."""
        return scipy.linalg.solve_triangular(self.factor, block, lower=True, check_finite=False)

    def unwhiten(self, block: np.ndarray) -> np.ndarray:
        """Return L^-T times a block, (n, k) -> (n, k)."""
        return scipy.linalg.solve_triangular(self.factor, block, lower=True, trans="T")

    def whitened_blocks(self, weights: LinearMap, width: int) -> Iterator[np.ndarray]:
        """Yield the columns of Z in blocks, (n, width)."""
        cross = self.cross(weights)
        for start in range(0, weights.shape[1], width):
            yield self.whiten(cross[:, start : start + width])

    def cross(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return H B W, (n, k): covariance of the modelled mole fractions with the aggregates."""
        for known, cross in self._crosses:
            if known is weights:
                return cross
        problem, aggregation = self.problem, augmented(weights, self.problem)
        if not len(self.innovation):
            return np.zeros((0, aggregation.shape[1]))
        return problem.prior_covariance.cross(problem.jacobian, aggregation, self.column_block)

    def prior_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return W^T B W, (k, k)."""
        return self.problem.prior_covariance.quadratic(
            augmented(weights, self.problem), width=self.column_block
        )

    def reduction_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return W^T (B - P) W = Z^T Z, (k, k), computed directly and not as a difference."""
        whitened = self.whitened(weights)
        return whitened.T @ whitened

    def covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return W^T P W, (k, k), exact.

        Parameters
        ----------
        weights : LinearMap or ndarray, (m, k) or (n_flux, k)
            With n_flux rows, nuisance states have no weight.
        """
        return self.prior_covariance_of(weights) - self.reduction_of(weights)

    def prior_variance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the diagonal of W^T B W, (k,)."""
        return self.problem.prior_covariance.variance(
            augmented(weights, self.problem), self.column_block
        )

    def totals_for(self, weights: LinearMap | np.ndarray, innovations: np.ndarray) -> np.ndarray:
        """Return W^T (x_a + B H^T S^-1 D) for many innovations D: the fixed gain.

        Parameters
        ----------
        weights : LinearMap or ndarray, (m, k) or (n_flux, k)
        innovations : ndarray, (n, draws)
            y - b - H x_a of each draw [umol mol-1].

        Returns
        -------
        ndarray, (k, draws)
        """
        prior = augmented(weights, self.problem).rmatvec(self.problem.prior)
        return prior[:, None] + self.cross(weights).T @ self.solve_observations(innovations)

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws from the posterior, (count, m).

        Raises
        ------
        MissingCapability
            Where the prior or the mismatch covariance has no root.

        Notes
        -----
        A prior draw, moved by the gain towards data with that draw's own errors: exact.
        """
        problem = self.problem
        prior, mismatch = problem.prior_covariance, problem.mismatch_covariance
        deviation = prior.root_matmat(rng.standard_normal((prior.root_size, count)))
        noise = mismatch.root_matmat(rng.standard_normal((mismatch.root_size, count)))
        unexplained = self.solve_observations(problem.jacobian.matmat(deviation) + noise)
        gained = prior.matmat(problem.jacobian.rmatmat(unexplained))
        return (self.mean[:, None] + deviation - gained).T

    @property
    def modelled_prior(self) -> np.ndarray:
        """B + H x_a [umol mol-1], (n,)."""
        return self.problem.observations - self.innovation

    @property
    def modelled(self) -> np.ndarray:
        """B + H x, posterior [umol mol-1], (n,): y - R S^-1 d."""
        return self.problem.observations - self.residual

    @cached_property
    def residual(self) -> np.ndarray:
        """Y - b - H x, posterior [umol mol-1], (n,): R S^-1 d."""
        return self.problem.mismatch_covariance.matvec(self.weights)

    @property
    def innovation_standard_deviation(self) -> np.ndarray:
        """Square root of the diagonal of S [umol mol-1], (n,)."""
        return np.sqrt(self.innovation_variance)

    @property
    def innovation_variance(self) -> np.ndarray:
        """Diagonal of S [(umol mol-1)^2], (n,)."""
        return np.diagonal(self.innovation_covariance)

    @property
    def residual_standard_deviation(self) -> np.ndarray:
        """Square root of the diagonal of R S^-1 R [umol mol-1], (n,)."""
        return np.sqrt(np.einsum("ij,ij->j", *(self._white_mismatch,) * 2))

    @property
    def chi_square(self) -> float:
        """Reduced chi square d^T S^-1 d / n (SCIENCE 2.12); 0 by convention where n = 0."""
        return float(self.innovation @ self.weights) / max(len(self.innovation), 1)

    @cached_property
    def dofs(self) -> float:
        """Degrees of freedom for signal, n - tr(R S^-1) (SCIENCE 2.12)."""
        return float(len(self.innovation) - np.trace(self.unwhiten(self._white_mismatch)))

    @property
    def log_evidence(self) -> float:
        """Ln p(y) = -(d^T S^-1 d + ln|S| + n ln 2 pi) / 2 (SCIENCE 2.15 f); 0 where n = 0."""
        n = len(self.innovation)
        logdet = self.log_determinant
        return float(0.0 - 0.5 * (n * self.chi_square + logdet + n * np.log(2.0 * np.pi)))

    @property
    def log_determinant(self) -> float:
        """Natural logarithm of |S|."""
        return float(2.0 * np.log(np.diagonal(self.factor)).sum())

    @cached_property
    def innovation_precision(self) -> np.ndarray:
        """S^-1, (n, n); for leave-one-out in closed form (SCIENCE 2.12)."""
        return self.solve_observations(np.eye(len(self.innovation)))

    @cached_property
    def _white_mismatch(self):
        """L^-1 R, (n, n)."""
        return self.whiten(self.problem.mismatch_covariance.in_memory())


def augmented(weights: LinearMap | np.ndarray, problem: LinearGaussianProblem) -> LinearMap:
    """Return weights of all states; those of the fluxes alone get zeros for the nuisance."""
    aggregation = as_map(weights)
    n_flux, size = problem.n_flux, len(problem.prior)
    if aggregation.shape[0] == size:
        return aggregation
    if aggregation.shape[0] == n_flux:
        return OnBlock(aggregation, 0, (n_flux, size - n_flux))
    msg = (
        f"weights must have one row for each of {size} states or {n_flux} fluxes; got "
        f"{aggregation.shape[0]} rows in Posterior. Build them for this problem."
    )
    raise ValueError(msg)
