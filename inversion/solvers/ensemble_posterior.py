"""An ensemble and its update come in; means and covariances of any aggregate, with their sampling error, go out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.posterior import Posterior, augmented

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem
    from inversion.solvers.ensemble_updates import Update

ROUNDING = 1e-9
NOTHING_TAKEN = 1e-13  # a share of variance this small is rounding


@dataclass(frozen=True)
class Ensemble:
    """Members of the prior, and what they give at the observations.

    Attributes
    ----------
    deviations : ndarray, (m, N)
        X', of mean zero.
    seen : ndarray, (n, N)
        H X' [umol mol-1].
    white : ndarray, (n, N)
        L_R^-1 H X'.
    root : ndarray, (n, n)
        L_R, R = L_R L_R^T.
    seed : int or None
        What they were drawn with; None where they were given.
    """

    deviations: np.ndarray
    seen: np.ndarray
    white: np.ndarray
    root: np.ndarray
    seed: int | None = None

    @property
    def members(self) -> int:
        """N."""
        return self.deviations.shape[1]

    @property
    def sampling_error(self) -> float:
        """Relative standard error of a standard deviation told by the members, 1/sqrt(2 (N - 1))."""
        return float(1.0 / np.sqrt(2.0 * (self.members - 1)))

    def in_totals(self, weights: LinearMap) -> np.ndarray:
        """Return G = X'^T W / sqrt(N - 1), (N, k): G^T G is the aggregates' covariance."""
        return weights.rmatmat(self.deviations).T / np.sqrt(self.members - 1.0)


class EnsemblePosterior(Posterior):
    """The posterior as the members tell it.

    Parameters
    ----------
    problem : LinearGaussianProblem
    ensemble : Ensemble
    update : Update
        w and T.
    name : str
        Of the filter.

    Notes
    -----
    B is X' X'^T / (N - 1) throughout, also where a prior covariance is asked for, so that prior
    and posterior belong together; ``prior_sampling_of`` compares with the stated B. M = I - T T^T
    is the share of each direction that the data took; Z = M^1/2 G, so that Z^T Z is the reduction.
    """

    def __init__(
        self, problem: LinearGaussianProblem, ensemble: Ensemble, update: Update, name: str
    ) -> None:
        super().__init__(problem, None, None)
        self.ensemble, self.update, self.name = ensemble, update, name
        taken = np.eye(ensemble.members) - update.transform @ update.transform.T
        values, vectors = np.linalg.eigh(0.5 * (taken + taken.T))
        if values.min(initial=0.0) < -ROUNDING or values.max(initial=0.0) > 1.0 + ROUNDING:
            msg = (
                "the share of a direction that data take must lie in [0, 1]; got "
                f"{values.min():.3g} to {values.max():.3g} in EnsemblePosterior. The transform is "
                "none of a square-root filter: use T with T T^T <= I."
            )
            raise ValueError(msg)
        self._taken = np.where(values < NOTHING_TAKEN, 0.0, np.minimum(values, 1.0))
        self._vectors = vectors

    @property
    def description(self) -> str:
        """One line for the solution's attributes."""
        return (
            f"ensemble: {self.name} filter, {self.ensemble.members} members; standard deviations "
            f"carry a sampling error of {100.0 * self.ensemble.sampling_error:.1f} %"
        )

    @property
    def seed(self) -> str:
        """What the members were drawn with."""
        made = self.ensemble.seed
        return "none: the members were given" if made is None else f"solver.seed = {made}"

    @cached_property
    def mean(self) -> np.ndarray:
        """Mean of the members after the data, (m,)."""
        return self.problem.prior + self.ensemble.deviations @ self.update.weights

    @property
    def members(self) -> np.ndarray:
        """The members after the data, (m, N)."""
        return self.mean[:, None] + self.ensemble.deviations @ self.update.transform

    @cached_property
    def weights(self) -> np.ndarray:
        """R^-1 (y - b - H x), posterior, (n,)."""
        left = self.innovation - self.ensemble.seen @ self.update.weights
        return scipy.linalg.cho_solve((self.ensemble.root, True), left)

    def prior_covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return W^T X' X'^T W / (N - 1), (k, k)."""
        totals = self._in_totals(weights)
        return totals.T @ totals

    def prior_variance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the diagonal of the members' prior covariance, (k,)."""
        totals = self._in_totals(weights)
        return np.einsum("ij,ij->j", totals, totals)

    def prior_sampling_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the members' prior standard deviations over the stated ones, less 1, (k,)."""
        stated = super().prior_variance_of(weights)
        return np.sqrt(self.prior_variance_of(weights) / stated) - 1.0

    def covariance_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return the members' covariance of aggregates after the data, (k, k)."""
        after = self.update.transform.T @ self._in_totals(weights)
        return after.T @ after

    def whitened(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return Z, (N, k): Z^T Z is the reduction of the members' covariance."""
        return self._shrunk(self._in_totals(weights))

    def whitened_blocks(self, weights: LinearMap, width: int) -> Iterator[np.ndarray]:
        """Yield the columns of Z in blocks, (N, width)."""
        totals = self._in_totals(weights)
        for start in range(0, weights.shape[1], width):
            yield self._shrunk(totals[:, start : start + width])

    def cross(self, weights: LinearMap | np.ndarray) -> np.ndarray:
        """Return H X' X'^T W / (N - 1), (n, k)."""
        return self.ensemble.seen @ self._in_totals(weights) / np.sqrt(self.ensemble.members - 1.0)

    def whiten(self, block: np.ndarray) -> np.ndarray:
        """Return what turns H B W into Z, times a block, (n, k) -> (N, k)."""
        white = scipy.linalg.solve_triangular(self.ensemble.root, block, lower=True)
        return self._share[:, None] * (self._vectors.T @ (self._strength.T @ white))

    def unwhiten(self, block: np.ndarray) -> np.ndarray:
        """Return what turns Z into S^-1 H B W, times a block, (N, k) -> (n, k)."""
        return self._unrooted(self._strength @ (self._vectors @ (self._share[:, None] * block)))

    def solve_observations(self, block: np.ndarray) -> np.ndarray:
        """Return S^-1 times a block, (n, k) -> (n, k)."""
        white = scipy.linalg.solve_triangular(self.ensemble.root, block, lower=True)
        inner = self._strength.T @ white
        kept = self._vectors @ ((1.0 - self._taken)[:, None] * (self._vectors.T @ inner))
        return self._unrooted(white - self._strength @ kept)

    def sample(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return draws with the members' mean and covariance, (count, m)."""
        noise = rng.standard_normal((self.ensemble.members, count))
        noise /= np.sqrt(self.ensemble.members - 1.0)
        return (self.mean[:, None] + self.ensemble.deviations @ self.update.transform @ noise).T

    @property
    def factor(self) -> np.ndarray:
        """Lower Cholesky factor of S, made when asked for, (n, n)."""
        return scipy.linalg.cholesky(self.innovation_covariance, lower=True)

    @property
    def innovation_covariance(self) -> np.ndarray:
        """S with the members' covariance, (n, n)."""
        seen = self.ensemble.seen
        return seen @ seen.T / (self.ensemble.members - 1.0) + self._mismatch

    @property
    def innovation_variance(self) -> np.ndarray:
        """Diagonal of S [(umol mol-1)^2], (n,)."""
        seen = self.ensemble.seen
        spread = np.einsum("ij,ij->i", seen, seen) / (self.ensemble.members - 1.0)
        return spread + np.diagonal(self._mismatch)

    @property
    def residual_standard_deviation(self) -> np.ndarray:
        """Square root of the diagonal of R S^-1 R = R - H P H^T [umol mol-1], (n,)."""
        after = self.ensemble.seen @ self.update.transform
        spread = np.einsum("ij,ij->i", after, after) / (self.ensemble.members - 1.0)
        return np.sqrt(np.maximum(np.diagonal(self._mismatch) - spread, 0.0))

    @cached_property
    def dofs(self) -> float:
        """Degrees of freedom for signal, tr(M); at most N - 1."""
        return float(self._taken.sum())

    @property
    def log_determinant(self) -> float:
        """Natural logarithm of |S|."""
        own = 2.0 * np.log(np.diagonal(self.ensemble.root)).sum()
        return float(own - np.log1p(-self._taken).sum())

    @property
    def _mismatch(self):
        """R, (n, n)."""
        return self.problem.mismatch_covariance.in_memory()

    @property
    def _strength(self):
        """A = L_R^-1 H X' / sqrt(N - 1), (n, N)."""
        return self.ensemble.white / np.sqrt(self.ensemble.members - 1.0)

    def _in_totals(self, weights: LinearMap | np.ndarray):
        """Return G, (N, k)."""
        return self.ensemble.in_totals(augmented(weights, self.problem))

    def _shrunk(self, totals: np.ndarray):
        """Return M^1/2 times a block, (N, k)."""
        return np.sqrt(self._taken)[:, None] * (self._vectors.T @ totals)

    @cached_property
    def _share(self):
        """(I - M) M^-1/2 of each direction, (N,); 0 where the data took nothing."""
        seen = self._taken > 0.0
        share = np.zeros(len(seen))
        share[seen] = (1.0 - self._taken[seen]) / np.sqrt(self._taken[seen])
        return share

    def _unrooted(self, block: np.ndarray):
        """Return L_R^-T times a block."""
        return scipy.linalg.solve_triangular(self.ensemble.root, block, lower=True, trans="T")
