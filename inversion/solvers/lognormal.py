"""Mean, covariance and signs of states come in; the normal distribution of their logarithms goes out, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROUNDING = 1e-10


@dataclass(frozen=True)
class LogNormal:
    """States of which some are signed exponentials: x = s exp(u) where s is 1 or -1, x = u where 0.

    Attributes
    ----------
    sign : ndarray, (m,)
    location : ndarray, (m,)
        Mean of u: the logarithm of the median, or the mean of a state that stays normal.
    covariance : ndarray, (m, m)
        Of u.
    """

    sign: np.ndarray
    location: np.ndarray
    covariance: np.ndarray

    def states(self, u: np.ndarray) -> np.ndarray:
        """Return x of u, (m,) or (m, k)."""
        sign = self.sign.reshape(-1, *(1,) * (u.ndim - 1))
        return np.where(sign == 0.0, u, sign * np.exp(np.where(sign == 0.0, 0.0, u)))

    def slope(self, u: np.ndarray) -> np.ndarray:
        """Return dx/du, (m,): x itself where it is an exponential, 1 elsewhere."""
        return np.where(self.sign == 0.0, 1.0, self.states(u))

    @property
    def median(self) -> np.ndarray:
        """Median of x, (m,)."""
        return self.states(self.location)

    @property
    def mode(self) -> np.ndarray:
        """Mode of each x by itself, (m,)."""
        shift = np.where(self.sign == 0.0, 0.0, np.diagonal(self.covariance))
        return self.states(self.location - shift)

    @property
    def mean(self) -> np.ndarray:
        """Mean of x, (m,): the median times exp(variance of u / 2)."""
        shift = np.where(self.sign == 0.0, 0.0, 0.5 * np.diagonal(self.covariance))
        return self.states(self.location + shift)

    @property
    def state_covariance(self) -> np.ndarray:
        """Covariance of x, (m, m)."""
        log = self.sign != 0.0
        both = np.outer(log, log)
        made = np.where(both, np.expm1(np.where(both, self.covariance, 0.0)), self.covariance)
        scale = np.where(log, self.mean, 1.0)
        return scale[:, None] * made * scale


def log_normal_of(
    mean: np.ndarray, covariance: np.ndarray, sign: np.ndarray, *, carry: bool = False
) -> LogNormal:
    """Return the log-normal distribution with a mean and a covariance.

    Parameters
    ----------
    mean : ndarray, (m,)
        Of x.
    covariance : ndarray, (m, m)
        Of x.
    sign : ndarray, (m,)
        1 or -1 for a state that keeps this sign, 0 for one that stays normal.
    carry : bool
        Give the logarithms the correlations of x, instead of those that reproduce its covariance.

    Raises
    ------
    ValueError
        Where a mean has not its sign, or no log-normal distribution has this covariance.

    Notes
    -----
    cov(u_i, u_j) = ln(1 + B_ij / (x_i x_j)) between exponentials, B_ij / x_i between an
    exponential i and a normal state j; the median is the mean times exp(-variance of u / 2)
    (SCIENCE 2.7). Every variance is exact either way; covariances are with ``carry`` only where
    correlations are 0, and no such distribution need exist without it.

    Examples
    --------
    >>> import numpy as np
    >>> one = log_normal_of(np.ones(1), np.array([[0.25]]), np.ones(1))
    >>> [round(float(v), 6) for v in (one.location[0], one.covariance[0, 0] ** 0.5)]
    [-0.111572, 0.472381]
    >>> [round(float(v), 6) for v in (one.median[0], one.mode[0], one.mean[0])]
    [0.894427, 0.715542, 1.0]
    """
    log = sign != 0.0
    wrong = log & (np.sign(mean) != sign)
    if wrong.any():
        msg = (
            f"a state that keeps its sign must start with it; got {int(wrong.sum())} of "
            f"{int(log.sum())} prior means that are zero or of the other sign, the first state "
            f"{int(np.argmax(wrong))}, in log_normal_of. Leave these states normal (sign 0), or "
            "give them a prior."
        )
        raise ValueError(msg)
    scale = np.where(log, mean, 1.0)
    relative = covariance / np.outer(scale, scale)
    both = np.outer(log, log)
    _require_above(relative[both])
    made = np.where(both, np.log1p(np.where(both, relative, 0.0)), relative)
    if carry:
        made = _with_correlations(covariance * np.outer(*(np.sign(scale),) * 2), made)
    _require_semidefinite(made)
    size = np.where(log, np.abs(mean), 1.0)
    location = np.where(log, np.log(size) - 0.5 * np.diagonal(made), mean)
    return LogNormal(sign.astype(np.float64), location, made)


def _with_correlations(covariance: np.ndarray, made: np.ndarray):
    """Return a covariance with the variances of one and the correlations of another."""
    deviation = np.sqrt(np.diagonal(covariance))
    wanted = np.sqrt(np.diagonal(made))
    scale = np.divide(wanted, deviation, out=np.zeros_like(wanted), where=deviation > 0.0)
    return scale[:, None] * covariance * scale


def _require_above(relative: np.ndarray):
    """Refuse covariances below what two positive states can have."""
    low = relative <= -1.0
    if low.any():
        msg = (
            "the covariance of two states that keep their signs must be above minus the product "
            f"of their means; got {int(low.sum())} entries down to {relative.min():.3g} of it in "
            "log_normal_of. Lower the standard deviations or the negative correlations, or carry "
            "the correlations over (carry_correlations)."
        )
        raise ValueError(msg)


def _require_semidefinite(matrix: np.ndarray):
    """Refuse a covariance of the logarithms that is none."""
    values = np.linalg.eigvalsh(matrix) if len(matrix) else np.zeros(1)
    if values[0] < -ROUNDING * max(values[-1], 1.0):
        msg = (
            "the covariance of the logarithms must be positive semidefinite; got a smallest "
            f"eigenvalue of {values[0]:.3g} beside a largest of {values[-1]:.3g} in log_normal_of: "
            "no log-normal distribution has this covariance. Carry the correlations over "
            "(carry_correlations), or lower the standard deviations."
        )
        raise ValueError(msg)
