"""In come a batch's datasets; out goes how well its errors explain its innovations, as JSON."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np

from contracts.settings.gas import GasSettings
from inversion import innovations as tests
from inversion.aggregates import batch_totals, layout_of
from inversion.diagnosing.further import Solved, further_diagnostics
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
NOTHING_TO_TEST = ("none", "there are no observations: the prior is returned, nothing is tested")
HOUR_S = 3600.0
DAY_S = 24.0 * HOUR_S


def diagnose(
    datasets: dict[str, xr.Dataset],
    errors: ErrorSettings,
    solver: SolverSettings,
    gas: GasSettings | None = None,
    meteorology: xr.Dataset | None = None,
    utc_offset_hours: float | None = None,
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
    meteorology : Dataset ``meteorology``, optional
        For the tests that ask for mixing height and wind.
    utc_offset_hours : float, optional
        Local time minus UTC [h].

    Returns
    -------
    dict
        ``n_observations``, ``reduced_chi_square``, ``light``, ``advice``, ``dofs``,
        ``desroziers``, ``whiteness``, ``chi_square_by_receptor``, ``leave_one_site_out`` (each by
        receptor), ``error_components``, ``diagonal_mismatch`` and ``further``
        (`inversion.diagnosing.further.further_diagnostics`).
    """
    sections = SimpleNamespace(errors=errors, solver=solver, gas=gas or GasSettings())
    layout = layout_of(datasets["prior"], sections.gas.molar_mass_g_mol)
    totals = batch_totals(layout)
    posterior = solve_problem(datasets, cast("Settings", sections), (totals.weights,))
    nuisance = posterior.problem.nuisance
    fit = innovations_of(posterior, datasets["observations"])
    chi_square = tests.reduced_chi_square(fit)
    light, advice = traffic_light(chi_square) if fit.n else NOTHING_TO_TEST
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
        "further": further_diagnostics(
            Solved(posterior, fit, layout, totals), datasets, meteorology, utc_offset_hours
        ),
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
        covariance=posterior.innovation_covariance,
        mismatch=problem.mismatch_covariance.in_memory(),
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
        ``correlation_time_hours`` (None: it does not fade), ``across_sites`` (same hour, side by
        side) and ``across_days`` (one day apart, same site; None where groups of the user's own
        decide); and what it depends on, where it does: ``across_sites_efolding_km``, ``shared_by``
        (whose error is one: ``local_day``, ``local_day_and_wind_sector`` or ``group``),
        ``by_local_hour`` (list of [from hour, to hour, factor]) and ``by_class``.
    """
    factors, shared = (
        json.loads(mismatch.attrs.get(name, "{}")) for name in ("factors", "shared_by")
    )
    rows = []
    for number, name in enumerate(mismatch["term"].to_numpy().astype(str).tolist()):
        rule = mismatch.isel(term=number)
        deviation = rule["standard_deviation"].to_numpy()
        size = float(np.sqrt(np.sum(deviation**2) / max(len(deviation), 1)))
        partners = shared.get(name, "group" if _grouped(rule) else None)
        tau = float(rule["correlation_time"])
        correlation = (
            None if np.isnan(tau) else tau / HOUR_S,
            float(rule["cross_site_correlation"]),
            _across_days(tau, partners),
        )
        depends = {
            "across_sites_efolding_km": _efolding_km(rule),
            "shared_by": partners,
            **factors.get(name, {}),
        }
        told = {key: value for key, value in depends.items() if value}
        rows.append(_component(name, "R", size, correlation) | told)
    return rows


def _efolding_km(rule: xr.Dataset):
    """Return over what distance a term's correlation between sites fades [km]; None if it does not."""
    metres = float(rule.get("cross_site_efolding", np.nan))
    return metres / 1000.0 if np.isfinite(metres) else None


def _grouped(rule: xr.Dataset):
    """Tell whether a term has more than one group of observations."""
    return "error_group" in rule and len(np.unique(rule["error_group"].to_numpy())) > 1


def _across_days(tau: float, partners: str | None) -> float | None:
    """Return the correlation of a term's errors one day apart at one site."""
    if partners is not None:
        return None if partners == "group" else 0.0
    if np.isnan(tau):
        return 1.0
    return float(np.exp(-DAY_S / tau)) if tau > 0.0 else 0.0


def nuisance_components(nuisance: Nuisance | None) -> list[dict]:
    """Return one row of the table of errors for each kind of nuisance state.

    Notes
    -----
    States of a kind are named ``kind:label``. One for the whole batch (label ``common``, or one
    of a sector) correlates fully across days, daily ones do not; a sensor's bias correlates from
    one of its days to the next as far as it has not walked away, and never across sites. How a
    gradient correlates between sites depends on where these stand.
    """
    if nuisance is None:
        return []
    groups: dict[str, list[int]] = {}
    for number, name in enumerate(nuisance.names):
        kind, label = name.split(":", 1)
        common = kind == "diurnal" or label == "common" or label.endswith("_common")
        groups.setdefault(f"{kind}, {'common to the batch' if common else 'by day'}", []).append(
            number
        )
    rows = []
    for key, members in groups.items():
        part = nuisance.only(members)
        size = _root_mean(np.diagonal(part.modelled_covariance))
        across_days = 1.0 if key.endswith("batch") else _next_day(part)
        rows.append(_component(key, "state", size, (None, _across_sites(key), across_days)))
    return rows


def _across_sites(key: str):
    """Return the correlation of a kind of states between two sites; None where no number says it."""
    if key.startswith("gradient"):
        return None
    return 0.0 if key.startswith("sensor") else 1.0


def _next_day(part: Nuisance) -> float:
    """Return the mean correlation of states that follow each other; 0 where none is correlated."""
    product = part.standard_deviation[:-1] * part.standard_deviation[1:]
    covariance = np.diagonal(part.covariance, 1)
    linked = covariance != 0.0
    return float(np.mean(covariance[linked] / product[linked])) if linked.any() else 0.0


def _flux_component(fit: Innovations, nuisance: Nuisance | None) -> dict:
    """Return the row of what the prior fluxes' error does at the receptors."""
    variance = np.diagonal(fit.covariance) - np.diagonal(fit.mismatch)
    if nuisance is not None:
        variance = variance - np.diagonal(nuisance.modelled_covariance)
    size = _root_mean(np.maximum(variance, 0.0))
    return _component("prior fluxes", "state", size, (None, None, None))


def _root_mean(variance: np.ndarray):
    """Return the root of a mean variance; 0 where there is none."""
    return float(np.sqrt(variance.sum() / max(len(variance), 1)))


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
