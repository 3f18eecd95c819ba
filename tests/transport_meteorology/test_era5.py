"""ERA5 files with known answers: rotation, density, heights, the logarithmic law, signs of fluxes, the ground."""

import json

import numpy as np
import pytest
import xarray as xr
from pyproj import Geod, Proj

CRS, R, G, WARM, PRESSURE = "EPSG:32632", 287.05, 9.80665, 285.0, 98_000.0
CALM = {"sl_ishf": 0.0}


def counts(met):
    return json.loads(met.attrs["counts"])


def true_north(met):
    """Return the direction of true north on the grid, from two points a metre apart."""
    proj = Proj(CRS)
    east, north = np.meshgrid(met["easting"], met["northing"])
    longitude, latitude = proj(east, north, inverse=True)
    further = proj(longitude, latitude + 1e-5)
    step = np.hypot(further[0] - east, further[1] - north)
    return (further[0] - east) / step, (further[1] - north) / step


def test_a_wind_to_the_true_east_is_turned_onto_the_grid(era5, prepare):
    met = prepare("era5", era5(wind=(6.0, 2.0)))
    column, row = true_north(met)
    assert np.abs(column).max() > 0.02
    for level in (100.0, 800.0, 3000.0):
        at = met.sel(level=level).isel(time=0)
        np.testing.assert_allclose(at["eastward_wind"], 6.0 * row + 2.0 * column, atol=1e-5)
        np.testing.assert_allclose(at["northward_wind"], 2.0 * row - 6.0 * column, atol=1e-5)


def test_density_of_isothermal_air_and_what_else_is_known(era5, prepare):
    met = prepare("era5", era5())
    level = met["level"].to_numpy()
    expected = PRESSURE / (R * WARM) * np.exp(-G * level / (R * WARM))
    np.testing.assert_allclose(met["air_density"][1, :, 2, 2], expected, rtol=2e-6)
    assert met["ground_height"].to_numpy() == pytest.approx(500.0, abs=1e-3)
    assert met["mixing_height"].to_numpy() == pytest.approx(800.0, abs=1e-3)
    assert met["roughness_length"].to_numpy() == pytest.approx(0.2, abs=1e-6)
    places = Proj(CRS)(met["easting"].to_numpy()[[2, 2]], met["northing"].to_numpy()[[1, 3]], True)
    true = Geod(ellps="WGS84").line_length(*places)
    assert float(met["map_factor"][2, 2]) == pytest.approx(10_000.0 / true, abs=1e-7)
    assert met.attrs["grid_crs"] == CRS
    assert met.attrs["diagnosed"] == "nothing"
    assert met["time"].to_numpy()[[0, -1]].astype(str).tolist() == [
        "2025-06-01T00:00:00.000000000",
        "2025-06-01T04:00:00.000000000",
    ]
    assert counts(met)["points_below_ground"] * 8 == counts(met)["points"]  # 1000 of 8 levels


def test_heights_follow_from_hydrostatic_balance_where_no_geopotential_is_given(era5, prepare):
    layer = np.array([1000.0, 950.0, 900.0, 850.0, 800.0, 700.0, 600.0, 500.0])[:, None, None]
    fields = {"pl_w": 0.01 * layer, "pl_u": layer / 100.0}
    with_it = prepare("era5", era5("a", **fields))
    without = prepare("era5", era5("b", pl_z=None, **fields))
    for name in ("eastward_wind", "vertical_wind", "air_density"):
        np.testing.assert_allclose(without[name], with_it[name], rtol=1e-4, atol=1e-6)
    assert counts(without)["instants_with_heights_from_hydrostatic_balance"] == 5


