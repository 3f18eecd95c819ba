"""The six datasets of a problem and the settings come in; the dataset posterior goes out."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from inversion.aggregates import ALL, NET, batch_totals, daily_totals, every_place, layout_of
from inversion.fixed import fixed_flux
from inversion.linalg.covariance import MissingCapability
from inversion.linalg.side_by_side import threads
from inversion.maps import flux_maps
from inversion.problem import assemble_problem
from inversion.solvers.chosen import require_for_verdicts, solver_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.settings.model import Settings
    from inversion.aggregates import Layout, Totals
    from inversion.fixed import FixedFlux
    from inversion.linalg.maps import LinearMap
    from inversion.linalg.separable import Separable
    from inversion.posterior import Posterior

logger = logging.getLogger(__name__)

FLUX, RATE, PPM = "umol m-2 s-1", "kg s-1", "umol mol-1"


def solve_batch(datasets: dict[str, xr.Dataset], settings: Settings) -> xr.Dataset:
    """Return the posterior of one batch.

    Parameters
    ----------
    datasets : dict of Dataset
        ``observations, background, jacobian, prior, prior_covariance, mismatch``.
    settings : Settings
        Sections ``errors``, ``solver``, ``gas`` and, where there is one, ``time`` are read.

    Returns
    -------
    Dataset ``posterior``
        Fluxes, maps, totals with full covariances, daily series, fits and nuisance states.

    Raises
    ------
    ValueError
        Where the solver's posterior is none that a verdict can be made from.
    """
    require_for_verdicts(settings.solver)
    with threads(settings.solver.threads):
        return _solved(datasets, settings)


def _solved(datasets: dict[str, xr.Dataset], settings: Settings):
    """Return the posterior of one batch."""
    prior = datasets["prior"]
    declared = getattr(getattr(settings, "time", None), "totals", None)
    layout = layout_of(prior, settings.gas.molar_mass_g_mol, declared)
    totals, places = batch_totals(layout), every_place(layout)
    posterior = solve_problem(datasets, settings, (totals.weights, places))
    fixed = fixed_flux(prior, layout)
    variables = {
        **_fluxes(posterior, prior),
        **_regions(prior),
        **_totals(posterior, totals, layout, fixed),
        **_daily(posterior, layout, fixed),
        **_fixed(layout, fixed),
        **_fits(posterior, datasets),
        **_nuisance(posterior),
        **_maps(posterior, prior, layout, fixed, places),
    }
    dataset = xr.Dataset(
        variables,
        coords=_coordinates(prior),
        attrs=_attributes(posterior, datasets, layout, settings.gas.name),
    )
    logger.info(
        "posterior: chi square %.3f, %.1f degrees of freedom for signal, %d observations",
        posterior.chi_square,
        posterior.dofs,
        dataset.sizes["obs"],
    )
    return dataset


def solve_problem(
    datasets: dict[str, xr.Dataset], settings: Settings, aggregates: Sequence[LinearMap] = ()
) -> Posterior:
    """Return the posterior as an object that answers for any aggregate."""
    problem = assemble_problem(datasets, settings.errors, settings.gas.molar_mass_g_mol)
    return solver_of(settings.solver, problem.n_flux, datasets).solve(problem, aggregates)


def _fluxes(posterior: Posterior, prior: xr.Dataset):
    """Return the fluxes of every sector, period and place."""
    flux = prior["flux"]
    return {
        "sector": ("sector", prior["sector"].to_numpy()),
        "period_bounds": (("period", "bounds"), prior["period_bounds"].to_numpy()),
        "period_in_batch": ("period", prior["period_in_batch"].to_numpy()),
        "flux": (flux.dims, posterior.state_mean.reshape(flux.shape), {"units": FLUX}),
        "flux_prior": (flux.dims, flux.to_numpy(), {"units": FLUX}),
    }


def _totals(posterior: Posterior, totals: Totals, layout: Layout, fixed: FixedFlux):
    """Return the batch's totals with their full covariances."""
    added = np.array(
        [
            fixed.rate(layout, region, interval) if sector == NET else 0.0
            for region, sector, interval in zip(
                totals.regions, totals.sectors, totals.intervals, strict=True
            )
        ]
    )
    prior = posterior.problem.prior[: posterior.problem.n_flux]
    before = posterior.prior_covariance_of(totals.weights)
    reduction = posterior.reduction_of(totals.weights)
    square, unit = ("total", "total_2"), {"units": "kg2 s-2"}
    rate = {"units": RATE}
    return {
        "total_region": ("total", np.array(totals.regions, dtype=object)),
        "total_sector": ("total", np.array(totals.sectors, dtype=object)),
        "total_interval": ("total", np.array(totals.intervals, dtype=object)),
        "total_bounds": (("total", "bounds"), totals.bounds),
        "total": ("total", totals.weights.rmatvec(posterior.state_mean) + added, rate),
        "total_prior": ("total", totals.weights.rmatvec(prior) + added, rate),
        "total_covariance": (square, before - reduction, unit),
        "total_prior_covariance": (square, before, unit),
        "total_covariance_reduction": (square, reduction, unit),
    }


