"""A district table and a state of one's own come in; its totals by sector, period and region, and the dataset `inventory`, go out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.periods import Period
from inventories.own_state import OwnState
from inventories.places import OUTSIDE
from inventories.rates import Wanted, batch_rates
from inventories.readers.district_table import read_district_table
from inventories.sector_flux import SectorFlux
from inventories.totals import inventory_dataset


@dataclass(frozen=True)
class OwnTotals:
    """What a district table says about a state.

    Attributes
    ----------
    rate : ndarray (sector, period, region), kg s-1
        Of the sectors of kind inventory, in the state's order.
    deviation : ndarray (sector, period, region), kg s-1
        Declared 1-sigma; NaN where the table declares none.
    left_out : dict of str to int
        Rows not used, by reason.
    """

    rate: np.ndarray
    deviation: np.ndarray
    left_out: dict[str, int]


@dataclass(frozen=True)
class OwnInventory:
    """What an inventory is called, and how its declared errors add up.

    Attributes
    ----------
    name, scope, boundary_version : str
    deviation_correlation_regions, deviation_correlation_sectors : int
        1 where errors add linearly, 0 where in quadrature.
    """

    name: str
    scope: str
    boundary_version: str = "own"
    deviation_correlation_regions: int = 1
    deviation_correlation_sectors: int = 0


def own_totals(path: str | Path, state: OwnState, scope: str, utc_offset_hours: float) -> OwnTotals:
    """Return the totals of a district table in every period of a state.

    Parameters
    ----------
    path : path
        CSV with the columns of `inventories.readers.district_table`.
    state : OwnState
        Its regions and its sectors of kind inventory must be those of the table.
    scope : str
        Rows of another scope are left out and counted.
    utc_offset_hours : float
        Local time minus UTC: a bare date is a local midnight.

    Returns
    -------
    OwnTotals

    Raises
    ------
    ValueError
        Where the table breaks its format, names unknown sectors or regions, lacks a total, or its
        periods do not cover a period of the state exactly once.
    """
    rows = read_district_table(path, utc_offset_hours)
    sectors = tuple(name for name, kind in state.sectors.items() if kind == "inventory")
    codes = tuple(code for code in state.regions if code != OUTSIDE)
    order = [(*codes, OUTSIDE).index(code) for code in state.regions]
    found = [
        batch_rates(rows, Wanted(sectors, codes, scope, state.gas.name, start, end, "none"))
        for start, end in state.period_bounds
    ]
    return OwnTotals(
        rate=np.stack([rates.rate[:, order] for rates in found], axis=1),
        deviation=np.stack([rates.deviation[:, order] for rates in found], axis=1),
        left_out={
            "another scope": found[0].rows_other_scope,
            "another gas": found[0].rows_other_gas,
        },
    )


def own_inventory(state: OwnState, totals: OwnTotals, about: OwnInventory) -> xr.Dataset:
    """Return the dataset `inventory` with which a posterior can be compared.

    Parameters
    ----------
    state : OwnState
    totals : OwnTotals
    about : OwnInventory

    Returns
    -------
    Dataset
        Contract `inventory`: means over the batch [kg s-1] of every region and sector and their
        sums `all`, with the declared 1-sigma.

    Notes
    -----
    ASSUME: declared errors of one region and sector are fully correlated between periods.
    """
    bounds = state.period_bounds[state.spin_up :]
    length = (bounds[:, 1] - bounds[:, 0]) / np.timedelta64(1, "s")
    weight = length / length.sum()
    left_out = {*state.apart, OUTSIDE}
    inside = [at for at, code in enumerate(state.regions) if code not in left_out]
    sectors = [name for name, kind in state.sectors.items() if kind == "inventory"]
    synthetic = "yes" if state.synthetic else "no"
    found = {}
    for at, name in enumerate(sectors):
        rate, deviation = (
            weight @ values[at, state.spin_up :][:, inside]
            for values in (totals.rate, totals.deviation)
        )
        note = "district table brought by the user"
        found[name] = SectorFlux(np.empty(0), rate, deviation, True, note, synthetic, 0.0)
    batch = Period("batch", bounds[0, 0], bounds[-1, 1])
    codes = [state.regions[at] for at in inside]
    dataset = inventory_dataset(found, codes, batch, about, state.gas.name)
    check_dataset(dataset, "inventory", "own_inventory")
    return dataset
