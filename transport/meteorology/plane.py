"""Weather over a synthetic plane comes in; the same with what a model of particles needs goes out.

ASSUME: the ground is flat and at sea level, the map keeps lengths, air is dry and as dense at every
level as at the ground, no wind blows up or down, the wind above the highest level is that of the
highest level, and the roughness is 0.5 m.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from transport.meteorology.surface_layer import GREATEST_INVERSE_LENGTH, KARMAN

ROUGHNESS_M = 0.5
MOLAR_MASS = 0.0289647  # kg mol-1, dry air
TOP_M = 5000.0  # level added where the weather ends below it
DEPTH_SHARE = 0.3  # of the mixing height, where the deviation of vertical velocity is compared
NEUTRAL = 1.8 - 1.4 * DEPTH_SHARE
CONVECTIVE = 1.2 * (1.0 - 0.9 * DEPTH_SHARE) * DEPTH_SHARE ** (2.0 / 3.0)


def completed(weather: xr.Dataset) -> xr.Dataset:
    """Return the weather with density, humidity and turbulence; what it has already stays.

    Parameters
    ----------
    weather : Dataset `meteorology`
        With `vertical_velocity_deviation` and `air_molar_density`; without them nothing is added.

    Returns
    -------
    xarray.Dataset

    Notes
    -----
    u* = k U / ln(z / z0) from the lowest level; the convective velocity is the one with which
    s_w^2 = 1.2 w*^2 (1 - 0.9 a) a^(2/3) + (1.8 - 1.4 a) u*^2 (Hanna 1982) at a = 0.3 of the mixing
    height is the weather's own deviation, and 1/L = -k w*^3 / (h u*^3); neutral where u* alone
    gives more.
    """
    needed = {"vertical_velocity_deviation", "air_molar_density", "mixing_height"}
    if not needed <= set(weather.variables):
        return weather
    weather = _up_to_the_top(weather)
    surface, layered = weather["mixing_height"], weather["eastward_wind"]
    level = float(weather["level"][0])
    speed = np.hypot(weather["eastward_wind"][:, 0], weather["northward_wind"][:, 0])
    velocity = np.maximum(KARMAN * speed / np.log(max(level, 2.0) / ROUGHNESS_M), 0.01)
    excess = weather["vertical_velocity_deviation"] ** 2 - NEUTRAL * velocity**2
    convective = np.sqrt(np.maximum(excess, 0.0) / CONVECTIVE)
    inverse = -KARMAN * (convective / velocity) ** 3 / surface
    flat = xr.zeros_like(surface[0], dtype=float).drop_vars("time", errors="ignore")
    made = {
        "vertical_wind": (xr.zeros_like(layered), "m s-1"),
        "air_density": (
            xr.zeros_like(layered) + MOLAR_MASS * weather["air_molar_density"],
            "kg m-3",
        ),
        "specific_humidity": (xr.zeros_like(layered), "1"),
        "friction_velocity": (velocity, "m s-1"),
        "inverse_obukhov_length": (np.maximum(inverse, -GREATEST_INVERSE_LENGTH), "m-1"),
        "roughness_length": (xr.full_like(surface, ROUGHNESS_M, dtype=float), "m"),
        "ground_height": (flat, "m"),
        "map_factor": (flat + 1.0, "1"),
    }
    new = {}
    for name, (values, unit) in made.items():
        if name in weather:
            continue
        like = flat if values.ndim == 2 else layered if values.ndim == 4 else surface
        array = values.transpose(*like.dims).reset_coords(drop=True).astype(np.float32)
        new[name] = array.assign_attrs(units=unit)
    return weather.assign(new)


def _up_to_the_top(weather: xr.Dataset) -> xr.Dataset:
    """Return the weather with a level at the top, where it ends below."""
    if float(weather["level"][-1]) >= TOP_M:
        return weather
    level = weather["level"]
    top = weather.isel(level=[-1]).assign_coords(level=[np.asarray(TOP_M, level.dtype)])
    taller = xr.concat([weather, top], "level", data_vars="minimal", combine_attrs="override")
    taller["level"].attrs = level.attrs
    return taller.transpose(*weather["eastward_wind"].dims, ...)
