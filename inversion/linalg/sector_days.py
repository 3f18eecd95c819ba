"""A field by sector, period and place, and the day of each period, come in; one pattern for each sector and day goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from inversion.linalg.covariance import COLUMNS, ROWS
from inversion.linalg.low_rank import Modes
from inversion.linalg.maps import SparseMap
from inversion.linalg.separable import Separable

if TYPE_CHECKING:
    from inversion.linalg.maps import LinearMap


class SectorDays(Modes):
    """M with one column for each sector and day: the field there, zero elsewhere.

    Parameters
    ----------
    field : ndarray, (g, p, r)
        In the unit of the state.
    days : ndarray of int, (p,)
        Number of each period's day, from 0, not descending, each at least once.

    Notes
    -----
    Column (sector, day) has index sector * days + day. No two columns share a state: M is the
    field on a pattern of zeros and ones, and is never written out.
    """

    def __init__(self, field: np.ndarray, days: np.ndarray) -> None:
        self.field, self.days = np.asarray(field, dtype=np.float64), np.asarray(days)
        steps = np.diff(self.days)
        if (
            self.field.ndim != 3
            or self.days.shape != self.field.shape[1:2]
            or self.days[0] != 0
            or not np.isin(steps, (0, 1)).all()
        ):
            msg = (
                "days must be one for each period of a field (sector, period, place), counted from "
                f"0 without gaps; got shape {self.days.shape} for a field {self.field.shape} in "
                "SectorDays. Order the field as sector, period, place."
            )
            raise ValueError(msg)
        self.count = int(self.days[-1]) + 1
        self._starts = np.flatnonzero(np.concatenate([[1], steps]))
        g, _, r = self.field.shape
        super().__init__((g * len(self.days) * r, g * self.count))

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return M times a block, (g days, k) -> (g p r, k)."""
        strength = np.asarray(block).reshape(len(self.field), self.count, 1, -1)
        spread = self.field[..., None] * strength[:, self.days]
        return spread.reshape(self.shape[0], -1)

    def rmatmat(self, block: np.ndarray) -> np.ndarray:
        """Return M transposed times a block, (g p r, k) -> (g days, k)."""
        g, p, r = self.field.shape
        parts = np.asarray(block).reshape(g, p, r, -1)
        by_period = np.stack(
            [np.einsum("pr,prk->pk", *pair) for pair in zip(self.field, parts, strict=True)]
        )
        return np.add.reduceat(by_period, self._starts, axis=1).reshape(self.shape[1], -1)

    def seen_by(self, jacobian: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H M, (n, g days); sparse rows are summed where they lie."""
        if not isinstance(jacobian, SparseMap):
            return super().seen_by(jacobian, width)
        r = self.field.shape[2]
        flat = self.field.ravel()
        mode = (np.arange(len(self.field))[:, None] * self.count + self.days).ravel()
        seen = np.empty((jacobian.shape[0], self.shape[1]))
        for start in range(0, len(seen), ROWS):
            rows = jacobian.matrix[start : start + ROWS]
            data, columns = rows.data * flat[rows.indices], mode[rows.indices // r]
            shape = (rows.shape[0], self.shape[1])
            seen[start : start + ROWS] = scipy.sparse.csr_matrix(
                (data, columns, rows.indptr), shape=shape
            ).toarray()
        return seen

    def summed_by(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return M^T W, (g days, columns of W); separable weights cost one pass over the field."""
        if not isinstance(weights, Separable) or weights.factor_rows != self.field.shape:
            return super().summed_by(weights, width)
        summed = np.zeros((len(self.field), self.count, *weights.factor_columns))
        for s in np.flatnonzero(weights.sector.any(axis=1)):
            field = self.field[s]
            by_region = field if weights.by_place else field @ weights.space
            for mean, share in enumerate(weights.period.T):
                by_day = np.add.reduceat(share[:, None] * by_region, self._starts, axis=0)
                for group in np.flatnonzero(weights.sector[s]):
                    summed[s, :, group, mean] = weights.sector[s, group] * by_day
        return summed.reshape(self.shape[1], -1)
