"""A netCDF file in the PARIS format (NAME, FLEXPART) comes in; its integrated footprints go out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from transport.readers.contents import Contents
from transport.readers.lattice import grid_of_centres
from transport.readers.receptor import HEIGHT_TOLERANCE_M, receptor_in_name
from transport.readers.release import (
    FootprintFile,
    Release,
    Slices,
    checked_values,
    refuse_unit,
)

UNITS = ("(mol/mol)/(mol/m2/s)",)
PLACE = ("release_lon", "release_lat", "release_height")
# models whose equations divide by the density of moist air
MOIST = ("FLEXPART",)


def matches(contents: Contents) -> bool:
    """Return whether a file is in the PARIS format.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
    """
    return contents.has("srr", "time", "latitude", "longitude")


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        Time stamps label the start of the hour of release; place and height are `release_*`.
    section : FootprintFileSettings

    Returns
    -------
    FootprintFile
        A release an hour, integrated over the settings' `integrated_hours`.

    Raises
    ------
    ValueError
        Where unit, labels, heights or grid break a rule, or air of a whole column was followed.
    """
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        refuse_unit(dataset["srr"].attrs.get("units"), UNITS, f"srr of {path.name}")
        _refuse_form(dataset, path)
        grid = grid_of_centres(
            dataset["latitude"].to_numpy(), dataset["longitude"].to_numpy(), path.name
        )
        time = dataset["time"].to_numpy().astype("datetime64[ns]")
        place = np.stack([dataset[name].to_numpy().astype(float) for name in PLACE], axis=1)
        model = str(dataset.attrs.get("model", ""))
        note = str(dataset.attrs.get("comment", ""))

    def slices(position: int) -> Slices:
        with xr.open_dataset(path, engine="netcdf4") as opened:
            part = opened["srr"].isel(time=position).transpose("latitude", "longitude").to_numpy()
        return Slices(time[position][None], checked_values(part[None], f"srr of {path.name}"))

    return FootprintFile(
        path=path,
        kind="PARIS",
        grid=grid,
        releases=tuple(Release(t, *map(float, p)) for t, p in zip(time, place, strict=True)),
        slices=slices,
        integrated_hours=float(section.integrated_hours),
        basis="moist" if model in MOIST else "unknown",
        receptor_from="file: time, longitude, latitude, height",
        notes=(f"{path.name}: {note}",) if note else (),
    )


def _refuse_form(dataset: xr.Dataset, path: Path) -> None:
    """Raise where labels, places or heights are not those of hourly releases at an inlet."""
    missing = [name for name in PLACE if name not in dataset.variables]
    if missing:
        msg = (
            f"a PARIS file must hold {', '.join(PLACE)}; got no {', '.join(missing)} in "
            f"{path.name}. Give a complete file."
        )
        raise ValueError(msg)
    label = str(dataset["time"].attrs.get("label", "left"))
    time = dataset["time"].to_numpy().astype("datetime64[ns]")
    if label != "left" or not np.array_equal(time, time.astype("datetime64[h]")):
        msg = (
            f"times must be whole hours that label the start of the hour; got label {label!r}, "
            f"first time {time[0]} in {path.name}. Relabel the file."
        )
        raise ValueError(msg)
    height = dataset["release_height"].to_numpy().astype(float)
    if "max_level" in dataset.attrs or not (height > 0).all():
        msg = (
            "air must be drawn in at one height above ground; got releases at "
            f"{height.min():g} m{' and a max_level' if 'max_level' in dataset.attrs else ''} in "
            f"{path.name}: the footprint of a column. Give footprints of inlets."
        )
        raise ValueError(msg)
    named = receptor_in_name(path.name).height
    if named is not None and np.abs(height - named).max() > HEIGHT_TOLERANCE_M:
        msg = (
            f"release_height must be the height in the file's name; got {height[0]:g} m for "
            f"{named:g} m in {path.name}. Correct the wrong one."
        )
        raise ValueError(msg)
