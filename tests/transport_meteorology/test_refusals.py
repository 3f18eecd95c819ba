"""Weather that must not be used: missing hours, wrong units, gaps in layers, swapped axes, small domains, and more."""

from types import SimpleNamespace

import numpy as np
import pydantic
import pytest
import xarray as xr

from contracts.grid import Grid
from contracts.settings.weather import WeatherSettings
from transport.meteorology.coverage import refuse_uncovered
from transport.meteorology.lattice import Lattice
from transport.meteorology.needs import require

START = np.datetime64("2025-06-01T00:00", "ns")
HOUR = np.timedelta64(3600, "s")


def only(kind, change):
    """Return a change of the files of one kind."""
    return lambda dataset, which: change(dataset) if which == kind else dataset


def attribute(name, **attrs):
    return lambda ds: ds.assign({name: ds[name].assign_attrs(attrs)})


def coordinate(name, values=None, **attrs):
    def change(ds):
        new = ds[name].values if values is None else values(ds[name].values)
        return ds.assign_coords({name: (name, new, {**ds[name].attrs, **attrs})})

    return change


def at(name, value, **where):
    def change(ds):
        ds[name][where] = value
        return ds

    return change


UNFIT = {
    "an hour": (
        lambda ds, _: ds.isel(valid_time=[0, 1, 3, 4]),
        r"1 missing of 5 \(t \(temperature\).*\): 2025-06-01T02:00 in a_pl",
    ),
    "an hour of one kind": (
        only("sl", lambda ds: ds.isel(valid_time=[0, 1, 2, 4])),
        r"1 missing of 5 \(sp \(surface_pressure\).*ishf \(heat_flux\).*\): 2025-06-01T03:00",
    ),
    "the end": (lambda ds, _: ds.isel(valid_time=slice(0, 4)), r"1 missing .*T04:00"),
    "all but one": (lambda ds, _: ds.isel(valid_time=[1]), "at least two instants; got 1"),
    "unit": (only("pl", attribute("w", units="m s**-1")), r"w in 'm s\*\*-1' for Pa s"),
    "no unit": (only("sl", attribute("blh", units="feet")), "blh in 'feet' for m"),
    "unit belied": (
        only("sl", lambda ds: ds.assign(sp=(0.01 * ds["sp"]).assign_attrs(units="Pa"))),
        r"sp \(surface_pressure\) leaves 30000 .. 110000.* in 5 hours: 2025-06-01T00:00, ",
    ),
    "a layer": (
        only("pl", at("q", np.nan, valid_time=3, pressure_level=4)),
        r"q \(humidity\) is not a number at points of layer 5, in 1 hours: 2025-06-01T03:00",
    ),
    "heights": (
        only("pl", at("z", np.nan, valid_time=1, pressure_level=3, latitude=4, longitude=4)),
        r"z \(height\) is not a number at points of layer 4, in 1 hours: 2025-06-01T01:00",
    ),
    "the ground": (
        only("sl", at("u10", np.nan, valid_time=0, latitude=4, longitude=4)),
        "wind at 10 m is not a number at points, in 1 hours",
    ),
    "axes": (
        only(
            "pl", lambda ds: ds.transpose("valid_time", "pressure_level", "longitude", "latitude")
        ),
        r"u on \('valid_time', 'pressure_level', 'longitude', 'latitude'\)",
    ),
    "names of axes": (
        lambda ds, _: ds.rename(latitude="longitude", longitude="latitude"),
        r"z on \('valid_time', 'pressure_level', 'longitude', 'latitude'\) for",
    ),
    "units of axes": (
        lambda ds, _: coordinate("latitude", units="degrees_east")(ds),
        "latitude in 'degrees_east' for 'degrees_north'.*swapped",
    ),
    "latitudes": (
        lambda ds, _: coordinate("latitude", lambda v: v + 60.0)(ds),
        "latitude up to 108.* degrees",
    ),
    "order": (
        lambda ds, _: coordinate("longitude", lambda v: v[::-1])(ds),
        "latitude or longitude out of order",
    ),
    "levels": (
        only("pl", coordinate("pressure_level", units="1")),
        r"must be pressures in .* \(model levels are not read",
    ),
    "no axes": (lambda ds, _: ds.drop_vars("latitude"), "must lie on latitude and longitude"),
    "another area": (
        only("sl", lambda ds: ds.isel(longitude=slice(1, None))),
        "must share one lattice .* got others in a_sl.nc",
    ),
    "no projection": (
        lambda ds, _: coordinate("y", units="m")(
            coordinate("x", units="m")(
                ds.isel(latitude=slice(None, None, -1)).rename(latitude="y", longitude="x")
            )
        ),
        "must say its projection",
    ),
    "a file of another kind": (only("pl", lambda ds: None), "got none of t, u, v in a_sl.nc"),
    "a small area": (
        lambda ds, _: ds.isel(longitude=slice(4, None)),
        r"too small, by \d+ km in the west \(\d+ of \d+ points\), in 2025-06-01T00:00, .*T04:00",
    ),
    "one row": (lambda ds, _: ds.isel(latitude=[4]), r"too small, of \(1, 9\) rows and columns"),
}