def _daily(posterior: Posterior, layout: Layout, fixed: FixedFlux):
    """Return the city's series by period, with standard deviations."""
    series = daily_totals(layout)
    before = posterior.prior_variance_of(series.weights)
    white = posterior.whitened(series.weights)
    after = before - np.einsum("ij,ij->j", white, white)
    prior = posterior.problem.prior[: posterior.problem.n_flux]
    added = np.stack([np.zeros_like(fixed.by_period), fixed.by_period])

    def shaped(values: np.ndarray):
        return values.reshape(2, -1)

    dims, rate = ("daily_sector", "period"), {"units": RATE}
    return {
        "daily_sector": ("daily_sector", np.array([ALL, NET], dtype=object)),
        "daily_total": (dims, shaped(series.weights.rmatvec(posterior.state_mean)) + added, rate),
        "daily_total_prior": (dims, shaped(series.weights.rmatvec(prior)) + added, rate),
        "daily_total_standard_deviation": (dims, shaped(_root(after, before)), rate),
        "daily_total_prior_standard_deviation": (dims, shaped(np.sqrt(before)), rate),
    }


def _maps(
    posterior: Posterior, prior: xr.Dataset, layout: Layout, fixed: FixedFlux, places: Separable
):
    """Return the batch's mean flux of every place with its standard deviation."""
    maps = flux_maps(posterior, layout, places)
    space = prior["flux"].dims[2:]
    shape = (len(maps.sectors), *prior["flux"].shape[2:])
    added = np.array([name == NET for name in maps.sectors])[:, None] * fixed.mean
    after = maps.prior_variance - maps.reduction
    known = maps.prior_variance > 0.0
    information = np.full(after.shape, np.nan)
    information[known] = maps.reduction[known] / maps.prior_variance[known]
    values = {
        "mean_flux": maps.mean + added,
        "mean_flux_prior": maps.mean_prior + added,
        "mean_flux_standard_deviation": _root(after, maps.prior_variance),
        "mean_flux_prior_standard_deviation": np.sqrt(maps.prior_variance),
    }
    dims = ("map_sector", *space)
    return {
        "map_sector": ("map_sector", np.array(maps.sectors, dtype=object)),
        "information": (dims, information.reshape(shape), {"units": "1"}),
        **{name: (dims, value.reshape(shape), {"units": FLUX}) for name, value in values.items()},
    }


def _root(variance: np.ndarray, scale: np.ndarray):
    """Return the square root of variances that may be zero to rounding, never less."""
    smallest = float(np.min(variance + 1e-9 * scale, initial=0.0))
    if smallest < 0.0:
        msg = (
            f"posterior variances must be >= 0; got {smallest:.3g} below rounding in solve_batch. "
            "B and the Jacobian belong to different problems, or the arithmetic failed."
        )
        raise ValueError(msg)
    return np.sqrt(np.maximum(variance, 0.0))


def _fixed(layout: Layout, fixed: FixedFlux):
    """Return the fixed flux's mean rate by region."""
    regions = (*layout.districts, ALL, *layout.apart)
    rates = np.array([fixed.rate(layout, name) for name in regions])
    unit = {"units": RATE}
    return {
        "fixed_region": ("fixed_region", np.array(regions, dtype=object)),
        "fixed_total": ("fixed_region", rates, unit),
        "fixed_standard_deviation": ("fixed_region", np.abs(rates) * fixed.relative, unit),
    }


