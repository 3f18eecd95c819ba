"""A made city comes in; its products with a covariance written out as one matrix go out."""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.finish import Plain
from benchmarks.rivals.spaces import distances_correlation


def prior_matrix(city) -> np.ndarray:
    """Return K = D (C (x) D_t (x) E) D, (m, m)."""
    in_time = np.kron(city.sector_correlation, city.period_correlation)
    K = np.kron(in_time, distances_correlation(city))
    K *= city.sigma.ravel()[:, None]
    K *= city.sigma.ravel()
    return K


def weights_matrix(city) -> np.ndarray:
    """Return W, (m, g c): the mean of each sector and district."""
    g, p, _ = city.prior.shape
    W = np.einsum("ka,p,rc->kprac", np.eye(g), np.full(p, 1.0 / p), city.districts)
    return W.reshape(city.prior.size, -1)


def plain(city) -> Plain:
    """Return the products by the textbook, all of K in memory."""
    K, H, W = prior_matrix(city), city.jacobian.toarray(), weights_matrix(city)
    HK = H @ K
    return Plain(
        gram=HK @ H.T,
        reach=HK @ W,
        given=W.T @ K @ W,
        apply=lambda block: (K @ block.ravel()).reshape(block.shape),
    )
