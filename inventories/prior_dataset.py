"""Fluxes of all sectors come in; the dataset `prior` goes out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from contracts.periods import hour_starts
from inventories.human_respiration import human_flux
from inventories.inputs import Calendar, PriorInputs
from inventories.places import OUTSIDE
from inventories.profiles import hourly_profile
from inventories.readers.proxies import proxy_field
from inventories.sector_flux import SectorFlux, Sources

UNIT = {"units": "umol m-2 s-1"}


def prior_dataset(
    found: dict[str, SectorFlux], inputs: PriorInputs, sources: Sources
) -> xr.Dataset:
    """Return the dataset `prior`.

    Parameters
    ----------
    found : dict of str to SectorFlux
        In the state's order.
    inputs : PriorInputs
    sources : Sources

    Returns
    -------
    xarray.Dataset
        Fluxes and their 1-sigma [umol m-2 s-1], profiles, places and the fixed part.
    """
    grid, calendar = inputs.grid, sources.calendar
    space = (grid.row_dim, grid.column_dim)
    flux = np.stack([sector.flux for sector in found.values()])
    fixed, fixed_attrs = _fixed(inputs, sources)
    return xr.Dataset(
        {
            "flux": (("sector", "period", *space), flux, UNIT),
            "flux_standard_deviation": (
                ("sector", "period", *space),
                _deviation(flux, list(found), inputs.errors_prior),
                UNIT,
            ),
            "period_bounds": (("period", "bounds"), calendar.bounds),
            "period_in_batch": ("period", np.asarray(calendar.in_batch, np.int8), {"units": "1"}),
            "fixed_flux": (space, fixed, UNIT),
            **_labels(found, inputs, sources),
            **_hours(found, inputs, calendar),
        },
        coords={
            **grid.coords(),
            "sector": np.array(list(found), dtype=str),
            "period": np.array(calendar.names, dtype=str),
            "region": np.array([*sources.places.codes, OUTSIDE], dtype=str),
            "hour": hour_starts(calendar.bounds),
        },
        attrs={**_attributes(found, inputs), **fixed_attrs},
    )


def _deviation(flux: np.ndarray, names: list[str], errors: Any) -> np.ndarray:
    """Return the 1-sigma of each flux: a share of it and a floor, in quadrature."""
    shares = [errors.cell_relative_by_sector.get(name, errors.cell_relative) for name in names]
    relative = np.array(shares)[:, None, None, None]
    return np.sqrt(np.square(relative * flux) + errors.cell_floor_umol_m2_s**2)


def _labels(
    found: dict[str, SectorFlux], inputs: PriorInputs, sources: Sources
) -> dict[str, tuple[Any, ...]]:
    """Return what sectors and regions are called, and which cells are theirs."""
    grid, places = inputs.grid, sources.places
    space = (grid.row_dim, grid.column_dim)
    kinds = np.array([inputs.section.sectors[name].kind for name in found], dtype=str)
    return {
        "sector_kind": ("sector", kinds),
        "cell_area": (space, np.asarray(grid.cell_area, float), {"units": "m2"}),
        "region_fraction": (("region", *space), places.fraction, {"units": "1"}),
        "region_name": ("region", np.array(places.names, dtype=str)),
        "region_name_local": ("region", np.array(places.names_local, dtype=str)),
    }


def _hours(
    found: dict[str, SectorFlux], inputs: PriorInputs, calendar: Calendar
) -> dict[str, tuple[Any, ...]]:
    """Return the hourly factors of sectors and of the fixed part."""
    offset, sectors = inputs.time.utc_offset_hours, inputs.section.sectors
    profile = np.stack(
        [
            hourly_profile(sectors[name].hourly_profile, calendar.bounds, offset, name)
            for name in found
        ]
    )
    return {
        "hourly_profile": (("sector", "hour"), profile, {"units": "1"}),
        "fixed_hourly_profile": ("hour", np.ones(profile.shape[1]), {"units": "1"}),
    }


def _attributes(found: dict[str, SectorFlux], inputs: PriorInputs) -> dict[str, str | float]:
    """Return the global attributes."""
    synthetic = any(sector.synthetic == "yes" for sector in found.values())
    return {
        "title": f"prior fluxes of {inputs.batch.name}",
        **inputs.grid.attributes(),
        "synthetic": "yes" if synthetic else "no",
        "gas": inputs.gas.name,
        "molar_mass_g_mol": float(inputs.gas.molar_mass_g_mol),
        "city_name": inputs.place.name,
        "city_name_local": inputs.place.name_local,
        "total_error_max_relative": max(sector.total_error for sector in found.values()),
        "sources": json.dumps({n: s.note for n, s in found.items()}, ensure_ascii=False),
    }


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