def _fits(posterior: Posterior, datasets: dict[str, xr.Dataset]):
    """Return the observations beside what the model made of them."""
    observations, background = datasets["observations"], datasets["background"]
    values = {
        "observed": observations["mole_fraction"].to_numpy(),
        "background": background["background"].to_numpy(),
        "modelled_prior": posterior.modelled_prior,
        "modelled": posterior.modelled,
        "residual": posterior.residual,
        "innovation": posterior.innovation,
        "innovation_standard_deviation": posterior.innovation_standard_deviation,
    }
    spread = _where_told(posterior, "residual_standard_deviation")
    if spread is not None:
        values["residual_standard_deviation"] = spread
    return {
        "obs_id": ("obs", observations["obs_id"].to_numpy()),
        "time": ("obs", observations["time"].to_numpy()),
        **{name: ("obs", value, {"units": PPM}) for name, value in values.items()},
    }


def _nuisance(posterior: Posterior):
    """Return the states that are not fluxes."""
    states = posterior.problem.nuisance
    before = states.standard_deviation**2
    after = np.diagonal(posterior.nuisance_covariance) if states.names else np.zeros(0)
    return {
        "nuisance": ("nuisance", np.array(states.names, dtype=object)),
        "nuisance_unit": ("nuisance", np.array(states.units, dtype=object)),
        "nuisance_mean": ("nuisance", posterior.nuisance_mean, {"units": "1"}),
        "nuisance_standard_deviation": ("nuisance", _root(after, before), {"units": "1"}),
        "nuisance_prior_standard_deviation": (
            "nuisance",
            states.standard_deviation,
            {"units": "1"},
        ),
    }


def _where_told(posterior: Posterior, name: str):
    """Return what a solver tells, or None, with a warning, where it cannot."""
    try:
        return getattr(posterior, name)
    except MissingCapability as missing:
        logger.warning("%s is not in the posterior: %s", name, missing)
        return None


def _coordinates(prior: xr.Dataset):
    """Return the grid's coordinates and their bounds; a state of regions has none."""
    space = prior["flux"].dims[2:]
    names = [name for dim in space for name in (dim, f"{dim}_bounds") if name in prior]
    return {name: prior[name] for name in names if name != "region"}


def _regions(prior: xr.Dataset):
    """Return the names of the places where these are regions."""
    if prior["flux"].dims[2:] != ("region",):
        return {}
    return {"region": ("region", prior["region"].to_numpy())}


def synthetic_of(datasets: dict[str, xr.Dataset]) -> str:
    """Return yes where any dataset of the problem is made up."""
    return "yes" if any(ds.attrs.get("synthetic") == "yes" for ds in datasets.values()) else "no"


def _attributes(posterior: Posterior, datasets: dict[str, xr.Dataset], layout: Layout, gas: str):
    """Return the solution's scalars and what is known of its origin."""
    prior, evidence = datasets["prior"], _where_told(posterior, "log_evidence")
    return {
        "title": "posterior fluxes, totals and their covariances",
        "synthetic": synthetic_of(datasets),
        "city_name": str(prior.attrs["city_name"]),
        **{key: prior.attrs[key] for key in ("grid_crs", "fixed_name") if key in prior.attrs},
        "regions_apart": json.dumps(layout.apart, ensure_ascii=False),
        "gas": gas,
        "mismatch_diagonal": str(datasets["mismatch"].attrs.get("diagonal", "no")),
        "reduced_chi_square": posterior.chi_square,
        "dofs": posterior.dofs,
        "log_evidence": np.nan if evidence is None else evidence,
        "solver": posterior.description,
        "solver_tolerance": posterior.tolerance,
        "n_observations": len(posterior.innovation),
        "n_state": posterior.problem.n_flux,
        "n_nuisance": len(posterior.problem.prior) - posterior.problem.n_flux,
        "seed": getattr(posterior, "seed", "none: the solution is deterministic"),
    }
