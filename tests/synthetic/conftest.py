"""A small city on a plain grid, and settings that need no district outlines."""

import functools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from synthetic_fakes import SECTORS, PlainGrid

from contracts.districts import load_regions
from contracts.settings.synthetic import SyntheticSettings
from synthetic.city import City
from synthetic.hours import make_timeline
from synthetic.influence import Carrier, Site
from synthetic.rhythm import make_rhythm
from synthetic.signals import Scene
from synthetic.tables import prior_maps
from synthetic.truth import Family
from synthetic.weather import make_weather

REGISTRY = Path(__file__).parents[2] / "config/stations/hangzhou_synthetic.yaml"


_outlines = functools.cache(load_regions)


@pytest.fixture(autouse=True)
def _outlines_once(monkeypatch):
    """Read the outlines of the districts once for all tests."""
    monkeypatch.setattr("synthetic.build.load_regions", _outlines)


@pytest.fixture(scope="session")
def made():
    return SyntheticSettings()


@pytest.fixture(scope="session")
def grid():
    return PlainGrid(np.arange(-20, 21) * 2000.0, np.arange(-24, 25) * 2000.0)


@pytest.fixture(scope="session")
def small_city(grid):
    rng = np.random.default_rng(3)
    west = np.zeros(grid.shape)
    west[4:-4, 4:24] = 1.0
    east = np.zeros(grid.shape)
    east[4:-4, 24:-4] = 1.0
    west[10, 24], east[10, 24] = 0.3, 0.7
    people = rng.gamma(0.5, 1.0, grid.shape)
    plants = np.zeros(grid.shape)
    for row, column in ((8, 8), (20, 30), (30, 40)):
        plants[row, column] = 1.0
    parks = rng.gamma(0.3, 1.0, grid.shape)
    proxies = {
        "population": people * 1e4,
        "roads": np.sqrt(people),
        "industrial_area": parks,
        "industry": parks,
        "power_plants": 0.94 * plants / 3 + 0.06 * parks / parks.sum(),
        "waste_sites": rng.gamma(0.5, 1.0, grid.shape),
        "forest_fraction": rng.random(grid.shape),
        "cropland_fraction": np.full(grid.shape, 0.1),
    }
    fraction = np.stack([west, east, 1.0 - west - east])
    return City(grid, ("330102", "330105"), fraction, proxies, np.argwhere(plants > 0))


@pytest.fixture(scope="session")
def timeline():
    start = np.datetime64("2025-06-01T16:00", "ns") + np.arange(6) * np.timedelta64(24, "h")
    bounds = np.stack([start, start + np.timedelta64(24, "h")], axis=1)
    return make_timeline(bounds, np.arange(6) > 0, 2, 8.0)


@pytest.fixture(scope="session")
def scene(grid, small_city, timeline, made):
    totals = {
        (region, sector): 1000.0 * (1 + i)
        for region in (*small_city.codes, "outside")
        for i, sector in enumerate(SECTORS[:5])
    }
    hourly = np.ones((7, 24))
    hourly[3] = 1.0 + np.sin(np.arange(24) / 24 * 2 * np.pi)
    hourly[5] = np.clip(np.sin((np.arange(24) - 6) / 12 * np.pi), 0, None)
    weekday = np.ones((7, 7))
    weekday[1, 5:] = 0.6
    rhythm = make_rhythm(hourly, weekday, np.ones(24), timeline)
    weather = make_weather(len(timeline.day_start), 11)
    carrier = Carrier(weather, grid.row_edges, grid.column_edges, made.plume)
    sites = (Site("AAA", 1000.0, -3000.0, 100.0), Site("BBB", -9000.0, 12000.0, 80.0))
    return Scene(carrier, sites, timeline, rhythm, prior_maps(small_city, totals, SECTORS, 5.0))


@pytest.fixture(scope="session")
def family(small_city, scene, made):
    return Family(small_city, scene.prior, made, len(scene.timeline.day_start))


@pytest.fixture
def settings_of():
    """Return a function that makes settings good enough for the synthetic city."""
    from contracts.settings.grid import GridSettings
    from contracts.settings.regions import RegionSettings
    from contracts.settings.stations import StationSettings
    from contracts.settings.time import TimeSettings

    class Bundle(SimpleNamespace):
        def sections(self, *names):
            return {"names": list(names)}

    def build(batches=None, **changes):
        flat = SimpleNamespace(hourly_profile=(1.0,) * 24, weekday_profile=(1.0,) * 7)
        parts = {
            "synthetic": SyntheticSettings(draws=3, lead_days=2),
            "synthetic_records": None,
            "grid": GridSettings(cell_size_m=8000.0),
            "regions": RegionSettings(),
            "time": TimeSettings(batches=batches or {"2025-06": None}),
            "stations": StationSettings(registry=str(REGISTRY)),
            "inventories": SimpleNamespace(sectors=dict.fromkeys(SECTORS, flat)),
        }
        return Bundle(**{**parts, **changes})

    return build
