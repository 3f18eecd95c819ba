"""Standard deviations and a correlation come in; the covariance they make goes out."""

from __future__ import annotations

import numpy as np

from inversion.linalg.covariance import Covariance


class Scaled(Covariance):
    """D B D with D = diag(sigma).

    Parameters
    ----------
    sigma : ndarray
        Standard deviations, >= 0: flat, or in the shape of the correlation's factors
        (``factor_shape`` of a Kronecker product, where a flat field is refused: its order could
        not be checked).
    base : Covariance
    """

    def __init__(self, sigma: np.ndarray, base: Covariance) -> None:
        self.field = np.asarray(sigma, dtype=np.float64)
        expected = getattr(base, "factor_shape", (base.size,))
        if self.field.shape != expected:
            msg = (
                f"the standard deviations must have the shape of the correlation's factors "
                f"{expected}; got {self.field.shape} in Scaled. Order both as sector, period, "
                "space."
            )
            raise ValueError(msg)
        if not (np.isfinite(self.field).all() and (self.field >= 0.0).all()):
            msg = (
                f"standard deviations must be finite and >= 0; got a smallest of "
                f"{self.field.min()} in Scaled. Check flux_standard_deviation."
            )
            raise ValueError(msg)
        self.base, self.sigma = base, self.field.ravel()
        super().__init__(base.size)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return sigma times the correlation times (sigma times a block)."""
        product = self.base.matmat(self.sigma[:, None] * block)
        product *= self.sigma[:, None]
        return product

    def diagonal(self) -> np.ndarray:
        """Return sigma squared times the correlation's diagonal."""
        return self.sigma**2 * self.base.diagonal()

    def solve(self, block: np.ndarray) -> np.ndarray:
        """Return the inverse times a block; every sigma must be positive."""
        return self.base.solve(block / self.sigma[:, None]) / self.sigma[:, None]

    def logdet(self) -> float:
        """Return the log determinant."""
        return float(2.0 * np.log(self.sigma).sum() + self.base.logdet())

    @property
    def root_size(self) -> int:
        """Number of columns of the root."""
        return self.base.root_size

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return sigma times the correlation's root times a block."""
        return self.sigma[:, None] * self.base.root_matmat(block)
