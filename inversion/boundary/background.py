"""In come observations and station records; out goes the background at each observation.

The error of the background is not a number subtracted once: each local day has an offset of its
own, common to all receptors, that is estimated with the fluxes.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from contracts.settings.background import BackgroundSettings

logger = logging.getLogger(__name__)

METHODS = {
    "station_baseline": "inversion.boundary.station_baseline:station_baseline",
}


def build_background(
    observations: xr.Dataset,
    stations: dict[str, xr.Dataset],
    section: BackgroundSettings,
    utc_offset_hours: float,
) -> xr.Dataset:
    """Return the dataset ``background``: prior mean, patterns and their standard deviations.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations.
    stations : dict of Dataset ``station``
        Hourly records by station name; those the method needs.
    section : BackgroundSettings
        The settings' section ``background``.
    utc_offset_hours : float
        Local time minus UTC in hours: it says where a day begins.

    Returns
    -------
    Dataset ``background``
        ``background(obs)`` [umol mol-1], ``background_standard_deviation(obs)`` [umol mol-1] of
        the method, ``background_pattern(obs, parameter)`` (dimensionless) and
        ``parameter_standard_deviation(parameter)`` [umol mol-1] of the daily offsets.

    Raises
    ------
    ValueError
        Where the method is unknown or cannot give a background for every observation.

    Notes
    -----
    One offset per local day common to all receptors is the nuisance block G beta of SCIENCE
    2.4; its limit of infinite standard deviation is the difference between sites.

    ASSUME: within a local day the error of the background is the same at all receptors; what is
    left of it within the day stands in R (term ``background``).
    """
    mean, standard_deviation, used = _method(section.method)(observations, stations, section)
    days = _local_days(observations["time"].to_numpy(), utc_offset_hours)
    parameters, day_index = np.unique(days, return_inverse=True)
    pattern = np.zeros((len(days), len(parameters)))
    pattern[np.arange(len(days)), day_index] = 1.0
    names = np.array([f"background_offset_{day}" for day in parameters.astype(str)], dtype=object)
    unit = {"units": "umol mol-1"}
    logger.info(
        "background: %d observations, %d daily offsets, from %s", len(days), len(names), used
    )
    offset_sd = np.full(len(names), section.daily_offset_sd_umol_mol)
    return xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "background": ("obs", mean, unit),
            "background_standard_deviation": ("obs", standard_deviation, unit),
            "background_pattern": (("obs", "parameter"), pattern, {"units": "1"}),
            "parameter_standard_deviation": ("parameter", offset_sd, unit),
        },
        coords={"parameter": names},
        attrs={
            "title": "background mole fraction at each observation, and its daily offsets",
            "synthetic": str(observations.attrs["synthetic"]),
            "method": section.method,
            "stations": ", ".join(used),
            "utc_offset_hours": float(utc_offset_hours),
        },
    )


def _method(name: str):
    """Return the function registered under a method's name."""
    if name not in METHODS:
        msg = (
            f"background.method must be one of {sorted(METHODS)}; got {name!r} in the settings. "
            "Choose one of these, or register the method in inversion/boundary/background.py."
        )
        raise ValueError(msg)
    module, attribute = METHODS[name].split(":")
    return getattr(importlib.import_module(module), attribute)


def _local_days(times: np.ndarray, utc_offset_hours: float) -> np.ndarray:
    """Return the local calendar day of each UTC time."""
    offset = np.timedelta64(round(utc_offset_hours * 3600), "s")
    return (times.astype("datetime64[ns]") + offset).astype("datetime64[D]")
