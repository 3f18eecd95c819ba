import os
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from make_column_examples import KERNEL, PRESSURE, PRIOR, WATER
from station_fakes import EXAMPLES, GAS, SECTION, scan_one

from contracts.settings.gas import GasSettings
from stations.account import inspect_file
from stations.readers import READERS
from stations.reading.column import Columns, dry_weights, standard_pressure
from stations.registry import load_registry

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
EM27 = DATA / "em27_muccnet"
TCCON = DATA / "openghg_formats" / "hw20230402_20230402.public.qc.nc"
real = pytest.mark.skipif(not EM27.is_dir(), reason=f"no folder {EM27}: set CITYFLUX_DATA")


def settings(name, **more):
    return READERS[name].Settings(slot_seconds=60, **more)


def example(name):
    return scan_one(EXAMPLES / f"{name}{'.csv' if name == 'proffast' else '.nc'}", settings(name))


def edited(name, tmp_path, edit):
    """A copy of an example with something wrong in it."""
    path = tmp_path / "edited.nc"
    path.write_bytes((EXAMPLES / f"{name}.nc").read_bytes())
    with netCDF4.Dataset(path, "a") as file:
        file.set_auto_maskandscale(False)
        edit(file)
    return scan_one(path, settings(name))


# weights, pressure and the check


def test_dry_weights_are_the_integral_of_a_profile_linear_in_pressure():
    """Witness: a profile linear in p between p=0 and the ground has the mean of its two ends."""
    rng = np.random.default_rng(5)
    pressure = np.sort(rng.uniform(0, 1e5, (3, 12)), axis=1)[:, ::-1].copy()
    pressure[:, 0], pressure[:, -1] = 1.02e5, 0.0
    surface = np.array([1.02e5, 1.0e5, 6.1e4])
    weight = dry_weights(pressure, surface)
    np.testing.assert_allclose(weight.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose((weight * pressure).sum(axis=1), surface / 2, rtol=1e-12)


def test_water_and_gravity_move_weight_to_where_air_is_dry_and_light():
    pressure, surface = np.array([[1e5, 5e4, 0.0]]), np.array([1e5])
    moist = dry_weights(pressure, surface, water=np.array([[0.02, 0.0, 0.0]]))
    # dry moles per pa: 1/(1 + q/(1-q) 18.0153/28.9647); the lowest level counts a quarter
    share = 1 / (1 + 0.02 / 0.98 * 18.0153 / 28.9647)
    assert moist[0, 0] == pytest.approx(0.25 * share / (0.25 * share + 0.75), rel=1e-12)
    light = dry_weights(pressure, surface, gravity=np.array([[9.8, 9.8, 9.7]]))
    assert light[0, 2] > 0.25


def test_standard_pressure_is_the_published_table():
    """U.S. Standard Atmosphere 1976, table of geometric heights."""
    table = {11000.0: 22699.9, 20000.0: 5529.3, 32000.0: 889.06, 50000.0: 79.779, 80000.0: 1.0525}
    found = 101325.0 * standard_pressure(np.array(list(table)))
    np.testing.assert_allclose(found, list(table.values()), rtol=2e-3)


def sound():
    pressure = np.array([[1e5, 5e4, 1e4], [1e5, 5e4, 1e4]])
    weight = dry_weights(pressure, pressure[:, 0])
    ones = np.ones((2, 3))
    return Columns(np.array([1, 2]), pressure, ones, 420 * ones, weight, np.full(2, 420.0))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kernel", np.nan, "kernel that is not finite"),
        ("kernel", 2.6, "kernel whose weighted mean"),
        ("weight", 0.4, "weights that sum to"),
        ("prior", np.inf, "prior that is not finite"),
        ("pressure", 2e5, "does not fall"),
    ],
)
def test_each_fault_of_a_column_is_named(name, value, said):
    good = sound()
    assert good.faults() == {}
    wrong = getattr(good, name).copy()
    wrong[1, 1] = value
    if name == "kernel" and np.isfinite(value):
        wrong[1] = value
    found = replace(good, **{name: wrong}).faults()
    assert list(found) == [1]
    assert said in found[1]


# TCCON


