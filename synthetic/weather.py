"""Hours, a seed and settings come in; the synthetic city's weather goes out.

ASSUME: one wind for the whole grid in each hour (two levels), which turns and freshens as an
AR(1) process around a light east-south-easterly; no sea breeze, no rain, no terrain.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtr

from synthetic.air import Weather
from synthetic.streams import autoregressive, stream

LEVELS_M = (10.0, 100.0)
LEVEL_FACTOR = (0.7, 1.0)  # wind at the level over the wind at 100 m
PREVAILING_FROM_DEGREES = 110.0
TURNING_DEGREES = 80.0
SPEED_M_S = (2.0, 6.0)
NIGHT_LID_M = 200.0
AFTERNOON_LID_M = (900.0, 1500.0)
AIR_MOLAR_DENSITY = 40.5  # mol m-3: 1010 hPa, 300 K
LATERAL_DEVIATION = 0.7  # m s-1


def daytime(local_hour: np.ndarray) -> np.ndarray:
    """Return how far the mixed layer has grown, 0 at night to 1 in the afternoon.

    Parameters
    ----------
    local_hour : ndarray (time,), h
        Local clock of the instant, [0, 24).

    Returns
    -------
    ndarray (time,)

    Examples
    --------
    >>> daytime(np.array([3.0, 10.0, 14.0, 22.0])).tolist()
    [0.0, 0.5, 1.0, 0.0]
    """
    return np.interp(local_hour, [0.0, 7.0, 13.0, 17.0, 20.0, 24.0], [0.0, 0.0, 1.0, 1.0, 0.0, 0.0])


def make_weather(n_day: int, seed: int) -> Weather:
    """Make hourly weather from a local midnight on.

    Parameters
    ----------
    n_day : int
        Days covered; the last instant is the midnight that ends them.
    seed : int

    Returns
    -------
    Weather
        `time` counts seconds from the first midnight.
    """
    count = 24 * n_day + 1
    hour = np.arange(count, dtype=float)
    turn = autoregressive(stream(seed, "wind direction"), (count,), 1.0, 30.0)
    fresh = autoregressive(stream(seed, "wind speed"), (count,), 1.0, 18.0)
    towards = np.deg2rad(PREVAILING_FROM_DEGREES + TURNING_DEGREES * turn + 180.0)
    speed = SPEED_M_S[0] + (SPEED_M_S[1] - SPEED_M_S[0]) * ndtr(fresh)
    factor = np.asarray(LEVEL_FACTOR)
    low, high = AFTERNOON_LID_M
    depth = low + (high - low) * ndtr(
        autoregressive(stream(seed, "mixing height"), (n_day + 1,), 1.0, 2.0)
    )
    day = np.minimum(hour // 24, n_day).astype(int)
    grown = daytime(hour % 24)
    return Weather(
        time=hour * 3600.0,
        level=np.asarray(LEVELS_M),
        eastward=(speed * np.sin(towards))[:, None] * factor,
        northward=(speed * np.cos(towards))[:, None] * factor,
        mixing_height=NIGHT_LID_M + (depth[day] - NIGHT_LID_M) * grown,
        vertical_deviation=0.25 + 0.65 * grown,
        lateral_deviation=np.full(count, LATERAL_DEVIATION),
        molar_density=AIR_MOLAR_DENSITY,
    )


def weather_dataset(
    weather: Weather, origin: np.datetime64, first_day: int, grid: Any
) -> xr.Dataset:
    """Return the weather as a file of a weather service would hold it.

    Parameters
    ----------
    weather : Weather
    origin : numpy.datetime64
        UTC instant of its first entry.
    first_day : int
        Days at the start that the file leaves out.
    grid : contracts.grid.Grid
        The file's 2 × 2 points are the centres of its corner cells' outer corners.

    Returns
    -------
    xarray.Dataset
        Dims time, level, and the two of the grid.
    """
    keep = slice(24 * first_day, None)
    hours = np.round(weather.time[keep] / 3600.0).astype("timedelta64[h]")
    space = (grid.row_dim, grid.column_dim)
    points = {
        space[0]: np.asarray(grid.row_edges)[[0, -1]],
        space[1]: np.asarray(grid.column_edges)[[0, -1]],
    }

    def spread(series: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.broadcast_to(series[..., None, None], (*series.shape, 2, 2)))

    fields = {
        "eastward_wind": (weather.eastward[keep], "m s-1"),
        "northward_wind": (weather.northward[keep], "m s-1"),
        "mixing_height": (weather.mixing_height[keep], "m"),
        "vertical_velocity_deviation": (weather.vertical_deviation[keep], "m s-1"),
        "lateral_velocity_deviation": (weather.lateral_deviation[keep], "m s-1"),
        "air_molar_density": (np.full(len(hours), weather.molar_density), "mol m-3"),
    }
    data = {}
    for name, (series, unit) in fields.items():
        dims = ("time", "level", *space) if series.ndim == 2 else ("time", *space)
        data[name] = (dims, spread(series), {"units": unit})
    return xr.Dataset(
        data,
        coords={
            "time": (origin + hours).astype("datetime64[ns]"),
            "level": ("level", weather.level, {"units": "m", "long_name": "height above ground"}),
            **{k: (k, v, {"units": "m"}) for k, v in points.items()},
        },
        attrs={
            "title": "SYNTHETIC weather of a synthetic city",
            "synthetic": "yes",
            "grid_crs": grid.attributes()["grid_crs"],
        },
    )
