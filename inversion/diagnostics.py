"""In come a batch's datasets; out goes how well its errors explain its innovations, as JSON."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np

from contracts.settings.gas import GasSettings
from inversion import innovations as tests
from inversion.innovations import Innovations
from inversion.solve import solve_problem

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.errors import ErrorSettings
    from contracts.settings.model import Settings
    from contracts.settings.solver import SolverSettings
    from inversion.posterior import Posterior
    from inversion.problem import Nuisance

logger = logging.getLogger(__name__)

GREEN = (0.8, 1.2)
AMBER = (0.5, 2.0)
HOUR_S = 3600.0
DAY_S = 24.0 * HOUR_S


def diagnose(
    datasets: dict[str, xr.Dataset],
    errors: ErrorSettings,
    solver: SolverSettings,
    gas: GasSettings | None = None,
) -> dict:
    """Return the diagnostics of a batch (SCIENCE 2.12).

    Parameters
    ----------
    datasets : dict of Dataset
        The six datasets of the problem.
    errors : ErrorSettings
        For the nuisance states.
    solver : SolverSettings
        Block sizes.
    gas : GasSettings, optional
        Its molar mass turns declared totals into fluxes; CO2 by default.

    Returns
    -------
    dict
        ``n_observations``, ``reduced_chi_square``, ``light``, ``advice``, ``dofs``,
        ``desroziers``, ``whiteness``, ``chi_square_by_receptor``, ``leave_one_site_out`` (each by
        receptor), ``error_components`` and ``diagonal_mismatch``.
    """
    sections = SimpleNamespace(errors=errors, solver=solver, gas=gas or GasSettings())
    posterior = solve_problem(datasets, cast("Settings", sections))
    nuisance = posterior.problem.nuisance
    fit = innovations_of(posterior, datasets["observations"])
    chi_square = tests.reduced_chi_square(fit)
    light, advice = traffic_light(chi_square)
    logger.info("diagnostics: reduced chi square %.3f, %s", chi_square, light)
    components = mismatch_components(datasets["mismatch"])
    components += nuisance_components(nuisance)
    components.append(_flux_component(fit, nuisance))
    return {
        "n_observations": fit.n,
        "reduced_chi_square": chi_square,
        "light": light,
        "advice": advice,
        "dofs": tests.degrees_of_freedom(fit),
        "desroziers": tests.desroziers(fit),
        "whiteness": tests.whiteness(fit),
        "chi_square_by_receptor": tests.chi_square_by_receptor(fit),
        "leave_one_site_out": tests.leave_one_site_out(fit),
        "error_components": components,
        "diagonal_mismatch": datasets["mismatch"].attrs.get("diagonal") == "yes",
    }


def traffic_light(chi_square: float) -> tuple[str, str]:
    """Return the light and the advice for a reduced chi square.

    Notes
    -----
    Green within 0.8-1.2 (SCIENCE, INV-2), amber within 0.5-2 (the range in which ensemble members
    are kept, INV-4), else red.

    Examples
    --------
    >>> traffic_light(1.0)[0], traffic_light(1.5)[0], traffic_light(2.5)[0]
    ('green', 'amber', 'red')
    """
    if GREEN[0] <= chi_square <= GREEN[1]:
        return "green", "the stated errors explain the innovations"
    direction = "small: intervals are too narrow" if chi_square > 1.0 else "large"
    light = "amber" if AMBER[0] <= chi_square <= AMBER[1] else "red"
    return light, f"the stated errors of the prior, the mismatch or both are too {direction}"


def innovations_of(posterior: Posterior, observations: xr.Dataset) -> Innovations:
    """Return the innovations of a solved problem, with S and R."""
    problem = posterior.problem
    return Innovations(
        innovation=posterior.innovation,
        covariance=posterior.factor @ posterior.factor.T,
        mismatch=problem.mismatch_covariance.matmat(np.eye(len(posterior.innovation))),
        receptor=observations["receptor_index"].to_numpy(),
        time=observations["time"].to_numpy().astype("datetime64[ns]"),
        names=tuple(observations["receptor"].to_numpy().astype(str).tolist()),
    )


def mismatch_components(mismatch: xr.Dataset) -> list[dict]:
    """Return one row of the table of errors for each term of R.

    Returns
    -------
    list of dict
        ``component``, ``stands_in`` ("R"), ``size`` (root mean square) [umol mol-1],
        ``correlation_time_hours``, ``across_sites`` (same hour) and ``across_days`` (one day
        apart, same site).
    """
    rows = []
    for number, term in enumerate(mismatch["term"].to_numpy().astype(str).tolist()):
        deviation = mismatch["standard_deviation"].to_numpy()[number]
        tau = float(mismatch["correlation_time"].to_numpy()[number])
        rows.append(
            _component(
                term,
                "R",
                float(np.sqrt(np.mean(deviation**2))),
                (
                    tau / HOUR_S,
                    float(mismatch["cross_site_correlation"].to_numpy()[number]),
                    float(np.exp(-DAY_S / tau)) if tau > 0.0 else 0.0,
                ),
            )
        )
    return rows


def nuisance_components(nuisance: Nuisance | None) -> list[dict]:
    """Return one row of the table of errors for each kind of nuisance state.

    Notes
    -----
    States of a kind are named ``kind:label``. One with a single state for the whole batch
    (label ``common``) correlates fully across days, daily ones do not.
    """
    if nuisance is None:
        return []
    groups: dict[str, list[int]] = {}
    for number, name in enumerate(nuisance.names):
        kind, label = name.split(":", 1)
        key = f"{kind}, common to the batch" if label == "common" else f"{kind}, by day"
        groups.setdefault(key, []).append(number)
    rows = []
    for key, members in groups.items():
        scaled = nuisance.columns[:, members] * nuisance.standard_deviation[members]
        size = float(np.sqrt(np.mean(np.sum(scaled**2, axis=1))))
        daily = key.endswith("by day")
        row = _component(key, "state", size, (None, 1.0, 0.0 if daily else 1.0))
        rows.append(row)
    return rows


def _flux_component(fit: Innovations, nuisance: Nuisance | None) -> dict:
    """Return the row of what the prior fluxes' error does at the receptors."""
    variance = np.diagonal(fit.covariance) - np.diagonal(fit.mismatch)
    if nuisance is not None:
        variance = variance - np.sum((nuisance.columns * nuisance.standard_deviation) ** 2, axis=1)
    size = float(np.sqrt(np.mean(np.maximum(variance, 0.0))))
    return _component("prior fluxes", "state", size, (None, None, None))


def _component(
    name: str, stands_in: str, size: float, correlation: tuple[float | None, ...]
) -> dict:
    """Return a row of the table of errors; None where no one number says it."""
    correlation_time_hours, across_sites, across_days = correlation
    return {
        "component": name,
        "stands_in": stands_in,
        "size": size,
        "unit": "umol mol-1",
        "correlation_time_hours": correlation_time_hours,
        "across_sites": across_sites,
        "across_days": across_days,
    }
