"""Observations of one station come in; where its inlet is goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Inlet:
    """A place at which air is drawn in.

    Attributes
    ----------
    longitude, latitude : float
        Degrees.
    height : float
        Above ground [m].
    """

    longitude: float
    latitude: float
    height: float


def inlet_of(observations: xr.Dataset) -> Inlet | None:
    """Return the inlet of a station's rows; None where there is no row.

    Parameters
    ----------
    observations : Dataset `observations`
        n rows of one receptor.

    Returns
    -------
    Inlet or None

    Raises
    ------
    ValueError
        Where rows belong to several receptors.
    """
    used = np.unique(observations["receptor_index"].to_numpy())
    if len(used) > 1:
        msg = (
            f"footprints must be read station by station; got {len(used)} receptors in the "
            "observations. Select the rows of one receptor."
        )
        raise ValueError(msg)
    if not len(used):
        return None
    receptor = observations.isel(receptor=int(used[0]))
    places = (float(receptor[name]) for name in ("longitude", "latitude", "inlet_height"))
    return Inlet(*places)
