"""A field of standard deviations and a Kronecker correlation come in; fast sandwiches go out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg import sandwich
from inversion.linalg.covariance import COLUMNS, EXACT, Precision
from inversion.linalg.in_time import InTime
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import LinearMap, SparseMap, unmix
from inversion.linalg.region_sweep import swept_quadratic
from inversion.linalg.scaled import Scaled
from inversion.linalg.separable import Separable
from inversion.linalg.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Sequence


class ScaledKronecker(Scaled):
    """B = D (C (x) E_t (x) E_s) D, with H B H^T streamed by period (SCIENCE 2.2).

    Parameters
    ----------
    sigma : ndarray, (g, p, r)
        Prior standard deviations [umol m-2 s-1].
    base : Kronecker of the same factor shape
    """

    base: Kronecker

    @cached_property
    def _quadratics(self) -> dict[bytes, np.ndarray]:
        """W^T B W of the weights asked for so far."""
        return {}

    def gram_and_cross(
        self, jacobian: LinearMap, weights: Sequence[LinearMap] = (), precision: Precision = EXACT
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return H B H^T (n, n) and H B W for each W, in one sweep over the periods.

        Notes
        -----
        The sweep needs sparse rows and correlations in time that decay step by step; W outside it
        (not separable) and any other covariance are streamed row by row.
        """
        if not self._sweeps(jacobian):
            return super().gram_and_cross(jacobian, weights, precision)
        parts = [unmix(weight) for weight in weights]
        swept = {base.key: base for base, _ in parts if isinstance(base, Separable)}
        sweep = Sweep(jacobian.matrix, self.field, self.base, tuple(swept.values()), precision)
        gram, crosses = sweep.run()
        found = dict(zip(swept, crosses, strict=True))
        products = [
            found[base.key]
            if isinstance(base, Separable)
            else super(ScaledKronecker, self).cross(jacobian, base)
            for base, _ in parts
        ]
        return gram, [
            product if mix is None else product @ mix
            for product, (_, mix) in zip(products, parts, strict=True)
        ]

    def cross(self, jacobian: LinearMap, weights: LinearMap, width: int = COLUMNS) -> np.ndarray:
        """Return H B W; a sweep over the observations where W has a column for each place."""
        base, mix = unmix(weights)
        if not (isinstance(base, Separable) and isinstance(jacobian, SparseMap)) or (
            base.by_place and not self._sweeps(jacobian)
        ):
            cross = super().cross(jacobian, base, width)
        elif base.by_place:
            cross = self.gram_and_cross(jacobian, [base])[1][0]
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
        product = self._between(one, two)
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

    def _between(self, one: Separable, two: Separable) -> np.ndarray:
        """Return V^T B W of separable weights; of the same ones, remembered."""
        if one.by_place:
            return sandwich.quadratic(self.field, self.base, two, one).T
        if one.key != two.key or not isinstance(self.base.period, InTime):
            return sandwich.quadratic(self.field, self.base, one, two)
        if one.key not in self._quadratics:
            self._quadratics[one.key] = swept_quadratic(self.field, self.base, one)
        return self._quadratics[one.key]

    def _sweeps(self, jacobian: LinearMap):
        """Tell whether one sweep over time can do it: sparse rows, correlations that decay."""
        return isinstance(jacobian, SparseMap) and isinstance(self.base.period, InTime)
