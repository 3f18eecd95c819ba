"""Small weather, observations and settings for the reader of the particle model."""

from types import SimpleNamespace

import numpy as np
import xarray as xr

from contracts.grid import Grid
from contracts.settings.particles import ParticleSettings

START = np.datetime64("2025-06-01T00:00", "ns")
HOUR = np.timedelta64(3600, "s")
CRS = "EPSG:4549"
CENTRE = (120.0, 30.0)  # longitude, latitude: the central meridian of EPSG:4549
COLUMN, ROW = Grid(CRS, [0.0, 1.0], [0.0, 1.0]).project(*CENTRE)
LEVELS = np.array([10.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1500.0, 3000.0])


def grid(size=1000.0, half=30):
    steps = np.arange(-half, half + 1) * size
    return Grid(CRS, ROW + steps, COLUMN + steps)


def section(hours_back=3, **particles):
    chosen = {"number": 40, **particles}
    return SimpleNamespace(hours_back=hours_back, particles=ParticleSettings(**chosen))


FIELDS = {
    "eastward_wind": (4.0, "m s-1"),
    "northward_wind": (-1.0, "m s-1"),
    "vertical_wind": (0.0, "m s-1"),
    "air_density": (1.2, "kg m-3"),
    "specific_humidity": (0.01, "1"),
    "mixing_height": (800.0, "m"),
    "friction_velocity": (0.35, "m s-1"),
    "inverse_obukhov_length": (-0.01, "m-1"),
    "roughness_length": (0.5, "m"),
}
ALOFT = ("eastward_wind", "northward_wind", "vertical_wind", "air_density", "specific_humidity")


def meteorology(hours=12, points=5, half=60_000.0, drop=(), step=1, **given):
    """Return uniform weather; a keyword gives a value or an array (time, level, row, col)."""
    axis = np.linspace(-half, half, points)
    time = START + np.arange(0, hours, step) * HOUR
    fields = FIELDS | {name: (None, "m") for name in given if name not in FIELDS}
    data = {}
    for name, (value, unit) in fields.items():
        if name in drop:
            continue
        inner = ("level",) if name in ALOFT else ()
        shape = (len(time), *((len(LEVELS),) if inner else ()), points, points)
        values = np.broadcast_to(np.asarray(given.get(name, value), float), shape)
        dims = ("time", *inner, "northing", "easting")
        data[name] = (dims, values.astype(np.float32), {"units": unit})
    coords = {
        "time": time,
        "level": ("level", LEVELS, {"units": "m"}),
        "northing": ("northing", ROW + axis, {"units": "m"}),
        "easting": ("easting", COLUMN + axis, {"units": "m"}),
    }
    return xr.Dataset(data, coords=coords, attrs={"synthetic": "yes", "grid_crs": CRS})


def observations(hours, inlet=50.0, name="AAA", longitude=CENTRE[0], latitude=CENTRE[1]):
    """Return rows of one receptor at hours after the start."""
    time = START + np.asarray(hours, int) * HOUR
    labels = [f"{name}_{t}" for t in time.astype("datetime64[h]").astype(str)]
    return xr.Dataset(
        {
            "obs_id": ("obs", np.array(labels, dtype=str)),
            "time": ("obs", time),
            "receptor_index": ("obs", np.zeros(len(time), np.int32)),
            "latitude": ("receptor", [latitude]),
            "longitude": ("receptor", [longitude]),
            "inlet_height": ("receptor", [inlet]),
        },
        coords={"receptor": [name]},
    )


def dense(dataset, index):
    """Return the dense footprint (lag, row, col) of one observation."""
    size = dataset["row_size"].to_numpy()
    part = slice(size[:index].sum(), size[: index + 1].sum())
    cells = np.zeros((dataset.sizes["lag"], dataset.sizes["northing"], dataset.sizes["easting"]))
    names = ("lag_index", "row_index", "column_index")
    np.add.at(
        cells,
        tuple(dataset[n].to_numpy()[part] for n in names),
        dataset["sensitivity"].to_numpy()[part],
    )
    return cells
