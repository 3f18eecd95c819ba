"""A meteorology and receptors come in; nothing goes out, or a refusal with the hours and places not covered."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from contracts.periods import HOUR, to_ns
from transport.meteorology.window import LONGEST_STEP, listed


def refuse_uncovered(
    meteorology: xr.Dataset, observations: xr.Dataset, grid: Any, hours_back: int
) -> None:
    """Refuse receptors whose place or window the meteorology does not cover, before any is run.

    Parameters
    ----------
    meteorology : Dataset `meteorology`
    observations : Dataset `observations`
    grid : contracts.grid.Grid
        Of the run, on the meteorology's CRS.
    hours_back : int
        Clock hours looked back, the observed one included.

    Raises
    ------
    ValueError
        With receptors that lie outside, and the hours (how many, which) that are not between two
        instants at most 3 h apart.
    """
    faults = [*_places(meteorology, observations, grid)]
    missing, concerned = _hours(meteorology, observations, hours_back)
    if len(missing):
        faults.append(
            f"{len(missing)} hours missing for {concerned} observations: {listed(missing)}"
        )
    if faults:
        msg = (
            f"the meteorology must cover every receptor and its {hours_back} h; got "
            f"{'; '.join(faults)} in meteorology.nc. Prepare it from more weather files, or leave "
            "these observations out."
        )
        raise ValueError(msg)


def _places(meteorology: xr.Dataset, observations: xr.Dataset, grid: Any) -> list[str]:
    """Return the receptors in use that lie beyond the outermost points."""
    used = np.unique(observations["receptor_index"].to_numpy())
    axes = [meteorology[dim].to_numpy() for dim in meteorology["mixing_height"].dims[1:]]
    outside = []
    for receptor in used:
        one = observations.isel(receptor=int(receptor))
        column, row = grid.project(float(one["longitude"]), float(one["latitude"]))
        inside = [a[0] <= p <= a[-1] for a, p in zip(axes, (row, column), strict=True)]
        if not all(inside):
            outside.append(f"receptor {one['receptor'].item()} outside")
    return outside


def _hours(
    meteorology: xr.Dataset, observations: xr.Dataset, hours_back: int
) -> tuple[np.ndarray, int]:
    """Return the clock hours needed that are not covered, and how many observations need one."""
    times = to_ns(meteorology["time"].to_numpy())
    starts = to_ns(observations["time"].to_numpy())
    if not len(starts):
        return starts, 0
    hours = starts[:, None] + np.arange(1 - hours_back, 1) * HOUR
    after = np.searchsorted(times, hours + HOUR)
    before = np.searchsorted(times, hours, side="right") - 1
    known = (before >= 0) & (after < len(times))
    gaps = np.diff(times) > LONGEST_STEP
    crossed = np.concatenate([[0], np.cumsum(gaps)])
    low, high = np.clip(before, 0, None), np.clip(after, None, len(times) - 1)
    covered = known & (crossed[low] == crossed[high])
    return np.unique(hours[~covered]), int((~covered).any(axis=1).sum())
