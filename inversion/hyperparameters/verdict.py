"""A chi square and its number of observations come in; a light with what it does and does not say goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg
import scipy.stats

if TYPE_CHECKING:
    from collections.abc import Sequence

RED = (0.8, 1.2)
NO_PROOF = (
    "a reduced chi square near 1 is necessary, not sufficient: errors without their correlations "
    "pass it; look at the whitened innovations, the totals' shifts and the sites left out"
)


def chi_square_verdict(chi_square: float, n: int) -> dict:
    """Return the light of a reduced chi square (SCIENCE 2.6).

    Parameters
    ----------
    chi_square : float
        d^T S^-1 d / n.
    n : int
        Number of observations, > 0.

    Returns
    -------
    dict
        ``chi_square``, ``n``, ``light`` (red outside 0.8-1.2, amber outside 1 +- 2 sqrt(2/n), else
        green), ``amber`` (those limits), ``p`` (how often a right model is as far from 1, either
        way), ``proof`` (always False) and ``note``.

    Examples
    --------
    >>> [chi_square_verdict(value, 2000)["light"] for value in (1.3, 1.1, 1.02)]
    ['red', 'amber', 'green']
    """
    if n < 1 or not np.isfinite(chi_square):
        msg = (
            f"a chi square must be finite and of at least one observation; got {chi_square} of {n} "
            "in chi_square_verdict. Look for innovations that are not finite."
        )
        raise ValueError(msg)
    half = 2.0 * float(np.sqrt(2.0 / n))
    light = "green" if abs(chi_square - 1.0) <= half else "amber"
    if not RED[0] <= chi_square <= RED[1]:
        light = "red"
    below = float(scipy.stats.chi2.cdf(n * chi_square, n))
    return {
        "chi_square": float(chi_square),
        "n": int(n),
        "light": light,
        "amber": [1.0 - half, 1.0 + half],
        "p": min(1.0, 2.0 * min(below, 1.0 - below)),
        "proof": False,
        "note": NO_PROOF,
    }


def shifts_of_totals(
    innovation: np.ndarray, factor: np.ndarray, cross: np.ndarray, names: Sequence[str]
) -> list[dict]:
    """Return how far the observations move each total, in standard deviations of that movement.

    Parameters
    ----------
    innovation : ndarray, (n,)
        d [umol mol-1].
    factor : ndarray, (n, n)
        Lower Cholesky factor of S.
    cross : ndarray, (n, k)
        H B W.
    names : sequence of str, (k,)

    Returns
    -------
    list of dict
        ``total``, ``z`` = W^T K d over the root of W^T (B - P) W: normal with variance 1 where S
        and B are right (SCIENCE 2.6). Totals that no observation moves are left out; how many is
        for the caller to count.
    """
    both = np.column_stack([innovation, cross])
    white = scipy.linalg.solve_triangular(factor, both, lower=True, check_finite=False)
    spread = np.linalg.norm(white[:, 1:], axis=0)
    shift = white[:, 1:].T @ white[:, 0]
    return [
        {"total": name, "z": float(moved / size)}
        for name, moved, size in zip(names, shift, spread, strict=True)
        if size > 0.0
    ]


def pair_correlations(
    innovation: np.ndarray, covariance: np.ndarray, receptor: np.ndarray, time: np.ndarray
) -> dict:
    """Return how far products of neighbouring innovations are from what S says of them.

    Parameters
    ----------
    innovation : ndarray, (n,)
        d [umol mol-1].
    covariance : ndarray, (n, n)
        S [(umol mol-1)^2].
    receptor : ndarray of int, (n,)
    time : ndarray of datetime64, (n,)

    Returns
    -------
    dict
        ``next_hour`` (an innovation and the one before it at its site) and ``same_hour`` (two
        sites at one time): the mean correlation found less that of S; ``..._z``: over its standard
        deviation where S is right. None where there are no such pairs.

    Notes
    -----
    For x = d over the root of diag S, with correlation C, and M the symmetric matrix with 1/2 for
    each pair, the sum over pairs is x^T M x: mean tr(M C) and variance 2 tr(M C M C).
    """
    size = np.sqrt(np.diagonal(covariance))
    scaled, correlation = innovation / size, covariance / np.outer(size, size)
    order = np.lexsort((time, receptor))
    follows = receptor[order][1:] == receptor[order][:-1]
    same = (time[:, None] == time[None, :]) & (receptor[:, None] < receptor[None, :])
    pairs = {
        "next_hour": (order[:-1][follows], order[1:][follows]),
        "same_hour": np.nonzero(same),
    }
    told: dict[str, float | None] = {}
    for name, (one, two) in pairs.items():
        if not len(one):
            told |= {name: None, f"{name}_z": None}
            continue
        found = float(np.sum(scaled[one] * scaled[two]))
        expected = float(np.sum(correlation[one, two]))
        linked = np.zeros_like(correlation)
        linked[one, two] = linked[two, one] = 0.5
        product = linked @ correlation
        spread = float(np.sqrt(2.0 * np.sum(product * product.T)))
        told |= {name: (found - expected) / len(one), f"{name}_z": (found - expected) / spread}
    return told
