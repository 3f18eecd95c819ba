"""An ensemble and the places of states and observations come in; the members after a local analysis at each place go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from contracts.grid import Grid
from inversion.solvers.ensemble_updates import transform_update

if TYPE_CHECKING:
    import xarray as xr

    from inversion.problem import LinearGaussianProblem
    from inversion.solvers.ensemble_posterior import Ensemble

_KM = 1e-3


@dataclass(frozen=True)
class Places:
    """Where states and observations are.

    Attributes
    ----------
    states_km : ndarray, (r, 2)
        Northing and easting of each place of the fluxes [km]; the state's fastest axis.
    observations_km : ndarray, (n, 2)
        Northing and easting of each observation's receptor [km].
    """

    states_km: np.ndarray
    observations_km: np.ndarray

    def within(self, problem: LinearGaussianProblem) -> Places:
        """Return the places, or refuse those of another problem.

        Raises
        ------
        ValueError
            Where fluxes are no whole number of places, or observations are missing.
        """
        n, r = len(problem.observations), len(self.states_km)
        shapes = (self.states_km.shape[1:], self.observations_km.shape)
        finite = np.isfinite(self.states_km).all() and np.isfinite(self.observations_km).all()
        if shapes != ((2,), (n, 2)) or not r or problem.n_flux % max(r, 1) or not finite:
            msg = (
                f"places must be finite, (r, 2) for {problem.n_flux} fluxes of r places and "
                f"({n}, 2) for the observations; got {self.states_km.shape} and "
                f"{self.observations_km.shape} in Places. Use those of this prior and these "
                "observations."
            )
            raise ValueError(msg)
        return self


@dataclass(frozen=True)
class LocalAnalysis:
    """Members after the data.

    Attributes
    ----------
    mean : ndarray, (m,)
    deviations : ndarray, (m, N)
    """

    mean: np.ndarray
    deviations: np.ndarray


def places_of(prior: xr.Dataset, observations: xr.Dataset) -> Places:
    """Return the places of a prior on a grid and of its observations.

    Raises
    ------
    ValueError
        Where the prior's state is of regions, which have no one place, or in degrees.
    """
    if "northing" not in prior["flux"].dims:
        msg = (
            "a localisation must have cells in metres; got a state by "
            f"{', '.join(map(str, prior['flux'].dims))} in prior.nc. Leave solver.localisation_km "
            "out: a state of few regions needs none."
        )
        raise ValueError(msg)
    grid = Grid.from_dataset(prior)
    rows, columns = np.meshgrid(
        prior["northing"].to_numpy(), prior["easting"].to_numpy(), indexing="ij"
    )
    easting, northing = grid.project(
        observations["longitude"].to_numpy(), observations["latitude"].to_numpy()
    )
    towers = np.stack([northing, easting], axis=1)[observations["receptor_index"].to_numpy()]
    return Places(np.stack([rows.ravel(), columns.ravel()], axis=1) * _KM, towers * _KM)


def local_analysis(
    problem: LinearGaussianProblem, ensemble: Ensemble, places: Places, localisation_km: float
) -> LocalAnalysis:
    """Return the members after an analysis at each place (LETKF with R-localisation).

    Parameters
    ----------
    problem : LinearGaussianProblem
        n observations.
    ensemble : Ensemble
    places : Places
    localisation_km : float
        L of the taper exp(-distance^2 / 2 L^2) of the inverse of R [km].

    Notes
    -----
    SCIENCE 2.11. At a place, R^-1 becomes D R^-1 D with D = diag(exp(-distance^2 / 4 L^2)): the
    whitened rows are sums over receptors a of D_a L_R^-1 (rows of a alone), made once.
    States that are no fluxes have no place and see all observations.
    """
    spots, spot_of = np.unique(places.observations_km, axis=0, return_inverse=True)
    parts = _by_spot(problem, ensemble, spot_of.ravel(), len(spots))
    r, n_flux = len(places.states_km), problem.n_flux
    mean, deviations = problem.prior.copy(), np.empty_like(ensemble.deviations)
    for place in range(r + 1):
        rows = slice(place, n_flux, r) if place < r else slice(n_flux, None)
        taper = np.ones(len(spots))
        if place < r:
            square = np.square(spots - places.states_km[place]).sum(axis=1)
            taper = np.exp(-square / (4.0 * localisation_km**2))
        white = np.tensordot(taper, parts, axes=1)
        update = transform_update(white[:, :-1], white[:, -1])
        mean[rows] += ensemble.deviations[rows] @ update.weights
        deviations[rows] = ensemble.deviations[rows] @ update.transform
    return LocalAnalysis(mean, deviations)


def _by_spot(problem: LinearGaussianProblem, ensemble: Ensemble, spot_of: np.ndarray, spots: int):
    """Return L_R^-1 [H X', d] with the rows of one receptor kept, (spots, n, N + 1)."""
    given = np.column_stack([ensemble.seen, problem.innovation])
    parts = np.empty((spots, *given.shape))
    for spot in range(spots):
        own = np.where((spot_of == spot)[:, None], given, 0.0)
        parts[spot] = scipy.linalg.solve_triangular(ensemble.root, own, lower=True)
    return parts
