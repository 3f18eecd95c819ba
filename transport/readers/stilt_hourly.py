"""A STILT or PYSTILT netCDF file comes in; its one footprint, hour by hour or integrated, goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from transport.readers.clock_hours import by_clock_hour, observation_hour
from transport.readers.contents import Contents
from transport.readers.lattice import grid_of_centres
from transport.readers.receptor import receptor_of
from transport.readers.release import (
    HOUR,
    FootprintFile,
    Release,
    Slices,
    checked_values,
    refuse_unit,
)
from transport.readers.stilt_file import UNITS
from transport.readers.stilt_receptor import receptor_in_text


def matches(contents: Contents) -> bool:
    """Return whether a file is a footprint of STILT or PYSTILT.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
        ICOS's and the WRF-STILT variant, which hold more, are not.
    """
    foreign = "backtime" in contents.attributes or "obs_agl" in contents.variables
    return contents.has("foot") and not foreign


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        Its receptor is the attribute `receptor` (PYSTILT), in its name or declared.
    section : FootprintFileSettings

    Returns
    -------
    FootprintFile
        One release. Integrated where its only slice is labelled by the receptor's time.

    Raises
    ------
    ValueError
        Where variables, unit, grid, receptor or labels break a rule.
    """
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        _refuse_form(dataset, path)
        grid = grid_of_centres(dataset["lat"].to_numpy(), dataset["lon"].to_numpy(), path.name)
        label = dataset["time"].to_numpy().astype("datetime64[ns]")
        said = receptor_in_text(dataset.attrs.get("receptor"), path.name)
    receptor, said_by = receptor_of(
        path, said, section, ("time", "longitude", "latitude", "height")
    )
    hour = observation_hour(receptor.time, section, path.name)
    integrated = len(label) == 1 and label[0] == receptor.time
    _refuse_labels(label, receptor.time, integrated, path)

    def slices(position: int) -> Slices:
        del position
        values = _values(path)
        if integrated:
            return Slices(np.array([hour]), values)
        bounds = np.stack([label, label + HOUR], axis=1)
        found = by_clock_hour(bounds, values, receptor.time, path.name)
        span = int((receptor.time - label.min()) // HOUR) if len(label) else 0
        return Slices(found.hour, found.values, counts={"hours_without_slice": span - len(label)})

    return FootprintFile(
        path=path,
        kind="STILT",
        grid=grid,
        releases=(Release(hour, receptor.longitude, receptor.latitude, receptor.height),),
        slices=slices,
        integrated_hours=float(section.integrated_hours) if integrated else None,
        basis="moist",
        receptor_from=said_by,
    )


def _values(path: Path) -> np.ndarray:
    """Return the slices (time, lat, lon), checked."""
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        values = dataset["foot"].transpose("time", "lat", "lon").to_numpy()
    return checked_values(values, f"foot of {path.name}")


def _refuse_form(dataset: xr.Dataset, path: Path) -> None:
    """Raise where a file lacks variables or has another unit."""
    missing = [n for n in ("foot", "time", "lat", "lon") if n not in dataset.variables]
    if missing:
        msg = (
            f"a STILT file must hold foot, time, lat and lon; got no {', '.join(missing)} in "
            f"{path.name}. Give a STILT footprint on longitude and latitude."
        )
        raise ValueError(msg)
    refuse_unit(dataset["foot"].attrs.get("units"), UNITS, f"foot of {path.name}")


def _refuse_labels(label: np.ndarray, time: np.datetime64, integrated: bool, path: Path) -> None:
    """Raise where slices are not labelled by ascending hours before the receptor."""
    late = not integrated and len(label) and label[-1] >= time
    if late or (np.diff(label) <= np.timedelta64(0)).any():
        msg = (
            "slices must be labelled by the start of whole hours before the receptor, ascending; "
            f"got {label[0]} ... {label[-1]} for the receptor {time} in {path.name}. "
            "Correct the receptor's time, or the labels."
        )
        raise ValueError(msg)
