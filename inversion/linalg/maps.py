"""Arrays or sparse matrices come in; linear maps that only multiply go out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class LinearMap(ABC):
    """A matrix known by its products; ``shape`` is (rows, columns).

    A new map states its shape and two products; the adjoint test of
    ``tests/inversion_core/test_maps.py`` is its examination.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = (int(shape[0]), int(shape[1]))

    @abstractmethod
    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the map times a block, (columns, k) -> (rows, k)."""

    @abstractmethod
    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return the transposed map times a block, (rows, k) -> (columns, k)."""

    def matvec(self, vector: np.ndarray) -> np.ndarray:
        """Return the map times one vector, (columns,) -> (rows,)."""
        return self.matmat(np.asarray(vector)[:, None])[:, 0]

    def rmatvec(self, vector: np.ndarray) -> np.ndarray:
        """Return the transposed map times one vector, (rows,) -> (columns,)."""
        return self.rmatmat(np.asarray(vector)[:, None])[:, 0]


class DenseMap(LinearMap):
    """A matrix held in memory."""

    def __init__(self, matrix: np.ndarray) -> None:
        self.matrix = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
        super().__init__(self.matrix.shape)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the matrix times a block."""
        return self.matrix @ block

    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return the transposed matrix times a block."""
        return self.matrix.T @ block


class SparseMap(LinearMap):
    """A matrix in compressed rows, column indices sorted within each row."""

    def __init__(self, matrix: scipy.sparse.csr_matrix) -> None:
        self.matrix = scipy.sparse.csr_matrix(matrix, copy=False)
        if not self.matrix.has_sorted_indices:
            msg = (
                "the sparse map's column indices must be sorted in each row; got unsorted rows in "
                "SparseMap. Call sort_indices() on the matrix first."
            )
            raise ValueError(msg)
        indices = self.matrix.indices
        low, high = indices.min(initial=0), indices.max(initial=0)
        if low < 0 or high >= max(1, self.matrix.shape[1]):
            msg = (
                f"column indices must lie in [0, {self.matrix.shape[1]}); got {low} to {high} in "
                "SparseMap. Build the Jacobian for this prior's states."
            )
            raise ValueError(msg)
        super().__init__(self.matrix.shape)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the matrix times a block."""
        return self.matrix @ block

    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return the transposed matrix times a block."""
        return self.matrix.T @ block


class Stacked(LinearMap):
    """Maps side by side, [A, B, ...]: one for each block of the state."""

    def __init__(self, parts: Sequence[LinearMap]) -> None:
        self.parts = tuple(parts)
        rows = sorted({part.shape[0] for part in self.parts})
        if len(rows) != 1:
            msg = (
                f"maps side by side must have equal numbers of rows; got {rows} in Stacked. "
                "Give every part one row for each observation."
            )
            raise ValueError(msg)
        self.ends = np.cumsum([part.shape[1] for part in self.parts])
        super().__init__((rows[0], int(self.ends[-1])))

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the sum of each part times its rows of the block."""
        pieces = np.split(block, self.ends[:-1])
        return sum(part.matmat(piece) for part, piece in zip(self.parts, pieces, strict=True))

    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return the parts' transposed products, one above the other."""
        return np.concatenate([part.rmatmat(block) for part in self.parts])


class OnBlock(LinearMap):
    """A map into one block of a partitioned vector, zero in the others."""

    def __init__(self, part: LinearMap, index: int, sizes: Sequence[int]) -> None:
        if part.shape[0] != sizes[index]:
            msg = (
                f"the map must have as many rows as its block; got {part.shape[0]} rows for block "
                f"{index} of sizes {list(sizes)} in OnBlock. Check which block it belongs to."
            )
            raise ValueError(msg)
        self.part, self.index, self.sizes = part, index, tuple(int(size) for size in sizes)
        start = sum(self.sizes[:index])
        self.rows = slice(start, start + self.sizes[index])
        super().__init__((sum(self.sizes), part.shape[1]))

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the part's product, embedded in zeros."""
        whole = np.zeros((self.shape[0], block.shape[1]))
        whole[self.rows] = self.part.matmat(block)
        return whole

    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return the part's transposed product with its rows of the block."""
        return self.part.rmatmat(block[self.rows])


class Product(LinearMap):
    """A map times a small matrix: linear combinations of the map's columns."""

    def __init__(self, base: LinearMap, mix: np.ndarray) -> None:
        self.base, self.mix = base, np.asarray(mix, dtype=np.float64)
        if self.mix.ndim != 2 or self.mix.shape[0] != base.shape[1]:
            msg = (
                f"the mixing matrix must have one row for each of the {base.shape[1]} columns; got "
                f"shape {self.mix.shape} in Product. Transpose it, or use another base."
            )
            raise ValueError(msg)
        super().__init__((base.shape[0], self.mix.shape[1]))

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the base times (mix times the block)."""
        return self.base.matmat(self.mix @ block)

    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return the transposed mix times the base's transposed product."""
        return self.mix.T @ self.base.rmatmat(block)


def as_map(matrix: LinearMap | np.ndarray | scipy.sparse.spmatrix) -> LinearMap:
    """Return a LinearMap for an array, a sparse matrix, a vector (one column) or a map."""
    if isinstance(matrix, LinearMap):
        return matrix
    if scipy.sparse.issparse(matrix):
        return SparseMap(matrix.tocsr())
    array = np.asarray(matrix, dtype=np.float64)
    return DenseMap(array[:, None] if array.ndim == 1 else array)


def column_blocks(matrix: LinearMap, width: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the map's columns as dense blocks: (slice of columns, (rows, at most width))."""
    for start in range(0, matrix.shape[1], width):
        stop = min(start + width, matrix.shape[1])
        unit = np.zeros((matrix.shape[1], stop - start))
        unit[np.arange(start, stop), np.arange(stop - start)] = 1.0
        yield slice(start, stop), matrix.matmat(unit)


def unmix(weights: LinearMap) -> tuple[LinearMap, np.ndarray | None]:
    """Return the map below all Products and the mixing matrix (None where there is none)."""
    mix = None
    while isinstance(weights, Product):
        mix = weights.mix if mix is None else weights.mix @ mix
        weights = weights.base
    return weights, mix
