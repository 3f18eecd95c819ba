"""Patterns of the state and the covariance of their strengths come in; a covariance of low rank goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import COLUMNS, EXACT, Covariance, Precision
from inversion.linalg.maps import LinearMap, column_blocks, unmix

if TYPE_CHECKING:
    from collections.abc import Sequence


class Modes(LinearMap):
    """Patterns of the state, one a column, that know what is seen of them without being written out.

    A family of patterns with a structure of its own replaces the two methods; these ones take a
    few columns at a time.
    """

    def seen_by(self, jacobian: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H M, (n, modes)."""
        seen = np.empty((jacobian.shape[0], self.shape[1]))
        for columns, block in column_blocks(self, width):
            seen[:, columns] = jacobian.matmat(block)
        return seen

    def summed_by(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return M^T W, (modes, columns of W)."""
        summed = np.empty((self.shape[1], weights.shape[1]))
        for columns, block in column_blocks(weights, width):
            summed[:, columns] = self.rmatmat(block)
        return summed


class LowRank(Covariance):
    """M C M^T: patterns M of the state whose strengths have the covariance C.

    Parameters
    ----------
    modes : Modes, (m, k)
        M, in the unit of the state.
    strengths : Covariance, (k, k)
        C, dimensionless.

    Notes
    -----
    Sandwiches cost what H M and M^T W cost; nothing of size (state x modes) is held.
    """

    def __init__(self, modes: Modes, strengths: Covariance) -> None:
        if modes.shape[1] != strengths.size:
            msg = (
                f"strengths must have one row for each of {modes.shape[1]} modes; got "
                f"{strengths.size} in LowRank. Order both in the same way."
            )
            raise ValueError(msg)
        self.modes, self.strengths = modes, strengths
        self._reached: tuple[LinearMap, np.ndarray] | None = None
        super().__init__(modes.shape[0])

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return M (C (M^T block))."""
        return self.modes.matmat(self.strengths.matmat(self.modes.rmatmat(block)))

    def diagonal(self) -> np.ndarray:
        """Return the variances, a few columns of the root at a time."""
        variance = np.zeros(self.size)
        for start in range(0, self.root_size, COLUMNS):
            unit = np.eye(self.root_size)[:, start : start + COLUMNS]
            variance += np.square(self.root_matmat(unit)).sum(axis=1)
        return variance

    @property
    def root_size(self) -> int:
        """Number of columns of the root: those of the strengths' root."""
        return self.strengths.root_size

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return M times (the strengths' root times a block)."""
        return self.modes.matmat(self.strengths.root_matmat(block))

    def gram_and_cross(
        self, jacobian: LinearMap, weights: Sequence[LinearMap] = (), precision: Precision = EXACT
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return H B H^T and H B W from H M and M^T W, in float64."""
        del precision
        seen = self._seen(jacobian)
        gram = seen @ self.strengths.matmat(seen.T)
        return 0.5 * (gram + gram.T), [self.cross(jacobian, one) for one in weights]

    def cross(self, jacobian: LinearMap, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H B W."""
        return self._seen(jacobian) @ self.strengths.matmat(self._summed(weights, width))

    def quadratic(
        self, left: LinearMap, right: LinearMap | None = None, width: int = COLUMNS
    ) -> np.ndarray:
        """Return V^T B W."""
        one = self._summed(left, width)
        two = one if right is None else self._summed(right, width)
        product = one.T @ self.strengths.matmat(two)
        return 0.5 * (product + product.T) if right is None else product

    def variance(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return the diagonal of W^T B W."""
        summed = self._summed(weights, width)
        return np.einsum("ij,ij->j", summed, self.strengths.matmat(summed))

    def _summed(self, weights: LinearMap, width: int):
        """Return M^T W, (modes, columns of W)."""
        base, mix = unmix(weights)
        summed = self.modes.summed_by(base, width)
        return summed if mix is None else summed @ mix

    def _seen(self, jacobian: LinearMap):
        """Return H M, kept for the last Jacobian asked for."""
        if self._reached is None or self._reached[0] is not jacobian:
            self._reached = (jacobian, self.modes.seen_by(jacobian))
        return self._reached[1]
