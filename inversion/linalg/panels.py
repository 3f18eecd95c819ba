"""Sparse rows of a Jacobian come in; dense panels of one period and a few observations go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import scipy.sparse


@dataclass(frozen=True)
class Panel:
    """The observations, at most a block of them, that are sensitive to one period.

    Attributes
    ----------
    period : int
    rows : ndarray of int, (k,)
        Indices of the observations, ascending.
    """

    period: int
    rows: np.ndarray


class Panels:
    """A sparse Jacobian cut by period, ready to be made dense piece by piece.

    Parameters
    ----------
    matrix : csr_matrix, (n, g p r)
        Column indices sorted within each row.
    sigma : ndarray, (g, p, r)
        Factors of the columns: the prior standard deviations.
    rows_per_block : int
        Most observations in a panel; bounds the memory to rows_per_block * g * r numbers.
    """

    def __init__(
        self, matrix: scipy.sparse.csr_matrix, sigma: np.ndarray, rows_per_block: int
    ) -> None:
        g, p, r = sigma.shape
        if matrix.shape[1] != g * p * r:
            msg = (
                f"the Jacobian must have one column for each state; got {matrix.shape[1]} columns "
                f"for {g} x {p} x {r} states in Panels. Build both from one prior."
            )
            raise ValueError(msg)
        self.matrix, self.sigma = matrix, sigma
        starts = np.arange(g * p + 1, dtype=matrix.indices.dtype) * r
        self._bounds = np.empty((matrix.shape[0], g * p + 1), dtype=np.int64)
        for row, (start, stop) in enumerate(
            zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
        ):
            self._bounds[row] = start + np.searchsorted(matrix.indices[start:stop], starts)
        counts = np.diff(self._bounds, axis=1).reshape(-1, g, p).sum(axis=1)
        self.items = [
            Panel(period, rows[start : start + rows_per_block])
            for period in range(p)
            for rows in [np.flatnonzero(counts[:, period])]
            for start in range(0, len(rows), rows_per_block)
        ]

    def dense(self, panel: Panel) -> np.ndarray:
        """Return H sigma of one panel, (k, g, r)."""
        g, p, r = self.sigma.shape
        block = np.zeros((len(panel.rows), g, r))
        for s in range(g):
            slab = s * p + panel.period
            first = slab * r
            starts, stops = self._bounds[panel.rows, slab], self._bounds[panel.rows, slab + 1]
            for line, start, stop in zip(block[:, s], starts, stops, strict=True):
                line[self.matrix.indices[start:stop] - first] = self.matrix.data[start:stop]
        block *= self.sigma[None, :, panel.period]
        return block
