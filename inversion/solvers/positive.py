"""A linear problem with log-normal priors comes in; fluxes that keep their signs go out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.dense import densify
from inversion.linalg.maps import column_blocks
from inversion.linalg.positive import cholesky_of
from inversion.solvers.lognormal import LogNormal, log_normal_of
from inversion.solvers.positive_posterior import PositivePosterior, Solution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)

FIRST_DAMPING = 10.0
SMALLEST_DAMPING = 1e-6
FAR_FROM_NORMAL_SD = 0.5
_ADVICE = "Give every observation an error of its own, or use the dual solver."


@dataclass(frozen=True)
class PositiveSolver:
    """Log-normal fluxes by damped Gauss-Newton (Levenberg-Marquardt) (SCIENCE 2.7).

    Attributes
    ----------
    sign : ndarray, (n_flux,), or None
        1 or -1 for a flux that keeps this sign, 0 for one that stays normal. None: the sign of its
        prior. States that are no fluxes stay normal.
    carry_correlations : bool
        Give the logarithms the correlations of the fluxes, where no log-normal distribution has
        their covariance; the largest change of a correlation is told.
    mean_tolerance_sd : float
        Largest step left to the mode of any combination of the logarithms, in its standard
        deviations.
    most_states : int
        Most states: all matrices are held.
    most_steps : int
    column_block : int
        States pushed through B at once.

    Notes
    -----
    The step solves (K^T R^-1 K + (1 + kappa) C^-1) du = K^T R^-1 r - C^-1 (u - u_a) with K = H
    dx/du, in observation space, so that C may be singular. The damping kappa starts at 10, falls
    tenfold where the cost falls and rises tenfold where it does not; the end is judged by the
    undamped step. A fixed kappa of 10 with an end at steps of 0.5 % stops up to eleven times such
    a step away from the mode.

    ASSUME: the posterior of the logarithms is near normal around its mode: means to second order,
    covariances to first (Laplace).
    """

    sign: np.ndarray | None = None
    carry_correlations: bool = False
    mean_tolerance_sd: float = 1e-3
    most_states: int = 3000
    most_steps: int = 200
    column_block: int = 8

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> PositivePosterior:
        """Return the posterior of a problem.

        Parameters
        ----------
        problem : LinearGaussianProblem
            Mean and covariance of the prior are those of the fluxes, not of their logarithms.
        aggregates : sequence of LinearMap
            Not needed: all covariances are in memory.

        Raises
        ------
        ValueError
            Where there are too many states, a prior lacks its sign, no log-normal distribution has
            the prior's covariance, R is not positive definite, or the steps do not end.
        """
        del aggregates
        m = len(problem.prior)
        if m > self.most_states:
            msg = (
                f"a log-normal problem must have at most {self.most_states} states; got {m}, about "
                f"{8.0 * 6.0 * m**2 / 2**30:.3g} GiB, in PositiveSolver. Use regions, a coarser "
                "grid or longer periods, or the truncated solver on totals."
            )
            raise ValueError(msg)
        B = densify(problem.prior_covariance)
        prior = log_normal_of(
            problem.prior, 0.5 * (B + B.T), self._signs(problem, B), carry=self.carry_correlations
        )
        moved = _moved_correlation(prior, B)
        H = np.concatenate(
            [block for _, block in column_blocks(problem.jacobian, self.column_block)], axis=1
        )
        root = cholesky_of(problem.mismatch_covariance.in_memory(), "R", problem.obs_id, _ADVICE)
        solution = self._iterated(problem, prior, H, root)
        posterior = PositivePosterior(problem, prior, H, solution, moved)
        logger.info("%s", posterior.description)
        if posterior.skewness_sd > FAR_FROM_NORMAL_SD:
            logger.warning(
                "positive: mean and mode of a logarithm are %.2f standard deviations apart: too "
                "far from normal for formulas; take means and intervals from sample()",
                posterior.skewness_sd,
            )
        return posterior

    def _signs(self, problem: LinearGaussianProblem, B: np.ndarray):
        """Return the sign of each state, (m,); a state without variance needs none."""
        given = np.sign(problem.prior[: problem.n_flux]) if self.sign is None else self.sign
        if np.shape(given) != (problem.n_flux,):
            msg = (
                f"signs must be one for each of {problem.n_flux} fluxes; got shape "
                f"{np.shape(given)} in PositiveSolver. Give 1, -1 or 0 for each."
            )
            raise ValueError(msg)
        sign = np.zeros(len(problem.prior))
        sign[: problem.n_flux] = given
        fixed = (np.diagonal(B) <= 0.0) & (sign != 0.0)
        logger.info(
            "positive: %d states keep their sign, %d are normal, %d of a sign have no variance",
            np.count_nonzero(sign) - fixed.sum(),
            np.count_nonzero(sign == 0.0),
            fixed.sum(),
        )
        return np.where(fixed, 0.0, sign)

    def _iterated(
        self, problem: LinearGaussianProblem, prior: LogNormal, H: np.ndarray, root: np.ndarray
    ) -> Solution:
        """Return the mode of the logarithms; u = u_a + C z throughout."""
        data = problem.observations - problem.background
        C, damping = prior.covariance, FIRST_DAMPING
        z = np.zeros(len(C))
        now = _State(prior, H, root, data, z)
        for step in range(self.most_steps):
            left = now.step_left(C)
            if left <= self.mean_tolerance_sd:
                return Solution(now.u, now.K, now.explained(C), now.cost, step, left)
            then = _State(prior, H, root, data, now.damped(C, damping))
            if np.isfinite(then.cost) and then.cost <= now.cost:
                now, damping = then, max(damping / 10.0, SMALLEST_DAMPING)
            else:
                damping *= 10.0
        msg = (
            f"the mode must be reached to solver.mean_tolerance_sd = {self.mean_tolerance_sd:g}; "
            f"got a step of {now.step_left(C):.3g} standard deviations left after "
            f"{self.most_steps} steps in PositiveSolver. Raise the tolerance, or lower prior "
            "standard deviations far above the mean."
        )
        raise ValueError(msg)


class _State:
    """Where an iteration stands: the logarithms, what they give, and their cost."""

    def __init__(
        self, prior: LogNormal, H: np.ndarray, root: np.ndarray, data: np.ndarray, z: np.ndarray
    ) -> None:
        self.z, self.move = z, prior.covariance @ z
        self.u = prior.location + self.move
        with np.errstate(over="ignore", invalid="ignore"):
            self.left = data - H @ prior.states(self.u)
            self.K = H * prior.slope(self.u)
            white = scipy.linalg.solve_triangular(root, self.left, lower=True, check_finite=False)
            self.cost = float(white @ white + z @ self.move)
        self._R = root @ root.T

    def explained(self, C: np.ndarray, damping: float = 0.0) -> np.ndarray:
        """Return K C K^T / (1 + kappa) + R, (n, n)."""
        return self.K @ C @ self.K.T / (1.0 + damping) + self._R

    def damped(self, C: np.ndarray, damping: float) -> np.ndarray:
        """Return z after a damped step, (m,)."""
        share = 1.0 / (1.0 + damping)
        right = self.left + share * (self.K @ self.move)
        told = scipy.linalg.solve(self.explained(C, damping), right, assume_a="pos")
        return self.z - share * self.z + share * (self.K.T @ told)

    def step_left(self, C: np.ndarray) -> float:
        """Return the undamped step's size in posterior standard deviations."""
        change = self.damped(C, 0.0) - self.z
        moved = C @ change
        seen = self.K @ moved
        told = scipy.linalg.solve(self._R, seen, assume_a="pos") if len(seen) else seen
        return float(np.sqrt(max(change @ moved + seen @ told, 0.0)))


def _moved_correlation(prior: LogNormal, B: np.ndarray) -> float:
    """Return the largest change of a correlation between the stated B and the log-normal's own."""
    deviation = np.sqrt(np.diagonal(B))
    scale = np.outer(deviation, deviation)
    known = scale > 0.0
    difference = np.abs(prior.state_covariance - B)[known] / scale[known]
    return float(difference.max(initial=0.0))
