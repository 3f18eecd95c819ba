"""A symmetric positive semidefinite matrix comes in by its products; sandwiches with it go out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.maps import LinearMap, column_blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS, COLUMNS = 64, 8


@dataclass(frozen=True)
class Precision:
    """How a sweep computes; its answer does not depend on more than this says.

    Attributes
    ----------
    dtype : type
        float32 or float64: of everything that has a place. Sums over places are kept in float64.
    reach : float
        Correlations in time below this count as none between observations whose windows do not
        overlap: an error of S of at most this share.
    threads : int
        Sectors handled side by side; the sums are the same in any number.
    """

    dtype: type = np.float64
    reach: float = 1e-12
    threads: int = 1


EXACT = Precision()


class MissingCapability(NotImplementedError):  # noqa: N818 - the name is part of the design
    """Raised where a covariance cannot do what was asked; the message says what can be done."""


class Covariance(ABC):
    """A covariance of size n known by its products.

    ``matmat`` and ``diagonal`` are what every covariance can do. ``solve``, ``logdet`` and
    ``root_matmat`` are capabilities: a covariance that lacks one raises MissingCapability.
    """

    def __init__(self, size: int) -> None:
        self.size = int(size)
        self.shape = (self.size, self.size)

    @abstractmethod
    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the covariance times a block, (n, k) -> (n, k)."""

    @abstractmethod
    def diagonal(self) -> np.ndarray:
        """Return the variances, (n,)."""

    def in_memory(self) -> np.ndarray:
        """Return the matrix itself, (n, n); for covariances of observations, which are few."""
        return self.matmat(np.eye(self.size))

    def matvec(self, vector: np.ndarray) -> np.ndarray:
        """Return the covariance times one vector, (n,) -> (n,)."""
        return self.matmat(np.asarray(vector)[:, None])[:, 0]

    def apply_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return the covariance applied to each row, (k, n) -> (k, n)."""
        return self.matmat(rows.T).T

    def solve(self, block: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Return the inverse times a block, (n, k) -> (n, k)."""
        raise self._missing(
            capability="solve", advice="use the dual solver, which needs no inverse of B"
        )

    def logdet(self) -> float:
        """Return the natural logarithm of the determinant."""
        raise self._missing(
            capability="logdet", advice="use the evidence in observation space, which needs ln|S|"
        )

    @property
    def root_size(self) -> int:
        """Number of columns of the root L with L L^T = covariance."""
        raise self._missing(
            capability="root", advice="draw from a smaller state (regions) with dense factors"
        )

    def root_matmat(self, block: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Return the root times a block, (root_size, k) -> (n, k)."""
        raise self._missing(
            capability="root", advice="draw from a smaller state (regions) with dense factors"
        )

    def gram_and_cross(
        self,
        jacobian: LinearMap,
        weights: Sequence[LinearMap] = (),
        precision: Precision = EXACT,
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return H B H^T (n, n) and H B W (n, columns of W) for each W, streamed.

        Parameters
        ----------
        jacobian : LinearMap, (n, size)
            H.
        weights : sequence of LinearMap, (size, columns)
        precision : Precision
            How a covariance that can sweep does so; the others compute in float64.
        """
        del precision
        rows = jacobian.shape[0]
        gram = np.empty((rows, rows))
        for start in range(0, rows, ROWS):
            stop = min(start + ROWS, rows)
            unit = np.zeros((rows, stop - start))
            unit[np.arange(start, stop), np.arange(stop - start)] = 1.0
            gram[:, start:stop] = jacobian.matmat(self.matmat(jacobian.rmatmat(unit)))
        return 0.5 * (gram + gram.T), [self.cross(jacobian, one) for one in weights]

    def gram(self, jacobian: LinearMap, precision: Precision = EXACT) -> np.ndarray:
        """Return H B H^T, (n, n)."""
        return self.gram_and_cross(jacobian, (), precision)[0]

    def cross(self, jacobian: LinearMap, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H B W, (observations, columns of W), by blocks of columns."""
        cross = np.empty((jacobian.shape[0], weights.shape[1]))
        for columns, block in column_blocks(weights, width):
            cross[:, columns] = jacobian.matmat(self.matmat(block))
        return cross

    def quadratic(
        self, left: LinearMap, right: LinearMap | None = None, width: int = COLUMNS
    ) -> np.ndarray:
        """Return V^T B W, (columns of V, columns of W); with V = W where W is not given."""
        partner = left if right is None else right
        product = np.empty((left.shape[1], partner.shape[1]))
        for columns, block in column_blocks(left, width):
            product[columns] = partner.rmatmat(self.matmat(block)).T
        return 0.5 * (product + product.T) if right is None else product

    def variance(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return the diagonal of W^T B W, (columns of W,)."""
        return np.concatenate(
            [
                np.einsum("ij,ij->j", block, self.matmat(block))
                for _, block in column_blocks(weights, width)
            ]
        )

    def in_precision(self, dtype: np.dtype) -> Covariance:  # noqa: ARG002
        """Return the covariance with products in a precision, where it has such."""
        return self

    def _missing(self, capability: str, advice: str):
        """Return the exception that names what is missing and what to do instead."""
        return MissingCapability(
            f"a covariance must declare {capability} to be asked for it; got "
            f"{type(self).__name__} without it in inversion.linalg. Instead, {advice}."
        )
