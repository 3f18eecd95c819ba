"""Correlations of periods that decay step by step come in; their matrix, and its parts for a sweep, go out."""

from __future__ import annotations

import numpy as np

from inversion.linalg.dense import Dense

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
