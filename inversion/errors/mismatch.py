"""In come observations, the Jacobian and the prior; out go the named terms of R, with their rules."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse
import xarray as xr

from inversion.errors.correlations import mismatch_covariance
from inversion.errors.local_clock import local_clock
from inversion.errors.terms import Hours, Term, hours_of, lifted_to_floor, spread_of, terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.settings.mismatch import MismatchSettings, MismatchTerm

__all__ = ["Term", "build_mismatch", "mismatch_covariance", "prior_enhancement", "term_variables"]

logger = logging.getLogger(__name__)


def build_mismatch(
    observations: xr.Dataset,
    jacobian: xr.Dataset,
    prior: xr.Dataset,
    section: MismatchSettings,
    utc_offset_hours: float | None = None,
) -> xr.Dataset:
    """Return the dataset ``mismatch``: what neither the fluxes nor the other states explain.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations, with ``instrument_error`` and, where known, ``spread`` [umol mol-1],
        ``instrument_class`` and ``wind_sector``.
    jacobian : Dataset ``jacobian``
        For the modelled enhancement |H x_a + fixed| [umol mol-1].
    prior : Dataset ``prior``
        x_a [umol m-2 s-1].
    section : MismatchSettings
        The terms, what they are made of and how they correlate.
    utc_offset_hours : float, optional
        Local time minus UTC [h]; without it, local midnight is where the first state period starts.

    Returns
    -------
    Dataset ``mismatch``
        ``standard_deviation(term, obs)`` [umol mol-1], ``correlation_time(term)`` [s],
        ``cross_site_correlation(term)``; where a term needs them ``cross_site_efolding(term)`` [m]
        and ``error_group(term, obs)``. Attribute ``diagonal`` = "yes" only where asked for; JSON
        attributes ``factors`` (by local hour and by class), ``shared_by`` and ``counts`` only where
        there is something to say.

    Notes
    -----
    Terms after SCIENCE 2.5; the defaults are near those of the Salt Lake City code quoted there.
    """
    enhancement = np.abs(prior_enhancement(jacobian, prior))
    hours = hours_of(observations, local_clock(observations, prior, utc_offset_hours))
    terms = terms_of(observations, enhancement, section, hours)
    if section.diagonal:
        terms = [Term(term.name, term.standard_deviation, 0.0, 0.0) for term in terms]
        logger.warning(
            "R is diagonal because errors.mismatch.diagonal is true: errors shared between hours "
            "and sites are dropped, and the intervals come out too narrow"
        )
    logger.info(
        "mismatch: %s ppm (mean standard deviation)",
        ", ".join(f"{term.name} {term.standard_deviation.mean():.3g}" for term in terms),
    )
    return xr.Dataset(
        {"obs_id": ("obs", observations["obs_id"].to_numpy()), **term_variables(terms)},
        coords={"term": np.array([term.name for term in terms], dtype=object)},
        attrs=_attributes(observations, section, hours),
    )


def prior_enhancement(jacobian: xr.Dataset, prior: xr.Dataset) -> np.ndarray:
    """Return the modelled enhancement H x_a + fixed.

    Parameters
    ----------
    jacobian : Dataset ``jacobian``
        n rows of H.
    prior : Dataset ``prior``
        x_a [umol m-2 s-1].

    Returns
    -------
    ndarray, (n,)
        [umol mol-1]
    """
    flux = prior["flux"].to_numpy().ravel()
    rows = jacobian.sizes["obs"]
    parts = (jacobian[name].to_numpy() for name in ("sensitivity", "state_index", "row_start"))
    matrix = scipy.sparse.csr_matrix(tuple(parts), shape=(rows, len(flux)), copy=False)
    return matrix @ flux + jacobian["fixed_mole_fraction"].to_numpy()


def term_variables(terms: Sequence[Term]) -> dict[str, Any]:
    """Return the variables in which the dataset ``mismatch`` keeps its terms.

    Parameters
    ----------
    terms : sequence of Term
        One standard deviation an observation each.

    Returns
    -------
    dict
        Name to (dims, values, attributes). ``cross_site_efolding`` and ``error_group`` are there
        only where a term has one; a term without groups is one group, number 0.
    """

    def column(values: list[float], unit: str) -> tuple[str, np.ndarray, dict[str, str]]:
        return "term", np.array(values, dtype=np.float64), {"units": unit}

    deviation = np.array([term.standard_deviation for term in terms])
    variables: dict[str, Any] = {
        "standard_deviation": (("term", "obs"), deviation, {"units": "umol mol-1"}),
        "correlation_time": column([term.correlation_time for term in terms], "s"),
        "cross_site_correlation": column([term.cross_site for term in terms], "1"),
    }
    efolding = column([term.cross_site_efolding for term in terms], "m")
    if np.isfinite(efolding[1]).any():
        variables["cross_site_efolding"] = efolding
    if any(term.group is not None for term in terms):
        nobody = np.zeros(deviation.shape[1], dtype=np.int64)
        groups = np.array([nobody if term.group is None else term.group for term in terms])
        variables["error_group"] = (("term", "obs"), groups)
    return variables


def _attributes(
    observations: xr.Dataset, section: MismatchSettings, hours: Hours
) -> dict[str, str | int]:
    """Return what the dataset says of itself beside its numbers."""
    attrs: dict[str, str | int] = {
        "title": "standard deviations and correlation rules of the terms of R",
        "synthetic": str(observations.attrs["synthetic"]),
        "instrument_errors_lifted_to_floor": lifted_to_floor(
            observations, section.instrument, hours
        ),
        "hours_without_spread": int(np.isnan(spread_of(observations)).sum()),
    }
    if section.diagonal:
        attrs["diagonal"] = "yes"
    every = {"instrument": section.instrument}
    correlated = ("representation", "transport", "background")
    every |= {name: getattr(section, name) for name in correlated if getattr(section, name).enabled}
    scaled = {name: term for name, term in every.items() if term.by_local_hour or term.by_class}
    if scaled:
        attrs["factors"] = json.dumps({name: _factors(term) for name, term in scaled.items()})
    counts: dict[str, Any] = {name: _scaled_hours(term, hours) for name, term in scaled.items()}
    shared = section.background.shared
    if section.background.enabled and shared != "by_time" and not section.diagonal:
        attrs["shared_by"] = json.dumps({"background": shared})
        counts["wind_sectors"] = _wind_sectors(observations, shared, hours)
    if counts:
        attrs["counts"] = json.dumps(counts)
    return attrs


def _factors(term: MismatchTerm) -> dict[str, Any]:
    """Return a term's factors as plain values: [from hour, to hour, factor], and by class."""
    stretches = [[part.from_hour, part.to_hour, part.factor] for part in term.by_local_hour]
    return {"by_local_hour": stretches, "by_class": dict(sorted(term.by_class.items()))}


def _scaled_hours(term: MismatchTerm, hours: Hours) -> dict[str, int]:
    """Return how many observations a term's factors touch, by kind of factor; 0 is told too."""
    named = [hour for part in term.by_local_hour for hour in part.hours()]
    by_hour = int(np.isin(hours.local_hour, named).sum())
    classes = {
        f"of_class_{name}": int((hours.instrument_class == name).sum())
        for name in sorted(term.by_class)
    }
    return {"at_named_local_hours": by_hour, **classes}


def _wind_sectors(observations: xr.Dataset, shared: str, hours: Hours) -> int:
    """Return how many wind sectors share the background's error, and say where there is but one."""
    if shared != "local_day_and_wind_sector":
        return 1
    if "wind_sector" not in observations:
        logger.warning(
            "errors.mismatch.background is shared by local day and wind sector, but the "
            "observations have no wind_sector: one sector holds all of them"
        )
    return len(np.unique(hours.wind_sector))
