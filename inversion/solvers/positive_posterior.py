"""The mode of the states' logarithms comes in; means and covariances of any aggregate of fluxes go out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.covariance import MissingCapability
from inversion.posterior import augmented
from inversion.solvers.importance import reweighted_draws
from inversion.solvers.log_normal_shift import mean_less_mode
from inversion.solvers.lognormal import LogNormal
from inversion.solvers.no_reduction import NoReduction

if TYPE_CHECKING:
    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem


@dataclass(frozen=True)
class Solution:
    """Where the steps ended.

    Attributes
    ----------
    u : ndarray, (m,)
        Logarithms, or states that stay normal, at their mode.
    slopes : ndarray, (n, m)
        K = H dx/du.
    S : ndarray, (n, n)
        K C K^T + R.
    cost : float
        J at the mode.
    steps : int
    step_left : float
        Size of the next step in posterior standard deviations.
    """

    u: np.ndarray
    slopes: np.ndarray
    S: np.ndarray
    cost: float
    steps: int
    step_left: float


class PositivePosterior(NoReduction):
    """Log-normal posterior: the logarithms are normal around their mode.

    Parameters
    ----------
    problem : LinearGaussianProblem
    prior : LogNormal
    jacobian : ndarray, (n, m)
    solution : Solution
    moved_correlation : float
        Largest change of a prior correlation that the log-normal form made.

    Notes
    -----
    The mode times exp(variance / 2), SCIENCE 2.7, is kept as ``first_order_mean``: it is the mean
    only if the logarithms are normal, and where data tell much they are skewed: in a test it puts
    a total more than one standard deviation too high. ``mean`` corrects for the skewness, and
    covariances are linear around it, where those of a log-normal distribution are 1.3 times and
    more too wide for that total. Totals are not normal: take intervals from ``sample``.
    """

    def __init__(
        self,
        problem: LinearGaussianProblem,
        prior: LogNormal,
        jacobian: np.ndarray,
        solution: Solution,
        moved_correlation: float = 0.0,
    ) -> None:
        factor = scipy.linalg.cholesky(solution.S, lower=True)
        super().__init__(problem, solution.S, factor)
        self.prior, self.solution, self._H = prior, solution, jacobian
        self.moved_correlation = moved_correlation
        self.tolerance = solution.step_left

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        kept = int(np.count_nonzero(self.prior.sign))
        moved = self.moved_correlation
        rest = f"; prior correlations moved by up to {moved:.2g}" if moved > 1e-9 else ""
        return (
            f"positive: {kept} log-normal states, mode after {self.solution.steps} steps, next "
            f"step {self.solution.step_left:.1g} sd{rest}; no prior to remove from totals"
        )

    @cached_property
    def logarithms(self) -> LogNormal:
        """The normal distribution of the logarithms around their mode."""
        C = self.prior.covariance
        reached = self.whiten(self.solution.slopes @ C)
        return LogNormal(self.prior.sign, self.solution.u, C - reached.T @ reached)

    @cached_property
    def shifted(self) -> LogNormal:
        """The same around the mean of the logarithms, which a skewed posterior has elsewhere."""
        made, K = self.logarithms, self.solution.slopes
        seen = self._white(K)
        left = self.problem.observations - self.problem.background - self._H @ self.mode
        shift = mean_less_mode(
            self.prior.sign != 0.0,
            made.covariance,
            seen.T @ seen,
            seen.T @ self._white(left[:, None])[:, 0],
        )
        return LogNormal(made.sign, made.location + shift, made.covariance)

    @property
    def skewness_sd(self) -> float:
        """Largest distance of mean and mode of a logarithm, in its standard deviations."""
        deviation = np.sqrt(np.maximum(np.diagonal(self.logarithms.covariance), 0.0))
        shift = np.abs(self.shifted.location - self.logarithms.location)
        known = deviation > 0.0
        return float((shift[known] / deviation[known]).max(initial=0.0))

    @cached_property
    def mean(self) -> np.ndarray:
        """Posterior mean of all states to second order, (m,)."""
        return self.shifted.mean

    @property
    def mode(self) -> np.ndarray:
        """States at the mode of the logarithms, (m,)."""
        return self.logarithms.median

    @property
    def first_order_mean(self) -> np.ndarray:
        """The mode times exp(variance / 2) (SCIENCE 2.7), (m,): too high where data tell much."""
        return self.logarithms.mean

    @property
    def median(self) -> np.ndarray:
        """Posterior median of each state, (m,)."""
        return self.shifted.median

    @cached_property
    def covariance(self) -> np.ndarray:
        """Posterior covariance of all states, (m, m): D P D with D = dx/du at the mean."""
        slope = np.where(self.prior.sign == 0.0, 1.0, self.mean)
        return slope[:, None] * self.logarithms.covariance * slope

    @cached_property
    def prior_covariance(self) -> np.ndarray:
        """Covariance of the log-normal prior, (m, m): the stated B where no correlation moved."""
        return self.prior.state_covariance

    def covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the covariance of aggregates, (k, k)."""
        return self._between(weights, self.covariance)

    def prior_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the log-normal prior's covariance of aggregates, (k, k)."""
        return self._between(weights, self.prior_covariance)

    def prior_variance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the diagonal of the log-normal prior's covariance of aggregates, (k,)."""
        return np.diagonal(self.prior_covariance_of(weights)).copy()

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of all states, (count, m), from the posterior itself by reweighting.

        Raises
        ------
        ValueError
            Where too few proposals count, as in many dimensions.
        """
        data = self.problem.observations - self.problem.background
        white = self._white(self._H), self._white(data[:, None])[:, 0]
        return reweighted_draws(self.prior, self.shifted, white, count, rng)

    @cached_property
    def residual(self) -> np.ndarray:
        """Y - b - H x at the posterior mean [umol mol-1], (n,)."""
        problem = self.problem
        return problem.observations - problem.background - self._H @ self.mean

    @property
    def chi_square(self) -> float:
        """Cost at the mode over n; 0 by convention where n = 0."""
        return self.solution.cost / max(len(self.innovation), 1)

    @property
    def log_evidence(self) -> float:
        """Logarithm of the evidence by Laplace's approximation."""
        n = len(self.innovation)
        return -0.5 * (self.solution.cost + self.log_determinant + n * np.log(2.0 * np.pi))

    def solve_observations(self, block: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Refuse: the gain changes with the data."""
        raise self._missing(what="a fixed gain")

    def cross(self, weights: LinearMap | np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Refuse: the gain changes with the data."""
        raise self._missing(what="a fixed gain")

    def _white(self, block: np.ndarray):
        """Return L_R^-1 times a block."""
        R = self.problem.mismatch_covariance.in_memory()
        return scipy.linalg.solve_triangular(
            scipy.linalg.cholesky(R, lower=True), block, lower=True
        )

    def _between(self, weights: LinearMap | np.ndarray, covariance: np.ndarray):
        """Return W^T V W, (k, k)."""
        aggregation = augmented(weights, self.problem)
        return aggregation.rmatmat(aggregation.rmatmat(covariance).T)

    def _missing(self, what: str) -> MissingCapability:
        """Return the exception for what a log-normal posterior does not have."""
        return MissingCapability(
            f"a problem must be linear and normal to have {what}; got log-normal states in the "
            "positive solver. Ask covariance_of and sample instead, or use the dual solver."
        )
