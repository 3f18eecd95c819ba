"""A made city comes in; the whole problem as plain matrices, for packages that know nothing else, goes out."""

from __future__ import annotations

import numpy as np

from benchmarks.rivals.dense import prior_matrix, weights_matrix
from benchmarks.rivals.finish import correction


def written_out(city) -> dict[str, np.ndarray]:
    """Return y, prior, H, B, R and W with declared totals and nuisance states inside."""
    K, W = prior_matrix(city), weights_matrix(city)
    q = len(city.nuisance_sd)
    basis, middle = correction(city, W.T @ K @ W)
    totals = K @ (W @ basis)
    B = np.zeros((len(K) + q, len(K) + q))
    B[: len(K), : len(K)] = K + totals @ middle @ totals.T
    B[len(K) :, len(K) :] = np.diag(city.nuisance_sd**2)
    return {
        "y": city.observations,
        "prior": np.concatenate([city.prior.ravel(), np.zeros(q)]),
        "H": np.hstack([city.jacobian.toarray(), city.columns]),
        "B": 0.5 * (B + B.T),
        "R": city.mismatch,
        "W": np.vstack([W, np.zeros((q, W.shape[1]))]),
    }
