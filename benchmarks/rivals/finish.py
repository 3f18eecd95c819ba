"""What a rival found for the plain covariance K comes in; its full answer goes out.

The declared totals (a correction of low rank), the nuisance states, the mean and the covariance
of the totals: n x n and n x 48 algebra, the same for all rivals and small beside what they did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.nearest import nearest_covariance

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.city import City


@dataclass(frozen=True)
class Plain:
    """Products with K, the covariance without declared totals.

    Attributes
    ----------
    gram : ndarray, (n, n)
        H K H^T.
    reach : ndarray, (n, g c)
        H K W, W the mean of each sector and district, sectors slowest.
    given : ndarray, (g c, g c)
        W^T K W.
    apply : callable
        K times one vector, (g, p, r) -> (g, p, r).
    """

    gram: np.ndarray
    reach: np.ndarray
    given: np.ndarray
    apply: Callable[[np.ndarray], np.ndarray]


def weighted(city: City, factors: np.ndarray) -> np.ndarray:
    """Return W times factors (g c,), as (g, p, r)."""
    g, p, r = city.prior.shape
    in_space = factors.reshape(g, -1) @ city.districts.T
    return np.broadcast_to(in_space[:, None, :] / p, (g, p, r))


def totals_mix(g: int, c: int):
    """Return the independent declared totals as sums of W's columns, and all from these.

    Returns
    -------
    basis : ndarray, (g c, c + g - 1)
        All districts, all sectors but the last.
    combined : ndarray, (c + g - 1, c + g + 1)
        Districts, sectors and the city, each as a combination of the basis.
    """
    districts = np.tile(np.eye(c), (g, 1))
    sectors = np.repeat(np.eye(g), c, axis=0)
    basis = np.hstack([districts, sectors[:, :-1]])
    every = np.hstack([districts, sectors, np.ones((g * c, 1))])
    return basis, np.linalg.lstsq(basis, every, rcond=None)[0]


def correction(city: City, given: np.ndarray):
    """Return (basis, M) with K* = K + K W_b M W_b^T K, W_b = W basis (SCIENCE 2.2)."""
    basis, combined = totals_mix(len(city.sector_correlation), city.districts.shape[1])
    G = basis.T @ given @ basis
    wanted = nearest_covariance(G, combined, city.declared)
    inverse = np.linalg.inv(G)
    return basis, inverse @ (wanted - G) @ inverse


def finish(city: City, plain: Plain) -> dict[str, np.ndarray]:
    """Return mean (m + q,) and covariance (g c, g c) of the whole problem."""
    basis, middle = correction(city, plain.given)
    seen = plain.reach @ basis
    met = basis.T @ plain.given
    scaled = city.columns * city.nuisance_sd
    S = plain.gram + seen @ middle @ seen.T + scaled @ scaled.T + city.mismatch
    factor = scipy.linalg.cho_factor(S, lower=True)
    weights = scipy.linalg.cho_solve(factor, city.innovation)
    cross = plain.reach + seen @ middle @ met
    before = plain.given + met.T @ middle @ met
    covariance = before - cross.T @ scipy.linalg.cho_solve(factor, cross)
    return {
        "mean": mean_of(city, plain.apply, weights, basis @ (middle @ (seen.T @ weights))),
        "covariance": covariance,
    }


def mean_of(city: City, apply, weights: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Return x_a + K (H^T w + W factors) and the nuisance states s^2 U^T w."""
    back = (city.jacobian.T @ weights).reshape(city.prior.shape) + weighted(city, factors)
    flux = city.prior + apply(back)
    return np.concatenate([flux.ravel(), city.nuisance_sd**2 * (city.columns.T @ weights)])
