"""Variances come in; a covariance without correlations goes out."""

from __future__ import annotations

import numpy as np

from inversion.linalg.covariance import Covariance


class Diagonal(Covariance):
    """Uncorrelated errors.

    Parameters
    ----------
    variances : ndarray, (n,)
        Non-negative.
    """

    def __init__(self, variances: np.ndarray) -> None:
        self.variances = np.asarray(variances, dtype=np.float64)
        if not (np.isfinite(self.variances).all() and (self.variances >= 0.0).all()):
            msg = (
                "variances must be finite and >= 0; got a smallest of "
                f"{np.min(self.variances)} in Diagonal. Give squared standard deviations."
            )
            raise ValueError(msg)
        super().__init__(len(self.variances))

    def in_memory(self) -> np.ndarray:
        """Return the matrix itself."""
        return np.diag(self.variances)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the variances times the rows of a block."""
        return self.variances[:, None] * block

    def diagonal(self) -> np.ndarray:
        """Return the variances."""
        return self.variances.copy()

    def solve(self, block: np.ndarray) -> np.ndarray:
        """Return the rows of a block divided by the variances."""
        return block / self.variances[:, None]

    def logdet(self) -> float:
        """Return the sum of the logarithms of the variances."""
        return float(np.log(self.variances).sum())

    @property
    def root_size(self) -> int:
        """Number of columns of the root."""
        return self.size

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the standard deviations times the rows of a block."""
        return np.sqrt(self.variances)[:, None] * block
