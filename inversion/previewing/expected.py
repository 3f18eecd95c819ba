"""The datasets of a problem come in; what its inversion would know of every total goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import ALL, batch_totals, layout_of
from inversion.linalg.side_by_side import threads
from inversion.solve import solve_problem

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.model import Settings
    from inversion.aggregates import Layout


@dataclass(frozen=True)
class Expected:
    """What an inversion will know, whatever its observations turn out to be.

    Attributes
    ----------
    n_observations, n_state, n_nuisance : int
    dofs : float
        Degrees of freedom for signal.
    region, sector, interval : tuple of str, (k,)
        The totals, as in the dataset ``posterior``.
    prior : ndarray, (k,)
        Prior totals without fixed fluxes [kg s-1].
    prior_standard_deviation, standard_deviation : ndarray, (k,)
        Before and after [kg s-1].
    districts : tuple of str
        Regions that make up the whole.
    """

    n_observations: int
    n_state: int
    n_nuisance: int
    dofs: float
    region: tuple[str, ...]
    sector: tuple[str, ...]
    interval: tuple[str, ...]
    prior: np.ndarray
    prior_standard_deviation: np.ndarray
    standard_deviation: np.ndarray
    districts: tuple[str, ...]

    @property
    def information(self) -> np.ndarray:
        """1 - posterior over prior variance of each total; 0 where the prior has none, (k,)."""
        before, after = self.prior_standard_deviation**2, self.standard_deviation**2
        return 1.0 - np.divide(after, before, out=np.ones_like(after), where=before > 0.0)

    @property
    def relative(self) -> np.ndarray:
        """Standard deviation after the inversion as a share of |prior total|, inf at 0, (k,)."""
        size = np.abs(self.prior)
        away = np.full_like(size, np.inf)
        return np.divide(self.standard_deviation, size, out=away, where=size > 0.0)

    def index(self, region: str, sector: str = ALL) -> int:
        """Return the position of one total of the whole batch."""
        names = list(zip(self.region, self.sector, self.interval, strict=True))
        return names.index((region, sector, ""))


def expect(datasets: dict[str, xr.Dataset], settings: Settings) -> Expected:
    """Return what the inversion of a problem will know.

    Parameters
    ----------
    datasets : dict of Dataset
        The six datasets of the problem; the observed mole fractions change nothing.
    settings : Settings
        Sections ``errors``, ``solver``, ``gas`` and, where there is one, ``time``.

    Returns
    -------
    Expected

    Notes
    -----
    The problem is assembled and swept by the inversion's own code, so that what is promised is
    what the inversion will find: W^T P W does not depend on the data (SCIENCE 2.3).
    """
    with threads(settings.solver.threads):
        layout = layout_of(
            datasets["prior"],
            settings.gas.molar_mass_g_mol,
            getattr(getattr(settings, "time", None), "totals", None),
        )
        return _expected(datasets, settings, layout)


def _expected(datasets: dict[str, xr.Dataset], settings: Settings, layout: Layout):
    """Return what the inversion of a problem with this layout will know."""
    totals = batch_totals(layout)
    posterior = solve_problem(datasets, settings, (totals.weights,))
    before = posterior.prior_covariance_of(totals.weights)
    after = before - posterior.reduction_of(totals.weights)
    problem = posterior.problem
    return Expected(
        n_observations=len(problem.observations),
        n_state=problem.n_flux,
        n_nuisance=len(problem.prior) - problem.n_flux,
        dofs=float(posterior.dofs),
        region=totals.regions,
        sector=totals.sectors,
        interval=totals.intervals,
        prior=totals.weights.rmatvec(problem.prior[: problem.n_flux]),
        prior_standard_deviation=np.sqrt(np.diagonal(before)),
        standard_deviation=np.sqrt(np.maximum(np.diagonal(after), 0.0)),
        districts=layout.districts,
    )
