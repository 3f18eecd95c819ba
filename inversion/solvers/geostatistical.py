"""A linear Gaussian problem and a trend come in; fluxes without any prior size, from X b with flat b, go out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import EXACT, Precision
from inversion.linalg.maps import as_map, column_blocks
from inversion.posterior import augmented
from inversion.solvers.dual import DualSolver
from inversion.solvers.geostatistical_posterior import GeostatisticalPosterior
from inversion.solvers.trend import Trend
from inversion.solvers.trend_selection import Candidate, candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class GeostatisticalSolver:
    """Geostatistical inversion: x = X b + eta, b flat, eta ~ N(0, B) (SCIENCE 2.9).

    Attributes
    ----------
    trend : Trend or None
        X. None: one column, the prior itself, whose size alone is then not used.
    select : bool
        Take the subset of the columns with the smallest BIC; all subsets are reported.
    precision : Precision
        Of the sweep that builds S; its dtype must be float64.
    column_block : int
        Aggregates pushed through B at once.

    Notes
    -----
    The sweep, S and its factor are the dual solver's. With Y = L^-1 H X, b is least squares of
    L^-1 d on Y (generalised least squares) and eta its best linear prediction: the system with the
    border H X is never built. The states that are no fluxes keep their own prior.

    ASSUME: B is the covariance of what the trend leaves over. The declared totals that B holds
    limit eta alone, and no total that X can make. States of transport keep their columns H x_a:
    through them the size of the prior is still seen.
    """

    trend: Trend | None = None
    select: bool = False
    precision: Precision = EXACT
    column_block: int = 8

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> GeostatisticalPosterior:
        """Return the fluxes of a problem, its prior fluxes unused but for what X takes from them.

        Parameters
        ----------
        problem : LinearGaussianProblem
        aggregates : sequence of LinearMap, (fluxes, columns)
            Weights whose totals will be asked for: swept together with S.

        Raises
        ------
        ValueError
            Where the sweep is to be in single precision, there are not more observations than
            columns, or columns that the observations cannot tell apart; and as the dual solver.
        """
        self._require_double()
        trend = self.trend
        if trend is None:
            trend = Trend(("prior",), as_map(problem.prior[: problem.n_flux]))
        free = replace(
            problem,
            prior=np.where(np.arange(len(problem.prior)) < problem.n_flux, 0.0, problem.prior),
        )
        base = DualSolver(self.precision, self.column_block).solve(free, aggregates)
        seen = seen_by(free, trend)
        table: tuple[Candidate, ...] = ()
        if self.select:
            table = candidates(base, trend.names, seen)
            best = table[0].members
            trend, seen = trend.only(best), seen[:, list(best)]
        posterior = GeostatisticalPosterior(base, trend, seen, table)
        logger.info("%s", posterior.description)
        return posterior

    def _require_double(self):
        """Refuse a sweep in single precision, which nothing here refines."""
        if np.dtype(self.precision.dtype) != np.float64:
            msg = (
                "the geostatistical solver must sweep in double precision; got "
                f"{np.dtype(self.precision.dtype).name} in GeostatisticalSolver. Set "
                "solver.precision to double."
            )
            raise ValueError(msg)


def seen_by(problem: LinearGaussianProblem, trend: Trend) -> np.ndarray:
    """Return H X, (n, p) [umol mol-1 for one unit of b]."""
    whole = augmented(trend.columns, problem)
    seen = np.empty((problem.jacobian.shape[0], whole.shape[1]))
    for columns, block in column_blocks(whole, 1):
        seen[:, columns] = problem.jacobian.matmat(block)
    return seen
