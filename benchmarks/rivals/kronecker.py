"""A made city comes in; its products with K, block of columns by block of columns, go out.

Yadav and Michalak (2013, Geosci. Model Dev. 6, 583): with Q = D (x) E, the j-th block of H Q is
(sum over i of d_ij H_i) E, and H Q H^T adds up each block times H_j^T, so that Q is never formed.
A block is one sector in one period; every H_i is dense, as there.
"""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.finish import Plain
from benchmarks.rivals.spaces import distances_correlation
from benchmarks.rivals.totals import apply_with, covariance_of_totals


def plain(city) -> Plain:
    """Return the products by the sums over blocks, taken literally."""
    g, p, r = city.prior.shape
    n = len(city.observations)
    E = distances_correlation(city)
    coefficients = np.kron(city.sector_correlation, city.period_correlation)
    blocks = np.ascontiguousarray(city.jacobian.toarray().reshape(n, g * p, r).transpose(1, 0, 2))
    blocks *= city.sigma.reshape(g * p, 1, r)
    gram, reach = np.zeros((n, n)), np.zeros((n, g, city.districts.shape[1]))
    for j in range(g * p):
        summed = np.zeros((n, r))
        for i in range(g * p):
            summed += coefficients[i, j] * blocks[i]
        through = summed @ E
        gram += through @ blocks[j].T
        reach[:, j // p] += (through * city.sigma.reshape(g * p, r)[j]) @ city.districts / p

    def correlate(rows):
        return rows @ E

    return Plain(
        gram,
        reach.reshape(n, -1),
        covariance_of_totals(city, correlate),
        apply_with(city, correlate),
    )
