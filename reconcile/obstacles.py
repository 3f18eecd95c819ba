"""Inventory, certificate and network come in; why a total cannot be assessed goes out (rule 1)."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from reconcile.context import Context
from reconcile.verdict import NOT_ASSESSED, Verdict


def find_unlike(posterior: xr.Dataset, inventory: xr.Dataset) -> Verdict | None:
    """Say why posterior and inventory totals are unlike, if they are.

    Parameters
    ----------
    posterior, inventory : Dataset
        Contracts of the same names; scope, gas, boundary version and likeness of the period are
        attributes of the inventory.

    Returns
    -------
    Verdict or None
        *not assessed* with its reason, or None. The air sees scope 1 alone.
    """
    if inventory.sizes["sector"] == 0:
        return Verdict(NOT_ASSESSED, "none_given")
    scope = str(inventory.attrs["scope"])
    if scope != "1":
        return Verdict(NOT_ASSESSED, "unlike_scope", scope)
    for attribute, code in (("gas", "unlike_gas"), ("boundary_version", "unlike_boundaries")):
        ours, theirs = posterior.attrs.get(attribute), inventory.attrs.get(attribute)
        if ours is not None and theirs is not None and str(ours) != str(theirs):
            return Verdict(NOT_ASSESSED, code, str(theirs))
    if str(inventory.attrs["period_like"]) != "yes":
        return Verdict(NOT_ASSESSED, "unlike_period")
    return None


def find_silent(required: tuple[str, ...], context: Context) -> Verdict | None:
    """Say which required stations gave nothing, if any.

    Parameters
    ----------
    required : tuple of str
        Setting `verdict.required_stations`.
    context : Context
        Used and excluded stations of this batch.

    Returns
    -------
    Verdict or None
        *not assessed*, naming the stations in sorted order.
    """
    silent = [
        name
        for name in sorted(required)
        if name in context.excluded_stations or name not in context.used_stations
    ]
    return Verdict(NOT_ASSESSED, "station_silent", ", ".join(silent)) if silent else None


def read_inflation(
    certificate: Mapping[str, Any] | None, family: str
) -> tuple[float, Verdict | None]:
    """Return the inflation of σ_d that the coverage certificate asks for.

    Parameters
    ----------
    certificate : mapping or None
        Coverage of this network's intervals (`certificate.json`).
    family : str
        city, districts or sectors.

    Returns
    -------
    inflation : float
        k ≥ 1; NaN without a usable certificate.
    obstacle : Verdict or None
        *not assessed* where the certificate is missing or failed.
    """
    rows = [row for row in (certificate or {}).get("rows", []) if row["family"] == family]
    if certificate is None or not rows:
        return math.nan, Verdict(NOT_ASSESSED, "no_certificate")
    if not certificate["passed"]:
        return math.nan, Verdict(NOT_ASSESSED, "failed_certificate")
    inflation = float(rows[0]["inflation"])
    if not math.isfinite(inflation) or inflation <= 0:
        msg = (
            f"the inflation of a certificate must be finite and > 0; got {inflation} in family "
            f"{family}. Run the coverage check again."
        )
        raise ValueError(msg)
    return max(1.0, inflation), None


def find_diagonal(posterior: xr.Dataset) -> Verdict | None:
    """Refuse a posterior whose mismatch covariance was diagonal.

    Notes
    -----
    With a diagonal mismatch covariance the size of z_number is 0.51 for the city, not 0.05
    (SCIENCE.md §2.15 i).
    """
    if str(posterior.attrs.get("mismatch_diagonal", "no")) == "yes":
        return Verdict(NOT_ASSESSED, "diagonal_mismatch")
    return None


def match_period(inventory: xr.Dataset, bounds: np.ndarray) -> int | None:
    """Return the index of the inventory's period with these bounds, or None.

    Parameters
    ----------
    inventory : Dataset
        Contract `inventory` with `period_bounds(period, bounds)`.
    bounds : ndarray (2,)
        Start and end of the batch, UTC.
    """
    theirs = inventory["period_bounds"].values.astype("datetime64[ns]")
    same = np.flatnonzero((theirs == bounds.astype("datetime64[ns]")).all(axis=1))
    return int(same[0]) if same.size else None
