"""A scaled Kronecker covariance and weights of a few regions come in; W^T B W goes out, in one sweep over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.convolution import MAPS_AT_ONCE
from inversion.linalg.side_by_side import side_by_side

if TYPE_CHECKING:
    from inversion.linalg.in_time import InTime
    from inversion.linalg.kronecker import Kronecker
    from inversion.linalg.separable import Separable


def swept_quadratic(sigma: np.ndarray, base: Kronecker, weights: Separable) -> np.ndarray:
    """Return W^T B W with B = D_sigma (C (x) D (x) E) D_sigma.

    Parameters
    ----------
    sigma : ndarray, (g, p, r)
    base : Kronecker, factor shape (g, p, r)
        Its period factor must be an `InTime`.
    weights : Separable, a few regions
        W.

    Returns
    -------
    ndarray, (columns of W, columns of W)

    Notes
    -----
    Each sector and period costs one correlation in space per region. What earlier periods gave,
    fading by the correlation in time, meets what this one gives; half of the equal periods is
    counted, and the other half is the transpose.
    """
    g, _, r = sigma.shape
    regions = weights.factor_columns[2]
    means = weights.factor_columns[1]
    memory = _Memory(base.period, (g, means, r, regions))
    half = np.zeros((g, means, regions, g, means, regions))
    at_once = max(1, MAPS_AT_ONCE // regions)
    seen = np.flatnonzero(weights.period.any(axis=1))
    for start in range(0, len(seen), at_once):
        periods = seen[start : start + at_once]
        given = [[field[t, :, None] * weights.space for t in periods] for field in sigma]

        def correlate(one: tuple[int, int]) -> np.ndarray:
            s, half = one
            return base.spaces[s].matmat(np.concatenate(given[s][half::2], axis=1))  # noqa: B023

        halves = range(min(2, len(periods)))
        spread = side_by_side(correlate, [(s, half) for half in halves for s in range(g)])
        for number, t in enumerate(periods):
            columns = slice(number // 2 * regions, (number // 2 + 1) * regions)
            first = number % 2 * g
            now = np.stack([one[:, columns] for one in spread[first : first + g]])
            before = memory.step(int(t), now, weights.period[t])
            here = np.stack([one[number] for one in given])
            left = before.transpose(0, 1, 3, 2).reshape(-1, r)
            met = left @ here.transpose(1, 0, 2).reshape(r, -1)
            met = met.reshape(g, means, regions, g, 1, regions)
            half += met * weights.period[t][:, None]
    half *= base.sector.matrix[:, None, None, :, None, None]
    size = g * means * regions
    whole = half.reshape(size, size)
    whole = (whole + whole.T).reshape(g, means * regions, g, means * regions)
    mixed = np.einsum("sa,sxty,tb->axby", weights.sector, whole, weights.sector, optimize=True)
    return mixed.reshape(weights.shape[1], weights.shape[1])


class _Memory:
    """What earlier periods gave, fading."""

    def __init__(self, in_time: InTime, shape: tuple[int, ...]) -> None:
        self.in_time = in_time
        self.parts = np.zeros((len(in_time.features), *shape))
        self.last = 0

    def step(self, period: int, now: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Return what was given before a period and half of what is now, (g, means, r, regions)."""
        age = self.in_time.age
        fade = np.exp(age[:, self.last] - age[:, period])
        self.last = period
        given = now[:, None] * share[:, None, None]
        before = (0.5 * self.in_time.matrix[period, period]) * given
        for m, feature in enumerate(self.in_time.features[:, period]):
            if fade[m] != 1.0:
                self.parts[m] *= fade[m]
            if feature != 0.0:
                before += feature * self.parts[m]
                self.parts[m] += feature * given
        return before
