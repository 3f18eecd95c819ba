"""A solved problem comes in; its degrees of freedom for signal, found in three ways, go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from inversion.posterior import Posterior

PAIRS = 6


def signal_three_ways(posterior: Posterior, pairs: int | None = PAIRS) -> dict[str, Any]:
    """Return the degrees of freedom for signal by three routes that must agree (SCIENCE 2.12).

    Parameters
    ----------
    posterior : Posterior
        In observation space: it knows S.
    pairs : int or None
        Directions in which H B H^T is applied operator by operator; None is all of them, which
        makes the third route tr(K H) itself.

    Returns
    -------
    dict
        ``from_mismatch``: n - tr(R S^-1); ``from_spectrum``: sum of lambda / (1 + lambda) with
        lambda the eigenvalues of S - R against R; ``from_operators``: the same with lambda of the
        leading ``directions`` found by products with H, B and H^T one after the other;
        ``largest_difference`` (relative, of a lambda by operators), ``difference`` (of the three
        sums) and ``nats``, ln(|S| / |R|) / 2.

    Notes
    -----
    The first two only need S and R. The third goes through the state, so that it shows a sweep
    that lost something on its way.
    """
    S = posterior.innovation_covariance
    R = posterior.problem.mismatch_covariance.in_memory()
    n = len(S)
    first = float(posterior.dofs)
    if not n:
        return {"from_mismatch": 0.0, "from_spectrum": 0.0, "from_operators": 0.0} | _NOTHING
    strength, direction = scipy.linalg.eigh(S - R, R)
    share = strength / (1.0 + strength)
    count = n if pairs is None else min(pairs, n)
    leading = direction[:, n - count :]
    problem = posterior.problem
    reached = problem.prior_covariance.matmat(problem.jacobian.rmatmat(leading))
    found = np.einsum("ij,ij->j", leading, problem.jacobian.matmat(reached))
    by_operators = share.copy()
    by_operators[n - count :] = found / (1.0 + found)
    sums = (first, float(share.sum()), float(by_operators.sum()))
    known = np.abs(strength[n - count :])
    apart = np.abs(found - strength[n - count :]) / np.maximum(known, known.max() * 1e-12)
    return {
        "from_mismatch": sums[0],
        "from_spectrum": sums[1],
        "from_operators": sums[2],
        "directions": count,
        "largest_difference": float(apart[known > known.max() * 1e-6].max()),
        "difference": max(sums) - min(sums),
        "nats": 0.5 * float(np.log1p(strength).sum()),
    }


_NOTHING = {"directions": 0, "largest_difference": 0.0, "difference": 0.0, "nats": 0.0}
