"""Observations, meteorology and a grid come in; the receptor and the cells go out, or a refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from transport.particles.air import HOUR, Weather
from transport.particles.cells import Lines


def refuse_unfit(meteorology: xr.Dataset | None, grid: Any) -> None:
    """Raise where there is no meteorology, the grid is not in metres, or the CRS differ."""
    if meteorology is None:
        msg = (
            "the reader `particles` must have meteorology; got none in transport.meteorology. "
            "Prepare it, or read footprints from files."
        )
        raise ValueError(msg)
    if grid.row_dim != "northing":
        msg = (
            f"the grid of the particle model must be in projected metres; got {grid.crs} in "
            "grid.crs. Choose a projected CRS, or read footprints from files."
        )
        raise ValueError(msg)
    crs = meteorology.attrs.get("grid_crs")
    if crs != grid.crs:
        msg = (
            f"the meteorology must lie on the grid's CRS {grid.crs}; got {crs} in meteorology.nc. "
            "Prepare the meteorology on that CRS."
        )
        raise ValueError(msg)


def site_of(observations: xr.Dataset, grid: Any) -> tuple[str, float, float, float]:
    """Return name, row and column coordinate [m] and inlet height [m] of the one receptor."""
    used = np.unique(observations["receptor_index"].to_numpy())
    if len(used) > 1:
        msg = (
            f"footprints must be built station by station; got {len(used)} receptors in the "
            "observations. Select the rows of one receptor."
        )
        raise ValueError(msg)
    receptor = observations.isel(receptor=int(used[0]) if len(used) else 0)
    column, row = grid.project(float(receptor["longitude"]), float(receptor["latitude"]))
    return (
        str(receptor["receptor"].item()),
        float(row),
        float(column),
        float(receptor["inlet_height"]),
    )


def lines_of(grid: Any, layers: Sequence[float]) -> Lines:
    """Return the cells of a grid as the kernel reads them.

    Raises
    ------
    ValueError
        Where cells of an axis are not all of one size.
    """
    sizes = []
    for name, edges in (("row", grid.row_edges), ("column", grid.column_edges)):
        steps = np.diff(edges)
        if np.ptp(steps) > 1e-6 * steps.min():
            msg = (
                f"cells of the particle model's grid must all be of one size; got {name}s of "
                f"{steps.min()} to {steps.max()} m in the grid. Choose a regular grid."
            )
            raise ValueError(msg)
        sizes.append((edges[-1] - edges[0]) / len(steps))
    return Lines(
        row=float(grid.row_edges[0]),
        column=float(grid.column_edges[0]),
        per_row=1.0 / sizes[0],
        per_column=1.0 / sizes[1],
        rows=grid.shape[0],
        columns=grid.shape[1],
        layers=np.asarray(layers, float),
    )


def refuse_uncovered(weather: Weather, time: np.ndarray, hours: int, site: Any) -> None:
    """Raise before a particle flies where weather does not cover a window or the receptor.

    Parameters
    ----------
    weather : Weather
    time : ndarray (n,), datetime64[ns]
        Starts of the observation hours.
    hours : int
        Clock hours of a window, the observed included.
    site : Site
    """
    odd = (time - weather.time[0]) % HOUR != np.timedelta64(0, "ns")
    if odd.any():
        msg = (
            f"observation hours must start on the hours of the meteorology; got {int(odd.sum())} "
            f"that do not, such as {time[odd][0]}, in the observations. Average to clock hours."
        )
        raise ValueError(msg)
    early = time - (hours - 1) * HOUR < weather.time[0]
    late = time + HOUR > weather.time[-1]
    if (early | late).any():
        worst = time[early | late]
        msg = (
            f"the meteorology must cover {hours} h up to the end of every observation hour; got "
            f"{len(worst)} hours it does not cover, from {worst.min()} to {worst.max()}, in "
            "meteorology.nc. Prepare the meteorology again for this batch and window."
        )
        raise ValueError(msg)
    row, column = weather.row, weather.column
    if not (row[0] <= site.row <= row[-1] and column[0] <= site.column <= column[-1]):
        msg = (
            f"the meteorology must hold the receptor; got {site.name} at northing {site.row:.0f} "
            f"and easting {site.column:.0f} m outside {row[0]:.0f} to {row[-1]:.0f} and "
            f"{column[0]:.0f} to {column[-1]:.0f} m in meteorology.nc. Prepare a larger domain."
        )
        raise ValueError(msg)
