"""Small weather files of each kind, written from formulas, and a grid to bring them to."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from pyproj import Proj

from contracts.grid import Grid
from contracts.periods import Period
from contracts.settings.weather import WeatherSettings
from transport.meteorology import prepare_meteorology

START = np.datetime64("2025-06-01T00:00", "ns")
HOUR = np.timedelta64(3600, "s")
CRS = "EPSG:32632"
CENTRE = (11.57, 48.14)
R, G = 287.05, 9.80665
WARM, PRESSURE = 285.0, 98_000.0  # of the air and at the ground
LEVELS = (2.0, 5.0, 10.0, 30.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1500.0, 3000.0)


def hours(count, step=1):
    return START + step * np.arange(count) * HOUR


@pytest.fixture
def grid():
    column, row = Grid(CRS, [0.0, 1.0], [0.0, 1.0]).project(*CENTRE)
    steps = np.arange(-4, 5) * 2500.0
    return Grid(CRS, row + steps, column + steps)


@pytest.fixture
def prepare(grid):
    """Prepare the weather of 2 h before a 2-h batch that begins at 02:00."""

    def run(kind, files, on=grid, begin=2, length=2, **settings):
        settings = {"levels_m": LEVELS, "spacing_km": 5.0, "margin_km": 5.0, **settings}
        batch = Period("x", START + begin * HOUR, START + (begin + length) * HOUR)
        section = SimpleNamespace(
            meteorology=kind, hours_back=2, weather=WeatherSettings(**settings)
        )
        return prepare_meteorology(files, batch, section, grid=on)

    return run


@pytest.fixture
def era5(tmp_path):
    """Write ERA5 files in the names of the new Climate Data Store; a keyword sets a field.

    Isothermal air over flat ground 500 m high, the wind (u, v) at all levels.
    """

    def write(name="a", count=5, step=1, wind=(6.0, 2.0), change=None, spread=0.1, **given):
        latitude = 48.14 + spread * np.arange(4, -5, -1)
        longitude = 11.57 + spread * np.arange(-4, 5)
        pressure = np.array([1000.0, 950.0, 900.0, 850.0, 800.0, 700.0, 600.0, 500.0])
        time = hours(count, step)
        shape = (count, len(pressure), len(latitude), len(longitude))
        height = 500.0 + R * WARM / G * np.log(PRESSURE / (100.0 * pressure))
        layered = {
            "z": (G * height[:, None, None], "m**2 s**-2"),
            "t": (WARM, "K"),
            "u": (wind[0], "m s**-1"),
            "v": (wind[1], "m s**-1"),
            "w": (0.0, "Pa s**-1"),
            "q": (0.0, "kg kg**-1"),
        }
        surface = {
            "sp": (PRESSURE, "Pa"),
            "z": (500.0 * G, "m**2 s**-2"),
            "t2m": (WARM, "K"),
            "u10": (wind[0], "m s**-1"),
            "v10": (wind[1], "m s**-1"),
            "blh": (800.0, "m"),
            "zust": (0.3, "m s**-1"),
            "ishf": (-120.0, "W m**-2"),
            "fsr": (0.2, "m"),
        }
        units = {"d2m": "K", "u100": "m s**-1", "v100": "m s**-1", "sshf": "J m**-2"}
        units |= {"iews": "N m**-2", "inss": "N m**-2", "ewss": "N m**-2 s", "nsss": "N m**-2 s"}
        units |= {"slhf": "J m**-2", "ie": "kg m**-2 s**-1"}
        coords = {
            "valid_time": time,
            "latitude": ("latitude", latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", longitude, {"units": "degrees_east"}),
        }
        paths = []
        for kind, fields in (("pl", layered), ("sl", surface)):
            dims = ("valid_time", "latitude", "longitude")
            size, at = shape, coords
            if kind == "pl":
                dims = (dims[0], "pressure_level", *dims[1:])
                at = coords | {"pressure_level": ("pressure_level", pressure, {"units": "hPa"})}
            else:
                size = (shape[0], *shape[2:])
                fields |= {k: (0.0, u) for k, u in units.items() if f"sl_{k}" in given}
            data = {}
            for key, (usual, unit) in fields.items():
                value = given.get(f"{kind}_{key}", usual)
                if value is not None:
                    full = np.array(np.broadcast_to(value, size), dtype=np.float32)
                    data[key] = (dims, full, {"units": unit})
            dataset = xr.Dataset(data, coords=at)
            dataset = change(dataset, kind) if change else dataset
            if dataset is not None:
                paths.append(tmp_path / f"{name}_{kind}.nc")
                dataset.to_netcdf(paths[-1])
        return paths

    return write


@pytest.fixture
def wrf(tmp_path):
    """Write a wrfout file; a keyword sets a field, on its own (staggered) shape."""

    def write(name="wrfout_d01", count=5, step=1, size=12, dx=9000.0, **changes):
        attrs = {"TITLE": " OUTPUT FROM WRF V4.5 MODEL", "MAP_PROJ": 1, "DX": dx, "DY": dx}
        attrs |= {"TRUELAT1": 30.0, "TRUELAT2": 60.0, "STAND_LON": 4.0, "MOAD_CEN_LAT": 48.0}
        proj = Proj(
            changes.pop("proj", "+proj=lcc +lat_1=30 +lat_2=60 +lat_0=48 +lon_0=4 +R=6370000")
        )
        attrs |= changes.pop("attrs", {})
        x, y = proj(*changes.pop("centre", CENTRE))
        steps = (np.arange(size) - (size - 1) / 2) * dx
        east, north = np.meshgrid(x + steps, y + steps)
        longitude, latitude = proj(east, north, inverse=True)
        faces = np.array([0.0, 60.0, 150.0, 300.0, 600.0, 1200.0, 2200.0, 3500.0, 5000.0])
        layer = 0.5 * (faces[1:] + faces[:-1])
        pressure = PRESSURE * np.exp(-9.81 * layer / (R * WARM))
        theta = WARM * (1e5 / pressure) ** (2.0 / 7.0) - 300.0
        t, z, r, c = "Time", "bottom_top", "south_north", "west_east"
        column = {"PB": (pressure, "Pa"), "P": (0 * layer, "Pa"), "T": (theta, "K")}
        column |= {"QVAPOR": (0 * layer, "kg kg-1")}
        fields = {k: ((t, z, r, c), v[:, None, None], u) for k, (v, u) in column.items()}
        fields |= {
            "PH": ((t, f"{z}_stag", r, c), 0.0, "m2 s-2"),
            "PHB": ((t, f"{z}_stag", r, c), (9.81 * (faces + 200.0))[:, None, None], "m2 s-2"),
            "W": ((t, f"{z}_stag", r, c), 0.0, "m s-1"),
            "U": ((t, z, r, f"{c}_stag"), 7.0, "m s-1"),
            "V": ((t, z, f"{r}_stag", c), -3.0, "m s-1"),
            "XLAT": ((t, r, c), latitude, "degree_north"),
            "XLONG": ((t, r, c), longitude, "degree_east"),
        }
        flat = {"HGT": (200.0, "m"), "T2": (WARM, "K"), "PSFC": (PRESSURE, "Pa")}
        flat |= {"Q2": (0.0, "kg kg-1"), "U10": (7.0, "m s-1"), "V10": (-3.0, "m s-1")}
        flat |= {"PBLH": (900.0, "m"), "UST": (0.4, "m s-1"), "HFX": (200.0, "W m-2")}
        flat |= {"ZNT": (0.8, "m")}
        fields |= {k: ((t, r, c), v, u) for k, (v, u) in flat.items()}
        sizes = {t: count, z: 8, f"{z}_stag": 9, r: size, c: size}
        sizes |= {f"{r}_stag": size + 1, f"{c}_stag": size + 1}
        change = changes.pop("change", lambda ds: ds)
        data = {}
        for key, (dims, usual, unit) in fields.items():
            value = changes.get(key, usual)
            if value is not None:
                full = np.broadcast_to(value, [sizes[dim] for dim in dims]).astype(np.float32)
                data[key] = (dims, full, {"units": unit})
        begin = changes.get("begin", 0)
        text = [str(h)[:19].replace("T", "_") for h in hours(count, step) + begin * HOUR]
        data["Times"] = (t, np.array(text, dtype="S19"))
        change(xr.Dataset(data, attrs=attrs)).to_netcdf(tmp_path / f"{name}.nc")
        return tmp_path / f"{name}.nc"

    return write
