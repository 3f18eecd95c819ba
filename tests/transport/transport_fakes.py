"""Small meteorologies, observations, NAME and STILT files for the tests of transport."""

from functools import cache

import numpy as np
import xarray as xr

from contracts.grid import Grid

START = np.datetime64("2025-06-01T00:00", "ns")
HOUR = np.timedelta64(3600, "s")
CRS = "EPSG:4549"
CENTRE = (120.0, 30.0)  # longitude, latitude: the central meridian of EPSG:4549


@cache
def grid(size=2000.0, half=50):
    column, row = Grid(CRS, [0.0, 1.0], [0.0, 1.0]).project(*CENTRE)
    steps = np.arange(-half, half + 1) * size
    return Grid(CRS, row + steps, column + steps)


def meteorology(hours=48, points=2, **given):
    """Return uniform weather; a keyword gives a value or an array (time, level, row, col)."""
    centre = grid()
    rows = np.linspace(centre.row_edges[0], centre.row_edges[-1], points)
    columns = np.linspace(centre.column_edges[0], centre.column_edges[-1], points)
    values = {
        "eastward_wind": (3.0, "m s-1"),
        "northward_wind": (-1.0, "m s-1"),
        "mixing_height": (1000.0, "m"),
        "vertical_velocity_deviation": (0.9, "m s-1"),
        "lateral_velocity_deviation": (1.0, "m s-1"),
        "air_molar_density": (41.0, "mol m-3"),
    }
    data = {}
    for name, (value, unit) in values.items():
        levels = name.endswith("_wind")
        shape = (hours, 2, points, points) if levels else (hours, points, points)
        dims = (
            ("time", "level", "northing", "easting") if levels else ("time", "northing", "easting")
        )
        data[name] = (
            dims,
            np.broadcast_to(given.get(name, value), shape).astype(float),
            {"units": unit},
        )
    return xr.Dataset(
        data,
        coords={
            "time": START + np.arange(hours) * HOUR,
            "level": ("level", [20.0, 100.0], {"units": "m"}),
            "northing": ("northing", rows, {"units": "m"}),
            "easting": ("easting", columns, {"units": "m"}),
        },
        attrs={"synthetic": "yes", "grid_crs": CRS},
    )


def observations(hours, inlet=50.0, longitude=CENTRE[0], latitude=CENTRE[1], start=START):
    """Return rows of one receptor at hours after a start."""
    time = start + np.asarray(hours) * HOUR
    count = len(time)
    return xr.Dataset(
        {
            "obs_id": ("obs", [f"AAA_{t}" for t in time.astype("datetime64[h]").astype(str)]),
            "time": ("obs", time),
            "receptor_index": ("obs", np.zeros(count, np.int32)),
            "latitude": ("receptor", [latitude]),
            "longitude": ("receptor", [longitude]),
            "inlet_height": ("receptor", [inlet]),
        },
        coords={"receptor": ["AAA"]},
    )


def name_file(path, hours=3, **changes):
    """Write a small NAME file; a keyword changes the dataset by name."""
    values = np.arange(4 * 5 * hours, dtype=np.float32).reshape(4, 5, hours) / 100
    dataset = xr.Dataset(
        {
            "fp": (("lat", "lon", "time"), values, {"units": "(mol/mol)/(mol/m2/s)"}),
            "release_lon": ("time", np.full(hours, 1.1)),
            "release_lat": ("time", np.full(hours, 52.5)),
        },
        coords={
            "time": ("time", START + np.arange(hours) * HOUR, {"label": "left"}),
            "lat": ("lat", np.float32(51.2) + np.float32(0.234) * np.arange(4, dtype=np.float32)),
            "lon": ("lon", np.float32(-0.4) + np.float32(0.352) * np.arange(5, dtype=np.float32)),
        },
    )
    dataset = changes.pop("change", lambda ds: ds)(dataset)
    dataset.to_netcdf(path)
    return path


def stilt_file(folder, hour=12, back=(3, 2, 1), place="40.77N111.85W00035", **changes):
    """Write a small STILT file for START + hour; a keyword changes the dataset by name."""
    time = START + hour * HOUR
    name = f"{str(time)[:13].replace('-', '').replace('T', '')}_{place}.nc"
    values = np.arange(len(back) * 20, dtype=np.float32).reshape(len(back), 4, 5) / 100
    dataset = xr.Dataset(
        {"foot": (("time", "lat", "lon"), values, {"units": "ppm (umol-1 m2 s)"})},
        coords={
            "time": time - np.asarray(back) * HOUR,
            "lat": 40.755 + 0.01 * np.arange(4),
            "lon": -111.875 + 0.01 * np.arange(5),
        },
    )
    path = folder / changes.pop("name", name)
    changes.pop("change", lambda ds: ds)(dataset).to_netcdf(path)
    return path


def cell(dataset, index):
    """Return the dense footprint (lag, row, col) of one observation."""
    size = dataset["row_size"].to_numpy()
    part = slice(size[:index].sum(), size[: index + 1].sum())
    dims = [d for d in ("northing", "easting", "latitude", "longitude") if d in dataset.sizes]
    dense = np.zeros((dataset.sizes["lag"], *(dataset.sizes[d] for d in dims)))
    places = [dataset[n].to_numpy()[part] for n in ("lag_index", "row_index", "column_index")]
    np.add.at(dense, tuple(places), dataset["sensitivity"].to_numpy()[part])
    return dense
