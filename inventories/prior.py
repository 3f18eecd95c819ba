"""Inventory, proxies, profiles and natural fluxes come in; prior, covariance, inventory go out."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.periods import state_periods
from inventories.declared import prior_covariance
from inventories.inputs import Calendar, PriorInputs
from inventories.places import places_on_grid
from inventories.prior_dataset import prior_dataset
from inventories.rates import Rates, batch_rates, wanted_of
from inventories.readers.district_table import read_district_table
from inventories.readers.proxies import open_proxies
from inventories.sector_flux import Sources, sector_flux
from inventories.totals import inventory_dataset

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PriorResult:
    """The datasets `prior`, `prior_covariance` and `inventory` of one batch."""

    prior: xr.Dataset
    prior_covariance: xr.Dataset
    inventory: xr.Dataset


def build_prior(inputs: PriorInputs) -> PriorResult:
    """Return what is known of a batch before the air is asked.

    Parameters
    ----------
    inputs : PriorInputs

    Returns
    -------
    PriorResult

    Raises
    ------
    ValueError
        From the readers, the disaggregation and the error settings.
    """
    section = inputs.section
    sources = _sources(inputs)
    found = {name: sector_flux(name, inputs, sources) for name in section.sectors}
    kinds = {name: section.sectors[name].kind for name in found}
    codes = sources.places.codes
    prior = prior_dataset(found, inputs, sources)
    totals = np.stack([sector.total[: len(codes)] for sector in found.values()])
    covariance = prior_covariance(totals, kinds, codes, inputs.errors_prior)
    covariance.attrs["synthetic"] = prior.attrs["synthetic"]
    covariance.attrs["utc_offset_hours"] = float(inputs.time.utc_offset_hours)
    counted = {name: sector for name, sector in found.items() if kinds[name] == "inventory"}
    inventory = inventory_dataset(counted, codes, inputs.batch, section, inputs.gas.name)
    if sources.rates is not None:
        inventory.attrs["rows_left_out"] = json.dumps(_left_out(sources.rates))
    for name, dataset in (
        ("prior", prior), ("prior_covariance", covariance), ("inventory", inventory),
    ):  # fmt: skip
        check_dataset(dataset, name, where=f"{name} of {inputs.batch.name}")
    logger.info(
        "prior: %d sectors, %d periods, %s cells, totals met within %.1e",
        len(found), len(sources.calendar.names), inputs.grid.shape,
        prior.attrs["total_error_max_relative"],
    )  # fmt: skip
    return PriorResult(prior, covariance, inventory)


def _left_out(rates: Rates) -> dict[str, int]:
    """Return the counts of table rows not used, by reason."""
    return {
        "another scope": rates.rows_other_scope,
        "another gas": rates.rows_other_gas,
        "another period": rates.rows_other_period,
    }


def _sources(inputs: PriorInputs) -> Sources:
    """Return what all sectors share: fractions, calendar, proxies and the table's rates."""
    section, time = inputs.section, inputs.time
    places = places_on_grid(inputs.regions, inputs.place, inputs.grid)
    wanted, rates = wanted_of(section, places.codes, inputs.gas.name, inputs.batch), None
    if wanted.sectors:
        rows = read_district_table(inputs.files["table"], time.utc_offset_hours)
        rates = batch_rates(rows, wanted)
    return Sources(
        places=places,
        calendar=Calendar(*state_periods(time, inputs.batch.name)),
        proxies=open_proxies(inputs.files["proxies"], inputs.grid)
        if "proxies" in inputs.files
        else None,
        rates=rates,
        table_sectors=wanted.sectors,
    )
