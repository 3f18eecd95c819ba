"""Correlations of periods that decay step by step come in; their matrix, and its parts for a sweep, go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.dense import Dense

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW_PERIODS = 96  # one dense product is faster up to here
_NEVER = 700.0  # exp(-700) is the smallest normal number, near enough to none


class InTime(Dense):
    """D(i, j) = sum over parts m of f_m(i) f_m(j) exp(-(a_m(j) - a_m(i))), i before j.

    Parameters
    ----------
    features : ndarray, (parts, p)
        f: what a part gives to each period.
    decay : ndarray, (parts, p - 1)
        Factor in [0, 1] by which each part fades from a period to the next.

    Notes
    -----
    Each part is the covariance of f_m times a first-order autoregressive process, so every sum of
    parts is positive semidefinite. A sweep over the periods needs one memory for each part.

    Examples
    --------
    >>> import numpy as np
    >>> InTime(np.ones((1, 3)), np.full((1, 2), 0.5)).matrix.tolist()
    [[1.0, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 1.0]]
    """

    def __init__(self, features: np.ndarray, decay: np.ndarray) -> None:
        self.features = np.asarray(features, dtype=np.float64)
        self.decay = np.asarray(decay, dtype=np.float64)
        parts, periods = self.features.shape
        if self.decay.shape != (parts, periods - 1) or not (
            np.isfinite(self.features).all() and ((self.decay >= 0) & (self.decay <= 1)).all()
        ):
            msg = (
                f"correlations in time must have {parts} x {periods - 1} factors of decay in "
                f"[0, 1]; got shape {self.decay.shape} from {self.decay.min(initial=0.0)} to "
                f"{self.decay.max(initial=0.0)} in InTime. Give one factor a step."
            )
            raise ValueError(msg)
        with np.errstate(divide="ignore"):
            steps = np.minimum(-np.log(self.decay), _NEVER)
        self.age = np.concatenate([np.zeros((parts, 1)), np.cumsum(steps, axis=1)], axis=1)
        matrix = np.zeros((periods, periods))
        for feature, age in zip(self.features, self.age, strict=True):
            matrix += np.outer(feature, feature) * np.exp(-np.abs(age[:, None] - age[None, :]))
        super().__init__(matrix)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the matrix times a block, (p, k) -> (p, k); linear in many periods."""
        if self.size <= FEW_PERIODS:
            return self.matrix @ block
        product = np.square(self.features).sum(axis=0)[:, None] * block
        for feature, decay in zip(self.features, self.decay, strict=True):
            for order in (slice(None), slice(None, None, -1)):
                given, out, fades = block[order], product[order], decay[order]
                memory = np.zeros_like(block[0], dtype=np.float64)
                for t, share in enumerate(feature[order]):
                    if t:
                        memory *= fades[t - 1]
                        out[t] += share * memory
                    memory += share * given[t]
        return product

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return a root times a block: of Cholesky, or by eigenvalues where periods are as one."""
        try:
            return super().root_matmat(block)
        except np.linalg.LinAlgError:
            strength, direction = np.linalg.eigh(self.matrix)
            return (direction * np.sqrt(np.maximum(strength, 0.0))) @ block


def exponential_in_time(centres_s: np.ndarray, efolding_s: float) -> InTime:
    """Return exp(-|t - t'| / efolding_s) for periods with these centres.

    Parameters
    ----------
    centres_s : ndarray, (p,)
        Ascending [s].
    efolding_s : float
        E-folding time [s].
    """
    steps = np.exp(-np.diff(np.asarray(centres_s, dtype=np.float64)) / efolding_s)
    return InTime(np.ones((1, len(steps) + 1)), steps[None])


def day_to_day(days: np.ndarray, efolding_days: float) -> InTime:
    """Return what is constant within a day and changes from day to day: exp(-|d - d'| / efolding).

    Parameters
    ----------
    days : ndarray of int, (p,)
        Number of the local day of each period, not descending.
    efolding_days : float
        E-folding time [days].

    Examples
    --------
    >>> import numpy as np
    >>> day_to_day(np.array([0, 0, 1]), 1.0).matrix.round(3).tolist()
    [[1.0, 1.0, 0.368], [1.0, 1.0, 0.368], [0.368, 0.368, 1.0]]
    """
    return exponential_in_time(days, efolding_days)


def same_hour(days: np.ndarray, hours: np.ndarray, efolding_days: float) -> InTime:
    """Return what returns at the same hour of the next days: equal hours exp(-|d - d'| / efolding).

    Parameters
    ----------
    days : ndarray of int, (p,)
        Number of the local day of each period, not descending.
    hours : ndarray of int, (p,)
        Which part of the day each period is; different parts do not correlate.
    efolding_days : float
        E-folding time [days].

    Notes
    -----
    One part for each hour of day. Each ages only when a period of its own comes, so that a sweep
    has nothing to do for it in between. Where all periods are one part of the day (days, months),
    this is `day_to_day`.

    Examples
    --------
    >>> import numpy as np
    >>> same_hour(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), 1.0).matrix.round(3).tolist()
    [[1.0, 0.0, 0.368, 0.0], [0.0, 1.0, 0.0, 0.368], [0.368, 0.0, 1.0, 0.0], [0.0, 0.368, 0.0, 1.0]]
    """
    days, own = np.asarray(days), np.unique(hours)[:, None] == np.asarray(hours)
    first = days[own.argmax(axis=1)][:, None]
    seen = np.maximum.accumulate(np.where(own, days, first), axis=1)
    return InTime(own.astype(np.float64), np.exp(-np.diff(seen, axis=1) / efolding_days))


def shared_in_time(shares: Sequence[float], parts: Sequence[InTime]) -> InTime:
    """Return the sum of correlations in time, each with its share of the variance.

    Parameters
    ----------
    shares : sequence of float
        >= 0, sum 1; a part of share 0 costs nothing.
    parts : sequence of InTime, each (p, p)

    Examples
    --------
    >>> import numpy as np
    >>> slow, fast = (exponential_in_time(np.arange(2), length) for length in (1e9, 1e-9))
    >>> shared_in_time([0.25, 0.75], [slow, fast]).matrix.round(6).tolist()
    [[1.0, 0.25], [0.25, 1.0]]
    """
    given = np.asarray(shares, dtype=np.float64)
    if not ((given >= 0.0).all() and abs(given.sum() - 1.0) <= 1e-12 and len(parts) == len(given)):
        msg = (
            f"shares of a correlation in time must be >= 0 and sum to 1, one for each of "
            f"{len(parts)} parts; got {given.tolist()} in shared_in_time. Change the shares."
        )
        raise ValueError(msg)
    kept = [(share, part) for share, part in zip(given, parts, strict=True) if share > 0.0]
    return InTime(
        np.concatenate([np.sqrt(share) * part.features for share, part in kept]),
        np.concatenate([part.decay for _, part in kept]),
    )
