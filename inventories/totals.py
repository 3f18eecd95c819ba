"""Sectors' totals by district come in; the dataset `inventory` goes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from inventories.sector_flux import SectorFlux


def inventory_dataset(
    found: dict[str, SectorFlux], codes: Sequence[str], batch: Any, section: Any, gas: str
) -> xr.Dataset:
    """Return the dataset `inventory` of the inventory's sectors.

    Parameters
    ----------
    found : dict of str to SectorFlux
        Sectors of kind inventory, in the state's order.
    codes : sequence of str
        Districts.
    batch : contracts.periods.Period
    section : InventorySettings
    gas : str

    Returns
    -------
    xarray.Dataset
        Totals and declared 1-sigma [kg s-1] of districts + `all` by sectors + `all`; NaN where
        a part is undeclared.

    Notes
    -----
    ASSUME: declared errors of districts within a sector are fully correlated and those of sectors
    independent, unless the settings say otherwise.
    """
    count = len(codes)
    total = _with_sum(np.stack([sector.total[:count] for sector in found.values()], axis=1))
    deviation = np.stack([sector.deviation[:count] for sector in found.values()], axis=1)
    regions = _combine(deviation, 0, section.deviation_correlation_regions)
    deviation = np.concatenate([deviation, regions[None]])
    sectors = _combine(deviation, 1, section.deviation_correlation_sectors)
    deviation = np.concatenate([deviation, sectors[:, None]], axis=1)
    bounds = np.array([[batch.start, batch.end]], dtype="datetime64[ns]")
    notes = {name: sector.note for name, sector in found.items()}
    like = all(sector.covers_batch for sector in found.values())
    synthetic = any(sector.synthetic == "yes" for sector in found.values())
    unit = {"units": "kg s-1"}
    return xr.Dataset(
        {
            "total": (("region", "period", "sector"), total[:, None, :], unit),
            "standard_deviation": (("region", "period", "sector"), deviation[:, None, :], unit),
            "period_bounds": (("period", "bounds"), bounds),
        },
        coords={
            "region": np.array([*codes, "all"], dtype=str),
            "period": np.array([batch.name], dtype=str),
            "sector": np.array([*found, "all"], dtype=str),
        },
        attrs={
            "title": f"{section.name}: totals of the batch {batch.name}",
            "synthetic": "yes" if synthetic else "no",
            "inventory_name": section.name,
            "scope": section.scope,
            "gas": gas,
            "boundary_version": section.boundary_version,
            "period_like": "yes" if like else "no",
            "deviation_correlation_regions": section.deviation_correlation_regions,
            "deviation_correlation_sectors": section.deviation_correlation_sectors,
            "sources": json.dumps(notes, ensure_ascii=False),
        },
    )


def _with_sum(total: np.ndarray) -> np.ndarray:
    """Return totals (region, sector) with a last row and column of their sums."""
    total = np.concatenate([total, total.sum(axis=0)[None]])
    return np.concatenate([total, total.sum(axis=1)[:, None]], axis=1)


def _combine(deviation: np.ndarray, axis: int, correlation: int) -> np.ndarray:
    """Return the 1-sigma of a sum: linear for correlation 1, in quadrature for 0."""
    if correlation == 1:
        return deviation.sum(axis=axis)
    return np.sqrt(np.square(deviation).sum(axis=axis))
