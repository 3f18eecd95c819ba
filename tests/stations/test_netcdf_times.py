"""Times of netCDF files in the units of the CF conventions, and exports of openghg that use them."""

import os
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from station_fakes import GAS, scan_one

from contracts.settings.gas import GasSettings
from stations.quarantine import FileRefusedError
from stations.readers import READERS
from stations.reading.netcdf_records import time_unit

DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "stations"
OPENGHG = "more/openghg/proc_test_data/OPENGHG/"


def declared(gas="co2", **changes):
    columns = {"time": "time", "value": gas, "stdev": f"{gas}_variability"}
    columns["n"] = f"{gas}_number_of_observations"
    given = {"label": "start", "slot_seconds": 60, "dimension": "time", "columns": columns}
    return READERS["netcdf_table"].Settings(**{**given, **changes})


@pytest.mark.parametrize(
    "units",
    [
        "seconds since 1970-01-01",
        "seconds since 1970-01-01T00:00:00Z",
        "minutes since 2013-01-31 00:05:00",
        "hours since 1900-1-1 00:00:00.0",
        "days since 2000-02-29T12:00",
        "seconds since 2012-07-26T11:23:05",
        "day since 2001-01-01 00:00 UTC",
        "hours since 2001-01-01 00:00:00 +08:00",
        "s since 2001-01-01 06:00 -05:30",
        "milliseconds since 1970-01-01",
    ],
)
def test_units_mean_what_another_library_says(units):
    factor, origin = time_unit(units)
    witness = netCDF4.num2date(1000, units, only_use_cftime_datetimes=False)
    expected = (np.datetime64(witness.replace(tzinfo=None), "ms") - np.datetime64(0, "ms")) / (
        np.timedelta64(1000, "ms")
    )
    assert 1000 * factor + origin == expected


@pytest.mark.parametrize(
    "units",
    [
        "months since 2000-01-01",
        "years since 2000-01-01",
        "seconds since the start",
        "seconds since 2000-13-01",
        "fortnights since 2000-01-01",
        "seconds since 2000-01-01 25:00",
    ],
)
def test_units_of_no_fixed_length_or_no_date_are_refused(units):
    with pytest.raises(FileRefusedError, match="seconds, minutes, hours or days since a date"):
        time_unit(units)


def test_a_calendar_that_no_clock_keeps_is_refused():
    with pytest.raises(FileRefusedError, match="360_day"):
        time_unit("days since 2000-01-01", "360_day")


@pytest.fixture
def written(tmp_path):
    def write(units, times, **attributes):
        path = tmp_path / "t.nc"
        with netCDF4.Dataset(path, "w") as file:
            file.createDimension("time", len(times))
            time = file.createVariable("time", "f8", ("time",), fill_value=-1.0)
            time.setncatts({"units": units, **attributes} if units else attributes)
            time[:] = times
            file.createVariable("co2", "f8", ("time",))[:] = 431.41
        return path

    return write


@pytest.mark.parametrize(
    ("units", "times"),
    [
        ("hours since 2025-03-01", [0, 1, 2]),
        ("days since 2025-02-28", [1, 1 + 1 / 24, 1 + 2 / 24]),
        ("", [1740787200, 1740790800, 1740794400]),
        ("s", [1740787200, 1740790800, 1740794400]),
    ],
)
def test_a_declared_table_reads_them(written, units, times):
    columns = {"time": "time", "value": "co2"}
    got = scan_one(written(units, times), declared(columns=columns))
    assert got.rows.stamp.tolist() == [1740787200, 1740790800, 1740794400]
    damaged = scan_one(written(units, [*times, -1.0]), declared(columns=columns))
    assert [(issue.line, issue.code) for issue in damaged.issues] == [(4, "impossible_date")]
    refused = scan_one(written("months since 2025-01-01", times), declared(columns=columns))
    assert (refused.refused, refused.issues[0].code) == (True, "time_unit")


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA")
class TestRealFiles:
    @pytest.mark.parametrize(
        ("name", "rows", "first", "value"),
        [
            (OPENGHG + "DECC-picarro_TAC_20130131_co2-185m-20220928.nc", 30, "2013-01-31T00:05", 401.33),
            (OPENGHG + "DECC-picarro_TAC_20130131_co2-185m-20220929_cut.nc", 30, "2013-01-31T00:05", 401.33),
            (OPENGHG + "DECC-picarro_TAC_20130131_co2-185m-20230101_cut.nc", 10, "2023-01-01T11:36", 418.28),
            (OPENGHG + "DECC-picarro_TAC_20130131_co2-185m-20230102_cut.nc", 10, "2023-01-02T11:36", 418.28),
            (OPENGHG + "DECC-picarro_TAC_20130131_co2-998m-20220929_mismatch.nc", 30, "2013-01-31T00:05", 401.33),
            (OPENGHG + "DECC-picarro_TAC_20130131_co2-999m-20220929_mismatch.nc", 30, "2013-01-31T00:05", 401.33),
            (OPENGHG + "tac_co2_openghg.nc", 100, "2012-07-30T17:03", 385.25),
            (OPENGHG + "tac_co2_no_attr_openghg.nc", 100, "2012-07-30T17:03", 385.25),
            ("openghg_formats/DECC-picarro_TAC_20130131_co2-185m-20220929.nc", 30, "2013-01-31T00:05", 401.33),
            ("openghg_formats/sample_of_bristol-crds_heathfield_20130101_co2-100m.nc", 100, "2013-11-20T12:51", 401.41),
            ("openghg_formats/test_toh_co2_147m.nc", 30, "2017-12-13T01:00", 419.563995),
        ],
    )  # fmt: skip
    def test_exports_of_openghg(self, name, rows, first, value):
        got = scan_one(REAL / name, declared(), GAS)
        assert (got.lines, len(got.rows), got.quarantined) == (rows, rows, 0)
        assert str(np.datetime64(int(got.rows.stamp[0]), "s"))[:16] == first
        assert got.rows.value[0] == pytest.approx(value, abs=2e-5)
        with netCDF4.Dataset(REAL / name) as file:
            last = netCDF4.num2date(file["time"][-1], file["time"].units)
        assert got.rows.stamp[-1] == float(np.datetime64(last.isoformat(), "s").astype("int64"))

    def test_what_is_no_mole_fraction_is_refused(self):
        ones = scan_one(REAL / (OPENGHG + "tac_co2_openghg_dummy-ones.nc"), declared(), GAS)
        assert (ones.refused, ones.issues[0].code) == (True, "unit_or_column")
        radon = REAL / (OPENGHG + "wao_rn_icos_standardised_2021-12-04.nc")
        got = scan_one(radon, declared("rn", unit="Bq m-3"), GasSettings())
        assert (got.refused, got.issues[0].code) == (True, "unit")
