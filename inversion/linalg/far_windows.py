"""Windows that closed and windows that open later come in; their products are added to H B H^T.

What a window has seen fades until another opens: one product of what it saw with what the other
will see. Both are gathered, so that the products are large ones.
"""

from __future__ import annotations

import numpy as np

from inversion.linalg.side_by_side import side_by_side

FAR_COLUMNS = 128
FAR_ROWS = 256


class FarWindows:
    """Pairs of windows that do not overlap.

    Parameters
    ----------
    half : ndarray, (n, n)
        Where products are added: the row of the earlier window, the column of the later.
    age : ndarray, (parts, p)
        How far each part of the correlation in time has faded by each period.
    reach : float
        Correlations below this are left out.
    """

    def __init__(self, half: np.ndarray, age: np.ndarray, reach: float) -> None:
        self.half, self.age, self.reach = half, age, reach
        self.closed: list[_Closed] = []
        self.opened: list[tuple[np.ndarray, int, np.ndarray]] = []
        self.waiting = 0

    def open(self, rows: np.ndarray, period: int, ahead: np.ndarray) -> None:
        """Take in windows that open in a period; ``ahead`` is (parts, g r, rows)."""
        self.opened.append((rows, period, ahead))
        self.waiting += len(rows)
        if self.waiting >= FAR_COLUMNS:
            self.meet()

    def close(self, rows: np.ndarray, period: int, memory: np.ndarray) -> None:
        """Take in windows that end with a period; ``memory`` is (parts, rows, g r)."""
        if period + 1 >= self.age.shape[1]:
            return
        done = 0
        while done < len(rows):
            if not self.closed or self.closed[-1].count == FAR_ROWS:
                self.closed.append(_Closed(memory.shape[0], memory.shape[2], memory.dtype))
            done += self.closed[-1].take(rows[done:], period, memory[:, done:])

    def meet(self) -> None:
        """Multiply windows that opened with all that had closed before each of them."""
        if not self.opened:
            return
        columns = np.concatenate([rows for rows, _, _ in self.opened])
        opens = np.concatenate([np.full(len(rows), t) for rows, t, _ in self.opened])
        ahead = np.concatenate([block for _, _, block in self.opened], axis=2)
        self.opened, self.waiting = [], 0

        def meet(block: _Closed) -> bool:
            last = block.last[: block.count]
            apart = self.age[:, opens][:, None, :] - self.age[:, last][:, :, None]
            fade = np.where(last[:, None] < opens[None, :], np.exp(-np.maximum(apart, 0.0)), 0.0)
            fade[fade < self.reach] = 0.0
            if fade.any():
                product = sum(
                    f * (m @ b)
                    for f, m, b in zip(fade, block.memory[:, : block.count], ahead, strict=True)
                )
                self.half[np.ix_(block.rows[: block.count], columns)] += product
            return bool(fade[:, :, -1].any()) or bool(last[-1] >= opens.max())

        kept = side_by_side(meet, self.closed)
        self.closed = [block for block, still in zip(self.closed, kept, strict=True) if still]


class _Closed:
    """The memory of up to FAR_ROWS closed windows."""

    def __init__(self, parts: int, size: int, dtype: np.dtype) -> None:
        self.memory = np.empty((parts, FAR_ROWS, size), dtype)
        self.rows = np.empty(FAR_ROWS, np.int64)
        self.last = np.empty(FAR_ROWS, np.int64)
        self.count = 0

    def take(self, rows: np.ndarray, period: int, memory: np.ndarray) -> int:
        """Store as many windows as there is room for; return how many."""
        taken = min(len(rows), FAR_ROWS - self.count)
        here = slice(self.count, self.count + taken)
        self.rows[here], self.last[here] = rows[:taken], period
        self.memory[:, here] = memory[:, :taken]
        self.count += taken
        return taken
