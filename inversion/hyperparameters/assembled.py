"""The six datasets of a problem and the settings come in; the family of S, innovations and totals go out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import batch_totals, layout_of
from inversion.errors.prior import prior_covariance
from inversion.hyperparameters.family import Axis, Family, with_fixed
from inversion.hyperparameters.parts import flux_parts, mismatch_parts, nuisance_parts
from inversion.problem import assemble_problem

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.model import Settings
    from contracts.settings.tune import TuneSettings
    from inversion.aggregates import Totals
    from inversion.linalg.covariance import Covariance
    from inversion.problem import LinearGaussianProblem

logger = logging.getLogger(__name__)

SPACE, TIME = "spatial_efolding", "temporal_efolding"


@dataclass(frozen=True)
class Assembled:
    """What tuning needs of a problem.

    Attributes
    ----------
    family : Family
    innovation : ndarray, (n,)
        d [umol mol-1].
    seen_by_sector : ndarray, (n, q)
        H x_a of each sector that is seen [umol mol-1]: the basis of REML.
    sectors : tuple of str, (q,)
        Their names.
    totals : Totals
        The k totals of the batch, as the posterior has them.
    prior_totals : ndarray, (k,)
        W^T x_a [kg s-1], without fixed fluxes.
    passed_over : tuple of str
        Names under ``tune.fixed`` that this batch does not have.
    """

    family: Family
    innovation: np.ndarray
    seen_by_sector: np.ndarray
    sectors: tuple[str, ...]
    totals: Totals
    prior_totals: np.ndarray
    passed_over: tuple[str, ...]


def assembled(
    datasets: dict[str, xr.Dataset], settings: Settings, section: TuneSettings
) -> Assembled:
    """Return the parts of S, once for each node of the grid of lengths.

    Parameters
    ----------
    datasets : dict of Dataset
        The six datasets of a problem.
    settings : Settings
        Sections ``errors`` and ``gas`` are read.
    section : TuneSettings

    Returns
    -------
    Assembled

    Notes
    -----
    One sweep for each node; everything after costs one Cholesky of (n, n) an evaluation.
    """
    mass = settings.gas.molar_mass_g_mol
    problem = assemble_problem(datasets, settings.errors, mass)
    if not len(problem.observations):
        msg = (
            "tuning must have observations; got none in observations.nc. Solve this batch with "
            "the errors of another one."
        )
        raise ValueError(msg)
    prior = datasets["prior"]
    totals = batch_totals(layout_of(prior, mass))
    axes = _axes(section)
    by_sector = tuple(prior["sector"].to_numpy().astype(str).tolist()) if section.by_sector else ()
    parts = mismatch_parts(datasets["mismatch"], datasets["observations"])
    parts += nuisance_parts(problem.nuisance)
    jacobian = problem.jacobian.parts[0]
    for node in product(*(range(len(axis.factors)) for axis in axes)):
        at = {axis.name: axis.factors[k] for axis, k in zip(axes, node, strict=True)}
        logger.info("hyperparameters: parts of S at %s", at or "the configured lengths")
        covariance = _with_lengths(prior, datasets["prior_covariance"], at, mass)
        parts += flux_parts(covariance, jacobian, totals.weights, node, by_sector)
    names = tuple(dict.fromkeys(part.name for part in parts))
    free = tuple(name for name in names if name not in section.fixed)
    passed_over = tuple(name for name in section.fixed if name not in names)
    if passed_over:
        logger.info("tune.fixed: this batch has no %s", ", ".join(passed_over))
    seen, sectors = _seen_by_sector(problem, prior)
    return Assembled(
        with_fixed(parts, free, axes),
        problem.innovation,
        seen,
        sectors,
        totals,
        totals.weights.rmatvec(problem.prior[: problem.n_flux]),
        passed_over,
    )


def _axes(section: TuneSettings):
    """Return the lengths that are parameters."""
    factors = {
        SPACE: section.spatial_efolding_factors,
        TIME: section.temporal_efolding_factors,
    }
    return tuple(Axis(name, tuple(given)) for name, given in factors.items() if len(given) > 1)


def _with_lengths(
    prior: xr.Dataset, description: xr.Dataset, factors: dict[str, float], mass: float
) -> Covariance:
    """Return B of the fluxes with its lengths multiplied."""
    given = ("covariance", "period_correlation") if TIME in factors else ("covariance",)
    matrices = [name for name in given if factors and name in description]
    regions = SPACE in factors and prior["flux"].dims[2:] == ("region",)
    if matrices or regions:
        what = ", ".join(matrices) if matrices else "region_correlation"
        msg = (
            f"a length must be one of the prior's to be a parameter; got {what} as a matrix in "
            "prior_covariance.nc. Give its factors under tune as [1.0]."
        )
        raise ValueError(msg)
    changed = description
    if factors.get(SPACE, 1.0) != 1.0:
        space = factors[SPACE]
        if "spatial_efolding_m" in description:
            longer = space * description["spatial_efolding_m"]
            changed = changed.assign(spatial_efolding_m=longer)
        else:
            kilometres = space * float(description.attrs["spatial_efolding_km"])
            changed = changed.assign_attrs(spatial_efolding_km=kilometres)
    if factors.get(TIME, 1.0) != 1.0:
        days = factors[TIME] * float(description.attrs["temporal_efolding_days"])
        changed = changed.assign_attrs(temporal_efolding_days=days)
    return prior_covariance(prior, changed, mass)


def _seen_by_sector(problem: LinearGaussianProblem, prior: xr.Dataset):
    """Return H x_a of each sector that is seen, (n, q) [umol mol-1], and their names."""
    names = prior["sector"].to_numpy().astype(str).tolist()
    flux = problem.prior[: problem.n_flux].reshape(len(names), -1)
    alone = np.zeros((problem.n_flux, len(names)))
    for k, one in enumerate(flux):
        alone[k * flux.shape[1] : (k + 1) * flux.shape[1], k] = one
    seen = problem.jacobian.parts[0].matmat(alone)
    kept = np.flatnonzero(seen.any(axis=0))
    return seen[:, kept], tuple(names[k] for k in kept)
