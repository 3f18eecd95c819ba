"""Daily values of New Zealand's sites and the authors' files come in; observations, background and mismatch go out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from inversion.published.new_zealand_files import SITES
from inversion.published.new_zealand_parts import FIRST, OFFSET

if TYPE_CHECKING:
    from inversion.published.new_zealand_files import Files
    from inversion.published.new_zealand_records import Daily

# Latitude, longitude [degrees], ground and inlet height [m]. The files hold the inlet of Lauder only.
_PLACES = {"BHD": (-41.408, 174.871, 85.0, 10.0), "LAU": (-45.038, 169.684, 370.0, 10.0)}
_PLACES_NOTE = (
    "positions and heights as commonly given for Baring Head and Lauder; the authors' files hold "
    "only Lauder's inlet height, and nothing is computed from any of them"
)
# The authors' constants: molar mass of CO2 [g mol-1] and R [J mol-1 K-1] in kappa, as written there.
_MOLAR_MASS, _MOLAR_MASS_OF_OFFSETS, _GAS_CONSTANT = 44.0, 44.01, 8.31
_ICE_POINT, _PER_PPM = 273.15, 1e-6
_REFERENCE_PRESSURE, _REFERENCE_TEMPERATURE = 97_000.0, 286.0
OFFSET_SD_PPM = 1e-4
REFERENCE_DENSITY = (
    _MOLAR_MASS_OF_OFFSETS / _GAS_CONSTANT * _REFERENCE_PRESSURE / _REFERENCE_TEMPERATURE * _PER_PPM
)
_PPM, _HOUR = "umol mol-1", np.timedelta64(1, "h")


def density_per_ppm(files: Files, daily: Daily) -> np.ndarray:
    """Return kappa, the mass of CO2 in a cubic metre of air for 1 ppm [g m-3], (n,).

    Notes
    -----
    kappa = 44 / 8.31 * 1e-6 * p / (T + 273.15), the two constants as the authors round them; it
    only carries their numbers to ppm and back, so that the rounding changes no flux.
    """
    pressure = files.pressure[daily.day, daily.site]
    temperature = files.temperature[daily.day, daily.site] + _ICE_POINT
    return _MOLAR_MASS / _GAS_CONSTANT * _PER_PPM * pressure / temperature


def observation_names(daily: Daily) -> np.ndarray:
    """Return site and New Zealand day of each observation, (n,)."""
    days = (FIRST + daily.day).astype(str)
    return np.array(
        [f"{SITES[site]}_{day}" for site, day in zip(daily.site, days, strict=True)], dtype=object
    )


def observations_of(files: Files, daily: Daily) -> xr.Dataset:
    """Return the dataset ``observations``: mole fractions of two sites with the authors' sigma.

    Returns
    -------
    Dataset ``observations``
        And ``density_per_ppm(obs)``, the authors' conversion to g m-3.
    """
    start = FIRST.astype("datetime64[ns]") + daily.day * np.timedelta64(1, "D")
    time = (start + daily.start_hour * _HOUR - OFFSET).astype("datetime64[ns]")
    used = np.unique(daily.site)
    places = np.array([_PLACES[SITES[site]] for site in used])
    units = ("degrees_north", "degrees_east", "m", "m")
    names = ("latitude", "longitude", "ground_height", "inlet_height")
    ppm = {"units": _PPM}
    sigma = ppm | {
        "long_name": "2.9 max(0.4, sqrt(sd^2 + baseline sd^2)), the authors' one standard deviation"
    }
    density = {"units": "g m-3 (umol mol-1)-1", "long_name": "CO2 in air for 1 umol mol-1"}
    return xr.Dataset(
        {
            "obs_id": ("obs", observation_names(daily)),
            "time": ("obs", time),
            "time_bounds": (("obs", "bounds"), np.stack([time, time + _HOUR], axis=1)),
            "receptor_index": ("obs", np.searchsorted(used, daily.site).astype(np.int32)),
            "mole_fraction": ("obs", daily.mole_fraction, ppm),
            "instrument_error": ("obs", daily.standard_deviation, sigma),
            "density_per_ppm": ("obs", density_per_ppm(files, daily), density),
            **{
                name: ("receptor", values, {"units": unit})
                for name, values, unit in zip(names, places.T, units, strict=True)
            },
        },
        coords={"receptor": np.array([SITES[site] for site in used], dtype=object)},
        attrs={
            "title": "one afternoon value a day at two sites of New Zealand",
            "synthetic": "no",
            "counts": json.dumps(daily.counts),
            "places": _PLACES_NOTE,
        },
    )


def background_of(files: Files, daily: Daily, density: np.ndarray) -> xr.Dataset:
    """Return the dataset ``background``: the authors' baseline and one offset for each site.

    Parameters
    ----------
    files : Files
    daily : Daily
    density : ndarray, (n,)
        `density_per_ppm`.

    Returns
    -------
    Dataset ``background``
        Offsets [ppm in air of 97 000 Pa and 286 K] with a standard deviation of 1e-4 ppm: they are
        constant in g m-3, as the authors have them. No observation depends on RBM's.
    """
    pattern = (daily.site[:, None] == np.arange(len(SITES))) * (REFERENCE_DENSITY / density)[
        :, None
    ]
    mean = files.baseline[daily.day, daily.site]
    deviation = files.baseline_sd[daily.day, daily.site]
    ppm = {"units": _PPM}
    counted = ppm | {"long_name": "already part of the observations' standard deviation"}
    return xr.Dataset(
        {
            "obs_id": ("obs", observation_names(daily)),
            "background": ("obs", mean, ppm),
            "background_standard_deviation": ("obs", deviation, counted),
            "background_pattern": (("obs", "parameter"), pattern, {"units": "1"}),
            "parameter_standard_deviation": ("parameter", np.full(len(SITES), OFFSET_SD_PPM), ppm),
        },
        coords={"parameter": np.array([f"offset_{site}" for site in SITES], dtype=object)},
        attrs={"title": "the authors' baseline, weighted from north and south", "synthetic": "no"},
    )


def mismatch_of(daily: Daily) -> xr.Dataset:
    """Return the dataset ``mismatch``: one term without any correlation.

    Notes
    -----
    ASSUME: errors of transport and background are independent from day to day and between sites,
    as the authors have it; intervals come out too narrow where they are not.
    """
    return xr.Dataset(
        {
            "obs_id": ("obs", observation_names(daily)),
            "standard_deviation": (
                ("term", "obs"),
                daily.standard_deviation[None, :],
                {"units": _PPM},
            ),
            "correlation_time": ("term", np.zeros(1), {"units": "s"}),
            "cross_site_correlation": ("term", np.zeros(1), {"units": "1"}),
        },
        coords={"term": np.array(["published"], dtype=object)},
        attrs={
            "title": "the authors' standard deviations, independent of each other",
            "synthetic": "no",
            "diagonal": "yes",
        },
    )
