"""wrfout files with known answers: maps, staggering, winds turned, heights, what is passed on and what is diagnosed."""

import json

import numpy as np
import pytest
from pyproj import Proj

from transport.meteorology.lattice import Lattice
from transport.meteorology.wrf_grid import definition, wrf_lattice

R, G, WARM, PRESSURE = 287.05, 9.80665, 285.0, 98_000.0
MAPS = {
    "lambert": ("+proj=lcc +lat_1=30 +lat_2=60 +lat_0=48 +lon_0=4 +R=6370000", {}),
    "stereographic": (
        "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=4 +R=6370000",
        {"MAP_PROJ": 2, "TRUELAT1": 60.0},
    ),
    "mercator": ("+proj=merc +lat_ts=30 +lon_0=4 +R=6370000", {"MAP_PROJ": 3}),
}


def turned(met, words, wind):
    """Return a wind along a WRF domain's axes on the grid's axes, by a step of a metre."""
    grid, domain = Proj("EPSG:32632"), Proj(words)
    east, north = np.meshgrid(met["easting"], met["northing"])
    places = grid(east, north, inverse=True)
    x, y = domain(*places)
    speed = np.hypot(*wind)
    further = grid(*domain(x + wind[0] / speed, y + wind[1] / speed, inverse=True))
    step = np.hypot(further[0] - east, further[1] - north)
    return speed * (further[0] - east) / step, speed * (further[1] - north) / step


@pytest.mark.parametrize("name", sorted(MAPS))
def test_winds_along_the_domain_are_turned_onto_the_grid(wrf, prepare, name):
    words, attrs = MAPS[name]
    met = prepare("wrf", [wrf(proj=words, attrs=attrs)])
    column, row = turned(met, words, (7.0, -3.0))
    at = met.sel(level=400.0).isel(time=0)
    # the sphere's and the ellipsoid's map differ by some 1e-3 rad where one is not conformal to
    # the other: latitudes are taken as they stand
    np.testing.assert_allclose(at["eastward_wind"], column, atol=0.03)
    np.testing.assert_allclose(at["northward_wind"], row, atol=0.03)
    off = float(at["eastward_wind"].mean()) - 7.0, float(at["northward_wind"].mean()) + 3.0
    assert np.hypot(*off) > 0.2


def test_unrotated_degrees_are_read(wrf, prepare):
    def degrees(dataset):
        step = 0.1 * (np.arange(12) - 5.5)
        north, east = np.meshgrid(48.14 + step, 11.57 + step, indexing="ij")
        for name, values in (("XLAT", north), ("XLONG", east)):
            dataset[name].values[:] = values
        return dataset

    attrs = {"MAP_PROJ": 6, "POLE_LAT": 90.0}
    met = prepare("wrf", [wrf(attrs=attrs, change=degrees)])
    assert float(np.hypot(met["eastward_wind"], met["northward_wind"]).sel(level=400.0).max()) == (
        pytest.approx(np.hypot(7.0, 3.0), rel=1e-5)
    )


def test_fields_stand_where_they_should(wrf, prepare):
    face = 1.0 + np.arange(13.0)
    met = prepare("wrf", [wrf(U=face, V=0.0, U10=face[:12] + 0.5, V10=0.0)], spacing_km=2.0)
    words, _ = MAPS["lambert"]
    x, _ = Proj(words)(11.57, 48.14)
    grid = Proj("EPSG:32632")
    east, north = np.meshgrid(met["easting"], met["northing"])
    column = (Proj(words)(*grid(east, north, inverse=True))[0] - x) / 9000.0
    speed = np.hypot(met["eastward_wind"], met["northward_wind"]).sel(level=400.0).isel(time=0)
    np.testing.assert_allclose(speed, 7.0 + column, rtol=1e-4)  # linear: exact


