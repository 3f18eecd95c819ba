"""A mismatch covariance comes in; what errors before tell of those after goes out, a window at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.dense import Dense, densify
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.positive import cholesky_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.covariance import Covariance

# Correlations of errors below this do not lengthen a window that is chosen by itself.
REACH = 1e-3


class ErrorsBefore:
    """R taken in by groups of observations, each group given the ones before it.

    Parameters
    ----------
    mismatch : Covariance, (n, n)
        R.
    first : ndarray of int, (n,)
        First period each observation is sensitive to.
    obs_id : sequence of str, (n,)

    Attributes
    ----------
    left_out : float
        Largest correlation of a group's errors with earlier ones that were out of reach, given
        those within: what the solution leaves out of R.
    """

    def __init__(self, mismatch: Covariance, first: np.ndarray, obs_id: Sequence[str]) -> None:
        self.variance = mismatch.diagonal()
        self.first, self.obs_id, self.left_out = first, obs_id, 0.0
        self._taken = np.zeros(len(first), dtype=bool)
        self.matrix: np.ndarray | None = None
        if isinstance(mismatch, Dense):
            self.matrix = mismatch.matrix
        elif not isinstance(mismatch, Diagonal):
            self.matrix = densify(mismatch)

    def take(self, rows: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which earlier errors tell of a group's, how, and what stays new.

        Parameters
        ----------
        rows : ndarray of int, (k,)
            The group.
        start : int
            First period of the window: earlier observations that saw less recent ones are out of
            reach.

        Returns
        -------
        before : ndarray of int, (j,)
        told : ndarray, (k, j)
            A = R_kj R_jj^-1.
        covariance : ndarray, (k, k)
            R_kk - A R_jk.
        """
        if self.matrix is None:
            return np.zeros(0, int), np.zeros((len(rows), 0)), np.diag(self.variance[rows])
        R = self.matrix
        linked = np.zeros(len(R), dtype=bool)
        if len(rows):
            linked = self._taken & (R[rows] != 0.0).any(axis=0)
        before = np.flatnonzero(linked & (self.first >= start))
        beyond = np.flatnonzero(linked & (self.first < start))
        self._taken[rows] = True
        told, new = np.zeros((len(rows), len(before))), R[np.ix_(rows, rows)]
        if len(before):
            names = [self.obs_id[row] for row in before.tolist()]
            lower = cholesky_of(
                R[np.ix_(before, before)],
                "R",
                names,
                "Give every observation an error of its own, or use the dual solver.",
            )
            told = scipy.linalg.cho_solve((lower, True), R[np.ix_(before, rows)]).T
            new = new - told @ R[np.ix_(before, rows)]
        if len(beyond):
            missed = R[np.ix_(rows, beyond)] - told @ R[np.ix_(before, beyond)]
            scale = np.sqrt(np.outer(self.variance[rows], self.variance[beyond]))
            self.left_out = max(self.left_out, float(np.abs(missed / scale).max()))
        return before, told, 0.5 * (new + new.T)

    def periods_needed(self, when: np.ndarray) -> int:
        """Return how many periods a window must have for errors correlated above `REACH`.

        Parameters
        ----------
        when : ndarray of int, (n,)
            Period in which each observation is taken in.
        """
        if self.matrix is None or not len(when):
            return 1
        limit = REACH * np.sqrt(self.variance)
        longest = 1
        for row, period in enumerate(when):
            near = (np.abs(self.matrix[row]) > limit[row] * np.sqrt(self.variance)) & (
                when <= period
            )
            longest = max(longest, int(period - self.first[near].min(initial=period)) + 1)
        return longest
