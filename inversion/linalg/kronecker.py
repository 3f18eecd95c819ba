"""Correlations of sectors, periods and places come in; their Kronecker product goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import Covariance
from inversion.linalg.dense import Dense
from inversion.linalg.side_by_side import side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence


class Kronecker(Covariance):
    """C (x) D (x) E: sector slowest, then period, then place (SCIENCE 2.2).

    Parameters
    ----------
    sector : Dense, size g
    period : Dense, size p
    space : Covariance of size r, or a sequence of g of them
        With one space for each sector, sectors of different space must be uncorrelated: then the
        matrix is block diagonal by groups of sectors and stays positive semidefinite.

    Notes
    -----
    ``factor_shape`` = (g, p, r). Whoever pairs this covariance with a field or a state of named
    axes compares shapes, so that a reversed order does not pass where the sizes differ.
    """

    def __init__(
        self, sector: Dense, period: Dense, space: Covariance | Sequence[Covariance]
    ) -> None:
        self.sector, self.period = sector, period
        g = sector.size
        self.spaces = (space,) * g if isinstance(space, Covariance) else tuple(space)
        self._check_spaces()
        self.factor_shape = (g, period.size, self.spaces[0].size)
        super().__init__(int(np.prod(self.factor_shape)))

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the product with a block, (g p r, k) -> (g p r, k); empty slabs cost nothing."""
        g, p, r = self.factor_shape
        k = block.shape[1]
        rows = np.ascontiguousarray(np.asarray(block).reshape(g, p, r, k).transpose(0, 1, 3, 2))
        filled = [s for s in range(g) if rows[s].any()]
        if not filled:
            return np.zeros((self.size, k))
        mixed = np.empty((len(filled), p, k * r))

        def spread(position: int) -> None:
            s = filled[position]
            mixed[position] = self.period.matmat(self._in_space(s, rows[s].reshape(p * k, r), p))

        side_by_side(spread, range(len(filled)))
        result = self.sector.matrix[:, filled] @ mixed.reshape(len(filled), -1)
        return result.reshape(g, p, k, r).transpose(0, 1, 3, 2).reshape(self.size, k)

    def diagonal(self) -> np.ndarray:
        """Return the product of the factors' variances."""
        places = np.array([space.diagonal() for space in self.spaces])
        both = self.sector.diagonal()[:, None] * self.period.diagonal()[None, :]
        return (both[:, :, None] * places[:, None, :]).ravel()

    def solve(self, block: np.ndarray) -> np.ndarray:
        """Return the inverse times a block; each space must be able to solve."""
        g, p, r = self.factor_shape
        k = block.shape[1]
        parts = np.asarray(block).reshape(g, p * r * k)
        parts = self.sector.solve(parts).reshape(g, p, r * k)
        parts = np.array([self.period.solve(part) for part in parts]).reshape(g, p, r, k)
        result = np.array(
            [[space.solve(parts[s, t]) for t in range(p)] for s, space in enumerate(self.spaces)]
        )
        return result.reshape(self.size, k)

    def logdet(self) -> float:
        """Return the log determinant; each space must know its own."""
        g, p, r = self.factor_shape
        spaces = sum(space.logdet() for space in self.spaces)
        return p * r * self.sector.logdet() + g * r * self.period.logdet() + p * spaces

    @property
    def root_size(self) -> int:
        """Number of columns of the root."""
        return self.factor_shape[1] * sum(space.root_size for space in self.spaces)

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the factors' roots times a block: places first, sectors last.

        The sectors' lower factor links only sectors that share a space, whose order of mixing
        with the space's root does not matter.
        """
        g, p, r = self.factor_shape
        k = block.shape[1]
        ends = np.cumsum([p * space.root_size for space in self.spaces])
        noise = np.split(np.asarray(block), ends[:-1])
        parts = np.empty((g, p, r * k))
        for s, space in enumerate(self.spaces):
            by_period = noise[s].reshape(p, space.root_size, k)
            parts[s] = [space.root_matmat(one).ravel() for one in by_period]
            parts[s] = self.period.root_matmat(parts[s])
        return self.sector.root_matmat(parts.reshape(g, -1)).reshape(g * p * r, k)

    def _in_space(self, s: int, rows: np.ndarray, p: int):
        """Return the rows of one sector correlated in space, as (p, k r)."""
        result = np.zeros(rows.shape)
        filled = np.flatnonzero(rows.any(axis=1))
        result[filled] = self.spaces[s].apply_rows(rows[filled])
        return result.reshape(p, -1)

    def _check_spaces(self):
        """Refuse spaces that do not fit the sectors or each other."""
        sizes = sorted({space.size for space in self.spaces})
        if len(self.spaces) != self.sector.size or len(sizes) != 1:
            msg = (
                f"the spaces must be one for each of {self.sector.size} sectors and of one size; "
                f"got {len(self.spaces)} of sizes {sizes} in Kronecker. Check the factors' order: "
                "sector, period, space."
            )
            raise ValueError(msg)
        for s, one in enumerate(self.spaces):
            for other, two in enumerate(self.spaces[:s]):
                if one is not two and self.sector.matrix[s, other] != 0.0:
                    msg = (
                        "correlated sectors must share one space; got a correlation of "
                        f"{self.sector.matrix[s, other]} between sectors {other} and {s} in "
                        "Kronecker. Set it to 0 or give both the same length."
                    )
                    raise ValueError(msg)