def test_air_and_what_is_passed_on(wrf, prepare):
    met = prepare("wrf", [wrf(QVAPOR=0.01, Q2=0.01)])
    level = met["level"].to_numpy()
    q = 0.01 / 1.01
    density = PRESSURE / (R * WARM * (1.0 + 0.608 * q)) * np.exp(-9.81 * level / (R * WARM))
    np.testing.assert_allclose(met["air_density"][1, :, 2, 2], density, rtol=1e-5)
    np.testing.assert_allclose(met["specific_humidity"], q, rtol=1e-5)
    for name, value in (
        ("mixing_height", 900.0),
        ("friction_velocity", 0.4),
        ("roughness_length", 0.8),
        ("ground_height", 200.0),
    ):
        np.testing.assert_allclose(met[name], value, rtol=1e-5)
    theta = WARM * (1.0 + 0.608 * q) * (1e5 / PRESSURE) ** (2.0 / 7.0)
    surface = PRESSURE / (R * WARM * (1.0 + 0.608 * q))
    flux = 200.0 * (1.0 + 0.608 * q) / (surface * 1004.675)
    expected = -0.4 * G * flux / (theta * 0.4**3)
    np.testing.assert_allclose(met["inverse_obukhov_length"], expected, rtol=1e-4)


def test_wind_along_a_slope_rises_with_it(wrf, prepare):
    ground = 200.0 + 0.01 * 9000.0 * np.arange(12.0)
    file = wrf(
        V=0.0, V10=0.0, HGT=ground, PHB=9.81 * (ground + 60.0 * np.arange(9.0)[:, None, None] ** 2)
    )
    met = prepare("wrf", [file])
    lattice = Lattice(np.arange(2.0), np.arange(2.0), Proj(MAPS["lambert"][0]))
    factor = lattice.projection.get_factors(11.57, 48.14).meridional_scale
    found = met["vertical_wind"].sel(level=400.0).to_numpy()
    np.testing.assert_allclose(found, -7.0 * 0.01 * factor, rtol=0.01)


def test_missing_fields_are_listed_or_diagnosed(wrf, prepare):
    bare = wrf(PBLH=None, UST=None, HFX=None, ZNT=None)
    with pytest.raises(ValueError, match=r"missing: \[PBLH, UST, HFX, ZNT\] in wrfout_d01\.nc"):
        prepare("wrf", [bare])
    met = prepare("wrf", [bare], diagnose=True)
    # isothermal: theta = T (1 + g z / cp T), Ri = g/cp g z^2 / (T U^2) = 0.25
    height = np.sqrt(0.25 * WARM * 58.0 * 1004.675) / 9.81
    assert float(met["mixing_height"].mean()) == pytest.approx(height, rel=0.05)
    assert (met["inverse_obukhov_length"] > 0.0).all()
    with pytest.raises(ValueError, match="got none of U, PSFC in"):
        prepare("wrf", [wrf(U=None, PSFC=None)])


def test_a_domain_may_move(wrf, prepare):
    x, y = Proj(MAPS["lambert"][0])(11.57, 48.14)
    centre = Proj(MAPS["lambert"][0])(x + 9000.0, y, inverse=True)
    files = [wrf("a", count=3), wrf("b", count=3, begin=3, centre=centre)]
    met = prepare("wrf", files)
    still = prepare("wrf", [wrf("c")])
    np.testing.assert_allclose(met["eastward_wind"], still["eastward_wind"], atol=1e-4)
    assert json.loads(met.attrs["counts"])["positions_of_the_domain"] == 2
    centre = Proj(MAPS["lambert"][0])(x + 90_000.0, y, inverse=True)
    away = [files[0], wrf("d", count=3, begin=3, centre=centre)]
    with pytest.raises(
        ValueError, match=r"too small, by .* km in the west .* in 2025-06-01T03:00, "
    ):
        prepare("wrf", away)


