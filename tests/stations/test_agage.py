"""Files of the AGAGE archive: one gas of one station, on heights and periods of their own."""

import os
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from make_netcdf_examples import agage
from station_fakes import GAS, scan_one

from contracts.settings.gas import GasSettings
from stations.readers import READERS

DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "stations"
SETTINGS = READERS["agage"].Settings()


def test_periods_heights_and_counts_come_with_each_record(tmp_path):
    path = tmp_path / "a.nc"
    agage(path)
    with netCDF4.Dataset(path, "a") as file:
        file["sampling_period"][1] = 1
        file["inlet_height"][3] = 70
        file["mf_count"][4] = 1
    got = scan_one(path, SETTINGS)
    assert got.rows.seconds.tolist() == [2400, 1, 2400, 2400, 2400, 2400]
    assert got.rows.inlet.tolist() == [50, 50, 50, 70, 50, 50]
    assert got.rows.n.tolist() == [12, 12, 0, 11, 1, 12]
    assert np.isnan(got.rows.stdev).tolist() == [False, False, True, False, True, False]
    assert got.rows.value[1] == pytest.approx(431.62, abs=2e-5)


def test_another_gas_is_refused_as_such(tmp_path):
    path = tmp_path / "a.nc"
    agage(path, species="cfc-11")
    for gas in (GAS, GasSettings(name="CH4")):
        got = scan_one(path, SETTINGS, gas)
        assert (got.refused, got.issues[0].code, got.issues[0].found) == (
            True,
            "other_gas",
            "CFC-11",
        )


def test_a_value_that_is_no_number_is_kept_out_and_named(tmp_path):
    path = tmp_path / "a.nc"
    agage(path)
    with netCDF4.Dataset(path, "a") as file:
        file["mf"][1] = np.inf
        file["mf_variability"][3] = -0.5
        file["time"][5] = 1e17
    got = scan_one(path, SETTINGS)
    assert [(issue.line, issue.code) for issue in got.issues] == [
        (2, "not_a_number"),
        (4, "negative_deviation"),
        (6, "impossible_date"),
    ]
    assert (got.lines, len(got.rows), got.quarantined) == (6, 3, 3)
    assert "inlet_height=50" in got.issues[0].text


def test_declared_missing_values(tmp_path):
    path = tmp_path / "a.nc"
    agage(path)
    with netCDF4.Dataset(path, "a") as file:
        file["mf"][1] = 0.0
    assert scan_one(path, SETTINGS).issues[0].code == "out_of_gate"
    got = scan_one(path, SETTINGS.model_copy(update={"missing": ("0",)}))
    assert (np.isnan(got.rows.value).sum(), got.quarantined) == (2, 0)


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA")
@pytest.mark.parametrize(
    ("name", "gas", "records"),
    [
        ("openghg_formats/agage_thd_cfc-11_20240703-test.nc", "CFC-11", 1500),
        (
            "more/openghg/proc_test_data/GC_NC/agage_cgo_cfc-11_20250704-test-variabilities.nc",
            "CFC-11",
            10,
        ),
        (
            "more/openghg/proc_test_data/GC_NC/agage_cgo_hcfc-133a_20240703-test.nc",
            "HCFC-133A",
            1500,
        ),
        (
            "more/openghg/proc_test_data/GC_NC/agage_cgo_hcfc-133a_20240703-multi-instru-test.nc",
            "HCFC-133A",
            1500,
        ),
    ],
)
def test_real_files_are_of_other_gases_and_read_once_these_are_described(name, gas, records):
    path = REAL / name
    assert scan_one(path, None, GAS).issues[0].code == "other_gas"
    described = GasSettings(
        name=gas,
        molar_mass_g_mol=137.37,
        mole_fraction_unit="ppb",
        lowest_umol_mol=1e-9,
        highest_umol_mol=1e-3,
        compatibility_goal_umol_mol=1e-6,
    )
    got = scan_one(path, None, described)
    assert (got.format, got.lines, len(got.rows), got.quarantined) == ("agage", records, records, 0)
    with netCDF4.Dataset(path) as file:
        file.set_auto_mask(False)
        mf, time, height = (file[key][:] for key in ("mf", "time", "inlet_height"))
    assert (np.isnan(got.rows.value) == (mf == -9999)).all()
    np.testing.assert_allclose(got.rows.value[mf > -9999], mf[mf > -9999] * 1e-6, rtol=1e-6)
    np.testing.assert_array_equal(got.rows.stamp, time)
    np.testing.assert_array_equal(got.rows.inlet, height)
