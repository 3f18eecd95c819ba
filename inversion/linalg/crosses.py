"""Separable weights W come in; H B W, summed up while a sweep passes the periods, goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from inversion.linalg.kronecker import Kronecker
    from inversion.linalg.separable import Separable


class Cross:
    """H B W for separable W, summed up period by period.

    With U(t) = sum over t' of D(t, t') weight(t') sigma(t'), an observation's share is its
    sensitivity, correlated in space and between sectors, times U, summed over each region.
    """

    def __init__(self, weights: Separable, sigma: np.ndarray, base: Kronecker, n: int) -> None:
        self.weights, self.mix = weights, base.sector.matrix
        in_time, means = base.period.matrix, weights.factor_columns[1]
        self.sectors = np.flatnonzero(weights.sector.any(axis=1))
        # (sector, mean, period, place)
        self.reached = np.array(
            [
                [(in_time * weights.period[:, mean]) @ sigma[s] for mean in range(means)]
                for s in self.sectors
            ],
            dtype=sigma.dtype,
        )
        self.space = None if weights.by_place else weights.space.astype(sigma.dtype)
        self.sums = np.zeros(
            (n, len(self.sectors), means, weights.factor_columns[2]),
            sigma.dtype if weights.by_place else np.float64,
        )

    def prepare(self, period: int) -> None:
        """Set the weights of one period, (r, sectors means regions) or (sectors, means, r)."""
        self.now = self.reached[:, :, period]
        if self.space is not None:
            spread = self.now[..., None] * self.space
            self.now = spread.transpose(2, 0, 1, 3).reshape(len(self.space), -1)

    def add(self, rows: np.ndarray, here: list[np.ndarray]) -> None:
        """Add the prepared period's share; ``here`` is (r, rows) for each sector."""
        mix = self.mix[self.sectors]
        if self.space is not None:
            for k, seen in enumerate(here):
                share = (seen.T @ self.now).reshape(len(rows), *self.sums.shape[1:])
                self.sums[rows] += share * mix[:, k, None, None]
            return
        for s, fields in enumerate(self.now):
            mixed = sum(
                seen * seen.dtype.type(factor)
                for seen, factor in zip(here, mix[s], strict=True)
                if factor != 0.0
            )
            for mean, field in enumerate(fields):
                self.sums[rows, s, mean] += (mixed * field[:, None]).T

    def total(self) -> np.ndarray:
        """Return H B W, (n, columns of W); in the sweep's precision where W has a column a place."""
        sector = self.weights.sector[self.sectors]
        if sector.shape[0] == sector.shape[1] and (sector == np.eye(len(sector))).all():
            return self.sums.reshape(len(self.sums), -1)
        mixed = np.einsum("nsbc,sa->nabc", self.sums, sector, optimize=True)
        return mixed.reshape(len(mixed), -1).astype(np.float64, copy=False)