def test_three_hourly_output_is_kept_as_it_is(wrf, prepare):
    met = prepare("wrf", [wrf(count=3, step=3)])
    assert met.sizes["time"] == 3
    with pytest.raises(ValueError, match="time step must be at most 3 h; got 6 h"):
        prepare("wrf", [wrf(count=3, step=6)])


def test_the_map_must_fit_the_places():
    words, attrs = MAPS["mercator"]
    step = 9000.0 * np.arange(5.0)
    longitude, latitude = Proj(words)(*np.meshgrid(step, step + 5e6), inverse=True)
    attrs = {"TRUELAT1": 30.0, "STAND_LON": 4.0, "DX": 9000.0, "DY": 9000.0, **attrs}
    lattice = wrf_lattice(attrs, longitude, latitude, "a.nc")
    np.testing.assert_allclose(lattice.columns, step, atol=1e-3)
    for wrong in ({**attrs, "DX": 9200.0}, {**attrs, "TRUELAT1": 20.0}):
        with pytest.raises(ValueError, match=r"got .* steps in a\.nc"):
            wrf_lattice(wrong, longitude, latitude, "a.nc")
    for east, north in ((longitude.T, latitude.T), (longitude, latitude[::-1])):
        with pytest.raises(ValueError, match="XLAT and XLONG must lie on the map"):
            wrf_lattice(attrs, east, north, "a.nc")
    flat = Proj("+proj=merc +lat_ts=30 +lon_0=4 +ellps=WGS84")  # the sphere's radius matters
    step = 9000.0 * np.arange(48.0)
    longitude, latitude = flat(*np.meshgrid(step, step + 5e6), inverse=True)
    with pytest.raises(ValueError, match="XLAT and XLONG must lie on the map"):
        wrf_lattice(attrs, longitude, latitude, "a.nc")


@pytest.mark.parametrize(
    ("attrs", "found"),
    [({"MAP_PROJ": 5}, "got 5 in"), ({"MAP_PROJ": 6, "POLE_LAT": 40.0}, "rotated")],
)
def test_other_maps_are_refused(attrs, found):
    with pytest.raises(ValueError, match=found):
        definition(attrs, "a.nc")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ds: ds.assign_attrs(TITLE="OUTPUT FROM METGRID V4"), "got a met_em file"),
        (lambda ds: ds.drop_vars("Times"), "must have Times and the dim bottom_top"),
        (lambda ds: ds.assign(P=ds["P"].assign_attrs(units="hPa")), "P in 'hPa' for 'Pa'"),
        (
            lambda ds: ds.assign(
                T=ds["T"].transpose("Time", "bottom_top", "west_east", "south_north")
            ),
            r"T on \('Time', 'bottom_top', 'west_east', 'south_north'\)",
        ),
        (
            lambda ds: ds.assign(W=ds["W"].where(ds["Time"] != 2)),
            r"W \(vertical\) is not a number at points of layer 1, 2.* in 1 hours: 2025-06-01T02:00",
        ),
        (
            lambda ds: ds.assign(PHB=ds["PHB"][:, ::-1]),
            "heights do not rise from layer to layer.* in 5 hours",
        ),
    ],
)
def test_unfit_files_are_refused(wrf, prepare, change, message):
    with pytest.raises(ValueError, match=message):
        prepare("wrf", [wrf(change=change)])


def test_files_of_two_domains_or_none_are_refused(wrf, prepare):
    other = wrf("b", begin=3, attrs={"MAP_PROJ": 3, "TRUELAT1": 30.0})
    with pytest.raises(ValueError, match=r"must be of one domain; got another map or DX in b\.nc"):
        prepare("wrf", [wrf("a", count=3), other])
    with pytest.raises(ValueError, match="at least one file; got none"):
        prepare("wrf", [])
    with pytest.raises(ValueError, match="every hour once; got twice: 2025-06-01T02:00"):
        prepare("wrf", [wrf("a", count=3), wrf("c", count=3, begin=2)])
