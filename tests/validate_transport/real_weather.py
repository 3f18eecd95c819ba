"""The folder of real weather comes in; footprints, a plume and its angle to the observed one go out."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pyproj  # noqa: F401 - before eccodes, which brings a PROJ of its own
import xarray as xr

from contracts.grid import Grid
from contracts.periods import HOUR, Period
from contracts.settings.particles import ParticleSettings
from contracts.settings.weather import WeatherSettings
from transport.meteorology import prepare_meteorology
from transport.particles.air import air_between, checked
from transport.particles.cells import Lines, empty_sums
from transport.particles.flight import Releases, fly
from transport.particles.footprints import read_footprints
from transport.particles.model import BACKWARD, FORWARD, model_of

LOW = (10.0, 20.0, 35.0, 50.0, 75.0, 100.0, 200.0, 400.0, 700.0, 1000.0, 1300.0, 1600.0)
SOURCE = (27.610556, -23.668333)  # Matimba and Medupi, as in sources.csv
OVERPASS = np.datetime64("2021-07-25T11:00", "ns")  # the hour that holds 11:44:52
STACK = (250.0, 550.0)  # m: heights of the plume after its rise
WIDE, NARROW = (20e3, (50.0, 850.0)), (10e3, (100.0, 400.0))  # boxes of the flights back and forth
RINGS_KM = np.arange(10.0, 101.0, 10.0)
BACKGROUND, LEAST = 15e-6, 30e-6  # mol m-2: median around the plume; least excess that counts


@dataclass(frozen=True)
class Case:
    """Files of one weather, the cells and the receptors that fly in it.

    Attributes
    ----------
    title, kind, files : str
        Of the drawing, of the reader, and a pattern below the folder of weather.
    crs : str
    rows, columns : tuple of float
        Outermost edges of the cells, and their size [m].
    receptors : tuple of (name, longitude, latitude, inlet [m])
    hours : tuple of (start of the observation hour, hours of its window)
    weather : WeatherSettings
    """

    title: str
    kind: str
    files: str
    crs: str
    rows: tuple
    columns: tuple
    receptors: tuple
    hours: tuple
    weather: WeatherSettings

    @property
    def grid(self):
        return Grid(self.crs, np.arange(*self.rows), np.arange(*self.columns))


CASES = {
    "matimba": Case(
        "ERA5, Matimba", "era5", "era5_matimba_ddeq/*ERA5*.nc", "EPSG:32735",
        (7.245e6, 7.4076e6, 2.5e3), (3.3e5, 6.701e5, 2.5e3),
        (("on the plume", 26.98, -23.86, 100.0), ("off the plume", 27.2, -24.3, 100.0),
         ("at the stacks", *SOURCE, 300.0)),
        (("2021-07-25T11", 12), ("2021-07-25T22", 23)),
        WeatherSettings(diagnose=True, levels_m=LOW, spacing_km=10.0),
    ),
    "munich": Case(
        "ERA5, Munich before dawn", "era5", "era5_mptrac/*.nc", "EPSG:25832",
        (5.295e6, 5.3751e6, 1e3), (6.45e5, 7.251e5, 1e3),
        (("centre", 11.575, 48.137, 30.0), ("airport", 11.78, 48.35, 30.0),
         ("centre, high", 11.575, 48.137, 200.0)),
        (("2025-05-01T01", 2),),
        WeatherSettings(roughness_m=0.3, margin_km=10.0),
    ),
    "wrf": Case(
        "WRF, hurricane Katrina", "wrf", "wrf_xwrf/mercator_sample.nc", "EPSG:32615",
        (2.5775e6, 2.7776e6, 4e3), (6.74e5, 8.741e5, 4e3),
        (("east", -89.7, 24.2, 100.0), ("west", -90.9, 24.2, 100.0), ("north", -90.3, 24.8, 20.0)),
        (("2005-08-28T20", 8),),
        WeatherSettings(diagnose=True, margin_km=25.0),
    ),
}  # fmt: skip


def section(case, hours_back, **particles):
    """Return what the readers and the model ask of the section `transport`."""
    return SimpleNamespace(
        meteorology=case.kind,
        hours_back=hours_back,
        weather=case.weather,
        particles=ParticleSettings(**particles),
    )


@cache
def weather(folder, name):
    """Return the meteorology of all windows of a case."""
    case = CASES[name]
    begins = [np.datetime64(start, "ns") - (hours - 1) * HOUR for start, hours in case.hours]
    end = max(np.datetime64(start, "ns") for start, _ in case.hours) + HOUR
    files = sorted(folder.glob(case.files))
    batch = Period("x", min(begins) + HOUR, end)
    return prepare_meteorology(files, batch, section(case, 1), grid=case.grid)


def observation(receptor, start):
    """Return one row of one receptor."""
    name, longitude, latitude, inlet = receptor
    return xr.Dataset(
        {
            "obs_id": ("obs", [f"{name}_{start}"]),
            "time": ("obs", [np.datetime64(start, "ns")]),
            "receptor_index": ("obs", np.zeros(1, np.int32)),
            "latitude": ("receptor", [latitude]),
            "longitude": ("receptor", [longitude]),
            "inlet_height": ("receptor", [inlet]),
        },
        coords={"receptor": [name]},
    )


@cache
def footprints(folder, name, number=2000):
    """Return the footprints of a case: {(receptor, start): (receptor, start, dataset)}."""
    case, met, found = CASES[name], weather(folder, name), {}
    for start, hours in case.hours:
        for receptor in case.receptors:
            chosen = section(case, hours, number=number, layer_edges_m=STACK)
            rows = observation(receptor, start)
            found[receptor[0], start] = (
                receptor, start, read_footprints(rows, met, case.grid, chosen, [])
            )  # fmt: skip
    return found


def on_cells(footprint, aloft=""):
    """Return the sum over lags (and layers, with "aloft_") on cells, (row, column) [m2 s mol-1]."""
    cells = np.zeros((footprint.sizes["northing"], footprint.sizes["easting"]))
    at = tuple(footprint[f"{aloft}{part}_index"].to_numpy() for part in ("row", "column"))
    np.add.at(cells, at, footprint[f"{aloft}sensitivity"].to_numpy())
    return cells


def budget(footprint):
    """Return total, inside, outside, noise [m2 s mol-1] and how particles ended, of one footprint."""
    counts = json.loads(footprint.attrs["counts"])
    return {
        "total": float(footprint["sensitivity_total"][0]),
        "inside": float(footprint["sensitivity"].sum()),
        "outside": float(footprint["sensitivity_outside"][0]),
        "noise": float(footprint["sensitivity_noise"][0]),
        "particles": counts["particles"],
        "flew on": int((footprint["exit_reason"] == 0).sum()),
        "side": counts["left_by_a_side"],
        "top": counts["left_by_the_top"],
    }


def gap(footprint):
    """Return |inside + outside - total| over the total, or itself where there was no contact."""
    found = budget(footprint)
    missed = abs(found["inside"] + found["outside"] - found["total"])
    return missed / found["total"] if found["total"] > 0.0 else missed


def mirrored(met):
    """Return weather whose wind from the south blows from the north: a planted defect."""
    return met.assign(northward_wind=-met["northward_wind"])


def bearings(column, row, weight, centre, least_km, most_km):
    """Return the mean bearing [degrees from grid north] of a weight within a ring about a centre."""
    east, north = column - centre[0], row - centre[1]
    distance = np.hypot(east, north)
    used = (distance >= 1e3 * least_km) & (distance < 1e3 * most_km) & (weight > 0.0)
    parts = [(weight * part / np.maximum(distance, 1.0))[used].sum() for part in (east, north)]
    return float(np.degrees(np.arctan2(*parts)) % 360.0) if used.any() else np.nan


def between(one, other):
    """Return the angle from another bearing to one [degrees], -180 to 180."""
    return (one - other + 180.0) % 360.0 - 180.0


@cache
def observed(folder):
    """Return easting, northing [m] and excess of NO2 [mol m-2] of the pixels that see a plume."""
    (path,) = sorted((folder / "era5_matimba_ddeq").glob("*S5P*.nc"))
    with xr.open_dataset(path, engine="netcdf4") as file:
        column, row = CASES["matimba"].grid.project(file["lon"].to_numpy(), file["lat"].to_numpy())
        excess = file["NO2"].to_numpy().astype(float) - BACKGROUND
    return column, row, np.where(excess > LEAST, excess, 0.0)


def launch(met, when, where, lines, number, key):
    """Return what particles do that start within boxes, evenly over an hour.

    `when` holds the start of the hour, the direction and the hours of the flight; `where` the
    middle (row, column), the width of a square [m] and two heights [m].
    """
    start, direction, hours = when
    (row, column), width, (low, high) = where
    air_weather = checked(met)
    ahead = direction == FORWARD
    first = start if ahead else start - (hours - 1) * HOUR
    air, instant = air_between(air_weather, first, first + hours * HOUR)
    air = air._replace(hour=int((instant - start) // HOUR))
    rng = np.random.default_rng(key)
    scattered = [middle + width * (rng.random(number) - 0.5) for middle in (row, column)]
    height = low + (high - low) * rng.random(number)
    elapsed = (np.arange(number) + rng.random(number)) / number * 3600.0
    sums = empty_sums(hours, lines, number)
    model = model_of(ParticleSettings(), hours, low, direction)
    fly(air, model, lines, Releases(np.uint64(key), elapsed, *scattered, height), sums)
    return sums


def square(middle, width, layers):
    """Return one cell about a middle (row, column) and its layer."""
    row, column = (part - 0.5 * width for part in middle)
    return Lines(row, column, 1.0 / width, 1.0 / width, 1, 1, np.asarray(layers, float))


def plume(met, number=2000, first=4, heights=STACK):
    """Return the mean column of steady emission at the stacks in the hour of the overpass, on cells."""
    grid = CASES["matimba"].grid
    column, row = grid.project(*SOURCE)
    (size,) = {CASES["matimba"].rows[2], CASES["matimba"].columns[2]}
    lines = Lines(
        grid.row_edges[0], grid.column_edges[0], 1.0 / size, 1.0 / size, *grid.shape,
        np.array([0.0, 3000.0]),
    )  # fmt: skip
    total = np.zeros(grid.shape)
    for back in range(int(OVERPASS.astype("datetime64[h]").astype(int) % 24) - first + 1):
        start = OVERPASS - back * HOUR
        where = (row, column), 500.0, heights
        flown = launch(met, (start, FORWARD, back + 1), where, lines, number, key=back)
        total += flown.aloft[0, -1]
    return total / number


@cache
def direction(folder, heights=STACK, planted=False):
    """Return rows (km, observed, modelled bearing, angle) of rings about the stacks, and overall."""
    grid, met = CASES["matimba"].grid, weather(folder, "matimba")
    centre = grid.project(*SOURCE)
    east, north = np.meshgrid(grid.column_centres, grid.row_centres)
    model, rows = plume(mirrored(met) if planted else met, heights=heights), []
    rings = [*pairwise(RINGS_KM), (RINGS_KM[0], RINGS_KM[-1])]
    for ring in rings:
        seen = bearings(*observed(folder), centre, *ring)
        flown = bearings(east, north, model, centre, *ring)
        rows.append((*ring, seen, flown, between(flown, seen)))
    return np.array(rows)


def reciprocity(met, other=None, number=20_000, box=WIDE, key=1):
    """Return residence in a box at the stacks of air flown back, in a box downwind flown forward.

    Of both boxes, `box` is the width and the two heights [m]; the one emits in the first of four
    hours, the other is seen in the last, 50 km downwind. Equal where the weather conserves mass
    (SCIENCE 4.6, T7). `other` is the weather of the flight forward, where it is not the same.
    """
    column, row = CASES["matimba"].grid.project(*SOURCE)
    at, hours = np.radians(249.0), 4
    stacks = ((row, column), *box)
    downwind = ((row + 50e3 * np.cos(at), column + 50e3 * np.sin(at)), *box)
    back = launch(met, (OVERPASS, BACKWARD, hours), downwind, square(*stacks), number, key)
    ahead = launch(
        met if other is None else other, (OVERPASS - (hours - 1) * HOUR, FORWARD, hours), stacks,
        square(*downwind), number, key + 100,
    )  # fmt: skip
    return back.aloft[0, -1].sum() / number, ahead.aloft[0, -1].sum() / number
