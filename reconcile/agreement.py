"""Prior-removed totals and an inventory come in; z scores, q and detectable difference go out."""

import numpy as np
from scipy.special import ndtr

DETECTABLE_FACTOR = 2.80  # 1.96 + 0.84: 80 % power at 5 % (SCIENCE.md §2.15 i)


def z_number(atmosphere: np.ndarray, inventory: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Return z_n = (T_d − T_I)/σ_d, which asks whether the inventory's number differs.

    Parameters
    ----------
    atmosphere, inventory : ndarray (k,)
        Prior-removed and inventory totals, kg s-1; NaN where there is none.
    deviation : ndarray (k,)
        σ_d, kg s-1; infinite where the network is blind.

    Returns
    -------
    ndarray (k,)
        Dimensionless; NaN where nothing can be compared.
    """
    return _ratio(atmosphere - inventory, deviation)


def z_declared(
    atmosphere: np.ndarray, inventory: np.ndarray, deviation: np.ndarray, declared: np.ndarray
) -> np.ndarray:
    """Return z_d = (T_d − T_I)/√(σ_d² + σ_I²): does it differ by more than it allows itself.

    Parameters
    ----------
    atmosphere, inventory, deviation : ndarray (k,)
        As in `z_number`, kg s-1.
    declared : ndarray (k,)
        The inventory's own declared σ_I, kg s-1; NaN where it declares none.

    Returns
    -------
    ndarray (k,)
        Dimensionless; NaN where undeclared.

    Notes
    -----
    ASSUME: cov(T_d, T_I) = 0. It holds where the inventory is the prior, which the removal took
    out; an inventory that shares errors with the observations would need it.
    """
    return _ratio(atmosphere - inventory, np.hypot(deviation, declared))


def z_prior(posterior: np.ndarray, prior: np.ndarray, reduction: np.ndarray) -> np.ndarray:
    """Return (T̂ − T_a)/√(Q − V), the consistency of the prior's covariance, not of its number.

    Parameters
    ----------
    posterior, prior : ndarray (k,)
        Totals, kg s-1.
    reduction : ndarray (k,)
        Q − V of each total, (kg s-1)².

    Returns
    -------
    ndarray (k,)
        Dimensionless; NaN where the observations moved nothing.

    Notes
    -----
    SCIENCE.md §2.15 (a): of size 5 % when the prior's error is a draw from N(0, Q).
    """
    deviation = np.sqrt(np.where(reduction > 0, reduction, np.inf))
    return _ratio(posterior - prior, deviation)


def false_discovery_rate(z: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Return the Benjamini–Hochberg q of each tested row.

    Parameters
    ----------
    z : ndarray (k,)
        Standard normal scores under the null hypothesis.
    tested : ndarray of bool (k,)
        Rows of this family that take part.

    Returns
    -------
    ndarray (k,)
        q in [0, 1]; NaN where not tested.

    Notes
    -----
    Benjamini & Hochberg (1995), step-up: q_(i) = min over j ≥ i of p_(j)·n/j.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.array([2.5758293, 1.9599640, 1.6448536])
    >>> false_discovery_rate(z, np.ones(3, bool)).round(4).tolist()
    [0.03, 0.075, 0.1]
    """
    q = np.full(z.size, np.nan)
    scores = z[tested]
    if not np.isfinite(scores).all():
        msg = (
            f"a tested row must have a finite z; got {scores.tolist()} in one family. "
            "Leave unseen totals out of the test."
        )
        raise ValueError(msg)
    if scores.size == 0:
        return q
    p = 2 * ndtr(-np.abs(scores))
    order = np.argsort(p, kind="stable")
    stepped = p[order] * p.size / np.arange(1, p.size + 1)
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum.accumulate(stepped[::-1])[::-1]
    q[tested] = np.minimum(adjusted, 1.0)
    return q


def detectable_difference(deviation: np.ndarray) -> np.ndarray:
    """Return D = 2.80·σ_d (k,), kg s-1: a difference D is flagged with 80 % probability.

    Parameters
    ----------
    deviation : ndarray (k,)
        σ_d, kg s-1.

    Returns
    -------
    ndarray (k,)
        Infinite where σ_d is.
    """
    return DETECTABLE_FACTOR * deviation


def _ratio(difference: np.ndarray, deviation: np.ndarray):
    if (deviation <= 0).any():
        msg = (
            f"the standard deviation of a total must be > 0; got {deviation.min()} in a z score. "
            "A total without uncertainty points to an error of the mismatch covariance."
        )
        raise ValueError(msg)
    usable = np.isfinite(difference) & np.isfinite(deviation)
    return np.where(usable, difference / np.where(usable, deviation, 1.0), np.nan)
