"""A WRF-STILT file with its observation comes in; its one footprint, hour by hour, goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from transport.readers.clock_hours import by_clock_hour, observation_hour
from transport.readers.contents import Contents
from transport.readers.lattice import grid_of_centres
from transport.readers.receptor import Receptor, receptor_of
from transport.readers.release import (
    HOUR,
    FootprintFile,
    Release,
    Slices,
    checked_values,
    refuse_unit,
)

UNITS = ("ppm/(umol*m-2*s-1)",)
WHEN = ("yr", "mon", "day", "hr")
WHERE = ("obs_lon", "obs_lat", "obs_agl")


def matches(contents: Contents) -> bool:
    """Return whether a file holds a STILT footprint beside its observation.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
    """
    return contents.has("foot", "lat", "lon", "time") and contents.has("obs_agl")


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        Receptor and time are in `obs_*`, `yr`, `mon`, `day` and `hr`; `jul` is not used (its
        float32 cannot hold a time).
    section : FootprintFileSettings

    Returns
    -------
    FootprintFile
        One release.

    Raises
    ------
    ValueError
        Where unit, receptor, labels or values break a rule.
    """
    with xr.open_dataset(path, engine="netcdf4", decode_times=False) as dataset:
        refuse_unit(dataset["foot"].attrs.get("units"), UNITS, f"foot of {path.name}")
        grid = grid_of_centres(dataset["lat"].to_numpy(), dataset["lon"].to_numpy(), path.name)
        label = _labels(dataset["time"], path)
        said = _receptor(dataset, path)
    receptor, said_by = receptor_of(
        path, said, section, ("time", "longitude", "latitude", "height")
    )
    hour = observation_hour(receptor.time, section, path.name)

    def slices(position: int) -> Slices:
        del position
        with xr.open_dataset(path, engine="netcdf4", decode_times=False) as dataset:
            values = dataset["foot"].transpose("time", "lat", "lon").to_numpy()
        bounds = np.stack([label, label + HOUR], axis=1)
        checked = checked_values(values, f"foot of {path.name}")
        return by_clock_hour(bounds, checked, receptor.time, path.name)

    return FootprintFile(
        path=path,
        kind="WRF-STILT with observation",
        grid=grid,
        releases=(Release(hour, receptor.longitude, receptor.latitude, receptor.height),),
        slices=slices,
        integrated_hours=None,
        basis="moist",
        receptor_from=said_by,
    )


def _labels(time: xr.DataArray, path: Path) -> np.ndarray:
    """Return the starts of the slices; they are told in seconds since 1970."""
    unit = str(time.attrs.get("units"))
    if not unit.startswith("seconds since 1970-01-01 00:00:00"):
        msg = (
            f"slices must be labelled in seconds since 1970-01-01 00:00:00; got {unit!r} for time "
            f"in {path.name}. Correct the attribute."
        )
        raise ValueError(msg)
    return (
        np.round(time.to_numpy()).astype(np.int64).astype("datetime64[s]").astype("datetime64[ns]")
    )


def _receptor(dataset: xr.Dataset, path: Path) -> Receptor:
    """Return the receptor that the file says; refuse one with gaps."""
    missing = [n for n in (*WHEN, *WHERE) if n not in dataset.variables]
    values = [] if missing else [float(dataset[n].to_numpy().ravel()[0]) for n in (*WHEN, *WHERE)]
    if missing or not np.isfinite(values).all():
        msg = (
            f"a receptor must be said by {', '.join((*WHEN, *WHERE))}; got no {', '.join(missing)} "
            f"or a missing value in {path.name}. Correct the file."
        )
        raise ValueError(msg)
    year, month, day, hour = (int(v) for v in values[:4])
    time = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}", "ns")
    return Receptor(time, values[4], values[5], values[6])
