"""Prior and posterior totals of one family come in; what the atmosphere alone says goes out.

The posterior of a total leans on its prior. Removing the prior exactly leaves the estimate and
the covariance that the observations alone support, and an infinite variance where they say
nothing.
"""

from dataclasses import dataclass

import numpy as np
from scipy import linalg

NULL_EIGENVALUE = 1e-4  # at or below: the direction is unseen, its variance infinite
NULL_FRACTION_LIMIT = 0.01  # above: the total itself is unseen
NEGATIVE_LIMIT = -1e-6  # below: prior and posterior covariance do not belong together


@dataclass(frozen=True)
class Totals:
    """Totals of one family before and after the inversion.

    Attributes
    ----------
    prior, posterior : ndarray (k,)
        Totals T_a and T̂, kg s-1.
    prior_covariance : ndarray (k, k)
        Q, the prior covariance of linearly independent totals, (kg s-1)².
    reduction : ndarray (k, k)
        Q − V computed directly (ZᵀZ), never as a difference, (kg s-1)².
    tolerance : float
        Relative error of the sweep that computed the reduction.
    """

    prior: np.ndarray
    posterior: np.ndarray
    prior_covariance: np.ndarray
    reduction: np.ndarray
    tolerance: float = 0.0


@dataclass(frozen=True)
class Removed:
    """Prior-removed totals of one family.

    Attributes
    ----------
    total : ndarray (k,)
        T_d, kg s-1; NaN where unseen.
    covariance : ndarray (k, k)
        Σ_d, (kg s-1)²; infinite on the diagonal and NaN beside it where unseen.
    null_fraction : ndarray (k,)
        φ, the share of a total's prior variance in directions that no observation sees.
    information : ndarray (k,)
        1 − V/Q of each total, dimensionless.
    """

    total: np.ndarray
    covariance: np.ndarray
    null_fraction: np.ndarray
    information: np.ndarray

    @property
    def standard_deviation(self) -> np.ndarray:
        """Return σ_d (k,) in kg s-1, infinite where unseen."""
        return np.sqrt(np.diag(self.covariance))


def remove_prior(totals: Totals) -> Removed:
    """Remove the prior from the totals of one family, jointly.

    Parameters
    ----------
    totals : Totals
        k totals, kg s-1.

    Returns
    -------
    Removed
        T_d (k,) and Σ_d (k, k) with null fraction and information.

    Notes
    -----
    With Q = LLᵀ and L⁻¹(Q − V)L⁻ᵀ = U diag(λ) Uᵀ: Σ_d = LU diag((1−λ)/λ) UᵀLᵀ and
    T_d = T_a + LU diag(1/λ) UᵀL⁻¹(T̂ − T_a) (SCIENCE.md §2.15 b). For one total this is
    1/σ_d² = 1/σ̂² − 1/σ_a². Directions with λ ≤ max(10·tolerance, 1e-4) have infinite variance;
    a pseudo-inverse would call them perfectly known.

    Examples
    --------
    >>> import numpy as np
    >>> one = Totals(np.array([10.0]), np.array([12.0]), np.array([[4.0]]), np.array([[2.0]]))
    >>> removed = remove_prior(one)
    >>> removed.total.tolist(), removed.covariance.round(12).tolist()
    ([14.0], [[4.0]])
    """
    _check_shapes(totals)
    prior_variance = np.diag(totals.prior_covariance)
    # ASSUME: a total to which the prior gives no freedom cannot be told by the air either.
    free = prior_variance > 0
    total = np.full(free.size, np.nan)
    covariance = np.full((free.size, free.size), np.nan)
    null_fraction, information = np.ones(free.size), np.zeros(free.size)
    if free.any():
        block = np.ix_(free, free)
        shift, covariance[block], null_fraction[free] = _remove_free(totals, free)
        total[free] = totals.prior[free] + shift
        information[free] = np.diag(totals.reduction)[free] / prior_variance[free]
    unseen = null_fraction > NULL_FRACTION_LIMIT
    total[unseen] = np.nan
    covariance[unseen, :] = covariance[:, unseen] = np.nan
    covariance[unseen, unseen] = np.inf
    return Removed(total, covariance, null_fraction, information)


def _remove_free(totals: Totals, free: np.ndarray):
    """Return shift (f,), covariance (f, f) and null fraction (f,) of the f free totals."""
    block = np.ix_(free, free)
    scale = np.sqrt(np.diag(totals.prior_covariance)[free])
    root = scale[:, None] * _correlation_root(
        totals.prior_covariance[block] / np.outer(scale, scale)
    )
    half = linalg.solve_triangular(root, totals.reduction[block], lower=True)
    whitened = linalg.solve_triangular(root, half.T, lower=True)
    eigenvalues, directions = np.linalg.eigh((whitened + whitened.T) / 2)
    _check_eigenvalues(eigenvalues)
    seen = eigenvalues > max(10 * totals.tolerance, NULL_EIGENVALUE)
    kept = np.minimum(eigenvalues[seen], 1.0)  # beyond 1 by rounding only, checked above
    modes = root @ directions
    delta = linalg.solve_triangular(root, (totals.posterior - totals.prior)[free], lower=True)
    shift = modes[:, seen] @ (directions[:, seen].T @ delta / kept)
    covariance = (modes[:, seen] * ((1 - kept) / kept)) @ modes[:, seen].T
    null_fraction = (modes[:, ~seen] ** 2).sum(axis=1) / scale**2
    return shift, covariance, null_fraction


def _correlation_root(correlation: np.ndarray):
    try:
        return np.linalg.cholesky(correlation)
    except np.linalg.LinAlgError as error:
        smallest = np.linalg.eigvalsh(correlation)[0]
        msg = (
            "the totals of one family must be linearly independent; got smallest correlation "
            f"eigenvalue {smallest:.3g} in the prior covariance of the totals. "
            "Remove the total that is a sum of others."
        )
        raise ValueError(msg) from error


def _check_eigenvalues(eigenvalues: np.ndarray):
    low, high = eigenvalues[0], eigenvalues[-1]
    if low < NEGATIVE_LIMIT or high > 1 - NEGATIVE_LIMIT:
        worst = low if low < NEGATIVE_LIMIT else high
        msg = (
            "the information per direction must lie in [0, 1]; "
            f"got {worst:.6g} in the reduction of the totals. "
            "Prior and posterior covariance belong to different inversions: solve again."
        )
        raise ValueError(msg)


def _check_shapes(totals: Totals):
    size = totals.prior.size
    shapes = (
        totals.prior.shape,
        totals.posterior.shape,
        totals.prior_covariance.shape,
        totals.reduction.shape,
    )
    if shapes != ((size,), (size,), (size, size), (size, size)):
        msg = (
            f"totals and covariances must have matching shapes; got {shapes} in one family. "
            "Give k totals with k by k covariances."
        )
        raise ValueError(msg)
    arrays = (totals.prior, totals.posterior, totals.prior_covariance, totals.reduction)
    if not all(np.isfinite(array).all() for array in arrays):
        msg = (
            "totals and covariances must be finite; got NaN or infinity in one family. "
            "Check the posterior file."
        )
        raise ValueError(msg)
