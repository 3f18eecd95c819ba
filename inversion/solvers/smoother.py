"""A linear Gaussian problem comes in; its posterior, found period by period, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.errors_before import REACH, ErrorsBefore
from inversion.linalg.low_rank_factor import LowRankFactor
from inversion.linalg.markov_factor import MarkovFactor
from inversion.linalg.periods import Periods, periods_of
from inversion.posterior import augmented
from inversion.solvers.smoother_posterior import SmootherPosterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SmootherSolver:
    """Solver that goes through the periods with a window of them: work linear in their number.

    Attributes
    ----------
    lag_periods : int or None
        Periods of the window. None: as many as the longest footprint sees, and as errors
        correlated above 1e-3 need.
    most_states : int
        Most states a window may have: fluxes of its periods, and all other states.
    column_block : int
        Aggregates pushed through B at once.

    Notes
    -----
    SCIENCE 2.10. Each period's fluxes are conditioned on the period before through the correlation
    in time, the observations that end with it are taken in, and the oldest period leaves the
    window. Backwards, the same filter gives S^-1 d and with it the mean and every covariance of
    the batch; what was known of a period as it left is ``left_mean`` and ``left_variance``.
    """

    lag_periods: int | None = None
    most_states: int = 6000
    column_block: int = 8

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> SmootherPosterior:
        """Return the posterior of a problem.

        Parameters
        ----------
        problem : LinearGaussianProblem
            Its fluxes' correlation in time must decay step by step.
        aggregates : sequence of LinearMap, (fluxes, columns)
            Weights whose totals will be asked for, here or later.

        Raises
        ------
        MissingCapability
            Where B has no such correlation.
        ValueError
            Where the window is shorter than a footprint or holds more than ``most_states``.
        """
        periods = periods_of(problem.jacobian, problem.prior_covariance, self.most_states)
        first, last = periods.reach
        errors = ErrorsBefore(problem.mismatch_covariance, first, problem.obs_id)
        lag = self._lag(periods, errors)
        self._require_room(periods, lag)
        made = MarkovFactor(periods, errors, lag, problem.obs_id)
        factor: MarkovFactor | LowRankFactor = made
        if periods.totals is not None:
            factor = LowRankFactor(made, _reached(problem, periods), periods.totals.middle)
        crosses = [
            (one, problem.prior_covariance.cross(problem.jacobian, augmented(one, problem)))
            for one in (aggregates if len(last) else ())
        ]
        posterior = SmootherPosterior(problem, factor, self.column_block, crosses)
        posterior.refine(0)
        level = logging.WARNING if errors.left_out > REACH else logging.INFO
        logger.log(level, "%s", posterior.description)
        return posterior

    def _lag(self, periods: Periods, errors: ErrorsBefore):
        """Return the periods of the window, or refuse too few."""
        first, last = periods.reach
        longest = int((last - first).max(initial=0)) + 1
        if self.lag_periods is None:
            needed = max(longest, errors.periods_needed(np.maximum(last, 0)))
            return min(needed, periods.shape[0])
        if self.lag_periods < longest:
            row = int(np.argmax(last - first))
            msg = (
                "the window must be as long as the longest footprint; got solver.lag_periods = "
                f"{self.lag_periods} with {longest} periods seen by {errors.obs_id[row]} in "
                "SmootherSolver. Raise it, or leave it out."
            )
            raise ValueError(msg)
        return min(self.lag_periods, periods.shape[0])

    def _require_room(self, periods: Periods, lag: int):
        """Refuse a window that is too large to hold."""
        n, q = periods.apart.shape
        b, parts = periods.shape[1], len(periods.in_time.features)
        states = (lag - 1 + parts) * b + q
        if states > self.most_states:
            gib = 8.0 * (4.0 * states**2 + 2.0 * n * states) / 2**30
            msg = (
                f"a window must have at most {self.most_states} states; got {states} ({lag} "
                f"periods of {b} fluxes and {q} other states), about {gib:.3g} GiB, in "
                "SmootherSolver. Use regions, a coarser grid or longer periods, or the dual solver."
            )
            raise ValueError(msg)


def _reached(problem: LinearGaussianProblem, periods: Periods):
    """Return H K W of the declared totals, (n, k), the other states without weight."""
    totals = periods.totals
    if totals is None or not len(problem.observations):
        return np.zeros((0, 0 if totals is None else len(totals.wanted)))
    columns = totals.base.matmat(totals.weights.matmat(np.eye(len(totals.wanted))))
    whole = np.zeros((problem.jacobian.shape[1], len(totals.wanted)))
    whole[: len(columns)] = columns
    return problem.jacobian.matmat(whole)