def test_tccon_takes_the_new_scale_and_drops_no_record():
    got = example("tccon")
    assert (got.lines, len(got.rows), got.quarantined) == (6, 6, 0)
    assert got.claims.scale == "WMO CO2 X2019"
    assert (got.claims.basis, got.claims.zone, got.claims.label) == ("dry", "UTC", "centre")
    assert got.rows[0].value == pytest.approx(431.41, abs=1e-4)
    assert got.rows[0].stdev == pytest.approx(0.8, abs=1e-6)
    old = scan_one(EXAMPLES / "tccon.nc", settings("tccon", scale_year=2007))
    assert old.rows[0].value == pytest.approx(431.36, abs=1e-4)
    assert old.claims.scale == "WMO CO2 X2007"


def test_tccon_flags_only_kernels_at_the_edge_of_their_table():
    got = example("tccon")
    said = [got.rows.provider_names[k] for k in got.rows.provider]
    assert said == ["0", "0", "1", "0", "2", "-2"]
    assert [bool(f) for f in got.rows.flag] == [False, False, False, False, True, True]


def test_tccon_columns_are_dry_and_in_pascal():
    columns = example("tccon").columns
    np.testing.assert_allclose(columns["pressure_level"][0], PRESSURE * 100, rtol=1e-6)
    np.testing.assert_allclose(columns["prior_mole_fraction"][0], PRIOR, rtol=1e-6)
    np.testing.assert_allclose(columns["averaging_kernel"][0], KERNEL, rtol=1e-6)
    np.testing.assert_allclose(columns["pressure_weight"].sum("level"), 1.0, atol=1e-6)
    assert columns["line"].values.tolist() == [1, 2, 3, 4, 5, 6]
    assert columns.attrs["scale"] == "WMO CO2 X2019"
    assert columns["pressure_level"].attrs["units"] == "Pa"
    own = (columns["pressure_weight"] * columns["prior_mole_fraction"]).sum("level")
    np.testing.assert_allclose(own, columns["prior_column_mole_fraction"], rtol=1e-6)


def test_operator_of_release_r0_is_replaced_and_said_so(tmp_path):
    def edit(file):
        file.data_revision = "R0"
        file["integration_operator_x2019"][:] *= 1.004

    got = edited("tccon", tmp_path, edit)
    assert [i.code for i in got.issues] == ["column_weights"]
    weight = got.columns["pressure_weight"]
    np.testing.assert_allclose(weight.sum("level"), 1.0, atol=1e-12)
    expected = dry_weights(PRESSURE[None] * 100, np.array([101200.0]), WATER[None])
    np.testing.assert_allclose(weight[0], expected[0], rtol=1e-5)


def test_records_with_a_broken_kernel_are_quarantined(tmp_path):
    def edit(file):
        file["ak_xco2"][1, 2] = np.nan
        file["integration_operator_x2019"][4] *= 1.05

    got = edited("tccon", tmp_path, edit)
    assert [(i.line, i.code) for i in got.issues] == [(2, "kernel"), (5, "kernel")]
    assert "sum to 1.05" in got.issues[1].found
    assert got.rows.line.tolist() == [1, 3, 4, 6]
    assert got.columns["line"].values.tolist() == [1, 3, 4, 6]


def test_tccon_of_another_clock_or_gas_is_refused(tmp_path):
    got = edited("tccon", tmp_path, lambda f: f["time"].setncattr("units", "days since 2000-01-01"))
    assert got.issues[0].code == "columns"
    other = scan_one(EXAMPLES / "tccon.nc", settings("tccon"), GasSettings(name="CH4"))
    assert other.refused
    assert "xch4" in other.issues[0].expected


# COCCON


def test_coccon_units_are_taken_from_the_numbers_and_said_so():
    got = example("coccon")
    assert [i.code for i in got.issues] == ["column_units"]
    assert "pres in hPa, height_prior in km, sza_avk in rad" in got.issues[0].found
    columns = got.columns
    assert columns["pressure_level"][0, 0] == pytest.approx(101200.0, rel=1e-3)
    # 5 km over a ground at 1012 hPa: the standard atmosphere's 540.5 hPa, 1 hPa lower
    assert columns["pressure_level"][0, 2] == pytest.approx(53983.0, rel=2e-3)
    np.testing.assert_allclose(columns["pressure_weight"].sum("level"), 1.0, atol=1e-12)


