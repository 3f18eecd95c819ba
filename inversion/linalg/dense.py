"""A symmetric matrix in memory comes in; a covariance with every capability goes out."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.linalg

from inversion.linalg.covariance import COLUMNS, Covariance
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.maps import LinearMap, as_map, column_blocks


class Dense(Covariance):
    """A covariance held in memory, symmetric to rounding.

    Parameters
    ----------
    matrix : ndarray, (n, n)
    """

    def __init__(self, matrix: np.ndarray) -> None:
        self.matrix = np.asarray(matrix, dtype=np.float64)
        if self.matrix.ndim != 2 or self.matrix.shape[0] != self.matrix.shape[1]:
            msg = (
                f"a covariance must be square; got shape {self.matrix.shape} in Dense. "
                "Give an n x n matrix."
            )
            raise ValueError(msg)
        if not np.isfinite(self.matrix).all():
            msg = (
                f"a covariance must be finite; got {int((~np.isfinite(self.matrix)).sum())} values "
                "that are not in Dense. Look for a missing standard deviation."
            )
            raise ValueError(msg)
        scale = np.abs(self.matrix).max(initial=0.0)
        if not np.allclose(self.matrix, self.matrix.T, rtol=0.0, atol=1e-10 * scale):
            worst = np.abs(self.matrix - self.matrix.T).max()
            msg = (
                f"a covariance must be symmetric; got a difference of {worst} in Dense. "
                "Check how it was built."
            )
            raise ValueError(msg)
        super().__init__(self.matrix.shape[0])

    @cached_property
    def _factor(self):
        """Lower Cholesky factor."""
        return scipy.linalg.cholesky(self.matrix, lower=True)

    def in_memory(self) -> np.ndarray:
        """Return the matrix itself."""
        return self.matrix

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the matrix times a block."""
        return self.matrix @ block

    def diagonal(self) -> np.ndarray:
        """Return the variances."""
        return np.diagonal(self.matrix).copy()

    def solve(self, block: np.ndarray) -> np.ndarray:
        """Return the inverse times a block."""
        return scipy.linalg.cho_solve((self._factor, True), block)

    def logdet(self) -> float:
        """Return the natural logarithm of the determinant."""
        return float(2.0 * np.log(np.diagonal(self._factor)).sum())

    @property
    def root_size(self) -> int:
        """Number of columns of the root."""
        return self.size

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the lower Cholesky factor times a block."""
        return self._factor @ block


def as_covariance(matrix: Covariance | np.ndarray) -> Covariance:
    """Return a Covariance for a square matrix, a vector of variances or a covariance."""
    if isinstance(matrix, Covariance):
        return matrix
    array = np.asarray(matrix, dtype=np.float64)
    return Diagonal(array) if array.ndim == 1 else Dense(array)


def densify(part: Covariance | LinearMap) -> np.ndarray:
    """Return the matrix in memory; for tests and for sizes that are known to be small."""
    columns = as_map(np.eye(part.shape[1]))
    return np.concatenate(
        [part.matmat(block) for _, block in column_blocks(columns, COLUMNS)], axis=1
    )
