"""A Gaussian posterior and draws of its constrained totals come in; means and covariances of any aggregate go out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.covariance import MissingCapability
from inversion.posterior import augmented
from inversion.solvers.no_reduction import NoReduction

if TYPE_CHECKING:
    from inversion.linalg.maps import LinearMap
    from inversion.posterior import Posterior
    from inversion.solvers.truncated_normal import Cut


@dataclass(frozen=True)
class Truncated:
    """Constrained totals before and after the data.

    Attributes
    ----------
    names : tuple of str, (c,)
    weights : LinearMap, (m, c)
        Each with its sign, so that no total may fall below zero.
    sign : ndarray, (c,)
    prior, posterior : Cut
        Normal distributions of t = weights^T x with their draws.
    """

    names: tuple[str, ...]
    weights: LinearMap
    sign: np.ndarray
    prior: Cut
    posterior: Cut


class TruncatedPosterior(NoReduction):
    """The posterior given that the constrained totals are >= 0.

    Parameters
    ----------
    base : Posterior
        Without constraints.
    truncated : Truncated
    seed : int
        Of the draws.

    Notes
    -----
    With G = V_wt V_tt^-1 of the unconstrained posterior, aggregates have the mean
    w + G (E[t] - t) and the covariance V_ww - G (V_tt - cov(t)) G^T. Chi square and degrees of
    freedom are those of the problem without constraints.
    """

    def __init__(self, base: Posterior, truncated: Truncated, seed: int) -> None:
        super().__init__(
            base.problem,
            base.innovation_covariance,
            base.factor,
            base.column_block,
            base._crosses,
        )
        self.base, self.truncated, self._seed = base, truncated, seed

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        made, after = self.truncated, self.truncated.posterior
        error = after.error / np.sqrt(np.diagonal(after.spread))
        return (
            f"truncated: {len(made.names)} totals keep their signs, {len(after.draws)} exact "
            f"draws; standard errors of their means up to {error.max():.2g} sd; no prior to "
            "remove from totals"
        )

    @property
    def seed(self) -> str:
        """What the draws were made with."""
        return f"solver.seed = {self._seed}"

    @cached_property
    def mean(self) -> np.ndarray:
        """Posterior mean of all states, (m,)."""
        return (
            self.base.mean + self._spread_to_states(self.truncated.posterior.shift[:, None])[:, 0]
        )

    def covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the covariance of aggregates, (k, k)."""
        after = self.truncated.posterior
        gain = _gain(self._after_with(weights), after.covariance)
        return self.base.covariance_of(weights) - gain @ (after.covariance - after.spread) @ gain.T

    def unconstrained_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the covariance of aggregates without constraints, (k, k)."""
        return self.base.covariance_of(weights)

    def shift_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return how far the signs move the posterior mean of aggregates, (k,)."""
        after = self.truncated.posterior
        return _gain(self._after_with(weights), after.covariance) @ after.shift

    def prior_shift_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return how far the signs alone move the prior mean of aggregates, (k,).

        Notes
        -----
        What a total keeps of it is a bias of the method wherever the data do not tell the total.
        """
        prior = self.truncated.prior
        return _gain(self._prior_with(weights), prior.covariance) @ prior.shift

    def prior_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the truncated prior's covariance of aggregates, (k, k)."""
        prior = self.truncated.prior
        gain = _gain(self._prior_with(weights), prior.covariance)
        before = super().prior_covariance_of(weights)
        return before - gain @ (prior.covariance - prior.spread) @ gain.T

    def prior_variance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the diagonal of the truncated prior's covariance of aggregates, (k,)."""
        return np.diagonal(self.prior_covariance_of(weights)).copy()

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws of all states, (count, m), that keep the constrained signs."""
        states = self.base.sample(count, rng)
        drawn = self.truncated.posterior.draws
        wanted = drawn[rng.integers(0, len(drawn), count)]
        missing = wanted - self.truncated.weights.rmatmat(states.T).T
        return states + self._spread_to_states(missing.T).T

    @cached_property
    def residual(self) -> np.ndarray:
        """Y - b - H x, posterior [umol mol-1], (n,)."""
        return self.innovation - self.problem.jacobian.matvec(self.mean - self.problem.prior)

    @cached_property
    def weights(self) -> np.ndarray:
        """S^-1 d of the problem without constraints, (n,): for its chi square."""
        return self.base.weights

    @property
    def residual_standard_deviation(self) -> np.ndarray:
        """Refuse: the residuals are not linear in the data."""
        raise self._missing(what="standard deviations of the residuals")

    @property
    def log_evidence(self) -> float:
        """Refuse: it needs the probabilities of all signs."""
        raise self._missing(what="an evidence")

    def solve_observations(self, block: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Refuse: the gain changes with the data."""
        raise self._missing(what="a fixed gain")

    def _spread_to_states(self, missing: np.ndarray):
        """Return V C V_tt^-1 times changes of the constrained totals, (c, k) -> (m, k)."""
        problem, C = self.problem, self.truncated.weights
        told = scipy.linalg.solve(self.truncated.posterior.covariance, missing, assume_a="pos")
        before = problem.prior_covariance.matmat(C.matmat(told))
        seen = self.base.solve_observations(problem.jacobian.matmat(before))
        return before - problem.prior_covariance.matmat(problem.jacobian.rmatmat(seen))

    def _prior_with(self, weights: LinearMap | np.ndarray):
        """Return W^T B C, (k, c)."""
        return self.problem.prior_covariance.quadratic(
            augmented(weights, self.problem), self.truncated.weights, self.column_block
        )

    def _after_with(self, weights: LinearMap | np.ndarray):
        """Return W^T V C without constraints, (k, c)."""
        taken = self.base.whitened(weights).T @ self.base.whitened(self.truncated.weights)
        return self._prior_with(weights) - taken

    def _missing(self, what: str) -> MissingCapability:
        """Return the exception for what a truncated posterior does not have."""
        return MissingCapability(
            f"a posterior must be normal to have {what}; got totals that keep their signs in the "
            "truncated solver. Ask covariance_of, shift_of and sample instead, or use the dual "
            "solver."
        )


def _gain(link: np.ndarray, covariance: np.ndarray):
    """Return the regression of aggregates on the constrained totals, (k, c)."""
    return scipy.linalg.solve(covariance, link.T, assume_a="pos").T
