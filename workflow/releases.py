"""In: a tower's row of the registry, footprint files. Out: all hours at which air was released there, as rows for the reader."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.periods import to_ns
from transport.receptors import receptor_hours


def released_hours(row: Any, files: Sequence[str | Path], section: Any) -> xr.Dataset:
    """Return rows like `observations`, without mole fractions, for every footprint of a tower.

    Parameters
    ----------
    row : StationRow
    files : sequence of path
    section : TransportSettings

    Returns
    -------
    xarray.Dataset
        obs_id, time and receptor_index by row; name, place and inlet of the one receptor.

    Raises
    ------
    ValueError
        Where no file was released at this inlet.
    """
    inlet = xr.Dataset(
        {"inlet_height": ("time", [float(row.inlet_height_m)])},
        attrs={"longitude": row.longitude, "latitude": row.latitude},
    )
    hours = to_ns(receptor_hours({row.name: inlet}, files, section)[row.name])
    if not hours.size:
        msg = (
            f"every tower must have footprints; got none for {row.name} at {row.longitude}, "
            f"{row.latitude}, {row.inlet_height_m:g} m among {len(files)} files in "
            "transport.files. Correct its place in stations.registry, or leave the tower out."
        )
        raise ValueError(msg)
    stamps = np.char.replace(np.datetime_as_string(hours, unit="h"), "-", "")
    return xr.Dataset(
        {
            "obs_id": ("obs", np.char.add(f"{row.name}_", stamps)),
            "time": ("obs", hours),
            "receptor_index": ("obs", np.zeros(hours.size, dtype=np.int32)),
            "receptor": ("receptor", np.array([row.name])),
            "latitude": ("receptor", [float(row.latitude)], {"units": "degrees_north"}),
            "longitude": ("receptor", [float(row.longitude)], {"units": "degrees_east"}),
            "inlet_height": ("receptor", [float(row.inlet_height_m)], {"units": "m"}),
        }
    )
