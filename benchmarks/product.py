"""A made city and a precision come in; the product's posterior mean and covariance of totals go out."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.city import EFOLDING_HOURS, LENGTH, City
from inversion.aggregates import Layout
from inversion.declared import Declaration
from inversion.errors.prior import with_declared
from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.covariance import Precision
from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.in_time import exponential_in_time
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import DenseMap, SparseMap, Stacked
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.separable import Separable
from inversion.linalg.stationary import Stationary
from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver

REACH = 1e-6
ALL = "all"


class Clock:
    """Seconds of the processor in each named part."""

    def __init__(self):
        self.parts = {}
        self.start = time.process_time()

    def lap(self, name):
        now = time.process_time()
        self.parts[name] = now - self.start
        self.start = now


def layout_of(city: City) -> Layout:
    """Return the districts, sectors and months of a city as the product describes them."""
    g, p, _ = city.prior.shape
    districts = tuple(f"d{k:02d}" for k in range(city.districts.shape[1]))
    return Layout(
        sectors=tuple(f"s{k}" for k in range(g)),
        is_inventory=np.ones(g, bool),
        regions=districts,
        region_weights=city.districts,
        period_weights=np.full(p, 1.0 / p),
        bounds=np.array(["2025-01-01", "2025-02-01"], "datetime64[ns]"),
        inside=np.ones(len(districts), bool),
    )


def declarations(city: City, layout: Layout) -> list[Declaration]:
    """Return the declared totals in the order of ``city.declared``."""
    pairs = [(code, ALL) for code in layout.regions]
    pairs += [(ALL, sector) for sector in layout.sectors] + [(ALL, ALL)]
    return [
        Declaration(*pair, float(value)) for pair, value in zip(pairs, city.declared, strict=True)
    ]


def solve(city: City, precision: Precision, *, bare: bool = False, space=None):
    """Return (answer, seconds by part): everything from the correlations on is timed.

    Parameters
    ----------
    city : City
    precision : Precision
    bare : bool
        Leave out declared totals and nuisance states.
    space : Covariance, optional
        Instead of the product's own convolution.

    Returns
    -------
    answer : dict of ndarray
        ``mean`` (m + q,) and ``covariance`` (g c, g c), sectors slowest.
    parts : dict of float
        Seconds of the processor.
    """
    clock = Clock()
    n = len(city.observations)
    layout = layout_of(city)
    space = space or Stationary((city.side, city.side), (1.0, 1.0), LENGTH)
    in_time = exponential_in_time(city.hours, EFOLDING_HOURS)
    K = ScaledKronecker(city.sigma, Kronecker(Dense(city.sector_correlation), in_time, space))
    jacobian, prior = SparseMap(city.jacobian), city.prior.ravel()
    if bare:
        B, H, n_flux = K, jacobian, -1
    else:
        declared = with_declared(K, layout, declarations(city, layout))
        B = BlockDiagonal([declared, Diagonal(city.nuisance_sd**2)])
        H, n_flux = Stacked([jacobian, DenseMap(city.columns)]), len(prior)
        prior = np.concatenate([prior, np.zeros(len(city.nuisance_sd))])
    clock.lap("declared totals")
    problem = LinearGaussianProblem(
        city.observations, np.zeros(n), H, prior, B, Dense(city.mismatch), n_flux=n_flux
    )
    totals = Separable(
        np.eye(len(layout.sectors)), layout.period_weights[:, None], layout.region_weights
    )
    posterior = DualSolver(precision).solve(problem, (totals,))
    clock.lap("S, its factor, H B W, weights")
    mean = posterior.mean
    clock.lap("mean")
    covariance = posterior.covariance_of(totals)
    clock.lap("covariance of totals")
    return {"mean": mean, "covariance": covariance}, clock.parts
