"""Covariances of independent blocks of the state come in; the block diagonal goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import COLUMNS, EXACT, Covariance, Precision
from inversion.linalg.maps import LinearMap, OnBlock, Stacked, unmix

if TYPE_CHECKING:
    from collections.abc import Sequence


class BlockDiagonal(Covariance):
    """Independent blocks of the state: fluxes first, then each family of nuisance states."""

    def __init__(self, parts: Sequence[Covariance]) -> None:
        self.parts = tuple(parts)
        self.sizes = tuple(part.size for part in self.parts)
        self.ends = np.cumsum(self.sizes)
        super().__init__(int(self.ends[-1]))

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return each block's product with its rows."""
        pieces = np.split(block, self.ends[:-1])
        return np.concatenate(
            [part.matmat(piece) for part, piece in zip(self.parts, pieces, strict=True)]
        )

    def diagonal(self) -> np.ndarray:
        """Return the variances of all blocks."""
        return np.concatenate([part.diagonal() for part in self.parts])

    def solve(self, block: np.ndarray) -> np.ndarray:
        """Return each block's inverse times its rows."""
        pieces = np.split(block, self.ends[:-1])
        return np.concatenate(
            [part.solve(piece) for part, piece in zip(self.parts, pieces, strict=True)]
        )

    def logdet(self) -> float:
        """Return the sum of the blocks' log determinants."""
        return sum(part.logdet() for part in self.parts)

    @property
    def root_size(self) -> int:
        """Number of columns of the root."""
        return sum(part.root_size for part in self.parts)

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return each block's root times its rows."""
        ends = np.cumsum([part.root_size for part in self.parts])
        pieces = np.split(block, ends[:-1])
        return np.concatenate(
            [part.root_matmat(piece) for part, piece in zip(self.parts, pieces, strict=True)]
        )

    def gram_and_cross(
        self, jacobian: LinearMap, weights: Sequence[LinearMap] = (), precision: Precision = EXACT
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the sum of the blocks' H_i B_i H_i^T, and H B W of each W in its own block."""
        parts = self._jacobians(jacobian)
        if parts is None:
            return super().gram_and_cross(jacobian, weights, precision)
        split = [unmix(weight) for weight in weights]
        crosses: list[np.ndarray | None] = [
            None if isinstance(base, OnBlock) else super(BlockDiagonal, self).cross(jacobian, base)
            for base, _ in split
        ]
        gram = np.zeros((jacobian.shape[0],) * 2)
        for index, (part, piece) in enumerate(zip(self.parts, parts, strict=True)):
            here = [
                k
                for k, (base, _) in enumerate(split)
                if isinstance(base, OnBlock) and base.index == index
            ]
            wanted = [split[k][0].part for k in here]
            made, found = part.gram_and_cross(piece, wanted, precision)
            gram += made
            for k, cross in zip(here, found, strict=True):
                crosses[k] = cross
        return gram, [
            cross if mix is None else cross @ mix
            for cross, (_, mix) in zip(crosses, split, strict=True)
        ]

    def cross(self, jacobian: LinearMap, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H B W; only its own block's product where W lives on one block."""
        base, mix = unmix(weights)
        parts = self._jacobians(jacobian)
        if parts is None or not isinstance(base, OnBlock):
            return super().cross(jacobian, weights, width)
        cross = self.parts[base.index].cross(parts[base.index], base.part, width)
        return cross if mix is None else cross @ mix

    def quadratic(
        self, left: LinearMap, right: LinearMap | None = None, width: int = COLUMNS
    ) -> np.ndarray:
        """Return V^T B W; zero between different blocks."""
        one, mix = unmix(left)
        two, mix_two = (one, mix) if right is None else unmix(right)
        if not (isinstance(one, OnBlock) and isinstance(two, OnBlock)):
            return super().quadratic(left, right, width)
        if one.index != two.index:
            return np.zeros((left.shape[1], right.shape[1]))
        partner = None if right is None or one is two else two.part
        product = self.parts[one.index].quadratic(one.part, partner, width)
        product = product if mix is None else mix.T @ product
        return product if mix_two is None else product @ mix_two

    def variance(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return the diagonal of W^T B W."""
        if isinstance(weights, OnBlock):
            return self.parts[weights.index].variance(weights.part, width)
        return super().variance(weights, width)

    def _jacobians(self, jacobian: LinearMap):
        """Return the Jacobian's parts where they match the blocks, else None."""
        if isinstance(jacobian, Stacked):
            sizes = tuple(part.shape[1] for part in jacobian.parts)
            if sizes == self.sizes:
                return jacobian.parts
        return None