@pytest.mark.parametrize("name", sorted(UNFIT))
def test_unfit_era5_is_refused(era5, prepare, name):
    change, message = UNFIT[name]
    with pytest.raises(ValueError, match=message):
        prepare("era5", era5(change=change))


def test_the_unchanged_files_are_fit(era5, prepare):
    assert prepare("era5", era5()).sizes["time"] == 5


def test_hours_given_twice_are_refused(era5, prepare):
    with pytest.raises(ValueError, match=r"every hour once; got \S+ twice at 2025-06-01T00:00"):
        prepare("era5", [*era5("a"), *era5("b")])
    with pytest.raises(ValueError, match="at least one file; got none"):
        prepare("era5", [])


def test_levels_above_the_layers_are_refused(era5, prepare):
    with pytest.raises(ValueError, match=r"lies at 5600 m above ground .*under the level 9000 m"):
        prepare("era5", era5(), levels_m=(10.0, 9000.0))


@pytest.mark.parametrize("on", [None, Grid("EPSG:4326", [47.0, 48.0], [11.0, 12.0])])
def test_a_projected_grid_is_needed(era5, prepare, on):
    with pytest.raises(ValueError, match="must be in projected metres; got"):
        prepare("era5", era5(), on=on)


def test_a_grid_that_stretches_one_way_is_refused(era5, prepare):
    grid = Grid("EPSG:32662", 48.14 * 111_320 + np.arange(3.0), 11.57 * 111_320 + np.arange(3.0))
    with pytest.raises(ValueError, match=r"stretch all directions alike; got .* 3\d\.\d % in"):
        prepare("era5", era5(), on=grid)
    assert Lattice(np.arange(2.0), np.arange(2.0)).slope(np.ones((2, 2)))[0].max() == 0.0


@pytest.mark.parametrize("levels", [(0.0, 10.0), (10.0, 10.0), (20.0, 10.0), (10.0,)])
def test_levels_of_the_settings_ascend_from_above_the_ground(levels):
    with pytest.raises(pydantic.ValidationError, match="levels_m"):
        WeatherSettings(levels_m=levels)


def test_the_default_levels_are_about_thirty():
    levels = WeatherSettings().levels_m
    assert len(levels) == 28
    assert (levels[0], levels[-1]) == (10.0, 5000.0)


def test_a_consumer_says_what_it_lacks():
    met = xr.Dataset({"mixing_height": 1.0})
    require(met, ["mixing_height"], "the plume")
    with pytest.raises(ValueError, match=r"got none of a, b in meteorology\.nc"):
        require(met, ["mixing_height", "a", "b"], "the plume")
    with pytest.raises(ValueError, match="of the plume must hold mixing_height; got none of mix"):
        require(None, ["mixing_height"], "the plume")


def observations(hours, longitude=(11.57,), latitude=(48.14,)):
    count = len(hours)
    return xr.Dataset(
        {
            "time": ("obs", START + np.asarray(hours) * HOUR),
            "receptor_index": ("obs", np.arange(count) % len(longitude)),
            "longitude": ("receptor", list(longitude)),
            "latitude": ("receptor", list(latitude)),
        },
        coords={"receptor": [f"T{i}" for i in range(len(longitude))]},
    )


def test_windows_of_receptors_are_checked_before_anything_runs(era5, prepare, grid):
    met = prepare("era5", era5())
    refuse_uncovered(met, observations([2, 3]), grid, 3)
    refuse_uncovered(met, observations([]), grid, 3)
    with pytest.raises(ValueError, match="1 hours missing for 1 observations: 2025-05-31T23:00"):
        refuse_uncovered(met, observations([1, 3]), grid, 3)
    with pytest.raises(ValueError, match="2 hours missing for 1 observations: 2025-06-01T04:00, "):
        refuse_uncovered(met, observations([5]), grid, 3)
    with pytest.raises(ValueError, match="got receptor T1 outside in meteorology"):
        refuse_uncovered(met, observations([2, 3], (11.57, 12.5), (48.14, 48.14)), grid, 3)
    gap = met.assign_coords(time=START + np.array([0, 1, 2, 6, 7]) * HOUR)
    with pytest.raises(ValueError, match="1 hours missing for 1 observations: 2025-06-01T02:00"):
        refuse_uncovered(gap, observations([1, 2]), grid, 2)


def test_a_kind_without_settings_has_the_defaults(era5, grid):
    from contracts.periods import Period
    from transport.meteorology import prepare_meteorology

    batch = Period("x", START + 2 * HOUR, START + 4 * HOUR)
    section = SimpleNamespace(meteorology="era5", hours_back=2)
    met = prepare_meteorology(era5(spread=0.2), batch, section, grid=grid)
    assert met.sizes["level"] == 28
