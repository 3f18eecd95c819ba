"""A Jacobian in sparse rows and a scaled Kronecker covariance come in; H B H^T and H B W go out, in one sweep over time.

Each observation sees a window of periods. Walking through the periods, what every open window
has seen so far, correlated in space, fades by the correlation in time: the product with what is
seen now is the covariance of two observations. Windows that closed before another opened meet
once, when that one opens. Only the correlation in space costs more than a product: once for each
observation, period of its window, and sector (research: the cheapest exact order of operations).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from contracts.progress import Progress
from inversion.linalg.covariance import EXACT, Precision
from inversion.linalg.crosses import Cross
from inversion.linalg.far_windows import FarWindows
from inversion.linalg.side_by_side import side_by_side
from inversion.linalg.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import scipy.sparse

    from inversion.linalg.kronecker import Kronecker
    from inversion.linalg.separable import Separable

BLOCK = 96
NEAR_BYTES = 2**17


@dataclass
class Opened:
    """Windows that opened in one period, at consecutive places of the sweep's order.

    Attributes
    ----------
    place : slice
    seen : dict of int to ndarray, (layers, r, k)
        Sensitivities by period.
    ahead : dict of int to ndarray, (parts, g r, k)
        What the window will see from a period on, faded back to that period.
    """

    place: slice
    seen: dict[int, np.ndarray]
    ahead: dict[int, np.ndarray]


class Sweep:
    """One pass over the periods.

    Parameters
    ----------
    matrix : csr_matrix, (n, g p r)
    sigma : ndarray, (g, p, r)
    base : Kronecker
        Its period factor must be an `InTime`.
    wanted : sequence of Separable
        W of each product H B W to return.
    precision : Precision
    """

    def __init__(
        self,
        matrix: scipy.sparse.csr_matrix,
        sigma: np.ndarray,
        base: Kronecker,
        wanted: Sequence[Separable] = (),
        precision: Precision = EXACT,
    ) -> None:
        self.dtype = np.dtype(precision.dtype)
        self.windows = Windows(matrix, sigma.shape, self.dtype)
        self.sigma = sigma.astype(self.dtype, copy=False)
        self.in_time = base.period
        self.mix = base.sector.matrix.astype(self.dtype)
        self.mixed = bool((self.mix != np.eye(len(self.mix))).any())
        self.spaces = [space.in_precision(self.dtype) for space in base.spaces]
        self.reach = precision.reach
        n = matrix.shape[0]
        self.half = np.zeros((n, n))
        self.crosses = [Cross(weights, self.sigma, base, n) for weights in wanted]
        self._order()

    def _order(self):
        """Sort the rows by the opening of their windows, and make room for what is open."""
        first, last = self.windows.first, self.windows.last
        seen = np.flatnonzero(last >= 0)
        self.order = seen[np.lexsort((last[seen], first[seen]))]
        self.first, self.last = first[self.order], last[self.order]
        g, p, r = self.windows.shape
        opened = np.searchsorted(self.first, np.arange(p), side="right")
        still = np.array(
            [
                np.flatnonzero(self.last >= t)[0] if (self.last >= t).any() else len(self.last)
                for t in range(p)
            ]
        )
        width = max(int((opened - np.minimum(still, opened)).max(initial=0)), 1)
        parts = len(self.in_time.features)
        self.state = np.zeros((parts, g, r, 2 * width + 8), self.dtype)
        self.offset = self.low = self.high = 0
        self.opened: list[Opened] = []
        self.far = FarWindows(self.half, self.in_time.age, self.reach)

    def run(self) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return H B H^T (n, n) and each H B W (n, columns of W), float64."""
        progress = Progress("sweep over time", self.windows.shape[1])
        for period in range(self.windows.shape[1]):
            self._open(period)
            if self.high > self.low:
                self._step(period)
            self._close(period)
            progress.done(period + 1)
        self.far.meet()
        return self.half + self.half.T, [cross.total() for cross in self.crosses]

    def _open(self, period: int):
        """Take in the windows that open in a period."""
        start = self.high
        self.high = int(np.searchsorted(self.first, period, side="right"))
        if self.high == start:
            return
        if self.high - self.offset > self.state.shape[3]:
            kept = self.state[..., self.low - self.offset : start - self.offset].copy()
            self.state[..., : kept.shape[3]] = kept
            self.offset = self.low
        self.state[..., start - self.offset : self.high - self.offset] = 0.0
        place = slice(start, self.high)
        rows = self.order[place]
        end = int(self.last[place].max())
        seen = {t: self.windows.dense(rows, t) for t in range(period, end + 1)}
        ahead = self._ahead(seen)
        self.far.open(rows, period, ahead.pop(period))
        self.opened.append(Opened(place, seen, ahead))

    def _ahead(self, seen: dict[int, np.ndarray]) -> dict[int, np.ndarray]:
        """Return what is seen from each period on, faded back to it, (parts, g r, k) by period."""
        g, _, r = self.windows.shape
        parts = len(self.in_time.features)
        width = next(iter(seen.values())).shape[2]
        ahead = {t: np.empty((parts, g, r, width), self.dtype) for t in seen}

        def fill(k: int) -> None:
            for t in sorted(seen, reverse=True):
                scaled = self.sigma[k, t, :, None] * seen[t][k % self.windows.layers]
                for m in range(parts):
                    np.multiply(
                        scaled, self.dtype.type(self.in_time.features[m, t]), ahead[t][m, k]
                    )
                    if t + 1 in ahead:
                        fade = self.dtype.type(self.in_time.decay[m, t])
                        ahead[t][m, k] += fade * ahead[t + 1][m, k]

        side_by_side(fill, range(g))
        return {t: one.reshape(parts, g * r, width) for t, one in ahead.items()}

    def _step(self, period: int):
        """Correlate what is seen in a period in space, and multiply with what was seen before."""
        _, _, r = self.windows.shape
        width = self.high - self.low
        seen = np.zeros((self.windows.layers, r, width), self.dtype)
        for group in self.opened:
            if period in group.seen:
                begin = max(group.place.start, self.low)
                cut = begin - group.place.start
                piece = group.seen.pop(period)[..., cut:]
                seen[..., begin - self.low : group.place.stop - self.low] = piece
        count = -(-width // BLOCK)
        edges = [width * part // count for part in range(count + 1)]
        rows = self.order[self.low : self.high]

        for cross in self.crosses:
            cross.prepare(period)

        def advance(block: slice) -> None:
            here = [
                space.matmat(self.sigma[k, period, :, None] * seen[k % len(seen)][:, block])
                for k, space in enumerate(self.spaces)
            ]
            reached = self._remember(period, block, here)
            product = sum(one.T @ now for one, now in zip(reached, seen, strict=True))
            self.half[np.ix_(rows[block], rows)] += product
            for cross in self.crosses:
                cross.add(rows[block], here)

        side_by_side(advance, [slice(*pair) for pair in pairwise(edges)])

    def _remember(self, period: int, block: slice, here: list[np.ndarray]) -> np.ndarray:
        """Add what some windows see to their fading memory, and return what of it meets H now.

        Returns
        -------
        ndarray, (layers, r, k)
            What was seen before and half of what is seen now, correlated between sectors and
            scaled; summed over sectors where one field of sensitivities serves all.

        Notes
        -----
        A few hundred places at a time, so that all but the memory stays near the processor.
        """
        g, _, r = self.windows.shape
        shift = self.low - self.offset
        columns = slice(block.start + shift, block.stop + shift)
        width = block.stop - block.start
        layers = self.windows.layers
        sigma = self.sigma[:, period]
        weight = (self.mix.T @ sigma)[:, :, None]
        reached = np.empty((layers, r, width), self.dtype)
        step = max(1, NEAR_BYTES // (width * self.dtype.itemsize))
        for start in range(0, r, step):
            part = slice(start, start + step)
            now = np.stack([self._fade(period, k, part, columns, here[k]) for k in range(g)])
            if layers == 1:
                now *= weight[:, part]
                now.sum(axis=0, out=reached[0, part])
            else:
                mixed = self.mix @ now.reshape(g, -1)
                np.multiply(mixed.reshape(now.shape), sigma[:, part, None], out=reached[:, part])
        return reached

    def _fade(
        self, period: int, k: int, part: slice, columns: slice, here: np.ndarray
    ) -> np.ndarray:
        """Return a sector's memory at some places and half of what is there now, and add the latter."""
        seen = here[part]
        now = seen * self.dtype.type(-0.5 * self.in_time.matrix[period, period])
        for m, feature in enumerate(self.in_time.features[:, period]):
            memory = self.state[m, k, part, columns]
            if period and self.in_time.decay[m, period - 1] != 1.0:
                memory *= self.dtype.type(self.in_time.decay[m, period - 1])
            if feature == 1.0:
                memory += seen
                now += memory
            elif feature != 0.0:
                memory += seen * self.dtype.type(feature)
                now += memory * self.dtype.type(feature)
        return now

    def _close(self, period: int):
        """Let go of the windows that end with a period."""
        ends = self.low + np.flatnonzero(self.last[self.low : self.high] == period)
        if not len(ends):
            return
        g, _, r = self.windows.shape
        taken = self.state[..., ends - self.offset].reshape(len(self.state), g, -1)
        if self.mixed:
            taken = np.matmul(self.mix, taken)
        memory = np.ascontiguousarray(
            taken.reshape(len(taken), g * r, len(ends)).transpose(0, 2, 1)
        )
        rows = self.order[ends]

        def meet(group: Opened) -> None:
            ahead = group.ahead.pop(period + 1)
            fade = self.in_time.decay[:, period]
            product = sum(
                f * (m @ b).astype(np.float64) for f, m, b in zip(fade, memory, ahead, strict=True)
            )
            self.half[np.ix_(rows, self.order[group.place])] += product

        side_by_side(meet, [group for group in self.opened if period + 1 in group.ahead])
        self.far.close(rows, period, memory)
        self.state[..., ends - self.offset] = 0.0
        alive = np.flatnonzero(self.last[self.low : self.high] > period)
        self.low = self.low + int(alive[0]) if len(alive) else self.high
        self.opened = [g_ for g_ in self.opened if g_.place.stop > self.low]
