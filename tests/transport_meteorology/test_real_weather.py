"""Real ERA5 and WRF files: plausible values, the share below ground, refusals, and a map on the sphere."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from contracts.grid import Grid
from contracts.periods import Period
from contracts.settings.weather import WeatherSettings
from transport.meteorology.era5 import era5_source, read_weather
from transport.meteorology.era5_files import open_era5
from transport.meteorology.needs import require
from transport.meteorology.wrf import open_wrfout
from transport.meteorology.wrf import read_weather as read_wrf
from transport.meteorology.wrf_grid import wrf_lattice

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")).absolute()
WEATHER = DATA / "meteorology"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not WEATHER.is_dir(), reason=f"no folder {WEATHER}: set CITYFLUX_DATA"),
]
MATIMBA = sorted((WEATHER / "era5_matimba_ddeq").glob("*ERA5*.nc"))
MUNICH = sorted((WEATHER / "era5_mptrac").glob("*.nc"))
WRF = WEATHER / "wrf_xwrf" / "mercator_sample.nc"
ALL = (slice(None), slice(None))
LOW = (10.0, 20.0, 35.0, 50.0, 75.0, 100.0, 200.0, 400.0, 700.0, 1000.0, 1300.0, 1600.0)


def around(crs, longitude, latitude, half):
    column, row = Grid(crs, [0.0, 1.0], [0.0, 1.0]).project(longitude, latitude)
    steps = np.linspace(-half, half, 21)
    return Grid(crs, row + steps, column + steps)


def period(start, end):
    return Period("x", np.datetime64(start, "ns"), np.datetime64(end, "ns"))


def counts(met):
    return json.loads(met.attrs["counts"])


def test_matimba_in_its_winter(tmp_path):
    grid = around("EPSG:32735", 27.4, -23.9, 50e3)
    arguments = MATIMBA, period("2025-01-01", "2025-01-02"), 1, grid
    with pytest.raises(ValueError, match=r"missing: \[zust .*, ishf .*, fsr, w, q\]"):
        read_weather(*arguments, WeatherSettings(levels_m=LOW))
    arguments = MATIMBA, period("2021-07-25T10", "2021-07-25T23"), 10, grid
    with pytest.raises(ValueError, match=r"lies at 1800 m above ground .*under the level 5000 m"):
        read_weather(*arguments, WeatherSettings(diagnose=True))
    met = read_weather(*arguments, WeatherSettings(diagnose=True, levels_m=LOW))
    assert met.sizes["time"] == 24
    assert met.attrs["diagnosed"].split(", ")[0] == "friction_velocity"
    found = counts(met)
    assert 0.30 < found["points_below_ground"] / found["points"] < 0.36
    noon, night = met.sel(time="2021-07-25T12"), met.sel(time="2021-07-25T02")
    assert float(noon["mixing_height"].mean()) > 1000.0
    assert float(night["mixing_height"].mean()) < 400.0
    assert (noon["inverse_obukhov_length"] < 0.0).all()
    assert (night["inverse_obukhov_length"] > 0.0).mean() > 0.9
    ground = met["air_density"].sel(level=10.0)
    assert 1.0 < float(ground.min()) < float(ground.max()) < 1.2
    assert 800.0 < float(met["ground_height"].min()) < float(met["ground_height"].max()) < 1400.0
    # at 10 m and 100 m the winds of the files themselves, turned
    with xr.open_dataset(MATIMBA[1]) as file:
        point = file.interp(latitude=-23.9, longitude=27.4).sel(valid_time="2021-07-25T12")
        here = noon.interp(
            **dict(zip(("easting", "northing"), grid.project(27.4, -23.9), strict=True))
        )
        for level in (10.0, 100.0):
            speed = np.hypot(*(float(point[f"{part}{level:.0f}"]) for part in "uv"))
            ours = here.sel(level=level)
            found = np.hypot(float(ours["eastward_wind"]), float(ours["northward_wind"]))
            assert found == pytest.approx(speed, rel=0.03)


def test_a_third_of_matimbas_points_lie_below_the_ground():
    found = open_era5(MATIMBA)
    source = era5_source(found, WeatherSettings(diagnose=True))
    times = found.times("temperature")
    below = [1.0 - source.snapshot(time, ALL).above().mean() for time in times]
    found.close()
    assert round(float(np.mean(below)), 2) == 0.34


def test_munich_before_dawn():
    grid = around("EPSG:25832", 11.5, 48.2, 20e3)
    arguments = MUNICH, period("2025-05-01T01", "2025-05-01T02"), 1, grid
    with pytest.raises(ValueError, match=r"missing: \[fsr\] in era5_utm32_2025_05_01_00\.nc"):
        read_weather(*arguments, WeatherSettings())
    met = read_weather(*arguments, WeatherSettings(roughness_m=0.3))
    assert met.attrs["diagnosed"] == "nothing"
    assert counts(met)["instants_with_heights_from_hydrostatic_balance"] == 3
    # heat goes into the ground at night: the files' positive ishf is downward
    assert (met["inverse_obukhov_length"] > 0.0).all()
    assert 0.02 < float(met["friction_velocity"].median()) < 0.4
    assert counts(met)["mixing_heights_raised"] > 0
    assert 1.1 < float(met["air_density"].sel(level=10.0).median()) < 1.3
    assert 0.55 < float(met["air_density"].sel(level=5000.0).median()) < 0.75
    assert float(abs(met["vertical_wind"]).max()) < 0.5
    late = MUNICH, period("2025-05-01T01", "2025-05-01T05"), 1, grid
    with pytest.raises(ValueError, match=r"3 missing of 6 .*: 2025-05-01T03:00, .*T05:00"):
        read_weather(*late, WeatherSettings(roughness_m=0.3))
    wide = around("EPSG:25832", 11.5, 48.2, 200e3)
    with pytest.raises(ValueError, match=r"too small, by .* km in the east"):
        read_weather(*arguments[:3], wide, WeatherSettings(roughness_m=0.3))


def test_a_hurricane_in_wrf():
    grid = around("EPSG:32615", -90.3, 24.2, 100e3)
    arguments = [WRF], period("2005-08-28T15", "2005-08-28T21"), 3, grid
    with pytest.raises(ValueError, match=r"missing: \[PBLH, UST, HFX, ZNT\] in mercator_sample"):
        read_wrf(*arguments, WeatherSettings())
    met = read_wrf(*arguments, WeatherSettings(diagnose=True))
    require(met, ["air_density", "inverse_obukhov_length", "map_factor"], "a model of particles")
    assert met.sizes["time"] == 4
    assert counts(met)["positions_of_the_domain"] == 4  # the nest follows the storm
    speed = np.hypot(met["eastward_wind"], met["northward_wind"])
    assert 25.0 < float(speed.max()) < 60.0
    assert 1.05 < float(met["air_density"].sel(level=10.0).median()) < 1.2
    assert 300.0 < float(met["mixing_height"].min()) < float(met["mixing_height"].max()) < 3000.0
    ends = (
        met["specific_humidity"].sel(level=[10.0, 5000.0]).median(("time", "northing", "easting"))
    )
    assert 0.015 < float(ends[0]) < 0.025
    assert float(ends[1]) < 0.008
    with pytest.raises(ValueError, match=r"1 missing of 5 \(U\): 2005-08-28T09:00"):
        read_wrf(
            [WRF], period("2005-08-28T12", "2005-08-28T21"), 3, grid, WeatherSettings(diagnose=True)
        )
    other = WEATHER / "wrf_xwrf" / "met_em.d01.2005-08-28_12_00_00.nc"
    with pytest.raises(ValueError, match="got a met_em file"):
        read_wrf([other], *arguments[1:], WeatherSettings(diagnose=True))
    coordinates = WEATHER / "wrf_emiproc" / "wrfinput_for_testing.nc"
    with pytest.raises(ValueError, match="must have Times and the dim bottom_top"):
        read_wrf([coordinates], *arguments[1:], WeatherSettings(diagnose=True))


def test_the_hurricanes_grid_is_regular_on_the_sphere_only():
    with open_wrfout(WRF) as file:
        for index in range(4):
            places = file["XLONG"][index].to_numpy(), file["XLAT"][index].to_numpy()
            lattice = wrf_lattice(file.attrs, *places, "sample")
            column, row = lattice.projection(*(part.astype(float) for part in places))
            residual = max(
                np.abs(column - lattice.columns).max(), np.abs(row.T - lattice.rows).max()
            )
            assert residual < 0.01 * float(file.attrs["DX"])
            assert residual < 3.0  # metres
            np.testing.assert_allclose(lattice.scale, file["MAPFAC_M"][index], rtol=1e-5)
