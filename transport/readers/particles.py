"""A particle file of STILT comes in; its footprint, gridded by STILT's rules, goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from contracts.grid import Grid
from transport.readers.clock_hours import by_clock_hour, observation_hour
from transport.readers.contents import Contents
from transport.readers.particle_grid import Particles, Raster, footprint_of_particles
from transport.readers.receptor import receptor_of
from transport.readers.release import HOUR, FootprintFile, Release, Slices
from transport.readers.stilt_receptor import receptor_in_text

METADATA = b"stilt:receptor"
COLUMNS = ("time", "indx", "long", "lati", "foot")


def matches(contents: Contents) -> bool:
    """Return whether a file is a table of particles.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
    """
    return contents.container == "parquet"


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        Its receptor is in its metadata (PYSTILT), in its name or declared.
    section : FootprintFileSettings
        `particles` is the grid.

    Returns
    -------
    FootprintFile
        One release; what particles saw beyond the grid counts as outside.

    Raises
    ------
    ValueError
        Where no grid is declared, or receptor, columns or values break a rule.
    ModuleNotFoundError
        Where pyarrow is not installed.
    """
    if section.particles is None:
        msg = (
            "particles must have a grid to become a footprint; got none for "
            f"{path.name}. Set transport.footprint_files.particles."
        )
        raise ValueError(msg)
    raster = Raster.of(section.particles)
    text = _parquet(path).read_schema(path).metadata or {}
    said = receptor_in_text(text.get(METADATA), path.name)
    receptor, said_by = receptor_of(
        path, said, section, ("time", "longitude", "latitude", "height")
    )
    hour = observation_hour(receptor.time, section, path.name)

    def slices(position: int) -> Slices:
        del position
        particles = read_particles(path)
        layer, values = footprint_of_particles(particles, raster)
        start = receptor.time + layer * HOUR
        found = by_clock_hour(
            np.stack([start, start + HOUR], axis=1), values, receptor.time, path.name
        )
        # the kernel carries mass across the edge both ways: outside may be below zero
        outside = particles.total - float(values.sum())
        return Slices(found.hour, found.values, outside)

    return FootprintFile(
        path=path,
        kind="STILT particles",
        grid=Grid("EPSG:4326", *raster.edges()),
        releases=(Release(hour, receptor.longitude, receptor.latitude, receptor.height),),
        slices=slices,
        integrated_hours=None,
        basis="moist",
        receptor_from=said_by,
    )


def read_particles(path: Path) -> Particles:
    """Return the particles of a file.

    Parameters
    ----------
    path : Path
        Parquet with `time` [min before the receptor, negative], `indx`, `long`, `lati` [degrees]
        and `foot` [m2 s mol-1].

    Returns
    -------
    Particles

    Raises
    ------
    ModuleNotFoundError
        Where pyarrow is not installed.
    ValueError
        Where columns are missing, or a value is not finite, of a later time or negative.
    """
    table = _table(path)
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        msg = (
            f"a particle file must hold {', '.join(COLUMNS)}; got no {', '.join(missing)} in "
            f"{path.name}. Give the trajectories of a backward STILT run."
        )
        raise ValueError(msg)
    time, index, longitude, latitude, foot = (np.asarray(table[n], dtype=float) for n in COLUMNS)
    bad = int((~np.isfinite([time, index, longitude, latitude, foot])).any(axis=0).sum())
    late, negative = int((time >= 0).sum()), int((foot < 0).sum())
    if bad or late or negative or not len(time):
        msg = (
            "particles must be finite, before their receptor and of foot >= 0; got "
            f"{bad} rows that are not finite, {late} not before it and {negative} negative of "
            f"{len(time)} in {path.name}. Leave this file out."
        )
        raise ValueError(msg)
    return Particles(time, index.astype(np.int64), longitude, latitude, foot)


def _table(path: Path) -> dict[str, Any]:
    """Return the columns that are there."""
    parquet = _parquet(path)
    there = [n for n in COLUMNS if n in parquet.read_schema(path).names]
    table = parquet.read_table(path, columns=there)
    return {name: table.column(name).to_numpy() for name in there}


def _parquet(path: Path) -> Any:
    """Return the module that reads the container; refuse where it is not installed."""
    try:
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        msg = (
            "particle files of STILT are read by pyarrow, which must be installed; got no such "
            f"module for {path.name}. Install it (`pip install pyarrow`), or give STILT's netCDF "
            "footprint."
        )
        raise ModuleNotFoundError(msg) from error
    return parquet
