"""Covariances of independent errors come in; the covariance of their sum goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import COLUMNS, EXACT, Covariance, Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap


class Sum(Covariance):
    """The covariance of a sum of independent errors; each part takes its own fast way."""

    def __init__(self, parts: Sequence[Covariance]) -> None:
        self.parts = tuple(parts)
        sizes = sorted({part.size for part in self.parts})
        if len(sizes) != 1:
            msg = (
                f"summed covariances must have one size; got {sizes} in Sum. "
                "Give every term the same observations or states."
            )
            raise ValueError(msg)
        super().__init__(sizes[0])

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the sum of the parts' products."""
        return sum(part.matmat(block) for part in self.parts)

    def diagonal(self) -> np.ndarray:
        """Return the sum of the parts' variances."""
        return sum(part.diagonal() for part in self.parts)

    def gram_and_cross(
        self, jacobian: LinearMap, weights: Sequence[LinearMap] = (), precision: Precision = EXACT
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the sums of the parts' H B H^T and H B W."""
        found = [part.gram_and_cross(jacobian, weights, precision) for part in self.parts]
        crosses = [sum(each) for each in zip(*(crosses for _, crosses in found), strict=True)]
        return sum(gram for gram, _ in found), crosses

    def cross(self, jacobian: LinearMap, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return the sum of the parts' H B W."""
        return sum(part.cross(jacobian, weights, width) for part in self.parts)

    def quadratic(
        self, left: LinearMap, right: LinearMap | None = None, width: int = COLUMNS
    ) -> np.ndarray:
        """Return the sum of the parts' V^T B W."""
        return sum(part.quadratic(left, right, width) for part in self.parts)

    def variance(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return the diagonal of W^T B W."""
        return sum(part.variance(weights, width) for part in self.parts)

    def in_precision(self, dtype: np.dtype) -> Covariance:
        """Return the sum of the parts with products in a precision."""
        return Sum([part.in_precision(dtype) for part in self.parts])

    @property
    def root_size(self) -> int:
        """Number of columns of the root: the parts' roots side by side."""
        return sum(part.root_size for part in self.parts)

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the sum of the parts' roots times their rows of the block."""
        ends = np.cumsum([part.root_size for part in self.parts])
        pieces = np.split(block, ends[:-1])
        return sum(part.root_matmat(piece) for part, piece in zip(self.parts, pieces, strict=True))