def test_wind_near_the_ground_follows_the_logarithmic_law(era5, prepare):
    speed = {z: 0.3 / 0.4 * np.log(z / 0.2) for z in (10.0, 100.0)}
    fields = {"sl_u10": speed[10.0], "sl_v10": 0.0, "sl_u100": speed[100.0], "sl_v100": 0.0}
    met = prepare("era5", era5(wind=(9.0, 0.0), **fields))
    found = np.hypot(met["eastward_wind"], met["northward_wind"])[0, :, 2, 2]
    for height in (2.0, 5.0, 10.0, 30.0, 50.0, 100.0):
        expected = 0.3 / 0.4 * np.log(height / 0.2)
        assert float(found.sel(level=height)) == pytest.approx(expected, rel=1e-5)
    assert float(found.sel(level=800.0)) == pytest.approx(9.0, rel=1e-5)


def test_omega_and_the_slope_of_the_ground_make_the_vertical_wind(era5, prepare):
    east = 0.1 * np.arange(-4, 5) * np.pi / 180.0 * 6_371_229.0 * np.cos(np.deg2rad(48.14))
    level = era5("a", pl_w=-1.0)
    flat = prepare("era5", level)
    at = flat.sel(level=1500.0).isel(time=0, northing=2, easting=2)
    density = float(at["air_density"])
    assert float(at["vertical_wind"]) == pytest.approx(1.0 / (density * G), rel=0.01)
    assert float(flat["vertical_wind"].sel(level=2.0).max()) < 0.02
    sloped = prepare("era5", era5("b", wind=(6.0, 0.0), sl_z=G * (500.0 + 0.002 * east)))
    down = sloped["vertical_wind"].sel(level=1500.0).to_numpy()
    assert down == pytest.approx(-6.0 * 0.002, rel=0.01)  # the ground rises towards the wind's goal


def test_heat_that_leaves_the_ground_is_negative_in_the_files(era5, prepare):
    met = prepare("era5", era5(sl_ishf=-120.0))
    density = PRESSURE / (R * WARM)
    theta = WARM * (1e5 / PRESSURE) ** (2.0 / 7.0)
    kinematic = 120.0 / (density * 1004.675)
    assert met["inverse_obukhov_length"].to_numpy() == pytest.approx(
        -0.4 * G * kinematic / (theta * 0.3**3), rel=1e-4
    )
    night = prepare("era5", era5("n", sl_ishf=30.0))
    assert (night["inverse_obukhov_length"] > 0.0).all()


def test_accumulated_fluxes_belong_to_the_middle_of_their_hour(era5, prepare):
    hour = np.arange(6.0)[:, None, None]
    instant = prepare("era5", era5("a", count=6, sl_ishf=-20.0 * hour))
    mean = -20.0 * (hour - 0.5) * 3600.0  # of the hour that ends at its label
    fluxes = {"sl_ishf": None, "sl_sshf": mean}
    accumulated = prepare("era5", era5("b", count=6, **fluxes))
    name = "inverse_obukhov_length"
    np.testing.assert_allclose(accumulated[name], instant[name], rtol=1e-4, atol=1e-9)
    short = prepare("era5", era5("c", count=5, sl_ishf=None, sl_sshf=mean[:5]))
    assert counts(short)["instants_with_sshf_of_one_hour_only"] == 1  # the last
    np.testing.assert_allclose(short[name][4], instant[name][4] * 3.5 / 4.0, rtol=1e-4)


def test_friction_velocity_of_stress_is_that_given(era5, prepare):
    stress = 0.3**2 * PRESSURE / (R * WARM)
    parts = {"iews": 0.6 * stress, "inss": -0.8 * stress}
    met = prepare("era5", era5(sl_zust=None, **{f"sl_{k}": v for k, v in parts.items()}))
    np.testing.assert_allclose(met["friction_velocity"], 0.3, rtol=1e-5)
    mean = {"ewss": 0.6 * stress * 3600.0, "nsss": 0.8 * stress * 3600.0}
    met = prepare("era5", era5("b", sl_zust=None, **{f"sl_{k}": v for k, v in mean.items()}))
    np.testing.assert_allclose(met["friction_velocity"], 0.3, rtol=1e-5)


