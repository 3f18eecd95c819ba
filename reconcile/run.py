"""A posterior, an inventory and a coverage certificate come in; the reconciliation goes out."""

import json
import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from contracts.settings.reconcile import ReconcileSettings
from reconcile.assess import Inputs, assess_family
from reconcile.context import Context, batch_bounds
from reconcile.families import CITY, Family, list_families
from reconcile.verdict import STATES
from reconcile.wording import reason_text

_log = logging.getLogger(__name__)

TOTALS = (
    "inventory_total",
    "inventory_standard_deviation",
    "prior_total",
    "prior_standard_deviation",
    "posterior_total",
    "posterior_standard_deviation",
    "atmosphere_only",
    "atmosphere_only_standard_deviation",
    "detectable",
)
SCORES = ("information", "null_fraction", "z_number", "z_declared", "z_prior", "q", "inflation")
COUNTS = ("members", "members_agreeing")
TEXTS = ("verdict", "reason_code", "reason_detail")


def reconcile(
    posterior: xr.Dataset,
    inventory: xr.Dataset | None,
    certificate: Mapping[str, Any] | None,
    section: ReconcileSettings,
    context: Context,
) -> xr.Dataset:
    """Compare the totals of a posterior with an inventory.

    Parameters
    ----------
    posterior : Dataset
        Contract of the same name.
    inventory : Dataset or None
        Contract of the same name; None where there is nothing to compare with.
    certificate : mapping or None
        Coverage of this network's intervals; without one nothing is assessed.
    section : ReconcileSettings
        Settings.
    context : Context
        Period name, stations, region names, further members.

    Returns
    -------
    Dataset
        Contract `reconciliation`, one row per total, kg s-1; NaN where a value does not exist
        (infinite σ_d, undeclared σ_I, no inventory).
    """
    inventory = no_inventory(posterior) if inventory is None else inventory
    inputs = Inputs(posterior, inventory, certificate, section, context)
    counted = tuple(str(name) for name in inventory["sector"].values)
    families = list_families(posterior, counted)
    assessed = [assess_family(family, inputs) for family in families]
    dataset = xr.Dataset(_identity(families, inputs), attrs=_attributes(inputs))
    for name in TOTALS + SCORES + COUNTS + TEXTS:
        column = np.concatenate([np.asarray(columns[name]) for columns, _ in assessed])
        dataset[name] = _variable(name, column)
    covariance = _stack_blocks([block for _, block in assessed])
    dataset["atmosphere_only_covariance"] = xr.Variable(
        ("verdict_row", "verdict_row_2"), covariance, {"units": "kg2 s-2"}
    )
    dataset["reason"] = xr.Variable("verdict_row", _list_reasons(dataset))
    _report_counts(dataset)
    return dataset


def no_inventory(posterior: xr.Dataset) -> xr.Dataset:
    """Return an inventory that counts nothing, for runs without one."""
    bounds = batch_bounds(posterior)[None]
    empty = (("region", "period", "sector"), np.zeros((0, 1, 0)), {"units": "kg s-1"})
    nobody = np.zeros(0, dtype="<U1")
    return xr.Dataset(
        {
            "region": ("region", nobody),
            "sector": ("sector", nobody),
            "period_bounds": (("period", "bounds"), bounds),
            "total": empty,
            "standard_deviation": empty,
        },
        attrs={
            "synthetic": str(posterior.attrs["synthetic"]),
            "scope": "",
            "gas": str(posterior.attrs.get("gas", "")),
            "inventory_name": "",
            "period_like": "no",
        },
    )


def _identity(families: tuple[Family, ...], inputs: Inputs):
    pairs = [(family.name, *pair) for family in families for pair in family.pairs]
    regions = [region for _, region, _ in pairs]
    start, end = batch_bounds(inputs.posterior)
    city = str(inputs.posterior.attrs.get("city_name", CITY))
    names = {CITY: (city, city)} | dict(inputs.context.region_names)
    labels = [names.get(region, (region, region)) for region in regions]
    period = inputs.context.period_name
    texts = {
        "row_id": [f"v-{region}-{sector}-{period}" for _, region, sector in pairs],
        "family": [family for family, _, _ in pairs],
        "region": regions,
        "sector": [sector for _, _, sector in pairs],
        "region_name": [label[0] for label in labels],
        "region_name_local": [label[1] for label in labels],
    }
    columns = {name: xr.Variable("verdict_row", np.array(values)) for name, values in texts.items()}
    columns["period_start"] = xr.Variable("verdict_row", np.full(len(pairs), start))
    columns["period_end"] = xr.Variable("verdict_row", np.full(len(pairs), end))
    return columns


def _variable(name: str, column: np.ndarray):
    if name in TEXTS:
        return xr.Variable("verdict_row", column.astype(str))
    if name in COUNTS:
        return xr.Variable("verdict_row", column.astype(np.int32), {"units": "1"})
    finite = np.where(np.isfinite(column), column, np.nan)  # infinite σ_d is masked in files
    return xr.Variable("verdict_row", finite, {"units": "kg s-1" if name in TOTALS else "1"})


def _stack_blocks(blocks: list[np.ndarray]):
    """Put family blocks on a diagonal; NaN between families, which are never pooled."""
    size = sum(len(block) for block in blocks)
    stacked, start = np.full((size, size), np.nan), 0
    for block in blocks:
        stop = start + len(block)
        stacked[start:stop, start:stop] = np.where(np.isfinite(block), block, np.nan)
        start = stop
    return stacked


def _list_reasons(dataset: xr.Dataset):
    columns = {
        str(name): values.values.tolist() for name, values in dataset.items() if values.ndim == 1
    }
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    return np.array([reason_text(row, "en") for row in rows])


def _attributes(inputs: Inputs):
    inventory, posterior = inputs.inventory.attrs, inputs.posterior.attrs
    return {
        "synthetic": str(posterior["synthetic"]),
        "city_name": str(posterior.get("city_name", "")),
        "period_name": inputs.context.period_name,
        "inventory_name": str(inventory["inventory_name"]),
        "scope": str(inventory["scope"]),
        "gas": str(inventory["gas"]),
        "boundary_version": str(inventory.get("boundary_version", "")),
        "excluded_stations": json.dumps(
            dict(inputs.context.excluded_stations), sort_keys=True, ensure_ascii=False
        ),
        "preliminary": "yes" if inputs.section.preliminary else "no",
    }


def _report_counts(dataset: xr.Dataset):
    found = Counter(dataset["verdict"].values.tolist())
    _log.info(
        "%d totals: %s",
        dataset.sizes["verdict_row"],
        ", ".join(f"{found[state]} {state}" for state in STATES),
    )
