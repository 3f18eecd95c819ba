"""Weights over sectors, periods and places come in; the map that sums a state with them goes out."""

from __future__ import annotations

import hashlib
from functools import cached_property, reduce

import numpy as np

from inversion.linalg.maps import LinearMap


class Separable(LinearMap):
    """Aggregation W = S (x) T (x) A of a state ordered sector, period, place (slowest first).

    Parameters
    ----------
    sector : ndarray, (g, a)
        Weights of the g sectors in each of a groups.
    period : ndarray, (p, b)
        Weights of the p periods in each of b means.
    space : ndarray, (r, c), or int
        Weights of the r places in each of c regions; an integer r stands for the identity,
        that is, one column for each place.

    Notes
    -----
    Column (a, b, c) has index (a * n_b + b) * n_c + c.
    """

    def __init__(self, sector: np.ndarray, period: np.ndarray, space: np.ndarray | int) -> None:
        self.sector = np.asarray(sector, dtype=np.float64)
        self.period = np.asarray(period, dtype=np.float64)
        self.by_place = isinstance(space, int | np.integer)
        self.space = None if self.by_place else np.asarray(space, dtype=np.float64)
        place = (int(space), int(space)) if self.by_place else self.space.shape
        self.factor_rows = (self.sector.shape[0], self.period.shape[0], place[0])
        self.factor_columns = (self.sector.shape[1], self.period.shape[1], place[1])
        super().__init__((int(np.prod(self.factor_rows)), int(np.prod(self.factor_columns))))

    @cached_property
    def key(self) -> bytes:
        """A name of the three factors: equal weights have equal keys."""
        digest = hashlib.sha256()
        for factor in (self.sector, self.period, self.space):
            digest.update(b"-" if factor is None else repr(factor.shape).encode())
            digest.update(b"" if factor is None else np.ascontiguousarray(factor).tobytes())
        digest.update(repr(self.factor_rows).encode())
        return digest.digest()

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return W times a block, (columns, k) -> (g p r, k)."""
        return self._apply(block, self.factor_columns, (self.sector, self.period, self.space))

    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return W transposed times a block, (g p r, k) -> (columns, k)."""
        factors = (self.sector, self.period, self.space)
        adjoint = tuple(None if factor is None else factor.T for factor in factors)
        return self._apply(block, self.factor_rows, adjoint)

    @staticmethod
    def _apply(
        block: np.ndarray, sizes: tuple[int, ...], factors: tuple[np.ndarray | None, ...]
    ) -> np.ndarray:
        """Return the product of the three factors with a block whose rows have these sizes."""
        width = block.shape[1]
        order = sorted(range(3), key=lambda axis: _growth(factors[axis]))

        def contract(array: np.ndarray, axis: int):
            if factors[axis] is None:
                return array
            return np.moveaxis(np.tensordot(factors[axis], array, axes=(1, axis)), 0, axis)

        result = reduce(contract, order, np.asarray(block).reshape(*sizes, width))
        return result.reshape(-1, width)


def _growth(factor: np.ndarray | None):
    """Return by how much a factor lengthens its axis, so that shrinking ones go first."""
    return 1.0 if factor is None else factor.shape[0] / factor.shape[1]
