"""A state by periods and a mismatch covariance come in; the factor L of S = L L^T, found period by period, goes out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.positive import cholesky_of
from inversion.linalg.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.errors_before import ErrorsBefore
    from inversion.linalg.periods import Periods

ADVICE = "Give R a term that is independent from hour to hour, or drop one of the two."


@dataclass(frozen=True)
class Step:
    """What one period's observations do, while the window's first period is ``start``.

    Attributes
    ----------
    window : Window
    rows, before : ndarray of int
        Observations of this period, and earlier ones whose errors tell of theirs.
    seen : ndarray, (rows, state)
        H of what is new in them.
    told : ndarray, (rows, before)
        Errors expected from those of the earlier observations.
    lower : ndarray, (rows, rows)
        Cholesky factor of the covariance of what is new.
    gain : ndarray, (state, rows)
    dropped : int
        Periods that leave the window after this one.
    decay : ndarray, (parts,)
        How each part fades to the next period.
    """

    window: Window
    rows: np.ndarray
    before: np.ndarray
    seen: np.ndarray
    told: np.ndarray
    lower: np.ndarray
    gain: np.ndarray
    dropped: int = 0
    decay: np.ndarray = field(default_factory=lambda: np.zeros(0))


class MarkovFactor:
    """L of S = H B H^T + R by a Kalman filter over a window of periods (SCIENCE 2.10).

    Parameters
    ----------
    periods : Periods
    errors : ErrorsBefore
        R.
    lag : int
        Periods of the window, >= the longest footprint.
    obs_id : sequence of str, (n,)

    Notes
    -----
    The filter's innovations are independent: scaled to variance 1 they are L^-1 times the data.
    As the periods' correlation decays step by step, the window's newest period tells all that is
    to be known of the next, so L is exact however short the window, if only it covers each
    footprint. Errors that correlate in time are told apart by those of earlier observations whose
    footprints lie in the window; what correlation is left to others is in ``errors.left_out``.

    Work and memory are linear in the number of periods: (lag x fluxes of a period)^2 numbers once,
    and two rows of the window for each observation.
    """

    def __init__(
        self, periods: Periods, errors: ErrorsBefore, lag: int, obs_id: Sequence[str]
    ) -> None:
        self.periods, self.errors, self.lag, self.obs_id = periods, errors, lag, obs_id
        self.size = len(obs_id)
        self.products = 0.0
        self.left_variance = np.zeros(periods.shape)
        self.steps: list[Step] = []
        self._build()

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Return L^-1 times a block, (n, k) -> (n, k)."""
        return self.forward(block)[0]

    def forward(self, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return L^-1 times a block, and what it said of each period as that left the window.

        Parameters
        ----------
        block : ndarray, (n, k)

        Returns
        -------
        white : ndarray, (n, k)
        left : ndarray, (p, b, k)
            Expected fluxes [standard deviations] given the rows of the block up to then.
        """
        p, b = self.periods.shape
        k = block.shape[1]
        white, left = np.zeros((self.size, k)), np.zeros((p, b, k))
        states = self.steps[0].window.parts.stop + self.periods.apart.shape[1]
        state = np.zeros((states, k))
        for period, step in enumerate(self.steps):
            if len(step.rows):
                new = block[step.rows] - step.told @ block[step.before] - step.seen @ state
                white[step.rows] = scipy.linalg.solve_triangular(step.lower, new, lower=True)
                state = state + step.gain @ new
            start = period - step.window.older
            fields = step.window.fields(state)[: step.dropped * b]
            left[start : start + step.dropped] = fields.reshape(step.dropped, b, k)
            if period + 1 < p:
                state = step.window.advance(state, step.decay, step.dropped)
        return white, left

    def unwhiten(self, white: np.ndarray) -> np.ndarray:
        """Return L^-T times a block, (n, k) -> (n, k): the filter backwards."""
        out = np.zeros((self.size, white.shape[1]))
        back = np.zeros((0, white.shape[1]))
        for period in range(len(self.steps) - 1, -1, -1):
            step = self.steps[period]
            if period + 1 < len(self.steps):
                back = step.window.retreat(back, step.decay, step.dropped)
            else:
                states = step.window.parts.stop + self.periods.apart.shape[1]
                back = np.zeros((states, white.shape[1]))
            if len(step.rows):
                new = scipy.linalg.solve_triangular(
                    step.lower, white[step.rows], lower=True, trans="T"
                )
                new += step.gain.T @ back
                back = back - step.seen.T @ new
                out[step.rows] += new
                out[step.before] -= step.told.T @ new
        return out

    def solve(self, block: np.ndarray) -> np.ndarray:
        """Return S^-1 times a block, (n, k) -> (n, k)."""
        return self.unwhiten(self.whiten(block))

    def logdet(self) -> float:
        """Return ln|S|."""
        return float(sum(2.0 * np.log(np.diagonal(step.lower)).sum() for step in self.steps))

    def variance(self) -> np.ndarray:
        """Return the diagonal of S, (n,)."""
        _, b = self.periods.shape
        found = self.errors.variance + np.einsum(
            "nq,nq->n", self.periods.apart @ self.periods.apart_covariance, self.periods.apart
        )
        for period, step in enumerate(self.steps):
            start = period - step.window.older
            shape = (len(step.rows), step.window.older + 1, b)
            fields = self._fields(step.rows, start, period).reshape(shape)
            pairs = (fields @ self.periods.within) @ fields.transpose(0, 2, 1)
            in_time = self.periods.in_time.matrix[start : period + 1, start : period + 1]
            found[step.rows] += np.einsum("nij,ij->n", pairs, in_time)
        return found

    def _build(self) -> None:
        """Filter the covariance through the periods, and keep what a filter of data needs."""
        periods, in_time = self.periods, self.periods.in_time
        p, b = periods.shape
        _, last = periods.reach
        when = np.maximum(last, 0)
        P = scipy.linalg.block_diag(
            *[periods.within] * len(in_time.features), periods.apart_covariance
        )
        for period in range(p):
            older = min(period, self.lag - 1)
            window = Window(older, b, in_time.features[:, period])
            ends = period + 1 == p
            dropped = older + 1 if ends else int(older + 1 == self.lag)
            decay = np.zeros(len(in_time.features)) if ends else in_time.decay[:, period]
            rows = np.flatnonzero(when == period)
            step, P = self._observe(P, window, period, rows)
            self.steps.append(replace(step, dropped=dropped, decay=decay))
            start = period - older
            self.left_variance[start : start + dropped] = self._variance(P, window, dropped)
            if not ends:
                P = self._predict(P, window, decay, dropped)

    def _observe(self, P: np.ndarray, window: Window, period: int, rows: np.ndarray):
        """Take in one period's observations; return what they do, and the covariance after them."""
        start = period - window.older
        before, told, new_errors = self.errors.take(rows, start)
        H = self._sensitivity(rows, window, period)
        if len(before):
            H = H - told @ self._sensitivity(before, window, period)
        reached = P @ H.T
        F = H @ reached + new_errors
        lower = cholesky_of(
            F, "S = H B H^T + R", [self.obs_id[row] for row in rows.tolist()], ADVICE
        )
        white = scipy.linalg.solve_triangular(lower, reached.T, lower=True)
        gain = scipy.linalg.solve_triangular(lower, white, lower=True, trans="T").T
        self.products += 2.0 * len(rows) * float(P.size) + len(before) * H.size
        step = Step(window, rows, before, H, told, lower, gain)
        return step, (P - white.T @ white if len(rows) else P)

    def _sensitivity(self, rows: np.ndarray, window: Window, period: int):
        """Return H of some observations over the state, (rows, state)."""
        fields = self._fields(rows, period - window.older, period)
        return np.concatenate([window.spread(fields.T).T, self.periods.apart[rows]], axis=1)

    def _fields(self, rows: np.ndarray, start: int, period: int):
        """Return H of some observations over the window's fluxes, (rows, (w + 1) b)."""
        b = self.periods.shape[1]
        return self.periods.sensitivity[rows, start * b : (period + 1) * b].toarray()

    def _predict(self, P: np.ndarray, window: Window, decay: np.ndarray, dropped: int):
        """Return the covariance one period later."""
        later = window.advance(window.advance(P, decay, dropped).T, decay, dropped)
        b, first = window.size, (window.older + 1 - dropped) * window.size
        for part, share in enumerate(1.0 - decay**2):
            here = slice(first + part * b, first + (part + 1) * b)
            later[here, here] += share * self.periods.within
        self.products += float(P.size)
        return 0.5 * (later + later.T)

    def _variance(self, P: np.ndarray, window: Window, dropped: int):
        """Return the variances of the periods that leave the window, (dropped, b)."""
        count = dropped * window.size
        if count <= window.parts.start:
            return np.diagonal(P)[:count].reshape(dropped, window.size)
        both = window.fields(window.fields(P).T)
        return np.diagonal(both)[:count].reshape(dropped, window.size)
