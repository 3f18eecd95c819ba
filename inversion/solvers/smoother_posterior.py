"""A problem and its factor by periods come in; means and covariances of any aggregate, and what was known at the time, go out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import MissingCapability
from inversion.linalg.low_rank_factor import LowRankFactor
from inversion.posterior import Posterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.linalg.markov_factor import MarkovFactor
    from inversion.problem import LinearGaussianProblem


class SmootherPosterior(Posterior):
    """The posterior with S factorised period by period.

    Parameters
    ----------
    problem : LinearGaussianProblem
    by_period : MarkovFactor or LowRankFactor
        L of S.
    column_block : int
    crosses : sequence of (LinearMap, ndarray)

    Notes
    -----
    ``tolerance`` is how far S^-1 d is from solving the whole problem's equations, as a share of
    d: rounding, and correlations of errors further apart than the window.
    """

    def __init__(
        self,
        problem: LinearGaussianProblem,
        by_period: MarkovFactor | LowRankFactor,
        column_block: int = 8,
        crosses: Sequence[tuple[LinearMap, np.ndarray]] = (),
    ) -> None:
        self.by_period = by_period
        super().__init__(problem, None, None, column_block, crosses)

    @property
    def filter(self) -> MarkovFactor:
        """The filter over the periods, without declared totals."""
        made = self.by_period
        return made.base if isinstance(made, LowRankFactor) else made

    @property
    def mismatch_left_out(self) -> float:
        """Largest correlation of R that the window leaves out."""
        return self.filter.errors.left_out

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        lag, periods = self.filter.lag, self.filter.periods.shape[0]
        left = self.mismatch_left_out
        rest = f"; correlations of errors up to {left:.2g} left out" if left > 0.0 else ""
        return f"smoother: a window of {lag} of {periods} periods{rest}"

    @property
    def factor(self) -> np.ndarray:
        """The factor of S as one matrix, which this solver does not have."""
        raise self._missing(what="the factor of S as one matrix")

    @cached_property
    def innovation_covariance(self) -> np.ndarray:
        """S, (n, n), made when asked for: work and memory grow with the square of n."""
        problem = self.problem
        made = problem.mismatch_covariance.in_memory()
        return made + problem.prior_covariance.gram(problem.jacobian)

    def solve_observations(self, block: np.ndarray) -> np.ndarray:
        """Return S^-1 times a block, (n, k) -> (n, k)."""
        return self.by_period.solve(block)

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Return L^-1 times a block, (n, k) -> (n, k)."""
        return self.by_period.whiten(block)

    def unwhiten(self, block: np.ndarray) -> np.ndarray:
        """Return L^-T times a block, (n, k) -> (n, k)."""
        return self.by_period.unwhiten(block)

    @property
    def log_determinant(self) -> float:
        """Natural logarithm of |S|."""
        return self.by_period.logdet()

    @cached_property
    def innovation_variance(self) -> np.ndarray:
        """Diagonal of S [(umol mol-1)^2], (n,)."""
        return self.by_period.variance()

    @property
    def left_mean(self) -> np.ndarray:
        """Mean of the fluxes [umol m-2 s-1], (n_flux,), as known when their period left the window."""
        return self._as_left[0]

    @property
    def left_variance(self) -> np.ndarray:
        """Variance of the fluxes, (n_flux,), as known when their period left the window."""
        return self._as_left[1]

    @cached_property
    def _as_left(self) -> tuple[np.ndarray, np.ndarray]:
        """Fixed-lag means and variances: from the observations up to when a period left."""
        made, periods = self.filter, self.filter.periods
        white, left = made.forward(self.innovation[:, None])
        step, variance = left[..., 0] * periods.sigma, made.left_variance * periods.sigma**2
        sectors = self._sectors
        if isinstance(self.by_period, LowRankFactor):
            more = _by_totals(self.by_period, periods.by_period(self._with_totals, sectors), white)
            step, variance = step + more[0], variance + more[1]
        fluxes = self.problem.prior[: self.problem.n_flux]
        return (
            fluxes + periods.by_sector(step, sectors),
            periods.by_sector(variance, sectors),
        )

    @property
    def _sectors(self) -> int:
        """Number of sectors."""
        totals = self.filter.periods.totals
        parts = getattr(self.problem.prior_covariance, "parts", (self.problem.prior_covariance,))
        fluxes = parts[0] if totals is None else totals.base
        return int(fluxes.base.factor_shape[0])

    @property
    def _with_totals(self) -> np.ndarray:
        """K W: prior covariance of the fluxes with the declared totals, (n_flux, k)."""
        totals = self.filter.periods.totals
        return totals.base.matmat(totals.weights.matmat(np.eye(len(totals.wanted))))

    def _missing(self, what: str) -> MissingCapability:
        """Return the exception for what a factor by periods does not hold."""
        return MissingCapability(
            f"the dual solver must have been used to give {what}; got a factor by periods in the "
            "smoother. Ask whiten, unwhiten and solve_observations instead."
        )


def _by_totals(factor: LowRankFactor, with_totals: np.ndarray, white: np.ndarray):
    """Return what declared totals add to mean and variance of each period as it left, (p, b) each.

    Parameters
    ----------
    factor : LowRankFactor
    with_totals : ndarray, (p, b, k)
        K W.
    white : ndarray, (n, 1)
        L^-1 d.

    Notes
    -----
    With Y the rows of L^-1 H K W up to then, the totals' step is Y^T L^-1 d and what they make of
    any field N = (I + M Y^T Y)^-1 M, through its covariance K W - (what the data took of it).
    """
    made = factor.base
    seen = np.zeros((with_totals.shape[2],) * 2)
    told = np.zeros(with_totals.shape[2])
    mean, variance = np.zeros(with_totals.shape[:2]), np.zeros(with_totals.shape[:2])
    for period, step in enumerate(made.steps):
        rows = factor.white[step.rows]
        seen, told = seen + rows.T @ rows, told + rows.T @ white[step.rows, 0]
        start = period - step.window.older
        here = slice(start, start + step.dropped)
        if step.dropped:
            worth = np.linalg.solve(np.eye(len(seen)) + factor.middle @ seen, factor.middle)
            linked = with_totals[here] - factor.left[here] * made.periods.sigma[here, :, None]
            mean[here] = linked @ (worth @ told)
            variance[here] = np.einsum("tbk,kl,tbl->tb", linked, worth, linked)
    return mean, variance
