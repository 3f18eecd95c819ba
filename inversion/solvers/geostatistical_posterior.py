"""A factorised S and a trend come in; fluxes and covariances of any aggregate without a prior go out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.covariance import MissingCapability
from inversion.linalg.maps import column_blocks
from inversion.posterior import Posterior, augmented
from inversion.solvers.no_reduction import NoReduction
from inversion.solvers.whitened_trend import require_told_apart

if TYPE_CHECKING:
    from inversion.linalg.maps import LinearMap
    from inversion.solvers.trend import Trend
    from inversion.solvers.trend_selection import Candidate


class GeostatisticalPosterior(NoReduction):
    """Best linear unbiased estimate of x = X b + eta.

    Parameters
    ----------
    base : Posterior
        Of the same problem with fluxes of mean zero.
    trend : Trend
        X, (n_flux, p).
    seen : ndarray, (n, p)
        H X.
    selection : tuple of Candidate
        What the trend was selected from; empty where it was given.

    Notes
    -----
    SCIENCE 2.9. With Y = L^-1 H X = Q T (T triangular): b = T^-1 Q^T L^-1 d, and the covariance is
    W^T B W - Z^T Z + F F^T with F = (W^T X - Z^T Y) T^-1. What takes the place of S^-1 is
    P = L^-T (I - Q Q^T) L^-1, the block of the bordered system's inverse.

    A flat b has no prior variance: what compares with a prior raises MissingCapability.
    ``innovation`` is y - b - H x with x = 0 for all fluxes.
    """

    def __init__(
        self, base: Posterior, trend: Trend, seen: np.ndarray, selection: tuple[Candidate, ...] = ()
    ) -> None:
        super().__init__(
            base.problem,
            base.innovation_covariance,
            base.factor,
            base.column_block,
            base._crosses,
        )
        self.trend, self.seen, self.selection = trend, seen, selection
        self._whole = augmented(trend.columns, self.problem)
        self._white = self.whiten(seen)
        require_told_apart(self._white, trend.names)
        self._basis, self._triangle = np.linalg.qr(self._white)

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        told = ", ".join(
            f"{name} {value:.3g} +- {sd:.2g}"
            for name, value, sd in zip(
                self.trend.names, self.coefficients, self.coefficient_deviation, strict=True
            )
        )
        chosen = ""
        if self.selection:
            left = ", ".join(self.left_out) or "none"
            chosen = (
                f", the best of {len(self.selection)} subsets by BIC (left out, so of mean zero: "
                f"{left})"
            )
        return f"geostatistical: flat trend of {told}{chosen}; no prior to remove"

    @property
    def left_out(self) -> tuple[str, ...]:
        """Columns that the selection dropped: where they alone were, fluxes have mean zero."""
        offered = dict.fromkeys(name for one in self.selection for name in one.names)
        return tuple(name for name in offered if name not in self.trend.names)

    @cached_property
    def coefficients(self) -> np.ndarray:
        """Estimate of b, (p,)."""
        return self.coefficients_for(self.innovation[:, None])[:, 0]

    def coefficients_for(self, innovations: np.ndarray) -> np.ndarray:
        """Return b for many innovations, (n, draws) -> (p, draws)."""
        return self._by_triangle(self._basis.T @ self.whiten(innovations))

    @cached_property
    def coefficient_covariance(self) -> np.ndarray:
        """Covariance of the estimated b, (p, p)."""
        inverse = self._by_triangle(np.eye(len(self._triangle)))
        return inverse @ inverse.T

    @property
    def coefficient_deviation(self) -> np.ndarray:
        """Standard deviation of the estimated b, (p,)."""
        return np.sqrt(np.diagonal(self.coefficient_covariance))

    @cached_property
    def mean(self) -> np.ndarray:
        """Estimate of all states, (m,): X b + B H^T P d."""
        return self.problem.prior + self._whole.matvec(self.coefficients) + self._moved()

    def solve_observations(self, block: np.ndarray) -> np.ndarray:
        """Return P times a block, (n, k) -> (n, k): S^-1 of what the trend cannot explain."""
        white = self.whiten(block)
        return self.unwhiten(white - self._basis @ (self._basis.T @ white))

    def covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return W^T V W, (k, k), exact: of the errors of the estimated aggregates."""
        white = Posterior.whitened(self, weights)
        free = self._free(weights, white)
        return super().prior_covariance_of(weights) - white.T @ white + free @ free.T

    def deviation_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return W^T B W, (k, k): how far aggregates may lie from the trend."""
        return super().prior_covariance_of(weights)

    def totals_for(self, weights: LinearMap | np.ndarray, innovations: np.ndarray) -> np.ndarray:
        """Return the aggregates estimated from many innovations (n, draws), (k, draws).

        Notes
        -----
        Innovations are y - b - H x with x = 0 for all fluxes.
        """
        moved = super().totals_for(weights, innovations)
        return moved + self._trend_in(weights) @ self.coefficients_for(innovations)

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of all states, (count, m).

        Notes
        -----
        A draw of eta with data of its own, less what the estimator makes of those data: its error,
        whatever b is.
        """
        problem = self.problem
        prior, mismatch = problem.prior_covariance, problem.mismatch_covariance
        field = prior.root_matmat(rng.standard_normal((prior.root_size, count)))
        noise = mismatch.root_matmat(rng.standard_normal((mismatch.root_size, count)))
        data = problem.jacobian.matmat(field) + noise
        gained = prior.matmat(problem.jacobian.rmatmat(self.solve_observations(data)))
        gained += self._whole.matmat(self.coefficients_for(data))
        return (self.mean[:, None] + field - gained).T

    @property
    def residual_standard_deviation(self) -> np.ndarray:
        """Square root of the diagonal of R P R [umol mol-1], (n,)."""
        R = self.problem.mismatch_covariance.in_memory()
        white = self.whiten(R)
        kept = white - self._basis @ (self._basis.T @ white)
        return np.sqrt(np.einsum("ij,ij->j", kept, kept))

    @property
    def chi_square(self) -> float:
        """Reduced chi square d^T P d / (n - p)."""
        n, p = self.seen.shape
        return float(self.innovation @ self.weights) / (n - p)

    @cached_property
    def dofs(self) -> float:
        """Degrees of freedom for signal, n - tr(R P), those of b included."""
        R = self.problem.mismatch_covariance.in_memory()
        return float(len(self.innovation) - np.trace(self.solve_observations(R)))

    @property
    def log_restricted_likelihood(self) -> float:
        """Logarithm of the likelihood of what the trend cannot explain, without its constant in X.

        Notes
        -----
        -(d^T P d + ln|S| + ln|(H X)^T S^-1 H X| + (n - p) ln 2 pi) / 2. It depends on the unit of X
        and compares errors, never trends: those the BIC compares.
        """
        n, p = self.seen.shape
        border = 2.0 * np.log(np.abs(np.diagonal(self._triangle))).sum()
        left = float(self.innovation @ self.weights)
        return -0.5 * (left + self.log_determinant + border + (n - p) * np.log(2.0 * np.pi))

    @property
    def bic(self) -> float:
        """Schwarz's criterion of the trend, -2 ln L + p ln n; smaller is better."""
        n, p = self.seen.shape
        left = float(self.innovation @ self.weights)
        return n * np.log(2.0 * np.pi) + self.log_determinant + left + p * np.log(n)

    @property
    def log_evidence(self) -> float:
        """The evidence, which a flat b does not have."""
        raise self._missing(what="an evidence", advice="Compare trends by bic")

    def prior_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Refuse: infinite along the trend."""
        raise self._missing(what="a prior covariance of totals")

    def prior_variance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Refuse: infinite along the trend."""
        raise self._missing(what="a prior variance of totals")

    def _by_triangle(self, block: np.ndarray):
        """Return T^-1 times a block."""
        return scipy.linalg.solve_triangular(self._triangle, block)

    def _trend_in(self, weights: LinearMap | np.ndarray):
        """Return W^T X, (k, p)."""
        aggregation = augmented(weights, self.problem)
        parts = [aggregation.rmatmat(block) for _, block in column_blocks(self._whole, 1)]
        return np.concatenate(parts, axis=1)

    def _free(self, weights: LinearMap | np.ndarray, white: np.ndarray):
        """Return F = (W^T X - Z^T Y) T^-1, (k, p): what the unknown b adds."""
        uncertain = self._trend_in(weights) - white.T @ self._white
        return scipy.linalg.solve_triangular(self._triangle, uncertain.T, trans="T").T

    def _missing(self, what: str, advice: str = "Use the dual solver") -> MissingCapability:
        """Return the exception for what a flat trend does not have."""
        return MissingCapability(
            f"a prior of finite size must be given to have {what}; got a flat trend of "
            f"{', '.join(self.trend.names)} in the geostatistical solver. {advice}; there is no "
            "prior to be removed from these totals."
        )