def test_moisture_makes_air_buoyant(era5, prepare):
    dry = prepare("era5", era5("a", **CALM))
    assert np.abs(dry["inverse_obukhov_length"]).max() < 1e-9
    wet = prepare("era5", era5("b", sl_ie=-1e-4, **CALM))
    sum_of = prepare("era5", era5("c", sl_slhf=-1e-4 * 2.501e6 * 3600.0, **CALM))
    assert (wet["inverse_obukhov_length"] < 0.0).all()
    np.testing.assert_allclose(
        sum_of["inverse_obukhov_length"], wet["inverse_obukhov_length"], rtol=1e-5
    )
    dewy = prepare("era5", era5("d", sl_d2m=283.15))
    assert float(dewy["specific_humidity"].sel(level=2.0).max()) == pytest.approx(0.00783, rel=0.01)


def test_below_the_ground_anything_may_stand(era5, prepare):
    sane = prepare("era5", era5("a"))
    nonsense = np.full((5, 8, 9, 9), 2.0, np.float32)
    nonsense[:, 0] = np.nan
    met = prepare("era5", era5("b", pl_v=nonsense))
    np.testing.assert_array_equal(met["northward_wind"], sane["northward_wind"])


def test_small_and_negative_values_are_raised_and_counted(era5, prepare):
    met = prepare("era5", era5(pl_q=-1e-6, sl_blh=20.0, sl_zust=0.001))
    found = counts(met)
    assert float(met["mixing_height"].min()) == 50.0
    assert found["mixing_heights_raised"] == found["columns"]
    assert found["humidities_raised_to_zero"] > 0
    assert found["friction_velocities_raised"] == found["columns"]
    assert float(met["friction_velocity"].min()) == pytest.approx(0.01)
    assert found["obukhov_lengths_held"] > 0


def old_store(dataset, kind):
    names = {"valid_time": "time", "pressure_level": "level"}
    dataset = dataset.rename({k: v for k, v in names.items() if k in dataset.dims})
    if kind == "pl":
        dataset["level"].attrs["units"] = "millibars"
        dataset = dataset.isel(level=slice(None, None, -1))
    return dataset


def by_short_name(dataset, kind):
    names = {"t2m": "2t", "u10": "10u", "v10": "10v"}
    dataset = dataset.rename({"valid_time": "time"}).isel(latitude=slice(None, None, -1))
    if kind == "pl":
        dataset = dataset.rename(pressure_level="plev")
        return dataset.assign_coords(plev=("plev", dataset["plev"].values * 100, {"units": "Pa"}))
    return dataset.rename(names)


def preliminary(dataset, kind):
    late = dataset.valid_time > dataset.valid_time[1]
    parts = [dataset.where(~late), dataset.where(late)]
    both = xr.concat(parts, xr.DataArray(["0001", "0005"], dims="expver", name="expver"))
    both = both.transpose("valid_time", "expver", ...)
    for name in dataset.data_vars:
        both[name].attrs = dataset[name].attrs
    return both


def steady_ground(dataset, kind):
    return dataset.assign(z=dataset["z"].isel(valid_time=0, drop=True)) if kind == "sl" else dataset


@pytest.mark.parametrize("change", [old_store, by_short_name, preliminary, steady_ground])
def test_files_in_other_clothes_are_the_same(era5, prepare, change):
    hour = np.arange(5.0)[:, None, None, None]
    plain = prepare("era5", era5("a", pl_u=hour))
    other = prepare("era5", era5("b", pl_u=hour, change=change))
    for name in plain.data_vars:
        np.testing.assert_allclose(other[name], plain[name], rtol=1e-5, atol=1e-6)
    assert ("variables_with_preliminary_values" in counts(other)) == (change is preliminary)


