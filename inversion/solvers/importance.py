"""Normal proposals for the logarithms of states come in; draws of the posterior itself, reweighted, go out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from inversion.solvers.lognormal import LogNormal

logger = logging.getLogger(__name__)

PROPOSALS_A_DRAW = 20
FEWEST_EFFECTIVE = 100.0


def reweighted_draws(
    prior: LogNormal,
    around: LogNormal,
    white: tuple[np.ndarray, np.ndarray],
    count: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return draws of the states from the posterior, (count, m).

    Parameters
    ----------
    prior : LogNormal
        u_a and C.
    around : LogNormal
        Proposal: location and covariance of u.
    white : tuple of ndarray, (n, m) and (n,)
        L_R^-1 H and L_R^-1 (y - b).
    count : int
    rng : Generator

    Raises
    ------
    ValueError
        Where fewer than 100 of the proposals count.

    Notes
    -----
    Sampling and importance resampling, 20 proposals a draw: u = u_a + G chi with C = G G^T, so
    that C may be singular. In many dimensions no proposal counts, which is told, not hidden.
    """
    values, vectors = np.linalg.eigh(prior.covariance)
    kept = values > 1e-13 * max(values[-1], np.finfo(float).tiny)
    G = vectors[:, kept] * np.sqrt(values[kept])
    back = (vectors[:, kept] / np.sqrt(values[kept])).T
    centre = back @ (around.location - prior.location)
    M = back @ around.covariance @ back.T
    root = scipy.linalg.cholesky(0.5 * (M + M.T), lower=True)
    noise = rng.standard_normal((len(centre), PROPOSALS_A_DRAW * count))
    chi = centre[:, None] + root @ noise
    states = prior.states(prior.location[:, None] + G @ chi)
    left = white[1][:, None] - white[0] @ states
    weight = 0.5 * (np.square(noise) - np.square(chi)).sum(axis=0)
    weight -= 0.5 * np.square(left).sum(axis=0)
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    effective = 1.0 / np.square(weight).sum()
    logger.info("positive: %.0f of %d proposals count", effective, len(weight))
    if effective < FEWEST_EFFECTIVE:
        msg = (
            f"at least {FEWEST_EFFECTIVE:.0f} proposals must count to draw from a log-normal "
            f"posterior; got {effective:.1f} of {len(weight)} in reweighted_draws. Ask for more "
            "draws, or for fewer states (regions); means and covariances need no draws."
        )
        raise ValueError(msg)
    return states[:, rng.choice(len(weight), count, p=weight)].T
