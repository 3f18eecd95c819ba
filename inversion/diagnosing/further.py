"""A solved problem and its datasets come in; every further test of its stated errors, as JSON, goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from inversion.aggregates import ALL
from inversion.diagnosing.chi_square import chi_square_by
from inversion.diagnosing.desroziers import mismatch_by_group, mismatch_by_lag
from inversion.diagnosing.groups import groupings, labelled
from inversion.diagnosing.influence import influence_of_each, influence_of_groups
from inversion.diagnosing.leaving_out import leave_out
from inversion.diagnosing.predictive import predictive_coverage
from inversion.diagnosing.regression import clock_shifts, slopes
from inversion.diagnosing.sectors import SectorTotals, pairs_told_as_sum, reduced_kernel
from inversion.diagnosing.signal import signal_three_ways
from inversion.diagnosing.weather import weather_of
from inversion.diagnosing.whitened import autocorrelation, site_means, whitened

if TYPE_CHECKING:
    import xarray as xr

    from inversion.aggregates import Layout, Totals
    from inversion.diagnosing.groups import Groups
    from inversion.innovations import Innovations
    from inversion.posterior import Posterior

logger = logging.getLogger(__name__)

LEFT_OUT = ("site", "day", "month")


@dataclass(frozen=True)
class Solved:
    """A solved problem and what its totals are made of.

    Attributes
    ----------
    posterior : Posterior
        In observation space.
    fit : Innovations
        Of the same problem.
    layout : Layout
    totals : Totals
        Of `inversion.aggregates.batch_totals`: cheap where they were swept with S.
    """

    posterior: Posterior
    fit: Innovations
    layout: Layout
    totals: Totals


def further_diagnostics(
    solved: Solved,
    datasets: dict[str, xr.Dataset],
    meteorology: xr.Dataset | None = None,
    utc_offset_hours: float | None = None,
) -> dict[str, Any]:
    """Return the tests that stand beside chi square, which never proves anything (SCIENCE 2.6).

    Parameters
    ----------
    solved : Solved
    datasets : dict of Dataset
        ``observations`` and ``prior`` are read.
    meteorology : Dataset ``meteorology``, optional
        For mixing height and wind; without it these tests are left out.
    utc_offset_hours : float, optional
        Local time minus UTC [h].

    Returns
    -------
    dict
        ``dofs_three_ways``, ``chi_square_by`` (``site``, ``hour``, ``wind_sector`` where known),
        ``left_out`` (``site``, ``day``, and ``month`` where there are two), ``coverage``,
        ``desroziers_by_site``, ``desroziers_by_lag``, ``autocorrelation``, ``site_means``,
        ``slopes`` (empty without weather), ``clock_shifts``, ``influence`` (of each observation
        and of each site on the city's total) and ``sectors`` (``names``, ``kernel``,
        ``told_as_sum``). Empty where there are no observations.
    """
    posterior, fit = solved.posterior, solved.fit
    if not fit.n:
        logger.warning("further diagnostics: no observations, nothing is tested")
        return {}
    observations, prior = datasets["observations"], datasets["prior"]
    weather = weather_of(observations, meteorology) if meteorology is not None else {}
    groups = groupings(observations, prior, utc_offset_hours, weather.pop("wind_sector", None))
    white = whitened(fit)
    left = {name: leave_out(fit, groups[name]) for name in LEFT_OUT if name in groups}
    alone = leave_out(fit, labelled(np.arange(fit.n)))[1]
    pooled = {name: foretold for name, (_, foretold) in left.items()}
    return {
        "dofs_three_ways": signal_three_ways(posterior),
        "chi_square_by": {
            name: chi_square_by(fit, groups[name])
            for name in ("site", "hour", "wind_sector")
            if name in groups
        },
        "left_out": {name: rows for name, (rows, _) in left.items()},
        "coverage": predictive_coverage(fit, {"observation": alone, **pooled}),
        "desroziers_by_site": mismatch_by_group(fit, groups["site"]),
        "desroziers_by_lag": mismatch_by_lag(fit),
        "autocorrelation": autocorrelation(fit, white),
        "site_means": site_means(fit, white),
        "slopes": slopes(fit, weather),
        "clock_shifts": clock_shifts(fit, posterior.modelled_prior),
        **_of_totals(solved, groups["site"]),
    }


def _of_totals(solved: Solved, sites: Groups) -> dict[str, Any]:
    """Return influence on the city's total and what is known of its sectors."""
    posterior, fit, totals = solved.posterior, solved.fit, solved.totals
    cross = posterior.cross(totals.weights)
    gain = fit.precision @ cross
    before = posterior.prior_covariance_of(totals.weights)
    reduction = cross.T @ gain
    city = totals.index(ALL, ALL)
    deviation = float(np.sqrt(before[city, city] - reduction[city, city]))
    mean = totals.weights.rmatvec(posterior.state_mean)
    kept = [totals.index(ALL, name) for name in solved.layout.sectors]
    kept = [k for k in kept if before[k, k] > 0.0]
    sectors = SectorTotals(
        tuple(totals.sectors[k] for k in kept),
        mean[kept],
        before[np.ix_(kept, kept)],
        reduction[np.ix_(kept, kept)],
    )
    return {
        "influence": {
            "total": ALL,
            "observations": influence_of_each(fit, cross[:, city], deviation),
            "sites": influence_of_groups(fit, cross[:, city], deviation, sites),
        },
        "sectors": {
            "names": list(sectors.names),
            "kernel": reduced_kernel(sectors).tolist(),
            "told_as_sum": pairs_told_as_sum(sectors),
        },
    }
