"""In: observations or hourly records of a network. Out: the rows of one receptor; the hours for which files hold its footprint."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.registered import registered

RELEASES = {
    "files": "transport.readers.files:release_hours",
    "name": "transport.readers.name:release_hours",
    "stilt": "transport.readers.stilt:release_hours",
}


def of_receptor(observations: xr.Dataset, name: str) -> xr.Dataset:
    """Return the rows of one receptor; none where it was left out.

    Parameters
    ----------
    observations : Dataset `observations`
    name : str
        A station.

    Returns
    -------
    xarray.Dataset
        `observations` with the rows of that station, all receptors kept.
    """
    names = observations["receptor"].values.astype(str)
    index = observations["receptor_index"].values
    return observations.isel(obs=np.flatnonzero(names[index] == name) if index.size else [])


def receptor_hours(
    stations: Mapping[str, xr.Dataset], files: Sequence[str | Path], section: Any
) -> dict[str, np.ndarray]:
    """Return, for each station, the hours for which footprint files hold its inlet.

    Parameters
    ----------
    stations : mapping of str to Dataset `station`
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    dict of str to ndarray of datetime64[ns]
        Empty for an inlet that no file was released at.

    Raises
    ------
    ValueError
        If the reader cannot say where its footprints were released.
    """
    if section.reader not in RELEASES:
        msg = (
            f"transport.reader must be one of {sorted(RELEASES)} where footprints are files; got "
            f"{section.reader!r}. Name one of these."
        )
        raise ValueError(msg)
    release_hours = registered(RELEASES[section.reader])
    return {
        name: release_hours(
            files,
            (float(ds.attrs["longitude"]), float(ds.attrs["latitude"])),
            float(ds["inlet_height"].values[0]),
            section,
        )
        for name, ds in sorted(stations.items())
    }
