"""A made city and a product in space come in; W^T K W and K times a vector go out."""

from __future__ import annotations

import numpy as np


def covariance_of_totals(city, correlate) -> np.ndarray:
    """Return W^T K W, (g c, g c): each sector, period and district correlated in space once."""
    g, p, r = city.prior.shape
    c = city.districts.shape[1]
    D = city.period_correlation
    share = np.einsum("kpr,rc->kpcr", city.sigma, city.districts) / p
    given = np.empty((g, c, g, c))
    for k in range(g):
        reached = correlate(share[k].reshape(p * c, r)).reshape(p, c * r)
        reached = (D @ reached).reshape(p, c, r)
        for other in range(g):
            inner = np.tensordot(reached, share[other], axes=([0, 2], [0, 2]))
            given[k, :, other] = city.sector_correlation[k, other] * inner
    return given.reshape(g * c, g * c)


def apply_with(city, correlate):
    """Return K times one vector as a function, (g, p, r) -> (g, p, r)."""

    def apply(block):
        g, p, r = block.shape
        through = correlate((city.sigma * block).reshape(g * p, r)).reshape(g, p, r)
        through = np.matmul(city.period_correlation, through)
        return city.sigma * np.tensordot(city.sector_correlation, through, axes=1)

    return apply
