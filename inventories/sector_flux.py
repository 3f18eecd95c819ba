"""One sector's settings and files come in; its flux in every period, and its totals, go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.units import mass_rate_of_flux
from inventories.disaggregate import TOLERANCE, spread_totals
from inventories.inputs import Calendar, PriorInputs
from inventories.places import Places
from inventories.profiles import weekday_factors
from inventories.rates import Rates
from inventories.readers.gridded_flux import read_gridded_flux
from inventories.readers.proxies import flux_field, proxy_field


@dataclass(frozen=True)
class SectorFlux:
    """One sector.

    Attributes
    ----------
    flux : ndarray (period, row, col), umol m-2 s-1
    total : ndarray (region + 1,), kg s-1
        Batch means of the districts and `outside`, the inventory's own where it has one.
    deviation : ndarray (region + 1,), kg s-1
        Declared 1-sigma, NaN where undeclared.
    covers_batch : bool
        Whether the source describes the batch's period.
    note, synthetic : str
    total_error : float
        Largest relative difference between the flux's district sums and the totals.
    """

    flux: np.ndarray
    total: np.ndarray
    deviation: np.ndarray
    covers_batch: bool
    note: str
    synthetic: str
    total_error: float


@dataclass(frozen=True)
class Sources:
    """What sectors share: places, calendar, proxies, table's rates."""

    places: Places
    calendar: Calendar
    proxies: xr.Dataset | None
    rates: Rates | None
    table_sectors: Sequence[str]


def region_totals(
    flux: np.ndarray, fraction: np.ndarray, cell_area: np.ndarray, molar_mass_g_mol: float
) -> np.ndarray:
    """Return the totals of regions.

    Parameters
    ----------
    flux : ndarray (..., row, col), umol m-2 s-1
    fraction : ndarray (region, row, col)
    cell_area : ndarray (row, col), m2
    molar_mass_g_mol : float

    Returns
    -------
    ndarray (..., region), kg s-1
    """
    sums = np.tensordot(flux * cell_area, fraction, axes=([-2, -1], [1, 2]))
    return sums * mass_rate_of_flux(molar_mass_g_mol)


def sector_flux(name: str, inputs: PriorInputs, sources: Sources) -> SectorFlux:
    """Return the flux of one sector from the source its settings name.

    Parameters
    ----------
    name : str
    inputs : PriorInputs
    sources : Sources

    Returns
    -------
    SectorFlux

    Raises
    ------
    ValueError
        From the readers; where a GPP is positive, a flux negative, or totals are not met.
    """
    settings = inputs.section.sectors[name]
    make = _from_table if settings.proxy else _from_field if settings.field else _from_grid
    found = make(name, inputs, sources)
    wrong = found.flux > 0 if name == "gpp" else found.flux < 0
    if wrong.any():
        rule = "<= 0 (uptake)" if name == "gpp" else ">= 0"
        msg = (
            f"the flux of {name} must be {rule}; got {int(wrong.sum())} values of the other sign "
            "in its source. Change the sign there."
        )
        raise ValueError(msg)
    return found


def _from_table(name: str, inputs: PriorInputs, sources: Sources) -> SectorFlux:
    """Return a sector spread from the district table along its proxy."""
    settings, grid = inputs.section.sectors[name], inputs.grid
    weight = proxy_field(sources.proxies, settings.proxy, grid)
    if settings.proxy_per == "area":
        weight = weight * grid.cell_area
    place = list(sources.table_sectors).index(name)
    wanted = sources.rates.rate[place]
    amount = spread_totals(wanted, weight, sources.places.fraction, name)
    calendar = sources.calendar
    daily = weekday_factors(
        settings.weekday_profile, calendar.bounds, calendar.in_batch, inputs.time.utc_offset_hours
    )
    mass = mass_rate_of_flux(inputs.gas.molar_mass_g_mol)
    flux = daily[:, None, None] * (amount / (grid.cell_area * mass))
    mean = np.tensordot(calendar.batch_weights(), flux, axes=1)
    total = region_totals(
        mean, sources.places.fraction, grid.cell_area, inputs.gas.molar_mass_g_mol
    )
    known = wanted > 0
    error = float(np.max(np.abs(total[known] / wanted[known] - 1.0), initial=0.0))
    if not error <= TOLERANCE:
        msg = (
            f"the prior's totals must equal the inventory's within {TOLERANCE}; got {error:.2e} "
            f"for {name}. Report this: it is a fault of the program."
        )
        raise ValueError(msg)
    return SectorFlux(
        flux=flux,
        total=np.where(np.isnan(wanted), total, wanted),
        deviation=sources.rates.deviation[place],
        covers_batch=sources.rates.covers_batch,
        note=f"district table along {settings.proxy} (per {settings.proxy_per})",
        synthetic=str(sources.proxies.attrs.get("synthetic", "no")),
        total_error=error,
    )


def _from_field(name: str, inputs: PriorInputs, sources: Sources) -> SectorFlux:
    """Return a sector whose flux is a field of the proxies."""
    field = inputs.section.sectors[name].field
    flux = flux_field(sources.proxies, field, inputs.grid, sources.calendar.bounds)
    synthetic = str(sources.proxies.attrs.get("synthetic", "no"))
    return _summed(flux, inputs, sources, (f"field {field}", synthetic, True, None))


def _from_grid(name: str, inputs: PriorInputs, sources: Sources) -> SectorFlux:
    """Return a sector read from a gridded flux."""
    settings = inputs.section.sectors[name].gridded
    found = read_gridded_flux(inputs.files[name], settings, inputs.grid, sources.calendar.bounds)
    about = (found.note, found.synthetic, found.covers_batch, settings.standard_deviation_percent)
    return _summed(found.flux, inputs, sources, about)


def _summed(
    flux: np.ndarray,
    inputs: PriorInputs,
    sources: Sources,
    about: tuple[str, str, bool, float | None],
) -> SectorFlux:
    """Return a sector whose totals are the sums of its flux."""
    note, synthetic, covers, percent = about
    mean = np.tensordot(sources.calendar.batch_weights(), flux, axes=1)
    total = region_totals(
        mean, sources.places.fraction, inputs.grid.cell_area, inputs.gas.molar_mass_g_mol
    )
    share = np.nan if percent is None else percent / 100.0
    return SectorFlux(flux, total, share * np.abs(total), covers, note, synthetic, 0.0)
