"""A NAME netCDF file comes in; its footprints, by `fp_HiTRes` hour by hour where that is whole, go out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from transport.readers.contents import Contents
from transport.readers.name_file import NameFile, open_name_files
from transport.readers.receptor import Receptor, receptor_of
from transport.readers.release import HOUR, FootprintFile, Release, Slices, checked_values


def matches(contents: Contents) -> bool:
    """Return whether a file is one of NAME as openghg keeps them.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
    """
    return contents.has("fp", "lat", "lon", "time")


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        Place of release and hours are in the file, the height is in its name or declared.
    section : FootprintFileSettings
        `time_resolved` says whether `fp_HiTRes` is used, `remainder_hours` what becomes of its
        last bin.

    Returns
    -------
    FootprintFile
        A release an hour.

    Raises
    ------
    ValueError
        Where the file breaks a rule, or no height is known.

    Notes
    -----
    Bin k of `H_back` acts on the clock hour k hours before the release's; the last bin holds all
    that is older.
    """
    (found,) = open_name_files([path])
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        there = "fp_HiTRes" in dataset
    resolved = section.time_resolved and there and not found.hitres_reason
    notes = []
    if there and found.hitres_reason:
        notes.append(f"{path.name}: fp_HiTRes refused: {found.hitres_reason}")
    receptor, said_by = receptor_of(path, Receptor(), section, ("height",))
    releases = tuple(
        Release(time, float(longitude), float(latitude), receptor.height)
        for time, longitude, latitude in zip(
            found.time, found.release_longitude, found.release_latitude, strict=True
        )
    )
    return FootprintFile(
        path=path,
        kind="NAME",
        grid=found.grid,
        releases=releases,
        slices=_resolved(found, section) if resolved else _integrated(found),
        integrated_hours=None if resolved else float(section.integrated_hours),
        basis="unknown",
        receptor_from=f"file: time, longitude, latitude; {said_by}",
        notes=tuple(notes),
    )


def _integrated(found: NameFile) -> Any:
    """Return the function that gives the integrated footprint of an hour."""

    def slices(position: int) -> Slices:
        return Slices(found.time[position][None], found.footprint(position)[None])

    return slices


def _resolved(found: NameFile, section: Any) -> Any:
    """Return the function that gives the footprint of an hour by clock hour."""

    def slices(position: int) -> Slices:
        with xr.open_dataset(found.path, engine="netcdf4") as dataset:
            part = dataset["fp_HiTRes"].isel(time=position).transpose("H_back", "lat", "lon")
            values = checked_values(part.to_numpy(), f"fp_HiTRes of {found.path.name}")
        recent, older = values[:-1], values[-1]
        outside, counts = float(older.sum()), {}
        if section.remainder_hours:
            even = np.repeat(older[None] / section.remainder_hours, section.remainder_hours, axis=0)
            recent, outside = np.concatenate([recent, even]), 0.0
            counts = {"remainders_spread": 1}
        hour = found.time[position] - np.arange(len(recent)) * HOUR
        return Slices(hour[::-1], recent[::-1], outside, counts)

    return slices
