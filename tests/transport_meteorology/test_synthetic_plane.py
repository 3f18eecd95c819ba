"""The synthetic city's weather in the contract's whole form: nothing changed, what is added agrees with it."""

from types import SimpleNamespace

import numpy as np
import pytest

from contracts.datasets import check_dataset
from contracts.grid import Grid
from contracts.periods import Period
from contracts.settings.weather import WeatherSettings
from synthetic.weather import make_weather, weather_dataset
from transport.meteorology import prepare_meteorology
from transport.meteorology.plane import completed

START = np.datetime64("2025-06-01T00:00", "ns")
HOUR = np.timedelta64(3600, "s")


@pytest.fixture
def weather():
    grid = Grid("EPSG:4549", 1000.0 * np.arange(4), 1000.0 * np.arange(5))
    return weather_dataset(make_weather(3, 7), START, 0, grid)


def prepare(weather, path):
    weather.to_netcdf(path)
    batch = Period("x", START + 24 * HOUR, START + 72 * HOUR)
    section = SimpleNamespace(meteorology="synthetic", hours_back=24, weather=WeatherSettings())
    return prepare_meteorology([path], batch, section)


def test_the_wind_goes_on_to_the_top(weather):
    met = completed(weather)
    assert met["level"].to_numpy()[-1] == 5000.0
    np.testing.assert_array_equal(met["eastward_wind"][:, -1], met["eastward_wind"][:, -2])


def test_what_was_there_stays_and_the_rest_keeps_the_contract(weather, tmp_path):
    met = prepare(weather, tmp_path / "weather.nc")
    for name in weather.data_vars:
        below = met[name].isel(level=slice(0, 2)) if "level" in met[name].dims else met[name]
        np.testing.assert_array_equal(below, weather[name])
        assert met[name].dtype == weather[name].dtype
    check_dataset(met, "meteorology")
    np.testing.assert_allclose(met["air_density"], 40.5 * 0.0289647, rtol=1e-6)
    assert float(abs(met["vertical_wind"]).max()) == 0.0
    assert float(met["map_factor"].min()) == float(met["map_factor"].max()) == 1.0


def test_turbulence_gives_back_the_deviation(weather):
    met = completed(weather)
    velocity = met["friction_velocity"]
    speed = np.hypot(weather["eastward_wind"], weather["northward_wind"])[:, 0]
    np.testing.assert_allclose(velocity, 0.4 * speed / np.log(10.0 / 0.5), rtol=1e-6)
    height = weather["mixing_height"]
    convective = velocity * np.cbrt(-met["inverse_obukhov_length"] * height / 0.4)
    share = 0.3  # Hanna (1982), unstable: at this share of the mixing height
    variance = 1.2 * convective**2 * (1 - 0.9 * share) * share ** (2 / 3)
    variance = variance + (1.8 - 1.4 * share) * velocity**2
    convects = met["inverse_obukhov_length"] < 0.0
    held = met["inverse_obukhov_length"] <= -1.0
    wanted = weather["vertical_velocity_deviation"] ** 2
    assert convects.any()
    assert not convects.all()
    np.testing.assert_allclose(
        variance.values[(convects & ~held).values],
        wanted.values[(convects & ~held).values],
        rtol=1e-4,
    )
    assert (variance >= wanted - 1e-6).values[~convects.values].all()


def test_weather_of_another_kind_is_left_as_it_is(weather):
    bare = weather.drop_vars("vertical_velocity_deviation")
    assert completed(bare) is bare
    given = weather.assign(roughness_length=weather["mixing_height"] * 0.0 + 2.0)
    assert float(completed(given)["roughness_length"].min()) == 2.0


def test_axes_that_descend_are_refused(weather, tmp_path):
    with pytest.raises(ValueError, match="axes of the meteorology must ascend; got northing"):
        prepare(weather.isel(northing=slice(None, None, -1)), tmp_path / "weather.nc")
