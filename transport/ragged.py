"""Entries of single footprints come in; one `footprints` dataset goes out, its mass recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset

MASS_TOLERANCE = 1e-12
UNIT = {"units": "m2 s mol-1"}


@dataclass(frozen=True)
class Ragged:
    """Footprints one after the other.

    Attributes
    ----------
    row_size : ndarray (n,), int64
        Entries of each observation.
    lag, row, column : ndarray (nonzero,), int32
        Place of each entry.
    value : ndarray (nonzero,)
        Sensitivity [m2 s mol-1].
    total, outside : ndarray (n,)
        Sensitivity in the window, and its part beyond the grid [m2 s mol-1].
    lag_bounds : ndarray (lag, 2)
        Back from the end of the observation hour [s].
    """

    row_size: np.ndarray
    lag: np.ndarray
    row: np.ndarray
    column: np.ndarray
    value: np.ndarray
    total: np.ndarray
    outside: np.ndarray
    lag_bounds: np.ndarray

    @classmethod
    def join(cls, parts: Sequence[dict[str, Any]], lag_bounds: np.ndarray) -> Ragged:
        """Return the footprints of all observations in their order."""
        kinds = {"lag": np.int32, "row": np.int32, "column": np.int32, "value": np.float64}
        entries = {
            name: np.concatenate([np.zeros(0, kind)] + [part[name] for part in parts]).astype(kind)
            for name, kind in kinds.items()
        }
        return cls(
            row_size=np.array([len(part["value"]) for part in parts], dtype=np.int64),
            total=np.array([part["total"] for part in parts], dtype=float),
            outside=np.array([part["outside"] for part in parts], dtype=float),
            lag_bounds=np.asarray(lag_bounds, dtype=float),
            **entries,
        )

    def inside(self) -> np.ndarray:
        """Return the sum of each observation's entries, (n,) [m2 s mol-1]."""
        owner = np.repeat(np.arange(len(self.row_size)), self.row_size)
        return np.bincount(owner, weights=self.value, minlength=len(self.row_size))


def footprint_dataset(
    observations: xr.Dataset, ragged: Ragged, grid: Any, attrs: dict[str, Any]
) -> xr.Dataset:
    """Return the dataset `footprints`.

    Parameters
    ----------
    observations : Dataset `observations`
        n rows of one receptor.
    ragged : Ragged
    grid : contracts.grid.Grid
    attrs : dict
        Attributes; the grid's, the station and the mass error are added.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    ValueError
        Where inside + outside differs from the total by more than 1e-12 of it.
    """
    gap = np.abs(ragged.inside() + ragged.outside - ragged.total)
    error = float(np.max(gap / np.where(ragged.total > 0, ragged.total, 1.0), initial=0.0))
    if not error <= MASS_TOLERANCE:
        msg = (
            f"a footprint's mass must be inside + outside within {MASS_TOLERANCE} of it; got "
            f"{error:.3e} in the footprints of {_station(observations)}. Report this: it is a "
            "fault of the program."
        )
        raise ValueError(msg)
    result = xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy().astype(str)),
            "time": ("obs", observations["time"].to_numpy().astype("datetime64[ns]")),
            "row_size": ("obs", ragged.row_size, {"units": "1", "sample_dimension": "nonzero"}),
            "lag_index": ("nonzero", ragged.lag, {"units": "1"}),
            "row_index": ("nonzero", ragged.row, {"units": "1"}),
            "column_index": ("nonzero", ragged.column, {"units": "1"}),
            "sensitivity": ("nonzero", ragged.value, UNIT),
            "sensitivity_total": ("obs", ragged.total, UNIT),
            "sensitivity_outside": ("obs", ragged.outside, UNIT),
            "lag_bounds": (("lag", "bounds"), ragged.lag_bounds, {"units": "s"}),
        },
        coords=grid.coords(),
        attrs={
            **attrs,
            **grid.attributes(),
            "station": _station(observations),
            "mass_error_max_relative": error,
        },
    )
    check_dataset(result, "footprints", where=f"the footprints of {_station(observations)}")
    return result


def _station(observations: xr.Dataset) -> str:
    """Return the name of the observations' receptor."""
    used = np.unique(observations["receptor_index"].to_numpy())
    names = observations["receptor"].to_numpy().astype(str)
    return ", ".join(names[used].tolist()) if len(used) else ", ".join(names.tolist())
