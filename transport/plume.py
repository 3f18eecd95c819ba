"""Observations, meteorology and a grid come in; footprints of a backward Gaussian puff go out.

ASSUME: emissions enter at the ground; no plume rise, no vertical wind, no deposition.
ASSUME: turbulence at the receptor and its hour holds along the whole path.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from transport.ages import HOUR_S, Ages, make_ages
from transport.dispersion import axis_share, ground_density, taylor_variance
from transport.meteorology.needs import require
from transport.ragged import Ragged, footprint_dataset
from transport.trajectory import Puffs, Release, follow_back

logger = logging.getLogger(__name__)
NEEDS = (
    "eastward_wind",
    "northward_wind",
    "mixing_height",
    "vertical_velocity_deviation",
    "lateral_velocity_deviation",
    "air_molar_density",
)
HALF_HOUR = np.timedelta64(1_800_000_000_000, "ns")


def read_footprints(
    observations: xr.Dataset,
    meteorology: xr.Dataset | None,
    grid: Any,
    section: Any,
    files: Sequence[str | Path],
) -> xr.Dataset:
    """Return the footprints of one station's observations.

    Parameters
    ----------
    observations : Dataset `observations`
        Rows of one receptor.
    meteorology : Dataset `meteorology`
    grid : contracts.grid.Grid
        A projected one, metres.
    section : TransportSettings
    files : sequence of path
        Not used: footprints are computed.

    Returns
    -------
    xarray.Dataset
        `footprints` with hourly lag bins; sensitivity [m2 s mol-1].

    Raises
    ------
    ValueError
        Where there is no meteorology, it lies on another CRS, or the grid is not in metres.
    """
    del files
    _refuse_unfit(meteorology, grid)
    ages = make_ages(section.hours_back)
    release = _release(observations, grid)
    puffs = follow_back(meteorology, release, ages)
    weight = _weights(puffs, release.inlet, ages, section.plume)
    width = np.sqrt(
        section.plume.initial_width_m**2
        + taylor_variance(
            ages.middle, puffs.lateral_deviation[:, None], section.plume.lateral_timescale_s
        )
    )
    parts = [
        _spread(puffs, number, weight[number], width[number], (grid, ages))
        for number in range(len(weight))
    ]
    bounds = HOUR_S * np.arange(section.hours_back + 1)
    above = int((puffs.lid[:, 0] < release.inlet).sum())
    attrs = {
        "title": "surface influence by a backward Gaussian puff",
        "synthetic": str(meteorology.attrs["synthetic"]),
        "reader": "plume",
        "time_integrated": "no",
        "observations_with_inlet_above_mixing_height": above,
        "steps_beyond_meteorology": puffs.beyond,
        "zero_cells": "cells with exactly zero sensitivity are not stored",
    }
    ragged = Ragged.join(parts, np.stack([bounds[:-1], bounds[1:]], axis=1))
    result = footprint_dataset(observations, ragged, grid, attrs)
    counts = len(parts), result.sizes["nonzero"], above, puffs.beyond
    logger.info(
        "footprints: %d rows, %d entries, %d inlets above the lid, %d steps beyond", *counts
    )
    return result


def _refuse_unfit(meteorology: xr.Dataset | None, grid: Any) -> None:
    """Raise where the plume has no meteorology or not on the grid's metres."""
    if meteorology is None:
        msg = (
            "the reader `plume` must have meteorology; got none in transport.meteorology. "
            "Prepare it, or read footprints from files."
        )
        raise ValueError(msg)
    require(meteorology, NEEDS, "the plume")
    if grid.row_dim != "northing":
        msg = (
            f"the plume's grid must be in projected metres; got {grid.crs} in grid.crs. "
            "Choose a projected CRS, or read footprints from files."
        )
        raise ValueError(msg)
    crs = meteorology.attrs.get("grid_crs")
    if crs != grid.attributes()["grid_crs"]:
        msg = (
            f"the meteorology must lie on the grid's CRS {grid.attributes()['grid_crs']}; got "
            f"{crs} in meteorology.nc. Prepare the meteorology on that CRS."
        )
        raise ValueError(msg)


def _release(observations: xr.Dataset, grid: Any) -> Release:
    """Return where and when the puffs of one receptor are released."""
    used = np.unique(observations["receptor_index"].to_numpy())
    if len(used) > 1:
        msg = (
            f"footprints must be built station by station; got {len(used)} receptors in the "
            "observations. Select the rows of one receptor."
        )
        raise ValueError(msg)
    count = observations.sizes["obs"]
    receptor = observations.isel(receptor=int(used[0]) if len(used) else 0)
    column, row = grid.project(float(receptor["longitude"]), float(receptor["latitude"]))
    return Release(
        row=np.full(count, float(row)),
        column=np.full(count, float(column)),
        inlet=float(receptor["inlet_height"]),
        time=observations["time"].to_numpy().astype("datetime64[ns]") + HALF_HOUR,
    )


def _weights(puffs: Puffs, inlet: float, ages: Ages, model: Any) -> np.ndarray:
    """Return the sensitivity of each step to a flux everywhere, (n, s) [m2 s mol-1]."""
    variance = taylor_variance(
        ages.middle, puffs.vertical_deviation[:, None], model.vertical_timescale_s
    )
    density = ground_density(variance, np.asarray(inlet), puffs.lid)
    return ages.length * density / puffs.molar_density[:, None]


def _spread(
    puffs: Puffs, number: int, weight: np.ndarray, width: np.ndarray, where: tuple[Any, Ages]
) -> dict[str, np.ndarray | float]:
    """Return one observation's entries, in the order of lag, row and column."""
    grid, ages = where
    row_share = axis_share(np.asarray(grid.row_edges, float), puffs.row[number], width)
    column_share = axis_share(np.asarray(grid.column_edges, float), puffs.column[number], width)
    rows, columns = np.diff(row_share, axis=1), np.diff(column_share, axis=1)
    weighted = rows * weight[:, None]
    found: dict[str, list[np.ndarray]] = {"lag": [], "row": [], "column": [], "value": []}
    for lag, (first, last) in enumerate(zip(ages.lag_edge[:-1], ages.lag_edge[1:], strict=True)):
        block = slice(first, last)
        row_span, column_span = _span(rows[block]), _span(columns[block])
        cells = weighted[block, row_span].T @ columns[block, column_span]
        row, column = np.nonzero(cells)
        found["value"].append(cells[row, column])
        found["row"].append((row + row_span.start).astype(np.int32))
        found["column"].append((column + column_span.start).astype(np.int32))
        found["lag"].append(np.full(len(row), lag, dtype=np.int32))
    entries = {name: np.concatenate(values) for name, values in found.items()}
    inside_share = np.ptp(row_share, axis=1) * np.ptp(column_share, axis=1)
    return {
        **entries,
        "total": float(weight.sum()),
        "outside": float((weight * (1.0 - inside_share)).sum()),
    }


def _span(mass: np.ndarray) -> slice:
    """Return the slice of cells of one axis that any step reaches."""
    reached = np.flatnonzero(mass.any(axis=0))
    return slice(int(reached[0]), int(reached[-1]) + 1) if len(reached) else slice(0, 0)
