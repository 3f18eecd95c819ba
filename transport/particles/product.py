"""What the particles of each hour did comes in; the dataset `footprints` goes out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from transport.particles.air import Weather
from transport.particles.cells import Sums
from transport.particles.flight import ABOVE, LEFT, Releases
from transport.ragged import UNIT, Ragged, footprint_dataset

HOUR_S = 3600.0
ALOFT = ("layer", "lag", "row", "column")


@dataclass(frozen=True)
class Flown:
    """One observation hour.

    Attributes
    ----------
    entries : dict
        For `Ragged.join`, sensitivities [m2 s mol-1].
    aloft : dict
        Arrays layer, lag, row, column, value of the elevated layers.
    noise : float
        Standard error of the total [m2 s mol-1].
    cell_noise : float
        Of single cells, relative, from split halves.
    end : ndarray (particle, 4)
        Row, column, height above ground [m]; seconds from the hour's end back to the exit.
    reason : ndarray (particle,)
    steps : int
    above : bool
        Whether the inlet lies above the mixing height.
    """

    entries: dict[str, Any]
    aloft: dict[str, np.ndarray]
    noise: float
    cell_noise: float
    end: np.ndarray
    reason: np.ndarray
    steps: int
    above: bool


def flown_of(sums: Sums, releases: Releases, above: bool) -> Flown:
    """Return one hour's footprint, its noise and its exits.

    Parameters
    ----------
    sums : Sums
        Of all particles of the hour.
    releases : Releases
    above : bool

    Returns
    -------
    Flown

    Notes
    -----
    Total noise: standard deviation between particles / sqrt(n). Cell noise: with the halves a and
    b of even and odd particles, ||a - b|| / ||a + b||, the relative error of cells together.
    """
    number = len(sums.total)
    shape = sums.surface.shape[1:]
    even, odd = sums.surface.reshape(2, -1)
    found = np.flatnonzero((even != 0.0) | (odd != 0.0))
    even, odd = even[found], odd[found]
    cells = np.unravel_index(found, shape)
    scale = float(np.linalg.norm(even + odd))
    aloft = np.nonzero(sums.aloft)
    end = sums.end.copy()
    end[:, 3] += releases.elapsed
    return Flown(
        entries={
            **dict(zip(("lag", "row", "column"), cells, strict=True)),
            "value": (even + odd) / number,
            "total": float(sums.total.sum()) / number,
            "outside": float(sums.beyond.sum()) / number,
        },
        aloft=dict(zip(ALOFT, aloft, strict=True)) | {"value": sums.aloft[aloft] / number},
        noise=float(sums.total.std(ddof=1) / np.sqrt(number)),
        cell_noise=float(np.linalg.norm(even - odd)) / scale if scale > 0.0 else 0.0,
        end=end,
        reason=sums.reason,
        steps=int(sums.steps.sum()),
        above=above,
    )


def dataset_of(
    observations: xr.Dataset, flown: Sequence[Flown], grid: Any, section: Any, weather: Weather
) -> xr.Dataset:
    """Return the footprints of all hours.

    Parameters
    ----------
    observations : Dataset `observations`
    flown : sequence of Flown
        One for each row.
    grid : contracts.grid.Grid
    section : TransportSettings
    weather : Weather

    Returns
    -------
    xarray.Dataset
        `footprints`.
    """
    bounds = HOUR_S * np.arange(section.hours_back + 1)
    ragged = Ragged.join([one.entries for one in flown], np.stack([bounds[:-1], bounds[1:]], 1))
    settings, met = section.particles, weather.dataset
    attrs = {
        "title": "surface influence by backward particles",
        "synthetic": str(met.attrs["synthetic"]),
        "reader": "particles",
        "time_integrated": "no",
        "mole_fraction_basis": _basis(met),
        "vertical_wind": "from the meteorology" if "vertical_wind" in met else "none: taken as 0",
        "particles": settings.number,
        "seed": settings.seed,
        "counts": json.dumps(_counts(flown, settings, weather)),
        "zero_cells": "cells with exactly zero sensitivity are not stored",
    }
    extra = _noise(flown)
    if settings.exit_points:
        extra |= _exits(observations, flown, settings.number)
    if settings.layer_edges_m:
        extra |= _layers(flown, np.asarray(settings.layer_edges_m, float))
    result = footprint_dataset(observations, ragged, grid, attrs).assign(extra)
    check_dataset(result, "footprints", where=f"the footprints of {result.attrs['station']}")
    return result


def _basis(met: xr.Dataset) -> str:
    """Return in what air the mole fraction is counted."""
    if "specific_humidity" in met:
        return "dry air"
    return "dry air, taken as dry as the meteorology has no humidity"


def _counts(flown: Sequence[Flown], settings: Any, weather: Weather) -> dict[str, int]:
    """Return how many particles ended how, and how many values of the weather were raised."""
    reason = np.concatenate([np.zeros(0, np.int8)] + [one.reason for one in flown])
    met = weather.dataset
    displaced = met.get("displacement_height", 0.0)
    low = met["mixing_height"] - displaced < settings.mixing_height_floor_m
    still = met["friction_velocity"] < settings.friction_velocity_floor_m_per_s
    return {
        "particles": len(reason),
        "left_by_a_side": int((reason == LEFT).sum()),
        "left_by_the_top": int((reason == ABOVE).sum()),
        "steps": sum(one.steps for one in flown),
        "inlets_above_mixing_height": sum(one.above for one in flown),
        "mixing_heights": int(low.size),
        "mixing_heights_raised_to_floor": int(low.sum()),
        "mixing_heights_above_the_highest_level": int(
            (met["mixing_height"] > weather.level[-1]).sum()
        ),
        "friction_velocities_raised_to_floor": int(still.sum()),
    }


def _noise(flown: Sequence[Flown]) -> dict[str, Any]:
    """Return the variables of noise."""
    return {
        "sensitivity_noise": ("obs", np.array([one.noise for one in flown], float), UNIT),
        "cell_noise": ("obs", np.array([one.cell_noise for one in flown], float), {"units": "1"}),
    }


def _exits(observations: xr.Dataset, flown: Sequence[Flown], number: int) -> dict[str, Any]:
    """Return where, when and why each particle ended; times to the second."""
    ends = np.array([one.end for one in flown]).reshape(len(flown), number, 4)
    hour_end = observations["time"].to_numpy().astype("datetime64[s]") + np.timedelta64(3600, "s")
    back = np.rint(ends[..., 3]).astype("timedelta64[s]")
    dims, metres = ("obs", "particle"), {"units": "m"}
    reasons = np.array([one.reason for one in flown], np.int8).reshape(len(flown), number)
    meanings = {"flag_values": "0 1 2", "flag_meanings": "end_of_window side top"}
    return {
        "exit_northing": (dims, ends[..., 0].astype(np.float32), metres),
        "exit_easting": (dims, ends[..., 1].astype(np.float32), metres),
        "exit_height": (dims, ends[..., 2].astype(np.float32), metres),
        "exit_time": (dims, (hour_end[:, None] - back).astype("datetime64[ns]")),
        "exit_reason": (dims, reasons, meanings),
    }


def _layers(flown: Sequence[Flown], edges: np.ndarray) -> dict[str, Any]:
    """Return the entries of the elevated layers, observation by observation."""
    joined = {
        name: np.concatenate([np.zeros(0)] + [one.aloft[name] for one in flown])
        for name in (*ALOFT, "value")
    }
    size = np.array([len(one.aloft["value"]) for one in flown], np.int64)
    indices = {
        f"aloft_{name}_index": ("nonzero_aloft", joined[name].astype(np.int32), {"units": "1"})
        for name in ALOFT
    }
    return {
        "layer_bounds": (("layer", "bounds"), np.stack([edges[:-1], edges[1:]], 1), {"units": "m"}),
        "aloft_row_size": ("obs", size, {"units": "1", "sample_dimension": "nonzero_aloft"}),
        **indices,
        "aloft_sensitivity": ("nonzero_aloft", joined["value"], UNIT),
    }
