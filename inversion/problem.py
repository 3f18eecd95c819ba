"""The six datasets of a problem come in; one linear Gaussian problem with all its states goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from inversion.aggregates import CO2_G_MOL
from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.dense import Dense, as_covariance
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.maps import DenseMap, SparseMap, Stacked, as_map
from inversion.nuisance.kinds import Given, nuisance_states
from inversion.nuisance.states import Nuisance

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.errors import ErrorSettings
    from inversion.linalg.covariance import Covariance
    from inversion.linalg.maps import LinearMap

logger = logging.getLogger(__name__)

DATASETS = ("observations", "background", "jacobian", "prior", "prior_covariance", "mismatch")


@dataclass(frozen=True)
class LinearGaussianProblem:
    """y = b + H x + e with x ~ N(x_a, B) and e ~ N(0, R); arrays are wrapped, nothing is copied.

    Attributes
    ----------
    observations : ndarray, (n,)
        y [umol mol-1].
    background : ndarray, (n,)
        b [umol mol-1], with the contribution of all fixed fluxes.
    jacobian : LinearMap or array, (n, m)
        H: fluxes first, then the nuisance states.
    prior : ndarray, (m,)
        x_a.
    prior_covariance : Covariance or array, (m, m)
        B.
    mismatch_covariance : Covariance or array, (n, n)
        R.
    n_flux : int
        Number of states that are fluxes; all of them where not given.
    nuisance : Nuisance or None
    obs_id : tuple of str
        Names for error messages; their indices where empty.
    """

    observations: np.ndarray
    background: np.ndarray
    jacobian: LinearMap
    prior: np.ndarray
    prior_covariance: Covariance
    mismatch_covariance: Covariance
    n_flux: int = -1
    nuisance: Nuisance | None = None
    obs_id: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("observations", "background", "prior"):
            put(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        put(self, "jacobian", as_map(self.jacobian))
        put(self, "prior_covariance", as_covariance(self.prior_covariance))
        put(self, "mismatch_covariance", as_covariance(self.mismatch_covariance))
        if self.n_flux < 0:
            put(self, "n_flux", len(self.prior))
        if not self.obs_id:
            put(self, "obs_id", tuple(str(row) for row in range(len(self.observations))))
        self._check()

    @property
    def innovation(self) -> np.ndarray:
        """D = y - b - H x_a [umol mol-1], (n,)."""
        return self.observations - self.background - self.jacobian.matvec(self.prior)

    def _check(self):
        """Refuse sizes that do not fit and numbers that are not finite, all at once."""
        n, m = len(self.observations), len(self.prior)
        found = {
            "background": (self.background.shape, (n,)),
            "jacobian": (self.jacobian.shape, (n, m)),
            "prior_covariance": (self.prior_covariance.shape, (m, m)),
            "mismatch_covariance": (self.mismatch_covariance.shape, (n, n)),
            "obs_id": ((len(self.obs_id),), (n,)),
        }
        wrong = [
            f"{key} {got} instead of {want}" for key, (got, want) in found.items() if got != want
        ]
        wrong += [
            f"{name} with {int((~np.isfinite(getattr(self, name))).sum())} values not finite"
            for name in ("observations", "background", "prior")
            if not np.isfinite(getattr(self, name)).all()
        ]
        if wrong:
            msg = (
                f"a problem's parts must fit {n} observations and {m} states and be finite; got "
                f"{'; '.join(wrong)} in LinearGaussianProblem. Build all parts from the same "
                "observations and the same prior."
            )
            raise ValueError(msg)


def assemble_problem(
    datasets: dict[str, xr.Dataset],
    errors_section: ErrorSettings,
    molar_mass_g_mol: float = CO2_G_MOL,
) -> LinearGaussianProblem:
    """Return the augmented problem: fluxes, then the states that are not fluxes, kind by kind.

    Parameters
    ----------
    datasets : dict of Dataset
        ``observations, background, jacobian, prior, prior_covariance, mismatch``.
    errors_section : ErrorSettings
        For the prior standard deviations of states that do not come with the background.
    molar_mass_g_mol : float
        Molar mass of the gas [g mol-1], for the declared totals.

    Returns
    -------
    LinearGaussianProblem
        n observations, ``n_flux`` fluxes [umol m-2 s-1] and the nuisance states.

    Notes
    -----
    ASSUME: the fixed flux (human respiration) is known but for the transport's scale; its own
    uncertainty enters where its total is subtracted, not here (DESIGN 3).
    """
    from inversion.errors.prior import prior_covariance

    require_same_observations(datasets)
    observations, prior = datasets["observations"], datasets["prior"]
    fluxes = prior["flux"].to_numpy().astype(np.float64, copy=False).ravel()
    sparse = sparse_jacobian(datasets["jacobian"], len(fluxes))
    fixed = datasets["jacobian"]["fixed_mole_fraction"].to_numpy()
    enhancement = sparse.matvec(fluxes) + fixed
    nuisance = nuisance_states(Given(datasets, enhancement, errors_section.nuisance))
    covariance = prior_covariance(prior, datasets["prior_covariance"], molar_mass_g_mol)
    logger.info(
        "problem: %d observations, %d fluxes, %d nuisance states",
        observations.sizes["obs"],
        len(fluxes),
        len(nuisance.names),
    )
    return LinearGaussianProblem(
        observations=observations["mole_fraction"].to_numpy(),
        background=datasets["background"]["background"].to_numpy() + fixed,
        jacobian=Stacked([sparse, DenseMap(nuisance.columns)]),
        prior=np.concatenate([fluxes, np.zeros(len(nuisance.names))]),
        prior_covariance=BlockDiagonal([covariance, nuisance.prior_covariance]),
        mismatch_covariance=_mismatch(datasets["mismatch"], observations),
        n_flux=len(fluxes),
        nuisance=nuisance,
        obs_id=tuple(observations["obs_id"].to_numpy().astype(str).tolist()),
    )


def _mismatch(mismatch: xr.Dataset, observations: xr.Dataset) -> Covariance:
    """Return R: a diagonal one without its zeros."""
    from inversion.errors.mismatch import mismatch_covariance

    R = mismatch_covariance(mismatch, observations)
    diagonal = mismatch.attrs.get("diagonal") == "yes"
    return Diagonal(np.diagonal(R).copy()) if diagonal else Dense(R)


def require_same_observations(datasets: dict[str, xr.Dataset]) -> None:
    """Refuse missing datasets and datasets whose observations differ in name or order."""
    missing = [name for name in DATASETS if name not in datasets]
    if missing:
        msg = (
            f"a problem must hold the datasets {', '.join(DATASETS)}; got none for "
            f"{', '.join(missing)}. Build or give the missing ones."
        )
        raise ValueError(msg)
    reference = datasets["observations"]["obs_id"].to_numpy()
    for name in ("background", "jacobian", "mismatch"):
        found = datasets[name]["obs_id"].to_numpy()
        if not np.array_equal(reference.astype(str), found.astype(str)):
            common = len(np.intersect1d(reference.astype(str), found.astype(str)))
            msg = (
                "all datasets must hold the same observations in the same order; got "
                f"{len(found)} in {name}.nc against {len(reference)} in observations.nc, {common} "
                f"of them common. Build {name} again from these observations."
            )
            raise ValueError(msg)


def sparse_jacobian(jacobian: xr.Dataset, n_flux: int) -> SparseMap:
    """Return H of the fluxes as a sparse map that shares the dataset's memory.

    Parameters
    ----------
    jacobian : Dataset ``jacobian``
    n_flux : int
        Number of columns: sectors * periods * places.
    """
    parts = (
        np.ascontiguousarray(jacobian[name].to_numpy())
        for name in ("sensitivity", "state_index", "row_start")
    )
    shape = (jacobian.sizes["obs"], n_flux)
    return SparseMap(scipy.sparse.csr_matrix(tuple(parts), shape=shape, copy=False))
