"""A made city comes in; the posterior mean by conjugate gradients, without any covariance, goes out.

Hestenes and Stiefel (1952) on (H K* H^T + U s^2 U^T + R) w = d, products by FFTs. The cheapest way
to a mean where nothing else is asked for; it is not the same answer, and the table says so.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse.linalg

from benchmarks.rivals.finish import correction, mean_of, weighted
from benchmarks.rivals.spaces import by_fourier
from benchmarks.rivals.totals import apply_with, covariance_of_totals

TOLERANCE = 1e-6


def solve(city):
    """Return {"mean": ...} and the number of iterations."""
    correlate = by_fourier(city)
    apply, n = apply_with(city, correlate), len(city.observations)
    basis, middle = correction(city, covariance_of_totals(city, correlate))
    seen = np.column_stack(
        [city.jacobian @ apply(weighted(city, column)).ravel() for column in basis.T]
    )
    scaled, back = city.columns * city.nuisance_sd, city.jacobian.T.tocsr()

    def product(w):
        through = apply((back @ w).reshape(city.prior.shape)).ravel()
        return (
            city.jacobian @ through
            + seen @ (middle @ (seen.T @ w))
            + scaled @ (scaled.T @ w)
            + city.mismatch @ w
        )

    count = [0]
    scale = np.sqrt(np.diagonal(city.mismatch))

    def preconditioned(v):
        count[0] += 1
        return product(v / scale) / scale

    operator = scipy.sparse.linalg.LinearOperator((n, n), matvec=preconditioned, dtype=float)
    found, status = scipy.sparse.linalg.cg(
        operator, city.innovation / scale, rtol=TOLERANCE, maxiter=20 * n
    )
    if status:
        raise RuntimeError(f"conjugate gradients must converge; got status {status} in dual_cg.")
    weights = found / scale
    mean = mean_of(city, apply, weights, basis @ (middle @ (seen.T @ weights)))
    return {"mean": mean}, count[0]
