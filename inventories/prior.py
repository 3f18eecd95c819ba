"""Inventory, proxies, profiles and natural fluxes come in; prior, covariance, inventory go out."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.periods import hour_starts, state_periods
from inventories.declared import prior_covariance
from inventories.human_respiration import human_flux
from inventories.inputs import Calendar, PriorInputs
from inventories.places import OUTSIDE, places_on_grid
from inventories.profiles import hourly_profile
from inventories.rates import Rates, Wanted, batch_rates
from inventories.readers.district_table import read_district_table
from inventories.readers.proxies import open_proxies, proxy_field
from inventories.sector_flux import SectorFlux, Sources, sector_flux
from inventories.totals import inventory_dataset

logger = logging.getLogger(__name__)
UNIT = {"units": "umol m-2 s-1"}


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
    prior = _prior_dataset(found, inputs, sources)
    totals = np.stack([sector.total[: len(codes)] for sector in found.values()])
    covariance = prior_covariance(totals, kinds, codes, inputs.errors_prior)
    covariance.attrs["synthetic"] = prior.attrs["synthetic"]
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
    sectors = tuple(name for name, s in section.sectors.items() if s.proxy)
    places = places_on_grid(inputs.regions, inputs.place, inputs.grid)
    rates = None
    if sectors:
        wanted = Wanted(
            sectors=sectors,
            codes=places.codes,
            scope=section.scope,
            gas=inputs.gas.name,
            start=np.datetime64(inputs.batch.start, "ns"),
            end=np.datetime64(inputs.batch.end, "ns"),
            repeat=section.table_repeat,
        )
        rows = read_district_table(inputs.files["table"], time.utc_offset_hours)
        rates = batch_rates(rows, wanted)
    return Sources(
        places=places,
        calendar=Calendar(*state_periods(time, inputs.batch.name)),
        proxies=open_proxies(inputs.files["proxies"], inputs.grid)
        if "proxies" in inputs.files
        else None,
        rates=rates,
        table_sectors=sectors,
    )


def _prior_dataset(
    found: dict[str, SectorFlux], inputs: PriorInputs, sources: Sources
) -> xr.Dataset:
    """Return the dataset `prior`."""
    grid, calendar, errors = inputs.grid, sources.calendar, inputs.errors_prior
    space = (grid.row_dim, grid.column_dim)
    flux = np.stack([sector.flux for sector in found.values()])
    relative = np.array(
        [errors.cell_relative_by_sector.get(name, errors.cell_relative) for name in found]
    )[:, None, None, None]
    deviation = np.sqrt(np.square(relative * flux) + errors.cell_floor_umol_m2_s**2)
    hours = hour_starts(calendar.bounds)
    profile = np.stack([_profile(name, inputs, calendar) for name in found])
    fixed, fixed_attrs = _fixed(inputs, sources)
    places = sources.places
    synthetic = any(sector.synthetic == "yes" for sector in found.values())
    return xr.Dataset(
        {
            "flux": (("sector", "period", *space), flux, UNIT),
            "flux_standard_deviation": (("sector", "period", *space), deviation, UNIT),
            "period_bounds": (("period", "bounds"), calendar.bounds),
            "period_in_batch": ("period", np.asarray(calendar.in_batch, np.int8), {"units": "1"}),
            "cell_area": (space, np.asarray(grid.cell_area, float), {"units": "m2"}),
            "region_fraction": (("region", *space), places.fraction, {"units": "1"}),
            "region_name": ("region", np.array(places.names, dtype=str)),
            "region_name_local": ("region", np.array(places.names_local, dtype=str)),
            "sector_kind": (
                "sector",
                np.array([inputs.section.sectors[name].kind for name in found], dtype=str),
            ),
            "hourly_profile": (("sector", "hour"), profile, {"units": "1"}),
            "fixed_flux": (space, fixed, UNIT),
            "fixed_hourly_profile": ("hour", np.ones(len(hours)), {"units": "1"}),
        },
        coords={
            **grid.coords(),
            "sector": np.array(list(found), dtype=str),
            "period": np.array(calendar.names, dtype=str),
            "region": np.array([*places.codes, OUTSIDE], dtype=str),
            "hour": hours,
        },
        attrs={
            "title": f"prior fluxes of {inputs.batch.name}",
            **grid.attributes(),
            **fixed_attrs,
            "synthetic": "yes" if synthetic else "no",
            "gas": inputs.gas.name,
            "molar_mass_g_mol": float(inputs.gas.molar_mass_g_mol),
            "city_name": inputs.place.name,
            "city_name_local": inputs.place.name_local,
            "total_error_max_relative": max(sector.total_error for sector in found.values()),
            "sources": json.dumps({n: s.note for n, s in found.items()}, ensure_ascii=False),
        },
    )


def _profile(name: str, inputs: PriorInputs, calendar: Calendar) -> np.ndarray:
    """Return the hourly factors of one sector, (hour,)."""
    factors = inputs.section.sectors[name].hourly_profile
    return hourly_profile(factors, calendar.bounds, inputs.time.utc_offset_hours, name)


def _fixed(inputs: PriorInputs, sources: Sources) -> tuple[np.ndarray, dict[str, str | float]]:
    """Return the flux of human respiration, (row, col), and its attributes; zero where none."""
    settings = inputs.section.human_respiration
    if settings is None:
        return np.zeros(inputs.grid.shape), {
            "fixed_name": "none",
            "fixed_relative_standard_deviation": 0.0,
        }
    persons = proxy_field(sources.proxies, settings.population, inputs.grid)
    flux = human_flux(persons, inputs.grid.cell_area, settings.grams_carbon_per_person_day)
    return flux, {
        "fixed_name": "human_respiration",
        "fixed_relative_standard_deviation": float(settings.relative_standard_deviation),
    }
