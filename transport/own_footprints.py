"""Footprints of one's own as a plain array come in; the dataset `footprints` goes out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.grid import Grid
from contracts.own_arrays import own_quantity

HOUR_S = 3600.0
WHERE = "own_footprints"


def own_footprints(
    observations: xr.Dataset, sensitivity: Any, grid: Grid, unit: str, outside: Any = None
) -> xr.Dataset:
    """Return the footprints of observations, from any transport model.

    Parameters
    ----------
    observations : Dataset `observations`
        n observations, each an hour long.
    sensitivity : array_like (obs, lag, row, col) or (obs, row, col)
        Change of the mole fraction per unit of flux in a cell, >= 0. Lag 0 is the hour of the
        observation itself, lag 1 the hour before it, and so on. Without the axis of lags a
        footprint is integrated over time and acts wholly on the period of its observation.
    grid : contracts.grid.Grid
        Rows from south to north, columns from west to east: that of the prior.
    unit : str
        Such as "m2 s mol-1", which is the same as "ppm/(umol m-2 s-1)".
    outside : array_like (obs,), optional
        Sensitivity beyond the grid, same unit; 0 where not given, and the file says so.

    Returns
    -------
    Dataset
        Contract `footprints`; attribute counts (JSON): elements stored, zeros left out.

    Raises
    ------
    ValueError
        Where shape or unit do not fit, or a number is negative or not finite.
    """
    integrated = np.ndim(sensitivity) == 3
    lags = 1 if integrated or np.ndim(sensitivity) != 4 else np.shape(sensitivity)[1]
    number = observations.sizes["obs"]
    space = dict(zip(grid.dims, grid.shape, strict=True))
    axes = {"obs": number, **({} if integrated else {"lag": lags}), **space}
    values = own_quantity(sensitivity, unit, "footprint", axes, ("sensitivity", WHERE))
    if (values < 0.0).any():
        msg = (
            f"sensitivity must be >= 0; got {int((values < 0.0).sum())} negative numbers in "
            f"{WHERE}. A footprint has no sign: check how missing values are written."
        )
        raise ValueError(msg)
    values = values.reshape(number, lags, *grid.shape)
    beyond = np.zeros(number) if outside is None else outside
    beyond = own_quantity(beyond, unit, "footprint", {"obs": number}, ("outside", WHERE))
    dataset = _dataset(observations, values, beyond, grid)
    dataset.attrs |= {
        "outside": "not told by the user" if outside is None else "told by the user",
        **({"time_integrated": "yes"} if integrated else {}),
    }
    check_dataset(dataset, "footprints", WHERE)
    return dataset


def _dataset(
    observations: xr.Dataset, values: np.ndarray, beyond: np.ndarray, grid: Grid
) -> xr.Dataset:
    """Return the elements that are not zero, row by row."""
    at = np.nonzero(values)
    size = np.bincount(at[0], minlength=len(values)).astype(np.int64)
    elements = values[at]
    inside = np.bincount(at[0], weights=elements, minlength=len(values))
    edges = np.arange(values.shape[1] + 1) * HOUR_S
    unit = {"units": "m2 s mol-1"}
    counts = {"elements": int(elements.size), "zeros_left_out": int(values.size - elements.size)}
    return xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "time": ("obs", observations["time"].to_numpy()),
            "row_size": ("obs", size),
            "lag_index": ("nonzero", at[1].astype(np.int32)),
            "row_index": ("nonzero", at[2].astype(np.int32)),
            "column_index": ("nonzero", at[3].astype(np.int32)),
            "sensitivity": ("nonzero", elements, unit),
            "lag_bounds": (
                ("lag", "bounds"),
                np.stack([edges[:-1], edges[1:]], axis=1),
                {"units": "s"},
            ),
            "sensitivity_total": ("obs", inside + beyond, unit),
            "sensitivity_outside": ("obs", beyond, unit),
        },
        coords=grid.coords(),
        attrs={
            "title": "footprints brought by the user",
            **grid.attributes(),
            "synthetic": str(observations.attrs["synthetic"]),
            "counts": json.dumps(counts),
        },
    )
