"""A covariance and the wanted covariance of some totals come in; the corrected one goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.covariance import COLUMNS, EXACT, Covariance, Precision
from inversion.linalg.maps import LinearMap
from inversion.linalg.separable import Separable

if TYPE_CHECKING:
    from collections.abc import Sequence


class WithTotals(Covariance):
    """B = K + U (C* - G) U^T with G = W^T K W and U = K W G^-1 (SCIENCE 2.2).

    Parameters
    ----------
    base : Covariance
        K.
    weights : LinearMap, (m, k)
        W: linearly independent totals.
    wanted : ndarray, (k, k)
        C*, positive semidefinite: the covariance the totals W^T x get, exactly.

    Notes
    -----
    The correction is signed and of rank k. Given the totals t, the field's conditional
    distribution is unchanged, so B is positive semidefinite for every such C*. U is never
    stored: B = K + K W M W^T K with M = G^-1 (C* - G) G^-1.
    """

    def __init__(self, base: Covariance, weights: LinearMap, wanted: np.ndarray) -> None:
        self.base, self.weights = base, weights
        self.wanted = np.asarray(wanted, dtype=np.float64)
        self.given = base.quadratic(weights)
        factor = scipy.linalg.cho_factor(self.given, lower=True)
        middle = scipy.linalg.cho_solve(factor, self.wanted - self.given)
        middle = scipy.linalg.cho_solve(factor, middle.T)
        self.middle = 0.5 * (middle + middle.T)
        self._factor = factor
        self._reached: tuple[LinearMap, np.ndarray] | None = None
        self._places: tuple[bytes, np.ndarray] | None = None
        super().__init__(base.size)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return K V + K W M W^T K V."""
        product = self.base.matmat(block)
        product += self.base.matmat(
            self.weights.matmat(self.middle @ self.weights.rmatmat(product))
        )
        return product

    def diagonal(self) -> np.ndarray:
        """Return the variances; one product with K for each total."""
        strength, direction = np.linalg.eigh(self.middle)
        diagonal = self.base.diagonal()
        for factor, column in zip(strength, direction.T, strict=True):
            mode = self.base.matmat(self.weights.matmat(column[:, None]))[:, 0]
            diagonal += factor * mode**2
        return diagonal

    @property
    def root_size(self) -> int:
        """Number of columns of the root: those of K's root and one for each total."""
        return self.base.root_size + len(self.wanted)

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return x_K + U (t - W^T x_K) with x_K and t the roots of K and C* times the block."""
        field = self.base.root_matmat(block[: self.base.root_size])
        strength, direction = np.linalg.eigh(self.wanted)
        totals = (direction * np.sqrt(np.maximum(strength, 0.0))) @ block[self.base.root_size :]
        missing = scipy.linalg.cho_solve(self._factor, totals - self.weights.rmatmat(field))
        return field + self.base.matmat(self.weights.matmat(missing))

    def gram_and_cross(
        self, jacobian: LinearMap, weights: Sequence[LinearMap] = (), precision: Precision = EXACT
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return H B H^T and H B W: one extra (n, k) product."""
        gram, crosses = self.base.gram_and_cross(jacobian, (self.weights, *weights), precision)
        reached = crosses.pop(0)
        self._reached = (jacobian, reached)
        correction = reached @ self.middle @ reached.T
        corrected = [
            cross + reached @ (self.middle @ self._totals_with(one, COLUMNS))
            for cross, one in zip(crosses, weights, strict=True)
        ]
        return gram + 0.5 * (correction + correction.T), corrected

    def cross(self, jacobian: LinearMap, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H B W."""
        cross = self.base.cross(jacobian, weights, width)
        cross += self._reach(jacobian) @ (self.middle @ self._totals_with(weights, width))
        return cross

    def quadratic(
        self, left: LinearMap, right: LinearMap | None = None, width: int = COLUMNS
    ) -> np.ndarray:
        """Return V^T B W."""
        one = self._totals_with(left, width)
        two = one if right is None else self._totals_with(right, width)
        return self.base.quadratic(left, right, width) + one.T @ self.middle @ two

    def variance(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return the diagonal of W^T B W."""
        reached = self._totals_with(weights, width)
        correction = np.einsum("ij,ij->j", reached, self.middle @ reached)
        return self.base.variance(weights, width) + correction

    def _totals_with(self, weights: LinearMap, width: int):
        """Return W^T K V; where V has a column for each place, all sectors are kept at once."""
        if not (isinstance(weights, Separable) and weights.by_place):
            return self.base.quadratic(self.weights, weights, width)
        g, _, r = weights.factor_rows
        key = weights.period.tobytes()
        if self._places is None or self._places[0] != key:
            every = Separable(np.eye(g), weights.period, r)
            self._places = (key, self.base.quadratic(self.weights, every, width))
        by_sector = self._places[1].reshape(len(self.wanted), g, -1)
        mixed = np.einsum("sa,ksj->kaj", weights.sector, by_sector)
        return mixed.reshape(len(self.wanted), -1)

    def _reach(self, jacobian: LinearMap):
        """Return H K W, kept for the last Jacobian asked for."""
        if self._reached is None or self._reached[0] is not jacobian:
            self._reached = (jacobian, self.base.cross(jacobian, self.weights))
        return self._reached[1]
