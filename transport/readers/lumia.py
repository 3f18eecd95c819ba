"""A LUMIA HDF5 file comes in; its footprints, its intervals shared out to clock hours, go out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from contracts.units import factor_to_canonical
from transport.readers.clock_hours import by_clock_hour, observation_hour
from transport.readers.contents import Contents
from transport.readers.lattice import grid_of_centres
from transport.readers.receptor import Receptor, receptor_of
from transport.readers.release import FootprintFile, Release, Slices, checked_values

STAMP = 14  # digits of YYYYMMDDHHMMSS


def matches(contents: Contents) -> bool:
    """Return whether a file is one of LUMIA's.

    Parameters
    ----------
    contents : Contents

    Returns
    -------
    bool
        Groups are named by times, coordinates stand beside them.
    """
    named = all(len(g) == STAMP and g.isdigit() for g in contents.groups)
    there = {"latitudes", "longitudes"} <= set(contents.variables)
    return bool(contents.groups) and named and there


def open_file(path: Path, section: Any) -> FootprintFile:
    """Return one file.

    Parameters
    ----------
    path : Path
        Times are in the file, the height is in its name, the place is declared.
    section : FootprintFileSettings
        `lumia_unit` must say the unit, which the file does not.

    Returns
    -------
    FootprintFile
        A release for each group.

    Raises
    ------
    ValueError
        Where the unit is not declared, or receptor, grid or groups break a rule.

    Notes
    -----
    Intervals are named by their later and their earlier bound. A few are named the other way
    round and hold sensitivities of their own: they are added, and counted.
    """
    import netCDF4

    if section.lumia_unit is None:
        msg = (
            "the unit of LUMIA's resp must be declared, its files do not say it; got none for "
            f"{path.name}. Set transport.footprint_files.lumia_unit, such as ppm/(umol m-2 s-1)."
        )
        raise ValueError(msg)
    factor = factor_to_canonical(section.lumia_unit, "footprint")
    with netCDF4.Dataset(str(path)) as dataset:
        latitude, longitude = (np.asarray(dataset[n][:]) for n in ("latitudes", "longitudes"))
        groups = tuple(sorted(dataset.groups))
    grid = grid_of_centres(latitude, longitude, path.name)
    receptor, said_by = receptor_of(path, Receptor(), section, ("longitude", "latitude", "height"))
    times = [_time(group) for group in groups]
    place = (receptor.longitude, receptor.latitude, receptor.height)

    def slices(position: int) -> Slices:
        bounds, values, forward = _intervals(path, groups[position], grid.shape)
        found = by_clock_hour(bounds, values * factor, times[position], path.name)
        counts = {**found.counts, "intervals_named_forward": forward}
        return Slices(found.hour, found.values, counts=counts)

    return FootprintFile(
        path=path,
        kind="LUMIA",
        grid=grid,
        releases=tuple(Release(observation_hour(t, section, path.name), *place) for t in times),
        slices=slices,
        integrated_hours=None,
        basis="unknown",
        receptor_from=f"file: time; {said_by}",
        notes=(f"{path.name}: unit {section.lumia_unit} declared",),
    )


def _time(stamp: str) -> np.datetime64:
    """Return the time of YYYYMMDDHHMMSS."""
    day, clock = (
        f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}",
        f"{stamp[8:10]}:{stamp[10:12]}:{stamp[12:]}",
    )
    return np.datetime64(f"{day}T{clock}", "ns")


def _intervals(
    path: Path, group: str, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return bounds, values (interval, row, col) as in the file, and how many are named forward."""
    import netCDF4

    bounds, values, forward = [], [], 0
    with netCDF4.Dataset(str(path)) as dataset:
        for name, part in sorted(dataset[group].groups.items()):
            pair = [_time(stamp) for stamp in name.split("_")]
            forward += int(pair[0] < pair[1])
            bounds.append(sorted(pair))
            values.append(_dense(part, shape, f"{group}/{name} of {path.name}"))
    dense = np.stack(values) if values else np.zeros((0, *shape))
    return np.array(bounds, dtype="datetime64[ns]").reshape(-1, 2), dense, forward


def _dense(part: Any, shape: tuple[int, int], where: str) -> np.ndarray:
    """Return one interval on the grid; its places count from 0."""
    rows, columns = (np.asarray(part[n][:]).astype(np.int64) for n in ("ilats", "ilons"))
    value = checked_values(part["resp"][:], f"resp of {where}")
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    if not inside.all():
        msg = (
            f"places must lie on the grid of {shape}; got {int((~inside).sum())} beyond it in "
            f"{where}. Give the grid that these footprints were made on."
        )
        raise ValueError(msg)
    result = np.zeros(shape)
    np.add.at(result, (rows, columns), value)
    return result
