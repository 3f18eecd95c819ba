"""The factor of S and a symmetric correction of low rank come in; the factor of the corrected S goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from inversion.linalg.markov_factor import MarkovFactor


class LowRankFactor:
    """Factor of S + X M X^T = L (I + U diag(mu) U^T) L^T, with orthonormal U.

    Parameters
    ----------
    base : MarkovFactor
        L of S.
    reached : ndarray, (n, k)
        X.
    middle : ndarray, (k, k)
        M, symmetric, of any sign.
    """

    def __init__(self, base: MarkovFactor, reached: np.ndarray, middle: np.ndarray) -> None:
        self.base, self.reached, self.middle = base, reached, middle
        self.white, self.left = base.forward(reached)
        orthonormal, triangle = np.linalg.qr(self.white)
        strength, direction = np.linalg.eigh(triangle @ middle @ triangle.T)
        if (strength <= -1.0).any():
            msg = (
                "S with the declared totals must be positive definite; got a factor of "
                f"{1.0 + strength[0]:.3g} in the smoother. Check the declared totals."
            )
            raise ValueError(msg)
        self.scale, self.directions = np.sqrt(1.0 + strength), orthonormal @ direction

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Return (I + U mu U^T)^-1/2 L^-1 times a block, (n, k) -> (n, k)."""
        return self._scaled(self.base.whiten(block))

    def unwhiten(self, white: np.ndarray) -> np.ndarray:
        """Return the transposed product of `whiten`, (n, k) -> (n, k)."""
        return self.base.unwhiten(self._scaled(white))

    def solve(self, block: np.ndarray) -> np.ndarray:
        """Return the inverse times a block, (n, k) -> (n, k)."""
        return self.unwhiten(self.whiten(block))

    def logdet(self) -> float:
        """Return the natural logarithm of the determinant."""
        return self.base.logdet() + 2.0 * float(np.log(self.scale).sum())

    def variance(self) -> np.ndarray:
        """Return the diagonal, (n,)."""
        correction = np.einsum("nk,nk->n", self.reached @ self.middle, self.reached)
        return self.base.variance() + correction

    def _scaled(self, white: np.ndarray) -> np.ndarray:
        """Return (I + U mu U^T)^-1/2 times a block."""
        along = self.directions.T @ white
        return white + self.directions @ ((1.0 / self.scale - 1.0)[:, None] * along)
