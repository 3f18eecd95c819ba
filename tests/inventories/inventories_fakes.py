"""A city of two districts on eight by ten cells, with a table, proxies and settings."""

from functools import cache
from pathlib import Path

import numpy as np
import shapely
import xarray as xr

from contracts.districts import Regions
from contracts.grid import Grid
from contracts.periods import batch_period
from contracts.settings.errors import PriorErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.inventories import InventorySettings
from contracts.settings.regions import RegionSettings
from contracts.settings.time import TimeSettings
from inventories.inputs import PriorInputs

HEADER = "region,sector,period_start,period_end,total_t,standard_deviation_percent,scope,gas,source"
CODES = ("110001", "110002")
DAY = [0.5] * 6 + [1.5] * 12 + [1.0] * 6
TIME = {"utc_offset_hours": 8.0, "batches": {"2025-06": None}, "spin_up_days": 1}


@cache
def grid():
    column, row = Grid("EPSG:4549", [0, 1], [0, 1]).project(120.0, 30.0)
    return Grid("EPSG:4549", row + 1000.0 * np.arange(-4, 5), column + 1000.0 * np.arange(-5, 6))


@cache
def regions():
    """Return two districts that share a border through cells and leave a margin."""
    on = grid()
    row, column = on.row_edges[4], on.column_edges[5]
    from pyproj import Transformer

    back = Transformer.from_crs("EPSG:4549", "EPSG:4326", always_xy=True)

    def polygon(west, east):
        ring = [(west, -2400), (east, -2400), (east, 2400), (west, 2400)]
        return shapely.Polygon([back.transform(column + x, row + y) for x, y in ring])

    shapes = (polygon(-3300, 400), polygon(400, 3300))
    return Regions(CODES, ("One", "Two"), ("一", "二"), shapes, "test")


def proxies(path, **changes):
    on = grid()
    rng = np.random.default_rng(5)
    people = 100.0 + rng.random(on.shape) * 4000.0
    fields = {
        "population": (people, "1"),
        "roads": (rng.random(on.shape), "1"),
        "gpp": (-4.0 - rng.random(on.shape), "umol m-2 s-1"),
        "respiration": (3.0 + rng.random(on.shape), "umol m-2 s-1"),
    }
    fields.update(changes)
    xr.Dataset(
        {k: (("northing", "easting"), v, {"units": u}) for k, (v, u) in fields.items()},
        coords=on.coords(),
        attrs={"synthetic": "yes", **on.attributes()},
    ).to_netcdf(path)
    return path


def rows(start="2025-06-01", end="2025-07-01", scope="1", gas="CO2"):
    totals = {"buildings": (3000.0, 500.0), "transport": (1000.0, 2500.0)}
    percent = {"buildings": "20", "transport": "15"}
    return [
        f"{code},{sector},{start},{end},{total},{percent[sector]},{scope},{gas},office"
        for sector, values in totals.items()
        for code, total in zip(CODES, values, strict=True)
    ]


def table(path, lines=None):
    path.write_text("\n".join([HEADER, *(rows() if lines is None else lines)]) + "\n")
    return path


def section(**changes):
    values = {
        "name": "test inventory",
        "sectors": {
            "buildings": {"proxy": "population", "hourly_profile": DAY},
            "transport": {
                "proxy": "roads",
                "proxy_per": "area",
                "weekday_profile": [1.1, 1.1, 1.1, 1.1, 1.1, 0.8, 0.7],
            },
            "gpp": {
                "kind": "biosphere",
                "field": "gpp",
                "hourly_profile": [0] * 6 + [1] * 12 + [0] * 6,
            },
            "respiration": {"kind": "biosphere", "field": "respiration"},
        },
        "human_respiration": {},
    }
    return InventorySettings.model_validate({**values, **changes})


def inputs(folder: Path, lines=None, errors=None, time=None, **changes):
    times = TimeSettings.model_validate({**TIME, **(time or {})})
    (name,) = times.batches
    return PriorInputs(
        grid=grid(),
        regions=regions(),
        place=RegionSettings(name="Testville", name_local="试城"),
        batch=batch_period(times, name),
        time=times,
        section=section(**changes),
        gas=GasSettings(),
        errors_prior=PriorErrorSettings.model_validate(errors or {}),
        files={
            "table": table(folder / "inventory.csv", lines),
            "proxies": proxies(folder / "proxies.nc"),
        },
    )


def batch_totals(prior):
    """Return totals (sector, region) of a prior, kg s-1, from its own variables alone."""
    length = np.diff(prior["period_bounds"].to_numpy(), axis=1)[:, 0].astype(float)
    weight = length * prior["period_in_batch"].to_numpy()
    mean = np.tensordot(prior["flux"].to_numpy(), weight / weight.sum(), axes=(1, 0))
    amount = mean * prior["cell_area"].to_numpy() * 44.0095e-9
    return np.einsum("sij,rij->sr", amount, prior["region_fraction"].to_numpy())
