"""Declared uncertainties of totals come in; the covariance of the totals nearest to the prior's out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL = "all"
RELATIVE_RESIDUAL = 1e-9
MOST_STEPS = 500
FAR = 2.0
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Declaration:
    """One declared total.

    Attributes
    ----------
    region : str
        A district's code or ``all``.
    sector : str
        A state sector, or ``all`` for the inventory's sectors summed.
    standard_deviation : float
        1 sigma of the batch's mean rate [kg s-1], > 0.
    """

    region: str
    sector: str
    standard_deviation: float


def feasibility_problems(
    declared: Sequence[Declaration], districts: Sequence[str], sectors: Sequence[str]
) -> list[str]:
    """Return what is wrong with declared totals, one sentence each; empty where they can hold.

    Parameters
    ----------
    declared : sequence of Declaration
        Absolute values [kg s-1].
    districts : sequence of str
        All districts of the city.
    sectors : sequence of str
        All inventory sectors.

    Returns
    -------
    list of str

    Notes
    -----
    For districts, and for sectors, max(0, 2 max s_i - sum s_i) <= s_city <= sum s_i (SCIENCE 2.2):
    what correlations between -1 and 1 can make of parts of given uncertainty.
    """
    by_name = {(one.region, one.sector): one.standard_deviation for one in declared}
    problems = [
        f"a declared standard deviation must be finite and > 0; got {one.standard_deviation} kg s-1 "
        f"for region {one.region}, sector {one.sector}. Leave the total out or declare a value."
        for one in declared
        if not (np.isfinite(one.standard_deviation) and one.standard_deviation > 0.0)
    ]
    if len(by_name) != len(declared):
        problems.append(
            f"a total must be declared once; got {len(declared)} declarations of {len(by_name)} "
            "totals. Remove the repeated one."
        )
    city = by_name.get((ALL, ALL))
    families = {
        "districts": [(code, ALL) for code in districts],
        "sectors": [(ALL, name) for name in sectors],
    }
    for family, members in families.items():
        if city is None or problems or not members or any(key not in by_name for key in members):
            continue
        parts = np.array([by_name[key] for key in members])
        low, high = max(0.0, 2.0 * parts.max() - parts.sum()), parts.sum()
        if not low <= city <= high:
            problems.append(
                f"the city's declared standard deviation must lie between {low:.6g} and {high:.6g} "
                f"kg s-1 given those of its {family}; got {city:.6g} kg s-1 in errors.prior."
                f"declared. Change the city's or the {family}' values."
            )
    return problems


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
    F(lambda) = -ln det(G^-1 + sum lambda a a^T) + lambda . v is convex and self-concordant, so
    Newton steps damped by 1 / (1 + decrement) stay inside its domain and converge from 0
    (Nesterov and Nemirovskii 1994); far from the minimum each total is fitted in turn instead.
    """
    scaled = totals / standard_deviation
    inverse = scipy.linalg.inv(given)
    inverse = 0.5 * (inverse + inverse.T)
    multipliers = np.zeros(scaled.shape[1])
    for _ in range(MOST_STEPS):
        overlap = _overlap(inverse, scaled, multipliers)
        gradient = 1.0 - np.diagonal(overlap)
        if np.abs(gradient).max() <= RELATIVE_RESIDUAL:
            wanted = scipy.linalg.inv(inverse + (scaled * multipliers) @ scaled.T)
            return 0.5 * (wanted + wanted.T)
        # The Hessian overlap**2, with rows and columns scaled to a unit diagonal.
        scale = np.diagonal(overlap)
        correlation = overlap / np.sqrt(np.outer(scale, scale))
        step = scipy.linalg.lstsq(correlation**2, -gradient / scale)[0] / scale
        decrement = np.sqrt(max(0.0, -gradient @ step))
        if decrement > FAR:
            multipliers = _fit_in_turn(overlap, multipliers)
        else:
            multipliers = multipliers + step / (1.0 + decrement if decrement > 0.25 else 1.0)
    raise ValueError(_no_convergence(float(np.abs(gradient).max())))


def _overlap(inverse: np.ndarray, scaled: np.ndarray, multipliers: np.ndarray):
    """Return a_i^T C a_j of the declared totals at these multipliers, (j, j)."""
    precision = inverse + (scaled * multipliers) @ scaled.T
    try:
        factor = scipy.linalg.cho_factor(precision, lower=True)
    except np.linalg.LinAlgError as error:
        raise ValueError(_no_convergence(float("inf"))) from error
    return scaled.T @ scipy.linalg.cho_solve(factor, scaled)


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


def independent_columns(columns: np.ndarray) -> list[int]:
    """Return the columns, in order, that are not combinations of earlier ones.

    Parameters
    ----------
    columns : ndarray, (rows, j)

    Returns
    -------
    list of int

    Examples
    --------
    >>> import numpy as np
    >>> independent_columns(np.array([[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 1.0, 2.0]]))
    [0, 1]
    """
    kept: list[int] = []
    basis = np.zeros((columns.shape[0], 0))
    for index, column in enumerate(columns.T):
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        length = np.linalg.norm(rest)
        if length > _ROUNDING * np.linalg.norm(column):
            kept.append(index)
            basis = np.column_stack([basis, rest / length])
    return kept


def _no_convergence(residual: float):
    """Return the message for declared values that cannot be met."""
    return (
        "declared standard deviations must leave room for every part; got a relative residual of "
        f"{residual:.3g} after {MOST_STEPS} steps in errors.prior.declared, as where the city's "
        "value equals the sum of its parts'. Move the values away from the border of the "
        "admissible interval."
    )
