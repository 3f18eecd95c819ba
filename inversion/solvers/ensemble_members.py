"""A prior covariance comes in; deviations of an ensemble with that covariance, drawn or exact, go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.dense import densify

if TYPE_CHECKING:
    from inversion.linalg.covariance import Covariance

BLOCK = 32


def drawn_ensemble(covariance: Covariance, members: int, rng: np.random.Generator) -> np.ndarray:
    """Return deviations of drawn members from their mean, (m, members).

    Parameters
    ----------
    covariance : Covariance, (m, m)
        With a root; all covariances of the prior's errors have one.
    members : int
        N >= 2.
    rng : Generator

    Notes
    -----
    X' X'^T / (N - 1) is an unbiased estimate of B, of rank N - 1: the relative standard error of
    each standard deviation is 1 / sqrt(2 (N - 1)).
    """
    if members < 2:
        msg = (
            f"an ensemble must have at least 2 members; got {members} in drawn_ensemble. Raise "
            "solver.members."
        )
        raise ValueError(msg)
    deviations = np.empty((covariance.size, members))
    for start in range(0, members, BLOCK):
        stop = min(start + BLOCK, members)
        noise = rng.standard_normal((covariance.root_size, stop - start))
        deviations[:, start:stop] = covariance.root_matmat(noise)
    return deviations - deviations.mean(axis=1, keepdims=True)


def exact_ensemble(covariance: Covariance) -> np.ndarray:
    """Return m + 1 members whose sample covariance is B itself, (m, m + 1); for small states.

    Notes
    -----
    sqrt(m) B^1/2 U, U the rows of an orthogonal matrix that are orthogonal to the ones (Helmert).

    Examples
    --------
    >>> import numpy as np
    >>> from inversion.linalg.dense import Dense
    >>> one = exact_ensemble(Dense(np.array([[4.0, 1.0], [1.0, 2.0]])))
    >>> (one @ one.T / 2.0).round(12).tolist(), np.abs(one.sum(axis=1)).round(12).tolist()
    ([[4.0, 1.0], [1.0, 2.0]], [0.0, 0.0])
    """
    m = covariance.size
    values, vectors = np.linalg.eigh(densify(covariance))
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    helmert = np.tril(np.ones((m, m + 1)))
    order = np.arange(1, m + 1)
    helmert[order - 1, order] = -order
    helmert /= np.sqrt(order * (order + 1.0))[:, None]
    return np.sqrt(m) * root @ helmert
