"""The dataset `meteorology` comes in; the weather of some hours as the kernel reads it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from transport.particles.turbulence import KARMAN
from transport.particles.wind import COMPONENTS, SURFACE, Air

DRY_AIR_KG_MOL = 0.0289647
HOUR = np.timedelta64(3_600_000_000_000, "ns")
LONGEST = 3  # hours between instants, beyond which linear winds are no winds
NEEDED = (
    "eastward_wind",
    "northward_wind",
    "air_density",
    "mixing_height",
    "friction_velocity",
    "inverse_obukhov_length",
    "roughness_length",
)


@dataclass(frozen=True)
class Weather:
    """A checked `meteorology` and its axes.

    Attributes
    ----------
    dataset : Dataset `meteorology`
    time : ndarray (time,), datetime64[ns]
    level, row, column : ndarray
        Axes [m].
    spacing : int
        Hours between instants.
    """

    dataset: xr.Dataset
    time: np.ndarray
    level: np.ndarray
    row: np.ndarray
    column: np.ndarray
    spacing: int


def checked(meteorology: xr.Dataset) -> Weather:
    """Return weather that particles can fly in.

    Parameters
    ----------
    meteorology : Dataset `meteorology`
        With the variables NEEDED; vertical_wind, specific_humidity, displacement_height and
        map_factor where there are any.

    Returns
    -------
    Weather

    Raises
    ------
    ValueError
        With every variable that is missing, and where an axis is not regular, roughness is not
        positive or the ground is displaced above the lowest level.
    """
    missing = [name for name in NEEDED if name not in meteorology]
    if missing:
        msg = (
            f"the particle model must have {', '.join(NEEDED)}; got no {', '.join(missing)} in "
            "meteorology.nc. Prepare the meteorology from files that hold them, or choose the "
            "reader `plume`."
        )
        raise ValueError(msg)
    row_dim, column_dim = meteorology["mixing_height"].dims[1:]
    time = meteorology["time"].to_numpy().astype("datetime64[ns]")
    axes = {name: meteorology[name].to_numpy().astype(float) for name in (row_dim, column_dim)}
    for name, axis in axes.items():
        _refuse_irregular(name, axis)
    level = meteorology["level"].to_numpy().astype(float)
    if len(level) < 2:
        msg = (
            f"the particle model must have two levels or more; got {level.tolist()} m in "
            "meteorology.nc. Prepare the meteorology with more levels."
        )
        raise ValueError(msg)
    _refuse_ground(meteorology, float(level[0]))
    row, column = axes[row_dim], axes[column_dim]
    return Weather(meteorology, time, level, row, column, _spacing(time))


def _spacing(time: np.ndarray) -> int:
    """Return the hours between instants."""
    steps = np.diff(time)
    if not len(steps) or (steps != steps[0]).any() or steps[0] % HOUR or steps[0] > LONGEST * HOUR:
        found = sorted({str(step.astype("timedelta64[m]")) for step in steps}) or ["one instant"]
        msg = (
            f"instants of the meteorology must be 1, 2 or {LONGEST} hours apart throughout; got "
            f"{', '.join(found[:4])} in meteorology.nc. Fill the gap, or bring hourly files."
        )
        raise ValueError(msg)
    return int(steps[0] // HOUR)


def _refuse_irregular(name: str, axis: np.ndarray) -> None:
    """Raise where points of an axis are not evenly spaced upwards."""
    steps = np.diff(axis)
    if not len(steps) or steps.min() <= 0.0 or np.ptp(steps) > 1e-3 * steps.min():
        msg = (
            f"the axis {name} of the meteorology must be two or more ascending, evenly spaced "
            f"points; got {axis[:4].tolist()} in meteorology.nc. Resample to a regular grid."
        )
        raise ValueError(msg)


def _refuse_ground(meteorology: xr.Dataset, lowest: float) -> None:
    """Raise where the logarithmic profile below the lowest level has no sense."""
    roughness = float(meteorology["roughness_length"].min())
    if not roughness > 0.0:
        msg = (
            f"roughness_length must exceed 0; got {roughness} m in meteorology.nc. Over water "
            "1e-4 m is usual."
        )
        raise ValueError(msg)
    highest = float(meteorology["displacement_height"].max()) if _has(meteorology) else 0.0
    if not highest < lowest:
        msg = (
            f"displacement_height must lie below the lowest level; got {highest} m beside a level "
            f"at {lowest} m in meteorology.nc. Leave out low levels, or lower the displacement."
        )
        raise ValueError(msg)


def _has(meteorology: xr.Dataset, name: str = "displacement_height") -> bool:
    """Return whether an optional variable is there."""
    return name in meteorology


def air_between(weather: Weather, start: np.datetime64, end: np.datetime64) -> tuple[Air, Any]:
    """Return the weather from start to end as the kernel reads it, and its first instant.

    Parameters
    ----------
    weather : Weather
    start, end : datetime64[ns]
        Within the weather.

    Returns
    -------
    air : Air
        `hour` is 0; set it to the hours from the observation hour to the first instant.
    first : datetime64[ns]
    """
    low = int(np.searchsorted(weather.time, start, side="right")) - 1
    high = int(np.searchsorted(weather.time, end, side="left")) + 1
    part = weather.dataset.isel(time=slice(low, high))
    per_row, per_column = (1.0 / float(axis[1] - axis[0]) for axis in (weather.row, weather.column))
    air = Air(
        wind=_wind(part).reshape(-1),
        surface=_surface(part).reshape(-1),
        level=weather.level,
        per_thickness=np.append(1.0 / np.diff(weather.level), 0.0),
        rows=len(weather.row),
        columns=len(weather.column),
        hour=0,
        spacing=weather.spacing,
        row=float(weather.row[0]),
        column=float(weather.column[0]),
        per_row=per_row,
        per_column=per_column,
    )
    return air, weather.time[low]


def _wind(part: xr.Dataset) -> np.ndarray:
    """Return (time, row, column, level, 4), float32: three winds, molar density of dry air."""
    time, level, row, column = part["eastward_wind"].shape
    wind = np.zeros((time, row, column, level, COMPONENTS), np.float32)
    for number, name in enumerate(("eastward_wind", "northward_wind", "vertical_wind")):
        if name in part:
            wind[..., number] = np.moveaxis(part[name].to_numpy(), 1, -1)
    density = part["air_density"].to_numpy().astype(np.float32)
    if "specific_humidity" in part:
        density = density * (1.0 - part["specific_humidity"].to_numpy().astype(np.float32))
    wind[..., 3] = np.moveaxis(density, 1, -1) / np.float32(DRY_AIR_KG_MOL)
    return wind


def _surface(part: xr.Dataset) -> np.ndarray:
    """Return (time, row, column, 6), float32: see SURFACE.

    Notes
    -----
    The buoyancy flux B = -u*³ / (k L) is interpolated rather than 1/L, which grows without bound
    where u* falls.
    """
    friction = part["friction_velocity"].to_numpy().astype(float)
    flux = -(friction**3) * part["inverse_obukhov_length"].to_numpy() / KARMAN
    surface = np.zeros((*friction.shape, SURFACE), np.float32)
    surface[..., 0], surface[..., 1], surface[..., 2] = part["mixing_height"], friction, flux
    surface[..., 3], surface[..., 5] = part["roughness_length"], 1.0
    if _has(part):
        surface[..., 4] = part["displacement_height"]
    if _has(part, "map_factor"):
        surface[..., 5] = part["map_factor"]
    return surface
