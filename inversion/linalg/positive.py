"""A covariance in memory and the names of its rows come in; its Cholesky factor, or what forbids one, goes out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

EPSILON = float(np.finfo(np.float64).eps)
ROUNDING = 10.0 * EPSILON


def cholesky_of(matrix: np.ndarray, name: str, rows: Sequence[str], advice: str) -> np.ndarray:
    """Return the lower Cholesky factor L, L L^T = matrix; jitter is never added.

    Parameters
    ----------
    matrix : ndarray, (n, n)
    name : str
        What the matrix is, for the message.
    rows : sequence of str, (n,)
        Names of its rows.
    advice : str
        What to do where it has no factor.

    Raises
    ------
    ValueError
        Where it is not positive definite beyond rounding, with its smallest eigenvalue and the two
        rows most alike; or not finite.

    Notes
    -----
    L_ii^2 / matrix_ii is the share of row i's variance that the rows before it leave unexplained.
    Below 10 sqrt(n) eps a factor exists by rounding alone, and what is computed with it means
    nothing.
    """
    _require_finite(matrix, name, rows)
    try:
        factor = scipy.linalg.cholesky(matrix, lower=True, check_finite=False)
    except np.linalg.LinAlgError as error:
        raise ValueError(not_positive(matrix, name, rows, advice)) from error
    unexplained = np.diagonal(factor) ** 2 / np.diagonal(matrix)
    if unexplained.min(initial=1.0) < ROUNDING * np.sqrt(len(matrix)):
        raise ValueError(not_positive(matrix, name, rows, advice))
    return factor


def require_semidefinite(matrix: np.ndarray, name: str, rows: Sequence[str], advice: str) -> None:
    """Refuse a covariance with an eigenvalue below zero, and warn of one that is zero.

    Parameters
    ----------
    matrix, name, rows, advice
        As for `cholesky_of`.

    Raises
    ------
    ValueError
        With the smallest eigenvalue and the two rows most alike; or where it is not finite.

    Notes
    -----
    A singular R is a model: some combination of the observations has no error. Whether the data
    can be used with it is for S = H B H^T + R to say.
    """
    _require_finite(matrix, name, rows)
    try:
        scipy.linalg.cholesky(matrix, lower=True, check_finite=False)
    except np.linalg.LinAlgError:
        smallest = float(np.linalg.eigvalsh(matrix)[0])
        if smallest < -ROUNDING * len(matrix) * np.abs(matrix).max():
            raise ValueError(not_positive(matrix, name, rows, advice)) from None
        logger.warning("%s is singular: some combination of its rows has no variance", name)


def not_positive(matrix: np.ndarray, name: str, rows: Sequence[str], advice: str) -> str:
    """Return the message for a matrix that is not positive definite."""
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    return (
        f"{name} must be positive definite beyond rounding; got a smallest eigenvalue of {smallest:.3g} with "
        f"{_most_alike(matrix, rows)} in {len(matrix)} rows. {advice}"
    )


def _most_alike(matrix: np.ndarray, rows: Sequence[str]):
    """Return the row without variance, or the two rows of the highest correlation, in words."""
    variance = np.diagonal(matrix)
    worst = int(np.argmin(variance))
    if variance[worst] <= 0.0:
        return f"a variance of {variance[worst]:.3g} at {rows[worst]}"
    deviation = np.sqrt(variance)
    correlation = matrix / np.outer(deviation, deviation)
    alike = np.abs(correlation)
    np.fill_diagonal(alike, -1.0)
    one, two = sorted(int(k) for k in np.unravel_index(np.argmax(alike), alike.shape))
    return f"{rows[one]} and {rows[two]} most alike (correlation {correlation[one, two]:.6f})"


def _require_finite(matrix: np.ndarray, name: str, rows: Sequence[str]):
    """Refuse numbers that are not finite, with the first row that has one."""
    wrong = ~np.isfinite(matrix).all(axis=1)
    if wrong.any():
        msg = (
            f"{name} must be finite; got {int(wrong.sum())} of {len(matrix)} rows that are not, the "
            f"first {rows[int(np.argmax(wrong))]}. Look for a missing standard deviation, "
            "correlation or sensitivity there."
        )
        raise ValueError(msg)
