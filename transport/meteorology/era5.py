"""ERA5 files of pressure and single levels come in; the meteorology of a batch on a run's grid goes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.periods import HOUR, to_ns
from transport.meteorology import air, hydrostatic
from transport.meteorology.assemble import Source, assemble
from transport.meteorology.era5_files import Era5Files, open_era5
from transport.meteorology.lattice import turn
from transport.meteorology.missing import decide
from transport.meteorology.snapshot import Snapshot

LATENT_HEAT = 2.501e6  # J kg-1, of vaporisation
ALWAYS = {
    "temperature": "t",
    "eastward": "u",
    "northward": "v",
    "surface_pressure": "sp",
    "surface_geopotential": "z at the surface",
    "surface_temperature": "t2m",
    "eastward_10m": "u10",
    "northward_10m": "v10",
}
DIAGNOSABLE = {
    "mixing_height": "blh",
    "friction_velocity": "zust (or iews and inss, ewss and nsss)",
    "heat_flux": "ishf (or sshf)",
    "roughness_length": "fsr",
    "omega": "w",
    "humidity": "q",
}
INSTEAD = {  # what serves in place of what, first choice first
    "friction_velocity": (
        ("friction_velocity",),
        ("eastward_stress", "northward_stress"),
        ("eastward_stress_mean", "northward_stress_mean"),
    ),
    "heat_flux": (("heat_flux",), ("heat_flux_mean",)),
    "moisture_flux": (("moisture_flux",), ("latent_flux_mean",)),
}
STEADY = ("surface_geopotential", "roughness_length")  # the nearest instant will do


def read_weather(
    files: Sequence[str | Path], batch: Any, hours_back: int, grid: Any, settings: Any
) -> xr.Dataset:
    """Return the meteorology of a batch from ERA5 files.

    Parameters
    ----------
    files : sequence of path
        netCDF of the Climate Data Store, old or new, or GRIB; pressure and single levels in any
        number of files, on latitude and longitude or regridded to a projection.
    batch : contracts.periods.Period
    hours_back : int
        Clock hours before the batch.
    grid : contracts.grid.Grid
        Of the run, projected.
    settings : WeatherSettings

    Returns
    -------
    xarray.Dataset
        `meteorology`.

    Raises
    ------
    ValueError
        Where variables or hours are missing, units or axes differ, or the domain is too small.

    Notes
    -----
    ASSUME: winds of files regridded to a projection still point to true east and north.
    """
    found = open_era5(files)
    try:
        window = to_ns(batch.start) - hours_back * HOUR, to_ns(batch.end)
        return assemble(era5_source(found, settings), window, grid, settings, batch.name)
    finally:
        found.close()


def era5_source(found: Era5Files, settings: Any) -> Source:
    """Return opened ERA5 files as a source of snapshots.

    Raises
    ------
    ValueError
        Where variables are missing.
    """
    chosen = {
        key: next((names for names in options if set(names) <= set(found.entries)), ())
        for key, options in INSTEAD.items()
    }
    known = [*found.entries, *(key for key, names in chosen.items() if names)]
    diagnosed = decide(known, ALWAYS, DIAGNOSABLE, settings, found.where)
    single = {name for names in chosen.values() for name in names}
    optional = ("dewpoint", "eastward_100m", "northward_100m")
    needed = [
        *ALWAYS,
        "geopotential",
        "mixing_height",
        "omega",
        "humidity",
        *optional,
        *sorted(single),
    ]
    series = {
        f"{found.names[key]} ({key})": found.times(key)
        for key in needed
        if key in found.entries and key not in STEADY
    }

    def snapshot(time: np.datetime64, part: tuple[slice, slice]) -> Snapshot:
        return era5_snapshot(found, chosen, time, part)

    return Source(
        "ERA5", found.where, lambda _: found.lattice, series, snapshot, diagnosed, found.counts
    )


def era5_snapshot(
    found: Era5Files,
    chosen: dict[str, tuple[str, ...]],
    time: np.datetime64,
    part: tuple[slice, slice],
) -> Snapshot:
    """Return one instant of ERA5 on a part of its lattice.

    Parameters
    ----------
    found : Era5Files
    chosen : dict of str to tuple of str
        Quantities that serve as `friction_velocity`, `heat_flux` and `moisture_flux`.
    time : datetime64[ns]
    part : (slice, slice)

    Returns
    -------
    Snapshot
        Fluxes turned to be positive upward; w = -omega / (rho g); winds along the lattice's axes;
        heights from geopotential, or where there is none from hydrostatic balance.
    """
    lattice = found.lattice.cut(part)
    angle = lattice.north(*lattice.places)

    def read(key: str) -> np.ndarray | None:
        if key not in found.entries:
            return None
        if key.endswith("_mean"):
            return _between_hours(found, key, time, part)
        return found.read(key, _nearest(found, key, time), part)

    ground = read("surface_geopotential") / air.GRAVITY
    temperature, humidity = read("temperature"), read("humidity")
    humidity = np.zeros_like(temperature) if humidity is None else humidity
    pressure = np.broadcast_to(found.pressure[:, None, None], temperature.shape)
    eastward, northward = turn(read("eastward"), read("northward"), angle)
    omega, dewpoint, surface = read("omega"), read("dewpoint"), read("surface_pressure")
    moist = None if dewpoint is None else air.humidity_of_dewpoint(dewpoint, surface)
    warm, geopotential = read("surface_temperature"), read("geopotential")
    if geopotential is None:
        found.counts["instants_with_heights_from_hydrostatic_balance"] += 1
        screen = air.virtual_temperature(warm, 0.0 if moist is None else moist)
        virtual = air.virtual_temperature(temperature, humidity)
        height = hydrostatic.heights(found.pressure, virtual, surface, screen)
    else:
        height = geopotential / air.GRAVITY - ground
    near = [
        (height, *turn(read(f"eastward_{height:.0f}m"), read(f"northward_{height:.0f}m"), angle))
        for height in (10.0, 100.0)
        if f"eastward_{height:.0f}m" in found.entries
        and f"northward_{height:.0f}m" in found.entries
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = air.GRAVITY * air.density(pressure, temperature, humidity)
    return Snapshot(
        height=height,
        eastward=eastward,
        northward=northward,
        vertical=None if omega is None else -omega / weight,
        temperature=temperature,
        pressure=pressure,
        humidity=humidity,
        ground_height=ground,
        surface_pressure=surface,
        surface_temperature=warm,
        surface_humidity=moist,
        near_wind=tuple(near),
        mixing_height=read("mixing_height"),
        roughness_length=read("roughness_length"),
        names={**found.names, "height": found.names.get("geopotential", "t"), "vertical": "w"},
        **_fluxes([read(name) for name in chosen["friction_velocity"]], read, chosen),
    )


def _fluxes(velocity: list[np.ndarray], read: Any, chosen: dict[str, tuple[str, ...]]) -> dict:
    """Return stress and fluxes, positive upward, as a snapshot names them."""
    fluxes: dict[str, np.ndarray] = {}
    if len(velocity) == 1:
        fluxes["friction_velocity"] = velocity[0]
    elif velocity:
        fluxes["stress"] = np.hypot(*velocity)
    for name in chosen["heat_flux"]:
        fluxes["heat_flux"] = -read(name)
    for name in chosen["moisture_flux"]:
        latent = name == "latent_flux_mean"
        fluxes["moisture_flux"] = -read(name) / (LATENT_HEAT if latent else 1.0)
    return fluxes


def _nearest(found: Era5Files, key: str, time: np.datetime64) -> np.datetime64:
    """Return an instant, or for what hardly changes the nearest one there is."""
    if key not in STEADY or time in found.entries[key]:
        return time
    times = found.times(key)
    found.counts[f"instants_with_{found.names[key]}_of_another_time"] += 1
    return times[np.abs(times - time).argmin()]


def _between_hours(
    found: Era5Files, key: str, time: np.datetime64, part: tuple[slice, slice]
) -> np.ndarray:
    """Return a flux at an instant, linear between the middles of the hours of which it is the mean.

    The mean of an hour that ends at its time belongs half an hour before it. Where no later (or
    earlier) hour is in the files, the nearer mean holds; counted.
    """
    times = found.times(key)
    middle = times - HOUR // 2
    after = int(np.searchsorted(middle, time))
    before = after - 1
    near = [index for index in (before, after) if 0 <= index < len(times)]
    parts = [found.read(key, times[index], part) for index in near]
    if len(near) == 1:
        found.counts[f"instants_with_{found.names[key]}_of_one_hour_only"] += 1
        return parts[0]
    share = (time - middle[before]) / (middle[after] - middle[before])
    return parts[0] + share * (parts[1] - parts[0])