def test_coccon_kernel_is_that_of_the_sun_between_two_angles(tmp_path):
    def edit(file):
        file["sza"][:] = [0.0, np.degrees(0.45), np.degrees(0.9), 60.0, np.degrees(1.45), 88.0]

    got = edited("coccon", tmp_path, edit)
    lowest = got.columns["averaging_kernel"].values[:, 0] / KERNEL[0]
    np.testing.assert_allclose(lowest[[0, 1, 2, 4, 5]], [0.95, 0.975, 1.0, 1.1, 1.1], rtol=1e-9)
    assert [i.code for i in got.issues] == ["column_units", "column_angle"]
    assert got.issues[1].found.startswith("1 records")


def test_coccon_unit_that_cannot_be_told_is_refused(tmp_path):
    got = edited("coccon", tmp_path, lambda f: f["pres"].__setitem__(slice(None), 7.5))
    assert got.refused
    assert (got.issues[0].code, got.issues[0].found) == ("unit", "pres up to 7.5")


def test_coccon_prior_of_another_day_is_refused(tmp_path):
    got = edited("coccon", tmp_path, lambda f: f["local_noon"].__setitem__(2, 9999.0))
    assert got.refused
    assert "local_noon" in got.issues[0].found


def test_air_far_from_one_is_suspect_where_the_registry_says_so():
    row = load_registry(EXAMPLES / "coccon.yaml").stations["COC"]
    got = scan_one(EXAMPLES / "coccon.nc", row.reader)
    assert [bool(f) for f in got.rows.flag] == [False, False, False, False, True, False]
    assert not example("coccon").rows.flag.any()


# PROFFAST


def test_proffast_has_no_kernels_and_says_so():
    got = inspect_file(EXAMPLES / "proffast.csv", None, SECTION, None)
    assert (got["format"], got["verdict"]) == ("proffast", "missing")
    assert [i["code"] for i in got["issues"]] == ["no_kernels"]
    assert example("proffast").columns is None


PROFFAST_LINES = (EXAMPLES / "proffast.csv").read_text().splitlines()


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ("2025-03-01 01:10:15,", "2025-02-29 01:10:15,", "impossible_date", 1),
        ("2025-03-01 01:10:15,", "2025-03-01 25:10:15,", "impossible_date", 1),
        ("2025-03-01 01:10:15,", "2025-03-01 09:10:15,", "clocks_differ", 4),
        ("4.30880e+02", "4,30880e+02", "long_line", 0),
        ("4.30880e+02", "nought", "not_a_number", 15),
        (", 4.18000e+23, 0.00000e+00", "", "truncated_line", 0),
        ("4.30880e+02", "4.30880e+05", "out_of_gate", 0),
    ],
)
def test_proffast_line_that_cannot_be_used_is_named(tmp_path, old, new, code, column):
    lines = list(PROFFAST_LINES)
    assert old in lines[4]
    lines[4] = lines[4].replace(old, new)
    path = tmp_path / "f"
    path.write_text("\n".join(lines) + "\n")
    got = scan_one(path, settings("proffast"))
    bad = [i for i in got.issues if i.quarantined]
    assert [(i.line, i.column, i.code) for i in bad] == [(5, column, code)]
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines == 7


def test_proffast_header_of_other_columns_is_read_anew(tmp_path):
    head = PROFFAST_LINES[0].replace("XCO2, XCH4", "XCH4, XCO2")
    body = PROFFAST_LINES[6].replace("4.30690e+02, 1.94930e+00", "1.94930e+00, 4.30690e+02")
    body = body.replace("01:10:45", "01:11:00").replace(".54913", ".54931")
    path = tmp_path / "f"
    path.write_text("\n".join([*PROFFAST_LINES, head, body]) + "\n")
    got = scan_one(path, settings("proffast"))
    assert "header_repeated" in [i.code for i in got.issues]
    assert got.rows[6].value == 430.69
    other = scan_one(EXAMPLES / "proffast.csv", settings("proffast"), GasSettings(name="CH4"))
    assert other.rows[0].value == 1.9512


