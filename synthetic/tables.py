"""The city comes in; its inventory table by district, and the prior maps that follow, go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.city import City

MOLAR_MASS_KG = 0.0440095  # kg mol-1, CO2
DAYS_PER_YEAR = 365.0
HUMAN_RESPIRATION_G_C = 246.0  # g C per person and day (SCIENCE 5.2)
MOLAR_MASS_C = 12.011  # g mol-1
PROXY = {
    "power": "power_plants",
    "industry": "industry",
    "buildings": "population",
    "transport": "roads",
    "waste": "waste_sites",
}
DECLARED_PERCENT = {
    "power": 8.0,
    "industry": 20.0,
    "buildings": 20.0,
    "transport": 15.0,
    "waste": 40.0,
}
# December's daily means over forest and over cropland, umol m-2 s-1.
BIOSPHERE = {"gpp": (-1.2, -0.6), "respiration": (1.6, 1.2)}
COLUMNS = [
    "region",
    "sector",
    "period_start",
    "period_end",
    "total_t",
    "standard_deviation_percent",
    "scope",
    "gas",
    "source",
]


@dataclass(frozen=True)
class Prior:
    """Means over the batch of what an inventory and a biosphere model say.

    Attributes
    ----------
    sectors : tuple of str
        State sectors in the order of the state.
    flux : ndarray (sector, row, col), umol m-2 s-1
    human : ndarray (row, col), umol m-2 s-1
        Human respiration, outside the inventory.
    """

    sectors: tuple[str, ...]
    flux: np.ndarray
    human: np.ndarray


def district_totals(city: City, settings: Any, days: float) -> dict[tuple[str, str], float]:
    """Return the inventory's totals by region and sector.

    Parameters
    ----------
    city : City
    settings : SyntheticSettings
    days : float
        Length of the period.

    Returns
    -------
    dict of (region, sector) to float, t CO2 in the period
        Rounded to 0.1 t as an office would; districts and `outside`. The 13
        districts sum to `annual_total_mt` (before rounding).
    """
    totals = {}
    regions = (*city.codes, "outside")
    for sector, share in settings.annual_share.items():
        amounts = np.einsum("rij,ij->r", city.fraction, city.proxies[PROXY[sector]])
        period = settings.annual_total_mt * 1e6 * share * days / DAYS_PER_YEAR
        for region, amount in zip(regions, amounts, strict=True):
            totals[region, sector] = round(float(period * amount / amounts[:-1].sum()), 1)
    return totals


def inventory_rows(
    totals: dict[tuple[str, str], float], period_start: str, period_end: str
) -> list[dict[str, Any]]:
    """Return the rows of the inventory file.

    Parameters
    ----------
    totals : dict of (region, sector) to float, t
    period_start, period_end : str
        ISO dates, the end excluded.

    Returns
    -------
    list of dict
        One per region and sector, columns `COLUMNS`.
    """
    return [
        {
            "region": region,
            "sector": sector,
            "period_start": period_start,
            "period_end": period_end,
            "total_t": total,
            "standard_deviation_percent": DECLARED_PERCENT[sector],
            "scope": "1",
            "gas": "CO2",
            "source": "SYNTHETIC inventory of a synthetic city",
        }
        for (region, sector), total in sorted(totals.items())
    ]


def prior_maps(
    city: City, totals: dict[tuple[str, str], float], sectors: tuple[str, ...], days: float
) -> Prior:
    """Spread each region's total over its cells by the sector's proxy.

    Parameters
    ----------
    city : City
    totals : dict of (region, sector) to float, t in the period
    sectors : tuple of str
        State sectors; those of `BIOSPHERE` come from land cover.
    days : float

    Returns
    -------
    Prior
        Region totals of the maps equal the table.
    """
    maps = []
    for sector in sectors:
        if sector in BIOSPHERE:
            forest, crop = BIOSPHERE[sector]
            maps.append(
                forest * city.proxies["forest_fraction"] + crop * city.proxies["cropland_fraction"]
            )
            continue
        mass = np.zeros(city.grid.shape)
        for region, fraction in zip((*city.codes, "outside"), city.fraction, strict=True):
            part = fraction * city.proxies[PROXY[sector]]
            if part.sum() > 0:
                mass += totals[region, sector] * part / part.sum()
        maps.append(mass * 1000.0 / (MOLAR_MASS_KG * 1e-6) / (days * 86400.0) / city.grid.cell_area)
    carbon = HUMAN_RESPIRATION_G_C / MOLAR_MASS_C * 1e6 / 86400.0  # umol person-1 s-1
    human = city.proxies["population"] * carbon / city.grid.cell_area
    return Prior(sectors, np.stack(maps), human)


def region_rates(flux: np.ndarray, city: City) -> np.ndarray:
    """Return totals of maps over the city, its districts and what lies beyond.

    Parameters
    ----------
    flux : ndarray (..., row, col), umol m-2 s-1
    city : City

    Returns
    -------
    ndarray (..., region), kg s-1
        Regions: `all` (the city), the districts, `outside`.
    """
    mass = city.grid.cell_area * MOLAR_MASS_KG * 1e-6
    n_region = len(city.fraction)
    weight = (city.fraction * mass).reshape(n_region, -1)
    parts = flux.reshape(*flux.shape[:-2], -1) @ weight.T
    return np.concatenate([parts[..., :-1].sum(axis=-1, keepdims=True), parts], axis=-1)
