"""The covariance of some totals and declared variances come in; the nearest covariance goes out."""

from __future__ import annotations

import numpy as np
import scipy.linalg
import scipy.optimize

RELATIVE_RESIDUAL = 1e-8
MOST_STEPS = 500
FAR = 0.25


def nearest_covariance(
    given: np.ndarray, totals: np.ndarray, standard_deviation: np.ndarray
) -> np.ndarray:
    """Return the covariance nearest to the given one that has the declared variances.

    Parameters
    ----------
    given : ndarray, (k, k)
        G: covariance of the basis totals, positive definite [kg2 s-2].
    totals : ndarray, (k, j)
        Each declared total as a combination a_j of the basis totals.
    standard_deviation : ndarray, (j,)
        Declared 1 sigma [kg s-1].

    Returns
    -------
    ndarray, (k, k)
        C* = (G^-1 + sum lambda_j a_j a_j^T)^-1 with a_j^T C* a_j = sigma_j^2.

    Raises
    ------
    ValueError
        Where the declared values lie on or beyond the border of what can hold together.

    Notes
    -----
    C* minimises the Kullback-Leibler distance from G (SCIENCE 2.2). The dual
    F(lambda) = -ln det(G^-1 + sum lambda a a^T) + lambda . v is convex and self-concordant.
    Far from its minimum, Newton steps with the best length alternate with fitting each total in
    turn; near it (decrement below 1/4) full steps converge quadratically (Nesterov and
    Nemirovskii 1994).
    """
    scaled = totals / standard_deviation
    inverse = scipy.linalg.inv(given)
    inverse = 0.5 * (inverse + inverse.T)
    multipliers = np.zeros(scaled.shape[1])
    for turn in range(MOST_STEPS):
        white = _whitened(inverse, scaled, multipliers)
        overlap = white.T @ white
        gradient = 1.0 - np.diagonal(overlap)
        if np.abs(gradient).max() <= RELATIVE_RESIDUAL:
            wanted = scipy.linalg.inv(inverse + (scaled * multipliers) @ scaled.T)
            return 0.5 * (wanted + wanted.T)
        step, decrement = _newton(overlap, gradient)
        if decrement > FAR and turn % 2 == 0:
            multipliers = _fit_in_turn(overlap, multipliers)
        else:
            length = _best_length(white, step) if decrement > FAR else 1.0
            multipliers = multipliers + length * step
    raise ValueError(_no_convergence(float(np.abs(gradient).max())))


def _whitened(inverse: np.ndarray, scaled: np.ndarray, multipliers: np.ndarray):
    """Return L^-1 a_j with L L^T = G^-1 + sum lambda a a^T, (k, j)."""
    precision = inverse + (scaled * multipliers) @ scaled.T
    try:
        factor = scipy.linalg.cholesky(precision, lower=True)
    except np.linalg.LinAlgError as error:
        raise ValueError(_no_convergence(float("inf"))) from error
    return scipy.linalg.solve_triangular(factor, scaled, lower=True)


def _newton(overlap: np.ndarray, gradient: np.ndarray):
    """Return Newton's step and its decrement; the Hessian is overlap**2."""
    scale = np.diagonal(overlap)  # rows and columns are scaled to a unit diagonal
    correlation = overlap / np.sqrt(np.outer(scale, scale))
    step = scipy.linalg.lstsq(correlation**2, -gradient / scale)[0] / scale
    return step, np.sqrt(max(0.0, -gradient @ step))


def _best_length(white: np.ndarray, step: np.ndarray):
    """Return the length along a step at which F is least, inside its domain."""
    eigenvalues = np.linalg.eigvalsh((white * step) @ white.T)
    smallest = eigenvalues.min()
    border = -1.0 / smallest if smallest < 0.0 else np.inf

    def slope(length: float):
        return step.sum() - np.sum(eigenvalues / (1.0 + length * eigenvalues))

    low, high = 0.0, min(1.0, 0.5 * border)
    for _ in range(MOST_STEPS):
        if slope(high) >= 0.0:
            return scipy.optimize.brentq(slope, low, high, rtol=1e-6)
        low, high = high, (2.0 * high if 2.0 * high < border else 0.5 * (high + border))
    return low


def _fit_in_turn(overlap: np.ndarray, multipliers: np.ndarray):
    """Return multipliers after each total in turn has been given exactly its variance.

    Iterative proportional fitting: every turn minimises F along one multiplier, whatever the
    distance, where a damped Newton step would creep.
    """
    overlap, multipliers = overlap.copy(), multipliers.copy()
    for index in range(len(multipliers)):
        variance = overlap[index, index]
        multipliers[index] += 1.0 - 1.0 / variance
        column = overlap[:, index].copy()
        overlap -= np.outer(column, column) * (1.0 - 1.0 / variance) / variance
    return multipliers


def _no_convergence(residual: float):
    """Return the message for declared values that cannot be met."""
    return (
        "declared standard deviations must leave room for every part; got a relative residual of "
        f"{residual:.3g} after {MOST_STEPS} steps in errors.prior.declared, as where the city's "
        "value equals the sum of its parts'. Move the values away from the border of the "
        "admissible interval."
    )