# real files


@real
@pytest.mark.realdata
def test_every_line_of_the_munich_tables_is_a_row():
    counts = {}
    for path in sorted(EM27.glob("comb_invparms*.csv")):
        got = scan_one(path, settings("proffast"))
        lines = path.read_bytes().count(b"\n")
        assert (got.lines, len(got.rows), got.quarantined, got.blank_or_comment) == (
            lines,
            lines - 1,
            0,
            1,
        )
        counts[path.name[14:19] + path.name[-17:-11]] = len(got.rows)
        first = path.read_text().splitlines()[1].split(", ")
        head = path.read_text().splitlines()[0].split(", ")
        assert got.rows[0].value == float(first[head.index("XCO2")])
        stamp = np.datetime64(first[0].replace(" ", "T")).astype("datetime64[s]").astype(int)
        assert got.rows[0].stamp + 30 == stamp
    assert sum(counts.values()) == 2308 + 2241 + 1214 + 2057 + 2229 + 2339 + 10


@real
@pytest.mark.realdata
def test_coccon_and_proffast_of_one_day_are_the_same_columns():
    """Two files of one retrieval by two writers: times to the second, values to their digits."""
    table = scan_one(EM27 / "comb_invparms_mc_SN115_220602-220602.csv", settings("proffast"))
    netcdf = scan_one(EM27 / "COCCON_mc_SN115_2022-06-02.nc", settings("coccon"))
    assert (netcdf.lines, len(netcdf.rows), netcdf.quarantined) == (10, 10, 0)
    np.testing.assert_array_equal(np.round(netcdf.rows.stamp), table.rows.stamp)
    np.testing.assert_allclose(netcdf.rows.value, table.rows.value, atol=5e-3)
    north = scan_one(EM27 / "COCCON_so_SN039_2017-06-08.nc", settings("coccon"))
    assert (north.lines, len(north.rows)) == (14, 14)
    assert north.rows[0].value == pytest.approx(406.16, abs=0.01)


@real
@pytest.mark.realdata
def test_coccon_weights_hold_the_air_that_the_file_itself_counts():
    """Column of CO2 over X_CO2 is dry air [mol m-2]; g and pressure give the same to 0.5 %."""
    path = EM27 / "COCCON_mc_SN115_2022-06-02.nc"
    with xr.open_dataset(path) as file:
        air = (file["CO2"].values / file["XCO2"].values)[:, None].mean()
        surface = 100 * file["pres"].values.mean()
    assert air * 9.78 * 28.9647e-3 == pytest.approx(surface, rel=0.005)
    columns = scan_one(path, settings("coccon")).columns
    mean = (columns["pressure_weight"] * columns["averaging_kernel"]).sum("level")
    assert float(abs(mean - 1).max()) < 0.01


@real
@pytest.mark.realdata
def test_tccon_harwell_is_read_whole_and_its_operator_agrees_with_ours():
    got = scan_one(TCCON, settings("tccon"))
    with xr.open_dataset(TCCON) as file:
        np.testing.assert_allclose(got.rows.value, file["xco2_x2019"].values, rtol=1e-6)
        operator = file["integration_operator_x2019"].values * (1 - file["prior_h2o"].values)
    assert (got.lines, len(got.rows), got.quarantined) == (64, 64, 0)
    assert [i.code for i in got.issues] == ["column_weights"]
    # R0: single operators leave 1 by up to 0.4 %; brought to 1 they are ours within 0.3 %
    assert np.abs(operator.sum(axis=1) - 1).max() > 0.002
    scaled = operator / operator.sum(axis=1, keepdims=True)
    ours = got.columns["pressure_weight"].values
    assert np.abs(ours - scaled).max() < 0.003
    prior = got.columns["prior_mole_fraction"].values
    np.testing.assert_allclose((ours * prior).sum(1), (scaled * prior).sum(1), atol=0.03)


@real
@pytest.mark.realdata
def test_ground_pressure_table_is_no_column():
    got = inspect_file(EM27 / "ground-pressure-mc-2022-06-02.csv", None, SECTION, GAS)
    assert (got["verdict"], got["issues"][0]["code"]) == ("error", "unknown_format")
