"""The log density of parameters comes in; where it is greatest, with intervals, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.optimize

if TYPE_CHECKING:
    from inversion.hyperparameters.target import Target

logger = logging.getLogger(__name__)

Z_95 = 1.959963984540054
_REFUSED = 1e12  # in place of infinity, which the line search cannot step back from
_EDGE = 1e-6


@dataclass(frozen=True)
class Estimate:
    """The most likely parameters.

    Attributes
    ----------
    names : tuple of str, (p,)
    theta : ndarray, (p,)
        Natural logarithms of factors on the configured values.
    covariance : ndarray, (p, p)
        Inverse of the expected information, priors included.
    value : float
        Log density there.
    at_edge : ndarray of bool, (p,)
        Parameters at a bound, where the covariance says nothing.
    converged : bool
    evaluations : int
    """

    names: tuple[str, ...]
    theta: np.ndarray
    covariance: np.ndarray
    value: float
    at_edge: np.ndarray
    converged: bool
    evaluations: int

    @property
    def standard_deviation(self) -> np.ndarray:
        """Of theta, (p,)."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def interval(self) -> np.ndarray:
        """95 % interval of theta, (p, 2)."""
        half = Z_95 * self.standard_deviation
        return np.stack([self.theta - half, self.theta + half], axis=1)


def maximise(target: Target, start: np.ndarray | None = None) -> Estimate:
    """Return the parameters of greatest density.

    Parameters
    ----------
    target : Target
    start : ndarray, (p,), optional
        The configured values by default.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        Where S has no Cholesky factor at the start.

    Notes
    -----
    L-BFGS-B with the analytic gradient, once in each cell of the grid of lengths, within which S
    is smooth; the best of them. An estimate on a node between two cells lies on an edge of the
    likelihood: its covariance is that of one side, and its profile says more.
    """
    family = target.likelihood.family
    start = np.zeros(len(family.names)) if start is None else np.asarray(start, dtype=np.float64)
    target.likelihood.factor(start)
    found = [_within(target, start, bounds) for bounds in family.cells()]
    best = min(found, key=lambda one: one.fun)
    low, high = family.bounds.T
    at_edge = (best.x <= low + _EDGE) | (best.x >= high - _EDGE)
    evaluations = sum(one.nfev for one in found)
    told = ", ".join(
        f"{name} x {np.exp(value):.3g}" for name, value in zip(family.names, best.x, strict=True)
    )
    logger.info("hyperparameters: %s after %d evaluations", told, evaluations)
    if not best.success:
        logger.warning("hyperparameters: the search stopped early: %s", best.message)
    covariance = np.linalg.inv(target.information(best.x))
    return Estimate(
        family.names, best.x, covariance, -best.fun, at_edge, bool(best.success), evaluations
    )


def _within(target: Target, start: np.ndarray, bounds: np.ndarray, free: np.ndarray | None = None):
    """Return the result of a search within bounds, over all parameters or the free ones."""
    free = np.ones(len(start), dtype=bool) if free is None else free
    start = np.clip(start, *bounds.T)
    if not free.any():
        return scipy.optimize.OptimizeResult(
            x=start, fun=-target.value(start), nfev=1, success=True, message=""
        )

    def cost(moved: np.ndarray):
        theta = start.copy()
        theta[free] = moved
        value, slope = target.gradient(theta)
        if not np.isfinite(value):
            return _REFUSED, np.zeros(int(free.sum()))
        return -value, -slope[free]

    # the function is a sum of n terms: relative changes of 1e-12 of it are rounding
    found = scipy.optimize.minimize(
        cost,
        start[free],
        jac=True,
        method="L-BFGS-B",
        bounds=bounds[free],
        options={"ftol": 1e-12, "gtol": 1e-5, "maxiter": 200},
    )
    theta = start.copy()
    theta[free] = found.x
    return scipy.optimize.OptimizeResult(found | {"x": theta})


def greatest_with(
    target: Target, index: int, value: float, start: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the parameters of greatest density with one of them held, and that density.

    Parameters
    ----------
    target : Target
    index : int
        Of the parameter held.
    value : float
        Where it is held.
    start : ndarray, (p,)
        Where the others start.

    Returns
    -------
    theta : ndarray, (p,)
    density : float
    """
    free = np.arange(len(start)) != index
    best = None
    for bounds in target.likelihood.family.cells():
        if not bounds[index, 0] <= value <= bounds[index, 1]:
            continue
        begun = np.asarray(start, dtype=np.float64).copy()
        begun[index] = value
        found = _within(target, begun, bounds, free)
        if best is None or found.fun < best.fun:
            best = found
    if best is None:
        low, high = target.likelihood.family.bounds[index]
        msg = (
            f"a profile must stay within [{low:.3g}, {high:.3g}]; got {value:.3g} for "
            f"{target.likelihood.family.names[index]} in greatest_with. Choose a value inside."
        )
        raise ValueError(msg)
    return best.x, -float(best.fun)
