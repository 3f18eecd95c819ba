"""The settings of the solver and the problem's datasets come in; the solver they name goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from inversion.linalg.covariance import Precision
from inversion.solvers import Solver, solver_named
from inversion.solvers.local_updates import places_of
from inversion.solvers.physical_signs import physical_signs, signed_totals
from inversion.solvers.trend import trend_of

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.solver import SolverSettings

MOST_IN_DOUBLE = 1_000_000
NO_VERDICT = {
    "geostatistical": "a flat trend has no prior, so that `prior removed` is not defined for it and "
    "the totals' prior covariance, which the posterior file holds, is infinite",
    "positive": "the totals of log-normal fluxes are not normal, so that `prior removed` is not "
    "defined for them",
    "truncated": "totals that keep their signs are not normal, so that `prior removed` is not "
    "defined for them",
    "local ensemble": "local analyses have no one gain, so that `prior removed` is not defined for "
    "them",
}


def solver_of(
    section: SolverSettings,
    n_flux: int,
    datasets: dict[str, xr.Dataset] | None = None,
) -> Solver:
    """Return the solver the settings name, with its settings.

    Parameters
    ----------
    section : SolverSettings
    n_flux : int
        Number of fluxes, for the arithmetic.
    datasets : dict of Dataset, optional
        Those of the problem: maps for a trend, sectors for signs, places for a localisation.
        Without them the solver's own defaults hold.
    """
    single = section.precision == "single" or (
        section.precision == "auto" and n_flux > MOST_IN_DOUBLE
    )
    dtype = np.float32 if single else np.float64
    given: dict[str, dict[str, Any]] = {
        "dual": {"precision": Precision(dtype, section.reach, section.threads)},
        "primal": {"pairs": section.pairs, "mean_tolerance_sd": section.mean_tolerance_sd},
        "smoother": {"lag_periods": section.lag_periods},
        "ensemble": {
            "members": section.members,
            "filter": section.filter,
            "seed": section.seed,
            "localisation_km": section.localisation_km,
        },
        "positive": {
            "carry_correlations": section.carry_correlations,
            "mean_tolerance_sd": section.mean_tolerance_sd,
        },
        "truncated": {
            "draws": section.draws,
            "seed": section.seed,
            "precision": _double(section),
        },
        "geostatistical": {"select": section.select_trend, "precision": _double(section)},
    }
    method = section.method
    from_data = {} if datasets is None else _from_data(section, datasets)
    return solver_named(method)(column_block=section.column_block, **given[method], **from_data)


def no_verdict(section: SolverSettings) -> str | None:
    """Return why no verdict can be made from what the solver finds, or None."""
    local = section.method == "ensemble" and section.localisation_km is not None
    return NO_VERDICT.get("local ensemble" if local else section.method)


def require_for_verdicts(section: SolverSettings) -> None:
    """Refuse a solver whose posterior no verdict can use.

    Raises
    ------
    ValueError
        With what is missing. A verdict removes the prior from the totals: it needs their prior
        covariance, and a reduction of it between zero and all.
    """
    reason = no_verdict(section)
    if reason is not None:
        msg = (
            "solver.method must be one whose posterior verdicts can be made from; got "
            f"{section.method} in the settings: {reason}. Use dual, primal, smoother or ensemble "
            "for a run, and ask this solver in a notebook (inversion.solve_problem), as "
            "docs/how-to/choose-a-solver.md shows."
        )
        raise ValueError(msg)


def _double(section: SolverSettings):
    """Return the sweep of solvers that nothing refines: in double precision unless asked not to."""
    dtype = np.float32 if section.precision == "single" else np.float64
    return Precision(dtype, section.reach, section.threads)


def _from_data(section: SolverSettings, datasets: dict[str, xr.Dataset]):
    """Return what a solver takes from the problem's datasets."""
    prior, method = datasets["prior"], section.method
    if method == "geostatistical":
        return {"trend": trend_of(prior, section.trend)}
    if method == "positive":
        return {"sign": np.repeat(physical_signs(prior), prior["flux"][0].size)}
    if method == "truncated":
        return {"constraints": signed_totals(prior)}
    if method == "ensemble" and section.localisation_km is not None:
        return {"places": places_of(prior, datasets["observations"])}
    return {}
