"""Sparse rows of a Jacobian come in; each row's window of periods and its dense pieces go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import scipy.sparse


class Windows:
    """The periods each observation is sensitive to, and its sensitivity in one of them.

    Parameters
    ----------
    matrix : csr_matrix, (n, g p r)
        H, column indices sorted within each row.
    shape : tuple of int
        (g, p, r).
    dtype : dtype
        Of the dense pieces.

    Attributes
    ----------
    first, last : ndarray of int, (n,)
        First and last period of each row; 0 and -1 for a row without entries.
    layers : int
        1 where all sectors have the same sensitivities (one field serves all), else g.
    """

    def __init__(
        self, matrix: scipy.sparse.csr_matrix, shape: tuple[int, int, int], dtype: type
    ) -> None:
        g, p, r = shape
        if matrix.shape[1] != g * p * r:
            msg = (
                f"the Jacobian must have one column for each state; got {matrix.shape[1]} columns "
                f"for {g} x {p} x {r} states in Windows. Build both from one prior."
            )
            raise ValueError(msg)
        self.matrix, self.shape, self.dtype = matrix, shape, np.dtype(dtype)
        starts = np.arange(g * p + 1, dtype=np.int64) * r
        self._bounds = np.empty((matrix.shape[0], g * p + 1), dtype=np.int64)
        for row, (start, stop) in enumerate(
            zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
        ):
            self._bounds[row] = start + np.searchsorted(matrix.indices[start:stop], starts)
        counts = np.diff(self._bounds, axis=1).reshape(-1, g, p)
        seen = np.any(counts, axis=1)
        some = np.any(seen, axis=1)
        self.first = np.where(some, seen.argmax(axis=1), 0)
        self.last = np.where(some, p - 1 - seen[:, ::-1].argmax(axis=1), -1)
        self.layers = 1 if self._shared(counts) else g

    def dense(self, rows: np.ndarray, period: int) -> np.ndarray:
        """Return the sensitivities of some rows in one period, (layers, r, rows)."""
        _, p, r = self.shape
        piece = np.zeros((self.layers, len(rows), r), self.dtype)
        for layer in range(self.layers):
            slab = layer * p + period
            starts, stops = self._bounds[rows, slab], self._bounds[rows, slab + 1]
            for line, start, stop in zip(piece[layer], starts, stops, strict=True):
                line[self.matrix.indices[start:stop] - slab * r] = self.matrix.data[start:stop]
        return np.ascontiguousarray(piece.transpose(0, 2, 1))

    def _shared(self, counts: np.ndarray):
        """Tell whether every sector of every row holds the same numbers at the same places."""
        g, p, r = self.shape
        if (counts != counts[:, :1]).any():
            return False
        shift = np.arange(g)[:, None] * (p * r)
        for start, stop in zip(self.matrix.indptr[:-1], self.matrix.indptr[1:], strict=True):
            data = self.matrix.data[start:stop].reshape(g, -1)
            index = self.matrix.indices[start:stop].reshape(g, -1) - shift
            if (data != data[:1]).any() or (index != index[:1]).any():
                return False
        return True
