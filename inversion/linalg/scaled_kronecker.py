"""A field of standard deviations and a Kronecker correlation come in; fast sandwiches go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg import sandwich
from inversion.linalg.covariance import COLUMNS, ROWS
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import LinearMap, SparseMap, unmix
from inversion.linalg.panels import Panel, Panels
from inversion.linalg.scaled import Scaled
from inversion.linalg.separable import Separable

if TYPE_CHECKING:
    from collections.abc import Sequence

PANELS_AT_ONCE = 3


class ScaledKronecker(Scaled):
    """B = D (C (x) E_t (x) E_s) D, with H B H^T streamed by period (SCIENCE 2.2).

    Parameters
    ----------
    sigma : ndarray, (g, p, r)
        Prior standard deviations [umol m-2 s-1].
    base : Kronecker of the same factor shape
    """

    base: Kronecker

    def gram(self, jacobian: LinearMap, rows_per_block: int = ROWS) -> np.ndarray:
        """Return H B H^T, (n, n).

        Notes
        -----
        A panel is one period's dense H sigma of a block of observations. A few panels at a time
        are correlated over sectors and in space by FFT, then multiplied with every earlier panel
        and the two periods' correlation. Neither an (n, m) nor an (m, m) array is formed.
        """
        if not isinstance(jacobian, SparseMap):
            return super().gram(jacobian, rows_per_block)
        panels = Panels(jacobian.matrix, self.field, rows_per_block)
        gram = np.zeros((jacobian.shape[0],) * 2)
        for start in range(0, len(panels.items), PANELS_AT_ONCE):
            self._add_panels(gram, panels, start, start + PANELS_AT_ONCE)
        return 0.5 * (gram + gram.T)

    def cross(self, jacobian: LinearMap, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H B W; a sweep over the observations where W has a column for each place."""
        base, mix = unmix(weights)
        if not (isinstance(base, Separable) and isinstance(jacobian, SparseMap)):
            cross = super().cross(jacobian, base, width)
        elif base.by_place:
            cross = self._cross_by_place(jacobian, base)
        else:
            cross = sandwich.cross_by_region(jacobian.matrix, self.field, self.base, base)
        return cross if mix is None else cross @ mix

    def quadratic(
        self, left: LinearMap, right: LinearMap | None = None, width: int = COLUMNS
    ) -> np.ndarray:
        """Return V^T B W, by convolutions alone where both are separable."""
        one, mix = unmix(left)
        two, mix_two = (one, mix) if right is None else unmix(right)
        if not (isinstance(one, Separable) and isinstance(two, Separable)):
            return super().quadratic(left, right, width)
        if one.by_place and two.by_place:
            return super().quadratic(left, right, width)
        if one.by_place:
            product = sandwich.quadratic(self.field, self.base, two, one).T
        else:
            product = sandwich.quadratic(self.field, self.base, one, two)
        product = product if mix is None else mix.T @ product
        product = product if mix_two is None else product @ mix_two
        return 0.5 * (product + product.T) if right is None else product

    def variance(self, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return the diagonal of W^T B W."""
        if isinstance(weights, Separable) and weights.by_place:
            return sandwich.variance_by_place(self.field, self.base, weights)
        if isinstance(unmix(weights)[0], Separable) and not unmix(weights)[0].by_place:
            return np.diagonal(self.quadratic(weights)).copy()
        return super().variance(weights, width)

    def _add_panels(self, gram: np.ndarray, panels: Panels, start: int, stop: int):
        """Add the products of some panels with themselves and with all earlier ones."""
        items = panels.items
        chosen = items[start:stop]
        correlated = [
            self._correlate(panels.dense(panel)).reshape(len(panel.rows), -1) for panel in chosen
        ]
        in_time = self.base.period.matrix
        for position, earlier in enumerate(items[: start + len(chosen)]):
            raw = panels.dense(earlier).reshape(len(earlier.rows), -1)
            for offset, (panel, block) in enumerate(zip(chosen, correlated, strict=True)):
                factor = in_time[panel.period, earlier.period]
                if position > start + offset or factor == 0.0:
                    continue
                product = factor * (block @ raw.T)
                gram[np.ix_(panel.rows, earlier.rows)] += product
                if position != start + offset:
                    gram[np.ix_(earlier.rows, panel.rows)] += product.T

    def _correlate(self, block: np.ndarray, sectors: Sequence[int] | None = None) -> np.ndarray:
        """Return (C (x) E_s) applied to a panel, (k, g, r) -> (k, chosen sectors, r)."""
        chosen = range(block.shape[1]) if sectors is None else sectors
        mixed = np.matmul(self.base.sector.matrix[list(chosen)], block)
        for position, s in enumerate(chosen):
            # Sectors of different space are uncorrelated, so mixing before E_s is the same.
            mixed[:, position] = self.base.spaces[s].apply_rows(mixed[:, position])
        return mixed

    def _cross_by_place(self, jacobian: SparseMap, weights: Separable):
        """Return H B W for W = S (x) T (x) I, (n, a b r)."""
        panels = Panels(jacobian.matrix, self.field, ROWS)
        groups, means, places = weights.factor_columns
        cross = np.zeros((jacobian.shape[0], groups, means, places))
        sectors = np.flatnonzero(weights.sector.any(axis=1)).tolist()
        for panel in panels.items:
            self._add_places(cross, panel, self._correlate(panels.dense(panel), sectors), weights)
        return cross.reshape(jacobian.shape[0], -1)

    def _add_places(
        self, cross: np.ndarray, panel: Panel, correlated: np.ndarray, weights: Separable
    ):
        """Add one panel's share of H B W for W = S (x) T (x) I."""
        in_time = self.base.period.matrix[panel.period]
        sectors = np.flatnonzero(weights.sector.any(axis=1))
        for position, s in enumerate(sectors):
            scale = (weights.period * in_time[:, None]).T @ self.field[s]
            share = correlated[:, position, None, :] * scale[None]
            for group in np.flatnonzero(weights.sector[s]):
                cross[panel.rows, group] += weights.sector[s, group] * share
