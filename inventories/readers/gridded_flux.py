"""A gridded flux on longitude and latitude comes in; its period means on the run's grid go out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.units import factor_to_canonical
from inventories.regrid import edges_of_centres, overlap_means


@dataclass(frozen=True)
class GriddedFlux:
    """A flux for every state period.

    Attributes
    ----------
    flux : ndarray (period, row, col), umol m-2 s-1
    covers_batch : bool
        False where the file describes another time that stands for the batch.
    note : str
        What was done in time and space, for the attributes.
    synthetic : str
        "yes" or "no".
    """

    flux: np.ndarray
    covers_batch: bool
    note: str
    synthetic: str


def read_gridded_flux(
    path: str | Path, settings: Any, grid: Any, period_bounds: np.ndarray
) -> GriddedFlux:
    """Return the flux of every period on the run's grid.

    Parameters
    ----------
    path : path
        netCDF with centres `lat`, `lon` and time labels at the start of each slot (none where
        `repeat` is `snapshot`).
    settings : GriddedSettings
    grid : contracts.grid.Grid
        Geographic.
    period_bounds : ndarray (period, 2), datetime64[ns]

    Returns
    -------
    GriddedFlux

    Raises
    ------
    ValueError
        Where variable, unit, times or coverage break a rule.
    """
    path = Path(path)
    with xr.open_dataset(path, engine="netcdf4") as opened:
        dataset = opened.load()
    values, unit_note = _values(dataset, settings, path)
    if settings.repeat == "snapshot":
        means, covers = np.repeat(values, len(period_bounds), axis=0), False
        when = "without time, one field for every period"
    else:
        means, covers, when = _period_means(dataset, values, settings, period_bounds, path)
    if grid.row_dim != "latitude":
        msg = (
            f"a gridded flux on longitude and latitude must meet a geographic grid; got {grid.crs} "
            f"for {path.name}. Set grid.source to footprints or box."
        )
        raise ValueError(msg)
    edges = (
        edges_of_centres(dataset["lat"].to_numpy(), f"lat of {path.name}"),
        edges_of_centres(dataset["lon"].to_numpy(), f"lon of {path.name}"),
    )
    regridded, how = overlap_means(means, edges, (grid.row_edges, grid.column_edges), path.name)
    note = f"{path.name}: repeat {settings.repeat}, {when}; {how}{unit_note}"
    return GriddedFlux(regridded, covers, note, str(dataset.attrs.get("synthetic", "no")))


def _values(dataset: xr.Dataset, settings: Any, path: Path) -> tuple[np.ndarray, str]:
    """Return the flux (time or 1, lat, lon) in umol m-2 s-1, and a note on a declared unit."""
    name = settings.variable
    dims = ("lat", "lon") if settings.repeat == "snapshot" else ("time", "lat", "lon")
    wanted = (name, *dims[-2:], *dims[:-2])
    missing = [n for n in wanted if n not in dataset.variables]
    if missing:
        msg = (
            f"a gridded flux must hold {', '.join(wanted[:-1])} and {wanted[-1]}; got no "
            f"{', '.join(missing)} in {path.name}. Name the right variable, or declare repeat: "
            "snapshot for a field without time."
        )
        raise ValueError(msg)
    flux = dataset[name]
    if set(flux.dims) != set(dims):
        msg = (
            f"a gridded flux must have the dimensions {', '.join(dims)} for repeat: "
            f"{settings.repeat}; got {', '.join(map(str, flux.dims))} for {name} in {path.name}. "
            "Declare repeat: snapshot for a field without time, and only for that."
        )
        raise ValueError(msg)
    factor, note = _unit(flux.attrs.get("units"), settings.unit, f"{name} of {path.name}")
    values = flux.transpose(*dims).to_numpy().astype(float) * factor
    if not np.isfinite(values).all():
        count = int((~np.isfinite(values)).sum())
        msg = f"a gridded flux must be finite; got {count} other values in {path.name}. Mend it."
        raise ValueError(msg)
    return values if len(dims) == 3 else values[None], note


def _unit(of_file: str | None, declared: str | None, where: str) -> tuple[float, str]:
    """Return the factor to umol m-2 s-1, and a note where the unit was declared."""
    if declared is None:
        return factor_to_canonical(str(of_file), "flux"), ""
    factor = factor_to_canonical(declared, "flux")
    try:
        known = factor_to_canonical(str(of_file), "flux")
    except ValueError:
        return factor, f"; unit {declared} declared, the file says {of_file!r}"
    if known != factor:
        msg = (
            f"a declared unit must not contradict a file's known one; got {declared!r} for "
            f"{of_file!r} in {where}. Leave the unit out of the settings, or correct the file."
        )
        raise ValueError(msg)
    return factor, f"; unit {declared} declared and in the file"


def _period_means(
    dataset: xr.Dataset, values: np.ndarray, settings: Any, period_bounds: np.ndarray, path: Path
) -> tuple[np.ndarray, bool, str]:
    """Return the means (period, lat, lon), whether slots cover all periods, and a note."""
    slots = _slots(dataset["time"].to_numpy().astype("datetime64[ns]"), path)
    covers = bool(period_bounds[:, 0].min() >= slots[0, 0]) and bool(
        period_bounds[:, 1].max() <= slots[-1, 1]
    )
    weights = _time_weights(slots, settings, period_bounds, path)
    when = f"{int((weights[0] > 0).sum())} of {len(slots)} slots in the first period"
    return np.tensordot(weights, values, axes=(1, 0)), covers, when


def _slots(time: np.ndarray, path: Path) -> np.ndarray:
    """Return the half-open slots (slot, 2) of evenly spaced start labels."""
    steps = np.diff(time)
    if len(time) < 2 or not (steps == steps[0]).all() or not steps[0] > np.timedelta64(0, "ns"):
        msg = (
            f"times must be at least two, evenly spaced and ascending; got {len(time)} in "
            f"{path.name}. Give a file whose slots can be told."
        )
        raise ValueError(msg)
    return np.stack([time, time + steps[0]], axis=1)


def _time_weights(
    slots: np.ndarray, settings: Any, period_bounds: np.ndarray, path: Path
) -> np.ndarray:
    """Return weights (period, slot) whose rows sum to 1."""
    if settings.repeat == "none":
        wanted = period_bounds
    elif settings.repeat == "constant":
        span = [np.datetime64(t.replace(tzinfo=None), "ns") for t in (settings.start, settings.end)]
        wanted = np.array([span])
    else:
        wanted = np.array([[slots[0, 0], slots[-1, 1]]])
    overlap = np.minimum(wanted[:, None, 1], slots[None, :, 1]) - np.maximum(
        wanted[:, None, 0], slots[None, :, 0]
    )
    seconds = np.maximum(overlap.astype("timedelta64[ns]").astype(float), 0.0)
    length = (wanted[:, 1] - wanted[:, 0]).astype("timedelta64[ns]").astype(float)
    short = np.flatnonzero(seconds.sum(axis=1) < length)
    if len(short):
        start, end = wanted[short[0]]
        lack = float(np.maximum(length - seconds.sum(axis=1), 0.0).sum()) / 3.6e12
        msg = (
            f"the flux must cover {start} to {end}; got slots from {slots[0, 0]} to "
            f"{slots[-1, 1]} in {path.name}; {lack:g} hours are missing. Give a file that does, or declare "
            "repeat: constant (with start and end) or repeat: mean."
        )
        raise ValueError(msg)
    weights = seconds / length[:, None]
    return np.repeat(weights, len(period_bounds), axis=0) if len(weights) == 1 else weights
