"""In come observations and station records; out goes the background at each observation.

The error of the background is not a number subtracted once: each local day has an offset of its
own, common to all receptors, that is estimated with the fluxes, and where asked for a gradient.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from contracts.registered import registered
from inversion.boundary.patterns import patterns_of

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
        the method, ``background_pattern(obs, parameter)`` (dimensionless),
        ``parameter_standard_deviation(parameter)`` [umol mol-1] and ``parameter_kind(parameter)``:
        offsets, and gradients as differences over 100 km.

    Raises
    ------
    ValueError
        Where the method is unknown or cannot give a background for every observation.

    Notes
    -----
    One offset per local day (or other period) common to all receptors is the nuisance block
    G beta of SCIENCE 2.4; with one per hour, its limit of infinite standard deviation is the
    difference between sites. A gradient's pattern is the receptor's distance from the network's
    centre in units of 100 km: one east and one north, by period and common to the batch.

    ASSUME: within a period the error of the background is the same at all receptors, or linear in
    their place; what is left of it stands in R (term ``background``).
    """
    mean, standard_deviation, used = _method(section.method)(observations, stations, section)
    patterns = patterns_of(observations, section, utc_offset_hours)
    matrix = np.concatenate([np.zeros((len(mean), 0)), *(p.columns for p in patterns)], axis=1)
    unit = {"units": "umol mol-1"}
    logger.info(
        "background: %d observations, %s, from %s",
        len(mean),
        ", ".join(f"{len(p.names)} of {p.names[0].rsplit('_', 1)[0]}" for p in patterns)
        or "without states",
        used,
    )
    return xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "background": ("obs", mean, unit),
            "background_standard_deviation": ("obs", standard_deviation, unit),
            "background_pattern": (("obs", "parameter"), matrix, {"units": "1"}),
            "parameter_standard_deviation": (
                "parameter",
                np.array([p.standard_deviation for p in patterns for _ in p.names], dtype=float),
                unit,
            ),
            "parameter_kind": ("parameter", _texts([p.kind for p in patterns for _ in p.names])),
        },
        coords={"parameter": _texts([name for p in patterns for name in p.names])},
        attrs={
            "title": "background mole fraction at each observation, and the states of its error",
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
    return registered(METHODS[name])


def _texts(names: list[str]) -> np.ndarray:
    """Return names as objects, also where there is none."""
    return np.array(names, dtype=object)
