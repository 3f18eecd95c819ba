"""A basis of observations comes in; the mean of least cost within it, and how far off it is, go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from inversion.linalg.lanczos import Basis


def least_cost(basis: Basis, pairs: int) -> np.ndarray:
    """Return z of the least cost at x_a + B H^T Q z, Q the first vectors, (pairs,).

    Notes
    -----
    With T = E diag(v) E^T and beta the coupling, z solves (T^2 + T + beta^2 e e^T) z = T e_1 |d|.
    """
    if not pairs:
        return np.zeros(0)
    values, vectors = scipy.linalg.eigh(basis.projected[:pairs, :pairs])
    values = np.maximum(values, np.finfo(float).eps * max(values[-1], np.finfo(float).tiny))
    beta = coupling(basis, pairs)
    start, last = vectors[0], vectors[-1]
    z = basis.start_norm * start / (1.0 + values)
    if beta == 0.0 or values[-1] <= np.finfo(float).tiny:
        return vectors @ z
    reach = last / (values * (1.0 + values))
    z = z - reach * (beta**2 * (last @ z) / (1.0 + beta**2 * (last @ reach)))
    return vectors @ z


def coupling(basis: Basis, pairs: int) -> float:
    """Return beta that links the first vectors to the one after them."""
    if pairs == len(basis.vectors):
        return basis.coupling
    return float(basis.projected[pairs, pairs - 1])


def mean_error(basis: Basis) -> float:
    """Return a bound of the mean's error in posterior standard deviations of any aggregate.

    Notes
    -----
    For the mean with all vectors but the last, whose product tells the error; the cost decreases
    with every vector, so the mean with all of them is no worse.
    """
    k = len(basis.vectors)
    if basis.complete or basis.coupling == 0.0 or not k:
        return 0.0
    T = basis.projected
    rest = np.zeros(k)
    rest[0] = basis.start_norm
    if k > 1:
        z = least_cost(basis, k - 1)
        rest[:-1] -= T[:-1, :-1] @ z + z
        rest[-1] -= coupling(basis, k - 1) * z[-1]
    return float(np.sqrt(max(rest @ T @ rest, 0.0)))
