"""A linear Gaussian problem comes in; its posterior, from an ensemble of states, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import scipy.linalg

from inversion.linalg.positive import cholesky_of
from inversion.solvers.ensemble_members import drawn_ensemble
from inversion.solvers.ensemble_posterior import Ensemble, EnsemblePosterior
from inversion.solvers.ensemble_updates import serial_update, transform_update
from inversion.solvers.local_posterior import LocalPosterior
from inversion.solvers.local_updates import local_analysis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.maps import LinearMap
    from inversion.problem import LinearGaussianProblem
    from inversion.solvers.local_updates import Places

logger = logging.getLogger(__name__)

FILTERS = {"serial": serial_update, "transform": transform_update}
FEW_DIRECTIONS = 3.0
_ADVICE = "Give every observation an error of its own, or use the dual solver."


@dataclass(frozen=True)
class EnsembleSolver:
    """Ensemble square-root filters: serial (EnSRF) and transform (ETKF, LETKF) (SCIENCE 2.11).

    Attributes
    ----------
    members : int
        N of the drawn ensemble.
    filter : {"transform", "serial"}
        How the observations are taken in; without localisation both give the same.
    seed : int
        Of the drawn ensemble.
    perturbations : ndarray, (m, N), or None
        An ensemble of one's own: deviations from its mean.
    localisation_km : float or None
        Length L of exp(-distance^2 / 2 L^2), by which the inverse of R fades [km]. None: nowhere.
    places : Places or None
        Where states and observations are; needed with a localisation.
    column_block : int
        Not used: aggregates cost no product with B.

    Notes
    -----
    Correlated errors are whitened: with R = L_R L_R^T, the rows of L_R^-1 H X' and L_R^-1 d have
    independent errors of variance 1, which is what the serial filter assumes of its observations.
    A whitened row is a combination of observations from several places. The localisation
    therefore acts before: R^-1 becomes D R^-1 D with D = diag(exp(-distance^2 / 4 L^2)), which
    stays positive semidefinite and on a diagonal R is the usual taper. The serial filter has no
    localisation.

    Without localisation this is the dual solver with the ensemble's covariance in place of B.
    """

    members: int = 200
    filter: Literal["transform", "serial"] = "transform"
    seed: int = 1
    perturbations: np.ndarray | None = None
    localisation_km: float | None = None
    places: Places | None = None
    column_block: int = 8

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> EnsemblePosterior | LocalPosterior:
        """Return the posterior of a problem.

        Parameters
        ----------
        problem : LinearGaussianProblem
        aggregates : sequence of LinearMap
            Not needed: the ensemble answers for any.

        Raises
        ------
        ValueError
            Where R is not positive definite, the filter is not known, the perturbations do not fit
            or are not centred, or a localisation lacks its length, its places or its filter.
        MissingCapability
            Where B has no root to draw from.
        """
        del aggregates
        self._require_filter()
        R = problem.mismatch_covariance.in_memory()
        root = cholesky_of(R, "R", problem.obs_id, _ADVICE)
        ensemble = self._ensemble(problem, root)
        innovation = whitened_by(root, problem.innovation[:, None])[:, 0]
        if self.localisation_km is not None:
            analysis = local_analysis(
                problem, ensemble, self.places.within(problem), self.localisation_km
            )
            local = LocalPosterior(problem, ensemble, analysis, self.localisation_km)
            logger.info("%s", local.description)
            return local
        update = FILTERS[self.filter](ensemble.white, innovation)
        posterior = EnsemblePosterior(problem, ensemble, update, self.filter)
        self._tell(posterior)
        return posterior

    def _ensemble(self, problem: LinearGaussianProblem, root: np.ndarray):
        """Return the prior ensemble with what it gives at the observations."""
        m = len(problem.prior)
        drawn = self.perturbations is None
        X = (
            drawn_ensemble(problem.prior_covariance, self.members, np.random.default_rng(self.seed))
            if drawn
            else np.asarray(self.perturbations, dtype=np.float64)
        )
        if not drawn:
            _require_centred(X, m)
        seen = problem.jacobian.matmat(X)
        return Ensemble(X, seen, whitened_by(root, seen), root, self.seed if drawn else None)

    def _require_filter(self):
        """Refuse a filter that is not known, and a localisation without what it needs."""
        if self.filter not in FILTERS:
            msg = (
                f"solver.filter must be one of {', '.join(FILTERS)}; got {self.filter!r} in "
                "EnsembleSolver. Name one of these."
            )
            raise ValueError(msg)
        length = self.localisation_km
        if length is None:
            return
        lacking = [
            what
            for what, wrong in (
                (
                    "solver.filter = transform (whitened rows have no place)",
                    self.filter == "serial",
                ),
                ("a length > 0 km", not (np.isfinite(length) and length > 0.0)),
                ("the places of states and observations", self.places is None),
            )
            if wrong
        ]
        if lacking:
            msg = (
                f"a localisation must have {', '.join(lacking)}; got localisation_km = {length} "
                f"with the filter {self.filter} in EnsembleSolver. Add what is missing, or leave "
                "the localisation out."
            )
            raise ValueError(msg)

    def _tell(self, posterior: EnsemblePosterior):
        """Say what was found, and warn where the members are too few for what the data tell."""
        logger.info("%s", posterior.description)
        directions = posterior.ensemble.members - 1
        if directions < FEW_DIRECTIONS * posterior.dofs:
            logger.warning(
                "ensemble: %d members span %d directions for %.1f degrees of freedom for signal: "
                "variances are too small; raise solver.members, or use the dual solver",
                posterior.ensemble.members,
                directions,
                posterior.dofs,
            )


def whitened_by(root: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return L_R^-1 times a block, (n, k) -> (n, k)."""
    return scipy.linalg.solve_triangular(root, block, lower=True, check_finite=False)


def _require_centred(perturbations: np.ndarray, m: int):
    """Refuse members of another state, too few of them, or deviations from something else."""
    shape = perturbations.shape
    fits = perturbations.ndim == 2 and shape[0] == m and shape[1] > 1
    offset = np.abs(perturbations.mean(axis=-1)).max(initial=0.0) if fits else np.nan
    if not offset <= 1e-9 * np.abs(perturbations).max(initial=1.0):
        msg = (
            f"perturbations must be {m} states by at least 2 members, with a mean of zero; got "
            f"shape {shape} and a largest mean of {offset:.3g} in EnsembleSolver. Subtract the "
            "members' mean."
        )
        raise ValueError(msg)
