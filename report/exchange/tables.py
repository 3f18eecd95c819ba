"""A batch's posterior, prior and verdicts in kg s-1 come in; rows of totals and of the daily series, in t, go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from report.exchange.origin import iso_time

if TYPE_CHECKING:
    import xarray as xr

    from report.exchange.origin import Origin

KILOGRAMS_PER_TONNE = 1000.0
ALL = "all"
_NUMBERS = ("prior", "prior_sd", "posterior", "posterior_sd")
TOTAL_COLUMNS = (
    "run",
    "batch",
    "region",
    "region_name",
    "region_name_local",
    "sector",
    "interval",
    "period_start",
    "period_end",
    *_NUMBERS,
    "information",
    "verdict",
    "unit",
    "gas",
    "synthetic",
)
SERIES_COLUMNS = (
    "run",
    "batch",
    "region",
    "sector",
    "period_start",
    "period_end",
    "in_batch",
    *_NUMBERS,
    "unit",
    "gas",
    "synthetic",
)


def total_rows(batch: Any, origin: Origin) -> list[dict[str, Any]]:
    """Return one row for each region, sector and interval of a batch.

    Parameters
    ----------
    batch : object
        ``posterior``, ``prior``, ``reconciliation`` (or None).
    origin : Origin

    Returns
    -------
    list of dict
        `TOTAL_COLUMNS`, in the posterior's order; values in t over the interval, standard
        deviations those of the inversion (not inflated), ``information`` = 1 - variance ratio, None
        where the prior has no variance, ``verdict`` "" where reconcile judged no such total.
    """
    posterior = batch.posterior
    names, verdicts = region_names(batch), _verdicts(batch.reconciliation)
    bounds = posterior["total_bounds"].to_numpy().astype("datetime64[ns]")
    tonnes = _seconds(bounds) / KILOGRAMS_PER_TONNE
    before = np.diagonal(posterior["total_prior_covariance"].to_numpy())
    after = np.diagonal(posterior["total_covariance"].to_numpy())
    numbers = (
        posterior["total_prior"].to_numpy(),
        np.sqrt(before),
        posterior["total"].to_numpy(),
        _root(after, before, f"total_covariance of {origin.batch}"),
    )
    removed = np.diagonal(posterior["total_covariance_reduction"].to_numpy())
    rows = []
    for place, key in enumerate(_keys(posterior)):
        region, sector, interval = key
        start, end = (iso_time(time) for time in bounds[place])
        name, local = names.get(region, (region, region))
        known = before[place] > 0.0
        values = (
            (origin.run, origin.batch, region, name, local, sector)
            + (interval or origin.batch, start, end)
            + tuple(float(values[place] * tonnes[place]) for values in numbers)
            + (float(removed[place] / before[place]) if known else None,)
            + (verdicts.get((region, sector, start, end), ""), "t", origin.gas, origin.yes_no)
        )
        rows.append(dict(zip(TOTAL_COLUMNS, values, strict=True)))
    return rows


def series_rows(batch: Any, origin: Origin) -> list[dict[str, Any]]:
    """Return one row for each sector and time bin of the whole city's series.

    Parameters
    ----------
    batch : object
        ``posterior`` is read.
    origin : Origin

    Returns
    -------
    list of dict
        `SERIES_COLUMNS`; values in t over the bin. Bins of the spin-up are told too, with
        ``in_batch`` "no": totals leave them out.
    """
    posterior = batch.posterior
    bounds = posterior["period_bounds"].to_numpy().astype("datetime64[ns]")
    tonnes = _seconds(bounds) / KILOGRAMS_PER_TONNE
    inside = posterior["period_in_batch"].to_numpy() != 0
    names = [f"daily_total{end}" for end in ("_prior", "_prior_standard_deviation", "")]
    numbers = [posterior[name].to_numpy() for name in (*names, "daily_total_standard_deviation")]
    rows = []
    for index, sector in enumerate(posterior["daily_sector"].to_numpy().astype(str).tolist()):
        for place, (start, end) in enumerate(bounds):
            values = (
                (origin.run, origin.batch, ALL, sector, iso_time(start), iso_time(end))
                + ("yes" if inside[place] else "no",)
                + tuple(float(values[index, place] * tonnes[place]) for values in numbers)
                + ("t", origin.gas, origin.yes_no)
            )
            rows.append(dict(zip(SERIES_COLUMNS, values, strict=True)))
    return rows


def region_names(batch: Any) -> dict[str, tuple[str, str]]:
    """Return the English and the local name of every region, group and the whole."""
    prior = batch.prior
    city = str(prior.attrs["city_name"])
    found = {ALL: (city, str(prior.attrs.get("city_name_local", city)))}
    for dim in ("region", "group"):
        if dim in prior.variables:
            parts = (prior[name].to_numpy().astype(str).tolist() for name in _naming(dim))
            found.update({code: (name, local) for code, name, local in zip(*parts, strict=True)})
    return found


def _naming(dim: str):
    return dim, f"{dim}_name", f"{dim}_name_local"


def _keys(posterior: xr.Dataset):
    """Return region, sector and interval of every total; "" is the whole batch."""
    names = ("total_region", "total_sector", "total_interval")
    columns = (posterior[name].to_numpy().astype(str).tolist() for name in names)
    return list(zip(*columns, strict=True))


def _verdicts(reconciliation: xr.Dataset | None):
    """Return the verdict by region, sector, start and end."""
    if reconciliation is None:
        return {}
    columns = [
        reconciliation[name].to_numpy().astype(str).tolist()
        for name in ("region", "sector", "verdict")
    ]
    times = [
        [iso_time(time) for time in reconciliation[name].to_numpy()]
        for name in ("period_start", "period_end")
    ]
    rows = zip(*columns, *times, strict=True)
    return {(region, sector, start, end): verdict for region, sector, verdict, start, end in rows}


def _seconds(bounds: np.ndarray):
    """Return the lengths of intervals (n, 2) [s]."""
    return (bounds[:, 1] - bounds[:, 0]) / np.timedelta64(1, "s")


def _root(variance: np.ndarray, scale: np.ndarray, where: str):
    """Return the square root of variances that may miss zero by rounding, never by more."""
    if np.any(variance < -1e-9 * scale):
        worst = float(variance.min())
        msg = (
            f"a variance must be >= 0; got {worst:.3g} kg2 s-2 in {where}. Solve the batch again: "
            "its prior and its posterior do not belong together."
        )
        raise ValueError(msg)
    return np.sqrt(np.maximum(variance, 0.0))
