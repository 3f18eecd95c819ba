"""Weather files in the meteorology contract's own form come in; the part a batch needs goes out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.datasets import check_dataset
from contracts.periods import to_ns
from transport.meteorology.plane import completed

logger = logging.getLogger(__name__)
HOUR = np.timedelta64(3_600_000_000_000, "ns")


def read_weather(
    files: Sequence[str | Path],
    batch: Any,
    hours_back: int,
    grid: Any = None,
    settings: Any = None,
) -> xr.Dataset:
    """Return the instants from `hours_back` before the batch to its end.

    Parameters
    ----------
    files : sequence of path
        Datasets `meteorology` with hourly instants; several are joined in time.
    batch : contracts.periods.Period
    hours_back : int
        Clock hours before the batch.
    grid, settings : optional
        Not used: the files lie on the grid's axes and levels.

    Returns
    -------
    xarray.Dataset
        `meteorology`, hourly, both ends included, with what a model of particles needs
        (`transport.meteorology.plane`).

    Raises
    ------
    ValueError
        Where no file is given, instants occur twice, an axis does not ascend, or the window is
        not covered hour by hour.
    """
    del grid, settings
    if not files:
        msg = (
            "the meteorology must come from at least one file; got none in transport.files. "
            "Name the weather files."
        )
        raise ValueError(msg)
    parts = [_load(Path(file)) for file in sorted(map(str, files))]
    weather = parts[0] if len(parts) == 1 else xr.concat(parts, "time", join="exact").sortby("time")
    _refuse_axes(weather)
    weather = _window(weather, to_ns(batch.start) - hours_back * HOUR, to_ns(batch.end))
    weather = weather.assign_coords(time=to_ns(weather["time"].to_numpy()))
    weather.attrs = {**parts[0].attrs, "title": f"meteorology of {batch.name}"}
    weather = completed(weather)
    check_dataset(weather, "meteorology", where="the meteorology of " + batch.name)
    logger.info("meteorology: %d hourly instants from %d files", weather.sizes["time"], len(files))
    return weather


def _load(path: Path) -> xr.Dataset:
    """Return a weather file's contents."""
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        return dataset.load()


def _refuse_axes(weather: xr.Dataset) -> None:
    """Raise where rows or columns do not ascend."""
    for dim in weather["mixing_height"].dims[1:]:
        if (np.diff(weather[dim].to_numpy()) <= 0.0).any():
            msg = (
                f"the axes of the meteorology must ascend; got {dim} that does not in "
                "transport.files. Turn the axis, and the fields with it."
            )
            raise ValueError(msg)


def _window(weather: xr.Dataset, start: np.datetime64, end: np.datetime64) -> xr.Dataset:
    """Return the instants from start to end, which must all be there once."""
    time = weather["time"].to_numpy().astype("datetime64[ns]")
    wanted = np.arange(start, end + HOUR, HOUR)
    inside = (time >= start) & (time <= end)
    if not np.array_equal(time[inside], wanted):
        missing = np.setdiff1d(wanted, time)
        found = f"{time.min()} to {time.max()}" if len(time) else "nothing"
        detail = f"{len(missing)} missing, {inside.sum()} found"
        msg = (
            f"the meteorology must hold every hour from {start} to {end} once; got {found} "
            f"({detail}) in transport.files. Add the weather files of these hours, or shorten "
            "transport.hours_back."
        )
        raise ValueError(msg)
    return weather.isel(time=np.flatnonzero(inside))
