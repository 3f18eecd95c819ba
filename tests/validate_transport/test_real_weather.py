"""Real ERA5 and WRF weather through the particle model: budgets, directions, a plume that was observed."""

import os
from pathlib import Path

import numpy as np
import pytest
import real_weather as runs
from real_weather_page import write_page

from contracts.settings.weather import WeatherSettings
from transport.meteorology.wrf import read_weather

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")).absolute()
WEATHER = DATA / "meteorology"
pytestmark = [
    pytest.mark.validate,
    pytest.mark.realdata,
    pytest.mark.skipif(not WEATHER.is_dir(), reason=f"no folder {WEATHER}: set CITYFLUX_DATA"),
]


@pytest.fixture(scope="module", autouse=True)
def page():
    """Write the page after the last test, where CERTIFICATE names its folder."""
    yield
    if os.environ.get("CERTIFICATE"):
        write_page(WEATHER, Path(os.environ["CERTIFICATE"]))


@pytest.fixture(scope="module")
def matimba():
    return runs.weather(WEATHER, "matimba")


@pytest.mark.parametrize("name", sorted(runs.CASES))
def test_budgets_close(name):
    met = runs.weather(WEATHER, name)
    for receptor, start, footprint in runs.footprints(WEATHER, name).values():
        found = runs.budget(footprint)
        assert runs.gap(footprint) <= 1e-12, (receptor, start)
        assert found["flew on"] + found["side"] + found["top"] == found["particles"] == 2000
        row, column, height, reason = (
            footprint[f"exit_{part}"].to_numpy()[0]
            for part in ("northing", "easting", "height", "reason")
        )
        beyond = [
            (place < met[axis].to_numpy()[0] + 1.0) | (place > met[axis].to_numpy()[-1] - 1.0)
            for place, axis in ((row, "northing"), (column, "easting"))
        ]
        np.testing.assert_array_equal(np.logical_or(*beyond), reason == 1)
        assert (height[reason == 2] > float(met["level"][-1])).all()


def test_a_lost_cell_opens_the_budget():
    _, _, footprint = next(iter(runs.footprints(WEATHER, "matimba").values()))
    lost = footprint.copy(deep=True)
    lost["sensitivity"][int(lost["sensitivity"].to_numpy().argmax())] = 0.0
    assert runs.gap(lost) > 1e-3


@pytest.mark.parametrize("name", sorted(runs.CASES))
def test_footprints_lie_upwind(name):
    case, met = runs.CASES[name], runs.weather(WEATHER, name)
    east, north = np.meshgrid(case.grid.column_centres, case.grid.row_centres)
    for receptor, start, footprint in runs.footprints(WEATHER, name).values():
        if start != case.hours[0][0] or runs.budget(footprint)["total"] == 0.0:
            continue
        at = case.grid.project(receptor[1], receptor[2])
        cells = runs.on_cells(footprint)
        lies = runs.bearings(east, north, cells, at, 0.0, 50.0)
        hour = np.datetime64(start, "ns") + np.timedelta64(30, "m")
        here = met.interp(time=hour, level=receptor[3], easting=at[0], northing=at[1])
        wind = [float(here[f"{part}ward_wind"]) for part in ("east", "north")]
        comes = np.degrees(np.arctan2(-wind[0], -wind[1])) % 360.0
        assert abs(runs.between(lies, comes)) < 30.0, (receptor, lies, comes)
        assert abs(runs.between(lies, comes + 180.0)) > 90.0


def test_the_plume_is_the_one_observed():
    rows = runs.direction(WEATHER)
    assert abs(rows[-1, -1]) < 3.0
    assert np.abs(rows[:-1, -1]).max() < 8.0
    assert abs(runs.direction(WEATHER, planted=True)[-1, -1]) > 20.0


def test_air_on_the_plume_came_past_the_stacks():
    case, found = runs.CASES["matimba"], runs.footprints(WEATHER, "matimba")
    east, north = np.meshgrid(case.grid.column_centres, case.grid.row_centres)
    stacks = np.array(case.grid.project(*runs.SOURCE))
    near = np.hypot(east - stacks[0], north - stacks[1]) < 5e3
    seen = {}
    for name in ("on the plume", "off the plume"):
        receptor, _, footprint = found[name, "2021-07-25T11"]
        cells = runs.on_cells(footprint, "aloft_")
        seen[name] = float(cells[near].sum())
        if name == "on the plume":
            at = np.array(case.grid.project(receptor[1], receptor[2]))
            far = np.hypot(*(stacks - at)) / 1e3
            came = runs.bearings(east, north, cells, at, far - 10.0, far + 10.0)
            assert abs(runs.between(came, np.degrees(np.arctan2(*(stacks - at))))) < 8.0
    assert seen["on the plume"] > 0.0
    assert seen["off the plume"] == 0.0


def test_flights_back_and_forth_agree(matimba):
    back, ahead = runs.reciprocity(matimba)
    np.testing.assert_allclose(back / ahead, 1.0, atol=0.1)
    back, ahead = runs.reciprocity(matimba, other=runs.mirrored(matimba), number=2000)
    assert not 0.5 < back / max(ahead, 1e-9) < 2.0


def test_the_hurricane_is_refused_until_diagnosed():
    case = runs.CASES["wrf"]
    files = sorted(WEATHER.glob(case.files))
    batch = runs.Period("x", *(np.datetime64(f"2005-08-28T{h}", "ns") for h in (14, 21)))
    with pytest.raises(ValueError, match=r"missing: \[PBLH, UST, HFX, ZNT\]"):
        read_weather(files, batch, 1, case.grid, WeatherSettings(margin_km=25.0))
    diagnosed = runs.weather(WEATHER, "wrf").attrs["diagnosed"]
    assert diagnosed == "friction_velocity, heat_flux, mixing_height, roughness_length"
