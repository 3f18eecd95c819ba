"""Datasets in canonical units come in; rows of the three published tables, in units people read, go out."""

import math
from typing import Any

import numpy as np
import xarray as xr

from contracts.settings.gas import GasSettings
from reconcile.context import batch_seconds
from reconcile.families import total_pairs

KILOGRAMS_PER_TONNE = 1000.0

VERDICT_COLUMNS = (
    "region",
    "sector",
    "period_start",
    "period_end",
    "inventory",
    "scope",
    "inventory_total",
    "inventory_sd",
    "atmosphere_only",
    "atmosphere_only_sd",
    "information",
    "null_fraction",
    "z_number",
    "z_declared",
    "z_prior",
    "q",
    "detectable",
    "members",
    "members_agreeing",
    "inflation",
    "verdict",
    "reason",
    "unit",
)
FLUX_COLUMNS = (
    "region",
    "sector",
    "period_start",
    "period_end",
    "prior",
    "prior_sd",
    "posterior",
    "posterior_sd",
    "unit",
)
FIT_COLUMNS = (
    "obs_id",
    "receptor",
    "time",
    "observed",
    "background",
    "modelled_prior",
    "modelled_posterior",
    "sd_total",
    "unit",
)

_RATES = {
    "inventory_total": "inventory_total",
    "inventory_sd": "inventory_standard_deviation",
    "atmosphere_only": "atmosphere_only",
    "atmosphere_only_sd": "atmosphere_only_standard_deviation",
    "detectable": "detectable",
    "prior": "prior_total",
    "prior_sd": "prior_standard_deviation",
    "posterior": "posterior_total",
    "posterior_sd": "posterior_standard_deviation",
}
_PLAIN = (
    "region",
    "sector",
    "row_id",
    "family",
    "region_name",
    "region_name_local",
    "information",
    "null_fraction",
    "z_number",
    "z_declared",
    "z_prior",
    "q",
    "inflation",
    "members",
    "members_agreeing",
    "verdict",
    "reason",
    "reason_code",
    "reason_detail",
)


def verdict_rows(reconciliation: xr.Dataset) -> list[dict[str, Any]]:
    """Return the rows of verdicts.csv, with the further keys that sentences read.

    Parameters
    ----------
    reconciliation : Dataset
        Contract `reconciliation`, kg s-1.

    Returns
    -------
    list of dict
        `VERDICT_COLUMNS` and more; totals in t over the period, None where a value does not exist.
    """
    attrs = reconciliation.attrs
    shared = {
        "inventory": attrs["inventory_name"],
        "scope": attrs["scope"],
        "gas": attrs["gas"],
        "period": attrs["period_name"],
        "excluded_stations": attrs["excluded_stations"],
        "preliminary": attrs["preliminary"],
        "synthetic": attrs["synthetic"],
        "unit": "t",
    }
    columns = {name: reconciliation[name].values.tolist() for name in _PLAIN}
    starts, ends = reconciliation["period_start"].values, reconciliation["period_end"].values
    tonnes = [_tonnes(np.array(bounds)) for bounds in zip(starts, ends, strict=True)]
    for name, variable in _RATES.items():
        values = reconciliation[variable].values
        columns[name] = [rate * scale for rate, scale in zip(values.tolist(), tonnes, strict=True)]
    columns["period_start"] = [iso_time(time) for time in starts]
    columns["period_end"] = [iso_time(time) for time in ends]
    return [
        {name: _none_if_nan(value) for name, value in zip(columns, values, strict=True)} | shared
        for values in zip(*columns.values(), strict=True)
    ]


def flux_rows(posterior: xr.Dataset) -> list[dict[str, Any]]:
    """Return the rows of fluxes.csv: every total, in t over its own period.

    Parameters
    ----------
    posterior : Dataset
        Contract `posterior`, kg s-1; `total_bounds(total, bounds)` says whether a row is of the
        whole batch or of an interval of it.

    Returns
    -------
    list of dict
        `FLUX_COLUMNS`; the standard deviations are those of the inversion, not inflated.
    """
    bounds = posterior["total_bounds"].values.astype("datetime64[ns]")
    scale = np.array([_tonnes(pair) for pair in bounds])
    values = zip(
        posterior["total_prior"].values * scale,
        np.sqrt(np.diag(posterior["total_prior_covariance"].values)) * scale,
        posterior["total"].values * scale,
        np.sqrt(np.diag(posterior["total_covariance"].values)) * scale,
        strict=True,
    )
    periods = [[iso_time(time) for time in pair] for pair in bounds]
    rows = zip(total_pairs(posterior), periods, values, strict=True)
    return [
        dict(zip(FLUX_COLUMNS, (*pair, *ends, *(n.item() for n in numbers), "t"), strict=True))
        for pair, ends, numbers in rows
    ]


def fit_rows(
    posterior: xr.Dataset, observations: xr.Dataset, gas: GasSettings | None = None
) -> list[dict[str, Any]]:
    """Return the rows of fit.csv: each observation beside what the model made of it.

    Parameters
    ----------
    posterior, observations : Dataset
        Contracts of the same names, with the same `obs_id` in the same order.
    gas : GasSettings, optional
        Whose `mole_fraction_unit` people read; umol mol-1 where none is given.

    Returns
    -------
    list of dict
        `FIT_COLUMNS` in the unit of the column `unit`; `sd_total` is √diag(HBHᵀ + R), prior and
        mismatch together.
    """
    ids = posterior["obs_id"].values.astype(str)
    if not np.array_equal(ids, observations["obs_id"].values.astype(str)):
        msg = (
            "posterior and observations must hold the same obs_id in the same order; got "
            f"{ids.size} and {observations.sizes['obs']} in the fit table. "
            "Give the observations of the posterior's own batch."
        )
        raise ValueError(msg)
    receptors = observations["receptor"].values.astype(str)[observations["receptor_index"].values]
    unit, factor = (
        ("umol mol-1", 1.0) if gas is None else (gas.mole_fraction_unit, gas.per_canonical)
    )
    names = (
        "observed",
        "background",
        "modelled_prior",
        "modelled",
        "innovation_standard_deviation",
    )
    numbers = [(factor * posterior[name].values).tolist() for name in names]
    times = [iso_time(time) for time in observations["time"].values]
    columns = (ids.tolist(), receptors.tolist(), times, *numbers, [unit] * ids.size)
    return [dict(zip(FIT_COLUMNS, values, strict=True)) for values in zip(*columns, strict=True)]


def iso_time(time: np.datetime64) -> str:
    """Return a UTC time as ISO 8601 to the second with Z.

    Examples
    --------
    >>> iso_time(np.datetime64("2026-05-31T16:00:00", "ns"))
    '2026-05-31T16:00:00Z'
    """
    return f"{np.datetime_as_string(time, unit='s')}Z"


def _tonnes(bounds: np.ndarray):
    """Tonnes over the period of one kg s-1."""
    return batch_seconds(bounds) / KILOGRAMS_PER_TONNE


def _none_if_nan(value: Any):
    return None if isinstance(value, float) and math.isnan(value) else value
