"""A problem and the settings come in; the sizes and lengths of its errors, estimated, go out as JSON."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from contracts.settings.tune import TuneSettings
from inversion.folder import read_problem
from inversion.hyperparameters.assembled import SPACE, TIME, assembled
from inversion.hyperparameters.averaged import drawn_totals, evenly
from inversion.hyperparameters.likelihood import Likelihood
from inversion.hyperparameters.metropolis import Schedule, sample
from inversion.hyperparameters.optimum import maximise
from inversion.hyperparameters.profile import profile
from inversion.hyperparameters.target import Target, prior_sd_of
from inversion.hyperparameters.verdict import (
    chi_square_verdict,
    pair_correlations,
    shifts_of_totals,
)

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.model import Settings
    from inversion.hyperparameters.assembled import Assembled
    from inversion.hyperparameters.averaged import DrawnTotals
    from inversion.hyperparameters.metropolis import Chains
    from inversion.hyperparameters.optimum import Estimate
    from inversion.hyperparameters.profile import Profile

logger = logging.getLogger(__name__)

KEYS = {
    "cells": "errors.prior.cell_relative and cell_floor_umol_m2_s",
    "declared": "all shares of errors.prior.declared",
    "instrument": "errors.mismatch.instrument, all of its standard deviations",
    "representation": "errors.mismatch.representation, floor and share",
    "transport": "errors.mismatch.transport, floor and share",
    "background": "errors.mismatch.background.standard_deviation_umol_mol",
    "state_transport_common": "errors.nuisance.transport_common_sd",
    "state_transport_daily": "errors.nuisance.transport_daily_sd",
    "state_diurnal": "errors.nuisance.diurnal_amplitude_sd",
    SPACE: "errors.prior.spatial_efolding_km",
    TIME: "errors.prior.temporal_efolding_days",
}


@dataclass(frozen=True)
class Tuned:
    """What tuning found.

    Attributes
    ----------
    parts : Assembled
    target : Target
    estimate : Estimate
    profiles : tuple of Profile
    chains : Chains or None
        Only of the hierarchical method.
    totals : DrawnTotals
        At the estimate (one draw), or given the draws of the chains.
    """

    parts: Assembled
    target: Target
    estimate: Estimate
    profiles: tuple[Profile, ...]
    chains: Chains | None
    totals: DrawnTotals


def tune(
    problem: str | Path | dict[str, xr.Dataset],
    settings: Settings,
    section: TuneSettings | None = None,
) -> dict:
    """Return the estimated hyperparameters of a batch.

    Parameters
    ----------
    problem : path or dict of Dataset
        A problem folder, or its six datasets.
    settings : Settings
        Sections ``errors`` and ``gas`` are read, and ``tune`` where there is one and none is given.
    section : TuneSettings, optional

    Returns
    -------
    dict
        ``method``, ``parameters`` (a row each), ``n_observations``, ``log_likelihood`` and
        ``chi_square`` as configured and as tuned, ``beside`` (what chi square does not see),
        ``convergence``, ``totals``, ``counts``: ready for JSON.
    """
    section = section or getattr(settings, "tune", None) or TuneSettings()
    datasets = problem if isinstance(problem, dict) else read_problem(problem)
    return told(tuned(datasets, settings, section), datasets["observations"], section)


def tuned(datasets: dict[str, xr.Dataset], settings: Settings, section: TuneSettings) -> Tuned:
    """Return the estimate, its profiles and, where asked for, draws.

    Parameters
    ----------
    datasets : dict of Dataset
    settings : Settings
    section : TuneSettings

    Raises
    ------
    ValueError
        Where everything is fixed, or S has no Cholesky factor as configured.
    """
    parts = assembled(datasets, settings, section)
    family = parts.family
    if not family.names:
        msg = (
            "tune must have at least one free parameter; got all of them under tune.fixed. Take "
            "one out, or give a length more than one factor."
        )
        raise ValueError(msg)
    restricted = section.method == "reml"
    basis = parts.seen_by_sector if restricted else np.zeros((0, 0))
    likelihood = Likelihood(family, parts.innovation, basis, restricted)
    lengths = tuple(axis.name for axis in family.axes)
    spreads = section.log_sd_prior_sd, section.log_length_prior_sd
    target = Target(likelihood, prior_sd_of(family.names, lengths, *spreads))
    estimate = maximise(target)
    profiles = tuple(
        profile(target, estimate, name, section.profile_points)
        for name in (family.names if section.profile_points else ())
    )
    chains, draws = None, estimate.theta[None]
    if section.method == "hierarchical":
        schedule = Schedule(section.chains, section.warmup, section.draws)
        rng = np.random.default_rng(section.seed)
        start = estimate.theta, estimate.covariance
        chains = sample(target.value, family.names, start, schedule, rng)
        draws = evenly(chains.pooled, section.averaged_draws)
    given = likelihood if not restricted else replace(likelihood, basis=np.zeros((0, 0)))
    totals = drawn_totals(given, parts.prior_totals, draws)
    return Tuned(parts, target, estimate, profiles, chains, totals)


def told(found: Tuned, observations: xr.Dataset, section: TuneSettings) -> dict:
    """Return what was found as plain values.

    Parameters
    ----------
    found : Tuned
    observations : Dataset ``observations``
    section : TuneSettings
    """
    likelihood, theta = found.target.likelihood, found.estimate.theta
    stands = {"configured": np.zeros_like(theta), "tuned": theta}
    free = len(found.parts.innovation) - likelihood.basis.shape[1]
    return {
        "method": section.method,
        "n_observations": len(found.parts.innovation),
        "parameters": _parameters(found),
        "log_likelihood": {name: likelihood.value(at) for name, at in stands.items()},
        "chi_square": {
            name: chi_square_verdict(likelihood.chi_square(at), free) for name, at in stands.items()
        },
        "beside": {name: _beside(found, observations, at) for name, at in stands.items()},
        "convergence": None if found.chains is None else _convergence(found.chains),
        "totals": _totals(found),
        "unknown_scales": list(found.parts.sectors) if section.method == "reml" else [],
        "counts": {
            "evaluations": found.estimate.evaluations,
            "names_passed_over": list(found.parts.passed_over),
            "draws_averaged": len(found.totals.theta),
        },
        "seed": section.seed if found.chains is not None else None,
    }


def _parameters(found: Tuned):
    """Return a row for each parameter: factors on the configured value, with intervals."""
    estimate, rows = found.estimate, []
    profiles = {one.name: one for one in found.profiles}
    for k, name in enumerate(estimate.names):
        row = {
            "name": name,
            "multiplies": KEYS.get(name, name),
            "factor": float(np.exp(estimate.theta[k])),
            "interval": np.exp(estimate.interval[k]).tolist(),
            "at_edge": bool(estimate.at_edge[k]),
            "prior_sd": float(found.target.prior_sd[k]),
            # the share of what is known of it that the observations say
            "information": float(
                1.0 - (estimate.standard_deviation[k] / found.target.prior_sd[k]) ** 2
            ),
        }
        if name in profiles:
            one = profiles[name]
            row["profile"] = {
                "factor": np.exp(one.theta).tolist(),
                "fall": one.fall.tolist(),
                "interval": [
                    float(np.exp(end)) if np.isfinite(end) else None for end in one.interval
                ],
            }
            row["supported"] = one.supported
        if found.chains is not None:
            factors = np.exp(found.chains.pooled[:, k])
            row["posterior"] = {
                "median": float(np.median(factors)),
                "interval": np.quantile(factors, [0.025, 0.975]).tolist(),
            }
        rows.append(row)
    return rows


def _convergence(chains: Chains):
    """Return what says whether the chains agree."""
    rows = chains.convergence()
    return {
        "converged": all(row["converged"] for row in rows),
        "parameters": rows,
        "accepted": chains.accepted,
        "evaluations": chains.evaluations,
        "chains": chains.theta.shape[0],
        "draws": chains.theta.shape[1],
    }


def _beside(found: Tuned, observations: xr.Dataset, theta: np.ndarray):
    """Return the checks that stand beside chi square, at some parameters."""
    family, totals = found.parts.family, found.parts.totals
    factor = found.target.likelihood.factor(theta)
    names = [f"{r}/{s}" for r, s in zip(totals.regions, totals.sectors, strict=True)]
    shifts = shifts_of_totals(found.parts.innovation, factor, family.cross(theta), names)
    pairs = pair_correlations(
        found.parts.innovation,
        family.covariance(theta),
        observations["receptor_index"].to_numpy(),
        observations["time"].to_numpy(),
    )
    return {"pairs": pairs, "totals": shifts, "totals_not_moved": len(names) - len(shifts)}


def _totals(found: Tuned):
    """Return the totals of the batch, averaged over the draws [kg s-1]."""
    totals, names = found.totals, found.parts.totals
    within = np.diagonal(totals.covariance, axis1=1, axis2=2).mean(axis=0)
    between = np.diagonal(totals.between)
    return {
        "region": list(names.regions),
        "sector": list(names.sectors),
        "prior": totals.prior.tolist(),
        "mean": totals.mean.tolist(),
        "standard_deviation": np.sqrt(within + between).tolist(),
        "from_the_parameters": np.sqrt(between).tolist(),
        "unit": "kg s-1",
        "note": "without fixed fluxes",
    }
