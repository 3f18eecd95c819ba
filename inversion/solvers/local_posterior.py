"""Members after local analyses come in; means and covariances of any aggregate go out."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import MissingCapability
from inversion.posterior import augmented
from inversion.solvers.no_reduction import NoReduction

if TYPE_CHECKING:
    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem
    from inversion.solvers.ensemble_posterior import Ensemble
    from inversion.solvers.local_updates import LocalAnalysis


class LocalPosterior(NoReduction):
    """The posterior as members of local analyses tell it.

    Parameters
    ----------
    problem : LinearGaussianProblem
    ensemble : Ensemble
        Before the data.
    analysis : LocalAnalysis
        After them.
    localisation_km : float

    Notes
    -----
    Each place has its own gain, so that no one gain and no S belongs to the whole: prior and
    posterior covariances need not differ by a positive semidefinite matrix, and the prior cannot
    be removed from totals. All that needs the factor of S raises MissingCapability.
    """

    def __init__(
        self,
        problem: LinearGaussianProblem,
        ensemble: Ensemble,
        analysis: LocalAnalysis,
        localisation_km: float,
    ) -> None:
        super().__init__(problem, None, None)
        self.ensemble, self.analysis = ensemble, analysis
        self.localisation_km = localisation_km

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        return (
            f"ensemble: local transform filter, {self.ensemble.members} members, localised within "
            f"{self.localisation_km:g} km; standard deviations carry a sampling error of "
            f"{100.0 * self.ensemble.sampling_error:.1f} %"
        )

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean of the members after the data, (m,)."""
        return self.analysis.mean

    @property
    def members(self) -> np.ndarray:
        """The members after the data, (m, N)."""
        return self.mean[:, None] + self.analysis.deviations

    @cached_property
    def residual(self) -> np.ndarray:
        """Y - b - H x, posterior [umol mol-1], (n,)."""
        return self.innovation - self.problem.jacobian.matvec(self.mean - self.problem.prior)

    @property
    def innovation_variance(self) -> np.ndarray:
        """Diagonal of S with the members' covariance [(umol mol-1)^2], (n,)."""
        seen = self.ensemble.seen
        spread = np.einsum("ij,ij->i", seen, seen) / (self.ensemble.members - 1.0)
        return spread + self.problem.mismatch_covariance.diagonal()

    def prior_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return W^T X' X'^T W / (N - 1) of the members before the data, (k, k)."""
        totals = self.ensemble.in_totals(augmented(weights, self.problem))
        return totals.T @ totals

    def prior_variance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the diagonal of the members' prior covariance, (k,)."""
        totals = self.ensemble.in_totals(augmented(weights, self.problem))
        return np.einsum("ij,ij->j", totals, totals)

    def covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the members' covariance of aggregates after the data, (k, k)."""
        totals = augmented(weights, self.problem).rmatmat(self.analysis.deviations)
        return totals @ totals.T / (self.ensemble.members - 1.0)

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws with the members' mean and covariance, (count, m)."""
        noise = rng.standard_normal((self.ensemble.members, count))
        noise /= np.sqrt(self.ensemble.members - 1.0)
        return (self.mean[:, None] + self.analysis.deviations @ noise).T

    @property
    def factor(self) -> np.ndarray:
        """The factor of S, which local analyses do not have."""
        raise self._missing(what="one factor of S")

    @property
    def innovation_covariance(self) -> np.ndarray:
        """S, which local analyses do not use as one matrix."""
        raise self._missing(what="one S")

    def _missing(self, what: str) -> MissingCapability:
        """Return the exception for what local analyses do not have."""
        return MissingCapability(
            f"one gain must hold for all states to have {what}; got an analysis at each place in "
            f"the ensemble solver, localised within {self.localisation_km:g} km. Leave "
            "solver.localisation_km out, or use the dual solver."
        )
