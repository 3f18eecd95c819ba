"""A likelihood and weak priors of its parameters come in; their log posterior density goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from inversion.hyperparameters.likelihood import Likelihood


@dataclass(frozen=True)
class Target:
    """Ln p(theta | y) but for a constant: the likelihood and a normal prior of theta.

    Attributes
    ----------
    likelihood : Likelihood
    prior_sd : ndarray, (p,)
        Prior standard deviation of each log factor, about 0: the configured value. Infinite where
        there is no prior.

    Notes
    -----
    Outside the family's bounds the density is zero: lengths between the first and the last node,
    standard deviations within a factor of 400.
    """

    likelihood: Likelihood
    prior_sd: np.ndarray

    def __post_init__(self) -> None:
        found = np.asarray(self.prior_sd, dtype=np.float64)
        names = self.likelihood.family.names
        if found.shape != (len(names),) or not (found > 0.0).all():
            msg = (
                f"prior_sd must hold one value > 0 for each of {list(names)}; got "
                f"{found.tolist()} in Target. Give infinity for a parameter without a prior."
            )
            raise ValueError(msg)
        object.__setattr__(self, "prior_sd", found)

    @property
    def precision(self) -> np.ndarray:
        """Prior precision of each parameter, (p,)."""
        return 1.0 / self.prior_sd**2

    def log_prior(self, theta: np.ndarray) -> float:
        """Return the log prior density, its constant left out."""
        return -0.5 * float(np.sum(self.precision * np.square(theta)))

    def value(self, theta: np.ndarray) -> float:
        """Return the log density; minus infinity outside the bounds."""
        low, high = self.likelihood.family.bounds.T
        if (theta < low).any() or (theta > high).any():
            return -np.inf
        return self.likelihood.value(theta) + self.log_prior(theta)

    def gradient(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log density and its gradient, (p,), within the bounds."""
        value, slope = self.likelihood.gradient(theta)
        return value + self.log_prior(theta), slope - self.precision * theta

    def information(self, theta: np.ndarray) -> np.ndarray:
        """Return the Fisher information and the prior's precision, (p, p)."""
        return self.likelihood.information(theta) + np.diag(self.precision)


def prior_sd_of(
    names: tuple[str, ...], lengths: tuple[str, ...], size: float, length: float
) -> np.ndarray:
    """Return the prior standard deviation of each log factor, (p,): of a size or of a length."""
    return np.array([length if name in lengths else size for name in names])