def test_files_regridded_to_a_projection_keep_true_winds(era5, prepare):
    proj = "+proj=utm +zone=32 +datum=WGS84 +units=m"

    def regridded(dataset, kind):
        east, north = Proj(proj)(11.57, 48.14)
        steps = np.arange(-4, 5) * 8000.0
        dataset = dataset.isel(latitude=slice(None, None, -1)).drop_vars(["latitude", "longitude"])
        dataset = dataset.rename(latitude="y", longitude="x")
        axes = {"y": ("y", north + steps, {"units": "m"}), "x": ("x", east + steps, {"units": "m"})}
        mapping = {"grid_mapping_name": "utm32", "proj_params": proj}
        return dataset.assign_coords(axes).assign(UTM32=((), 1, mapping))

    plain = prepare("era5", era5("a"))
    other = prepare("era5", era5("b", change=regridded))
    for name in ("eastward_wind", "northward_wind"):
        np.testing.assert_allclose(other[name], plain[name], atol=2e-5)


def test_what_the_files_lack_is_diagnosed_only_when_asked(era5, prepare):
    lacking = {f"sl_{k}": None for k in ("blh", "zust", "ishf", "fsr")}
    files = era5(pl_w=None, pl_q=None, **lacking)
    with pytest.raises(ValueError, match=r"missing: \[blh, zust .*, ishf .*, fsr, w, q\] in a_pl"):
        prepare("era5", files)
    met = prepare("era5", files, diagnose=True)
    assert met.attrs["diagnosed"] == (
        "friction_velocity, heat_flux, humidity, mixing_height, omega, roughness_length"
    )
    assert float(met["roughness_length"].min()) == pytest.approx(0.1)
    assert (met["inverse_obukhov_length"] > 0.0).all()  # isothermal air is stable
    declared = prepare("era5", era5("b", sl_fsr=None), roughness_m=0.7)
    assert float(declared["roughness_length"].max()) == pytest.approx(0.7)
    assert declared.attrs["diagnosed"] == "nothing"


@pytest.mark.parametrize("upside_down", [False, True])
def test_fields_lie_where_they_should(era5, prepare, upside_down):
    steps = np.arange(4, -5, -1)[:, None] * 0.1, np.arange(-4, 5) * 0.1
    north, east = (np.broadcast_to(part, (9, 9)) for part in steps)

    def turned(dataset, kind):
        return dataset.isel(latitude=slice(None, None, -1)) if upside_down else dataset

    fields = {"sl_blh": 800.0 + 500.0 * north, "sl_fsr": np.exp(east)}
    met = prepare("era5", era5(change=turned, **fields))
    column, row = np.meshgrid(met["easting"], met["northing"])
    longitude, latitude = Proj(CRS)(column, row, inverse=True)
    np.testing.assert_allclose(
        met["mixing_height"][0], 800.0 + 500.0 * (latitude - 48.14), rtol=1e-5
    )
    np.testing.assert_allclose(met["roughness_length"][0], np.exp(longitude - 11.57), rtol=1e-5)


def test_layers_under_the_winds_near_the_ground_make_room_for_them(era5, prepare):
    fields = {"sl_sp": 95_500.0, "sl_u100": 6.0, "sl_v100": 0.0, "sl_u10": 3.0, "sl_v10": 0.0}
    layer = np.array([1000.0, 950.0, 900.0, 850.0, 800.0, 700.0, 600.0, 500.0])
    height = 500.0 + R * WARM / G * np.log(955.0 / layer)  # 950 hPa: 44 m above ground
    wind = np.where(layer == 950.0, 99.0, 8.0)[:, None, None]
    met = prepare("era5", era5(pl_z=G * height[:, None, None], pl_u=wind, pl_v=0.0, **fields))
    speed = np.hypot(met["eastward_wind"], met["northward_wind"])[0, :, 2, 2]
    assert float(speed.sel(level=30.0)) == pytest.approx(3.0 + 3.0 * np.log10(3.0), rel=1e-5)
    assert float(speed.max()) == pytest.approx(8.0, rel=1e-5)
    found = counts(met)
    assert found["points_below_the_winds_near_the_ground"] * 8 == found["points"]
