"""Innovations and a family of S come in; the log likelihood of its parameters, gradient and information go out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg
from scipy.linalg.lapack import dpotrf, dpotri, dtrtrs

if TYPE_CHECKING:
    from inversion.hyperparameters.family import Family

LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class Likelihood:
    """Log likelihood of theta, fluxes and other states integrated out (SCIENCE 2.6 and 2.8).

    Attributes
    ----------
    family : Family
    innovation : ndarray, (n,)
        d = y - b - H x_a [umol mol-1].
    basis : ndarray, (n, q)
        H X: what the observations see of the columns whose strengths are unknown; without columns
        the prior mean is taken as given.
    restricted : bool
        Whether the strengths are integrated out (REML) or set to their best values (ML).

    Notes
    -----
    With Xi = S^-1 - S^-1 HX [(HX)^T S^-1 HX]^-1 (HX)^T S^-1:
    -2 ln L = ln|S| + d^T Xi d + n ln 2 pi, plus ln|(HX)^T S^-1 HX| - q ln 2 pi where restricted
    (Patterson and Thompson 1971; Michalak et al. 2005, doi:10.1029/2005JD005970).
    The gradient in theta_i is -(tr(A S_i) - d^T Xi S_i Xi d) / 2, with A = Xi where restricted and
    S^-1 where not; the expected information tr(A S_i A S_j) / 2.

    Examples
    --------
    >>> import numpy as np
    >>> from inversion.hyperparameters.family import Family, Part
    >>> white = Likelihood(Family((Part("white", np.eye(3)),), ("white",)), np.array([1.0, 2.0, 2.0]))
    >>> round(white.value(np.log([3.0**0.5])) - white.value(np.zeros(1)), 3)  # variance 9 / 3
    1.352
    """

    family: Family
    innovation: np.ndarray
    basis: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    restricted: bool = True

    def __post_init__(self) -> None:
        n = self.family.n
        basis = np.zeros((n, 0)) if self.basis.size == 0 else np.asarray(self.basis, np.float64)
        object.__setattr__(self, "basis", basis)
        if self.innovation.shape != (n,) or basis.shape[0] != n:
            msg = (
                f"innovation and basis must have one row for each of {n} observations; got shapes "
                f"{self.innovation.shape} and {basis.shape} in Likelihood. Build all of them from "
                "the same observations."
            )
            raise ValueError(msg)
        if basis.shape[1] and np.linalg.matrix_rank(basis) < basis.shape[1]:
            msg = (
                f"the basis must have independent columns; got rank {np.linalg.matrix_rank(basis)} "
                f"of {basis.shape[1]} in Likelihood. Leave out a column that the observations do "
                "not see, or cannot tell from the others."
            )
            raise ValueError(msg)

    def value(self, theta: np.ndarray) -> float:
        """Return ln L; minus infinity where S has no Cholesky factor."""
        factor = self._factor(theta)
        return -np.inf if factor is None else self._value(factor)[0]

    def gradient(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return ln L and its gradient, (p,); one Cholesky and one inverse."""
        coefficients, slope = self.family.coefficients(theta)
        factor = self._factor(theta, coefficients)
        if factor is None:
            return -np.inf, np.zeros(len(slope.T))
        value, weights, projector = self._value(factor)
        inverse = self._inverse(factor, projector)
        moved = np.flatnonzero(slope.any(axis=1))
        by_part = np.zeros(len(coefficients))
        for row in moved:
            gram = self.family.parts[row].gram
            trace = np.dot(inverse.reshape(-1), gram.reshape(-1))
            by_part[row] = 0.5 * (weights @ (gram @ weights) - trace)
        return value, slope.T @ by_part

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Return the expected (Fisher) information of theta, (p, p)."""
        factor = self._required(theta)
        inverse = self._inverse(factor, self._value(factor)[2])
        products = [inverse @ one for one in self.family.derivatives(theta)]
        return 0.5 * np.array([[np.vdot(one, two.T) for two in products] for one in products])

    def chi_square(self, theta: np.ndarray) -> float:
        """Return d^T Xi d over its degrees of freedom, n less the unknown strengths."""
        _, weights, _ = self._value(self._required(theta))
        left = len(self.innovation) - self.basis.shape[1]
        return float(self.innovation @ weights) / left

    def factor(self, theta: np.ndarray) -> np.ndarray:
        """Return the lower Cholesky factor of S, (n, n)."""
        return np.tril(self._required(theta))

    def _factor(self, theta: np.ndarray, coefficients: np.ndarray | None = None):
        """Return the factor, its upper triangle unused; None where there is none."""
        if coefficients is None:
            coefficients = self.family.factors(theta)
        # S is symmetric: its transpose is it, in the order that LAPACK overwrites
        factor, info = dpotrf(self.family.combined(coefficients).T, lower=1, overwrite_a=1, clean=0)
        return None if info else factor

    def _required(self, theta: np.ndarray):
        """Return the factor, or refuse parameters for which there is none."""
        factor = self._factor(theta)
        if factor is None:
            msg = (
                f"S must be positive definite; got no Cholesky factor at theta = "
                f"{np.round(theta, 3).tolist()} in Likelihood. Keep a term of R that is "
                "independent from hour to hour."
            )
            raise ValueError(msg)
        return factor

    def _value(self, factor: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return ln L, Xi d (n,), and S^-1 HX times the inverse root of its product, (n, q)."""
        n, q = self.basis.shape
        both = np.column_stack([self.innovation, self.basis])
        white = dtrtrs(factor, both, lower=1)[0]
        minus_two = 2.0 * np.log(np.diagonal(factor)).sum() + n * LOG_2PI
        seen, white_basis = white[:, 0], white[:, 1:]
        projector = np.zeros((n, 0))
        if q:
            orthogonal, triangle = np.linalg.qr(white_basis)
            seen = seen - orthogonal @ (orthogonal.T @ seen)
            projector = dtrtrs(factor, orthogonal, lower=1, trans=1)[0]
            if self.restricted:
                minus_two += 2.0 * np.log(np.abs(np.diagonal(triangle))).sum() - q * LOG_2PI
        weights = dtrtrs(factor, seen, lower=1, trans=1)[0]
        return -0.5 * float(minus_two + seen @ seen), weights.ravel(), projector

    def _inverse(self, factor: np.ndarray, projector: np.ndarray):
        """Return Xi where restricted, S^-1 where not, (n, n)."""
        inverse = dpotri(factor, lower=1)[0]
        lower = np.tril(inverse)
        whole = lower + np.tril(inverse, -1).T
        return whole - projector @ projector.T if self.restricted else whole


def wrong_gradient(
    likelihood: Likelihood,
    theta: np.ndarray,
    step: float = 1e-5,
    gradient: np.ndarray | None = None,
) -> float:
    """Return the largest difference between the gradient and central differences.

    Parameters
    ----------
    likelihood : Likelihood
    theta : ndarray, (p,)
        Away from nodes of a length, where S has an edge.
    step : float
    gradient : ndarray, (p,), optional
        The one to examine; the likelihood's own by default.

    Returns
    -------
    float
        As a share of the gradient's length plus 1.
    """
    theta = np.asarray(theta, dtype=np.float64)
    found = likelihood.gradient(theta)[1] if gradient is None else gradient
    ends = [
        (likelihood.value(theta + move), likelihood.value(theta - move))
        for move in step * np.eye(len(theta))
    ]
    expected = np.array([(up - down) / (2.0 * step) for up, down in ends])
    return float(np.abs(found - expected).max() / (1.0 + scipy.linalg.norm(expected)))
