"""An aggregated STILT netCDF file of ICOS comes in; its one integrated footprint goes out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from transport.readers.clock_hours import observation_hour
from transport.readers.contents import Contents
from transport.readers.lattice import grid_of_centres
from transport.readers.receptor import Receptor, receptor_of
from transport.readers.release import (
    FootprintFile,
    Release,
    Slices,
    checked_values,
    refuse_unit,
)

UNITS = ("ppm per (micromol m-2 s-1)",)


def matches(contents: Contents) -> bool:
    """Return whether a file is an aggregated footprint of ICOS.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
    """
    return contents.has("foot", "lat", "lon", "time") and "backtime" in contents.attributes


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        `time` is the receptor's; place and height are in its name or declared.
    section : FootprintFileSettings

    Returns
    -------
    FootprintFile
        One release, integrated over the attribute `backtime`.

    Raises
    ------
    ValueError
        Where unit, time, `backtime`, receptor or values break a rule.
    """
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        refuse_unit(dataset["foot"].attrs.get("units"), UNITS, f"foot of {path.name}")
        grid = grid_of_centres(dataset["lat"].to_numpy(), dataset["lon"].to_numpy(), path.name)
        time = dataset["time"].to_numpy().astype("datetime64[ns]")
        back = re.fullmatch(r"(\d+) hours", str(dataset.attrs["backtime"]))
    if len(time) != 1 or not back:
        msg = (
            "an aggregated footprint must have one time and a backtime in hours; got "
            f"{len(time)} times in {path.name}. Give the file of one receptor hour."
        )
        raise ValueError(msg)
    receptor, said_by = receptor_of(
        path, Receptor(time=time[0]), section, ("time", "longitude", "latitude", "height")
    )
    hour = observation_hour(receptor.time, section, path.name)

    def slices(position: int) -> Slices:
        del position
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            values = dataset["foot"].transpose("time", "lat", "lon").to_numpy()
        return Slices(np.array([hour]), checked_values(values, f"foot of {path.name}"))

    return FootprintFile(
        path=path,
        kind="ICOS STILT",
        grid=grid,
        releases=(Release(hour, receptor.longitude, receptor.latitude, receptor.height),),
        slices=slices,
        integrated_hours=float(back[1]),
        basis="moist",
        receptor_from=said_by,
    )
