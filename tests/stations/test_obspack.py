"""ObsPack files: fills that hide what is valid, sentinels that were scaled, times of two labels, many heights."""

import os
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from make_netcdf_examples import HOURS, START, obspack
from station_fakes import EXAMPLES, GAS, SECTION, row, scan_one

from contracts.settings.gas import GasSettings
from stations.claims import Expected
from stations.flags import FLAGS
from stations.ingest import ingest_station
from stations.readers import READERS
from stations.readers.obspack import obspack_flags
from stations.repeats import resolve_repeats

DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "stations"
realdata = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA"),
]
SETTINGS = READERS["obspack"].Settings()
CH4 = GasSettings(name="CH4")


def example(tmp_path, **changes):
    path = tmp_path / "file.nc"
    obspack(path, **changes)
    return scan_one(path, SETTINGS)


def test_rows_of_one_time_and_two_heights_are_all_kept():
    got = scan_one(EXAMPLES / "obspack.nc", SETTINGS)
    assert got.rows.inlet.tolist() == [50.0] * 6 + [100.0] * 3
    resolved = resolve_repeats(got.rows, np.zeros(9, int), ["f"])
    assert (len(resolved.rows), resolved.conflicts) == (9, ())
    upper = scan_one(
        EXAMPLES / "obspack.nc", SETTINGS, GAS, Expected(100.0, 30.25, 120.17, "WMO-CO2-X2019")
    )
    assert (upper.lines, len(upper.rows), upper.elsewhere) == (3, 3, 6)
    assert upper.rows[0].value == pytest.approx(430.95, abs=2e-5)
    none = scan_one(
        EXAMPLES / "obspack.nc", SETTINGS, GAS, Expected(300.0, 30.25, 120.17, "WMO-CO2-X2019")
    )
    assert (none.refused, none.issues[0].code) == (True, "other_inlet")


def test_fill_values_that_mask_what_is_valid_mask_nothing():
    """The file declares 1 the fill of obs_flag and 0 that of icos_datalevel."""
    got = scan_one(EXAMPLES / "obspack.nc", SETTINGS)
    with netCDF4.Dataset(EXAMPLES / "obspack.nc") as file:
        assert int(np.ma.count(file["obs_flag"][:])) == 1  # what the usual way leaves
    assert (got.rows.flag & FLAGS["local"] > 0).tolist() == [False] * 4 + [True] + [False] * 4
    preliminary = got.rows.flag & FLAGS["preliminary"] > 0
    assert np.flatnonzero(preliminary).tolist() == [4, 5]  # level 1; the letter P


@pytest.mark.parametrize("sentinel", [-999.99e-6, 999.99e-6, -999.999, -1e34, np.nan])
def test_sentinels_scaled_with_the_values_are_missing(tmp_path, sentinel):
    value = np.full(9, 431.41e-6, "f4")
    value[3] = sentinel
    got = example(tmp_path, value=value)
    assert np.flatnonzero(np.isnan(got.rows.value)).tolist() == [3]
    assert got.quarantined == 0


def test_values_near_a_sentinel_stay(tmp_path):
    value = np.full(9, 999.98e-6, "f4")
    assert np.isfinite(example(tmp_path, value=value).rows.value).all()


def test_a_deviation_that_means_nothing_is_not_given(tmp_path):
    """Scaled -9.99 is missing, 0 of an unknown number too; 0.2 of an unknown number counts."""
    sd = (np.array([-9.99, 0.0, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3]) * 1e-6).astype("f4")
    n = np.array([12, 0, -9, 1, 12, 12, 12, 12, 12], "i4")
    got = example(tmp_path, value=np.full(9, 431e-6, "f4"), value_std_dev=sd, nvalue=n)
    assert np.isnan(got.rows.stdev).tolist() == [True, True, False, True] + [False] * 5
    assert got.rows.n.tolist()[:4] == [12, 1, 1, 1]
    bad = example(tmp_path, value_std_dev=np.full(9, -0.2e-6, "f4"))
    assert {issue.code for issue in bad.issues} == {"negative_deviation"}


def test_time_is_the_middle_where_start_time_says_so(tmp_path):
    middle = np.append(HOURS, HOURS[:3]).astype("i4") + 1800
    got = example(tmp_path, time=middle, start_time=middle - 1800)
    assert got.rows[0].stamp == START
    wrong = example(tmp_path, time=middle, start_time=middle + 1800)
    assert (wrong.refused, wrong.issues[0].code) == (True, "columns")


@pytest.mark.parametrize(
    ("comment", "start"),
    [
        ("Time-averaged values are reported at the middle of the averaging interval.", -1800),
        ("Time-averaged values are reported at the midpoint of the averaging interval.", -1800),
        ("Time-averaged values are reported at the end of the averaging interval.", -3600),
    ],
)
def test_the_label_is_what_the_comment_says(tmp_path, comment, start):
    path = tmp_path / "file.nc"
    obspack(path)
    with netCDF4.Dataset(path, "a") as file:
        file["time"].comment = comment
    assert scan_one(path, SETTINGS).rows[0].stamp == START + start
    with netCDF4.Dataset(path, "a") as file:
        file["time"].comment = "POSIX time."
    place = Expected(50.0, 30.25, 120.17, "WMO-CO2-X2019")
    got = scan_one(path, SETTINGS, GAS, place)
    assert (got.refused, got.issues[0].code) == (True, "undeclared")
    told = SETTINGS.model_copy(update={"label": "start"})
    assert scan_one(path, told, GAS, place).rows[0].stamp == START


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("O", ()),
        ("U", ("preliminary",)),
        ("N", ("provider_bad",)),
        ("K", ("provider_bad",)),
        (".S.", ("local",)),
        ("C..", ("provider_bad",)),
        ("NA", ()),
        ("-", ()),
        ("Q", None),
        ("valid", None),
    ],
)
def test_flags_of_two_kinds(text, names):
    assert obspack_flags(text) == names


def test_an_unknown_flag_is_named_and_its_rows_are_bad(tmp_path):
    got = example(tmp_path, qcflag=np.array(["..."] * 8 + ["Q"], "S10"))
    (issue,) = got.issues
    assert (issue.code, issue.line, issue.quarantined) == ("unknown_flag", 9, False)
    assert got.rows[8].flag & FLAGS["unknown_flag"]


def test_flasks_are_told_apart_by_their_numbers(tmp_path):
    path = tmp_path / "file.nc"
    obspack(path, intake_height=np.full(9, 50.0, "f4"))
    plain = scan_one(path, SETTINGS)
    torn = resolve_repeats(plain.rows, np.zeros(9, int), ["f"]).conflicts
    assert len(torn) == 6  # six rows on three instants, and nothing to tell them apart
    with netCDF4.Dataset(path, "a") as file:
        numbers = file.createVariable("event_number", "S1", ("obs", "string_of_10chars"))
        texts = np.array([f"90{k}" for k in range(9)], "S10")
        numbers[:] = texts.view("S1").reshape(9, 10)
    got = scan_one(path, SETTINGS)
    assert got.rows.sample_names[1:3] == ("900", "901")
    assert resolve_repeats(got.rows, np.zeros(9, int), ["f"]).conflicts == ()


class TestRealFiles:
    pytestmark = realdata

    def test_boulder_keeps_every_row_of_three_heights(self):
        """A popular package returns 6 of 1398 rows at 100 m and 2 of 1400 at 300 m."""
        path = REAL / "openghg_formats" / "ch4_bao_tower-insitu_1_ccgg_all.nc"
        got = scan_one(path, None, CH4)
        assert (got.lines, len(got.rows), got.quarantined) == (4190, 4190, 0)
        heights, rows = np.unique(got.rows.inlet, return_counts=True)
        assert dict(zip(heights.tolist(), rows.tolist(), strict=True)) == {
            22.0: 1392,
            100.0: 1398,
            300.0: 1400,
        }
        resolved = resolve_repeats(got.rows, np.zeros(4190, int), ["f"])
        assert (len(resolved.rows), resolved.conflicts) == (4190, ())
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            np.testing.assert_allclose(got.rows.value, file["value"][:] * 1e-3, rtol=1e-6)
            np.testing.assert_array_equal(got.rows.stamp, file["time"][:])
        assert (got.rows.flag == FLAGS["preliminary"]).all()  # ..P

    def test_boulder_becomes_a_record_of_each_height(self):
        path = REAL / "openghg_formats" / "ch4_bao_tower-insitu_1_ccgg_all.nc"
        facts = row("GCW", reader=SETTINGS, convert_to=None, calibration_scale="WMO-CH4-X2004A")
        for height, rows in ((22.0, 1392), (100.0, 1398), (300.0, 1400)):
            here = {"inlet_height_m": height, "latitude": 40.05, "longitude": -105.004}
            got = ingest_station(facts.model_copy(update=here), [path], None, SECTION, CH4)
            assert int(got.dataset["mole_fraction"].notnull().sum()) == rows
            assert (got.files[0]["lines"], got.files[0]["elsewhere"]) == (rows, 4190 - rows)

    @pytest.mark.parametrize(
        ("height", "rows", "first", "last"),
        [
            (27, 166814, "2000-03-08T15:00", "2023-08-30T09:00"),
            (67, 168626, "2000-03-08T15:00", "2023-08-30T09:00"),
            (127, 164148, "2000-03-08T15:00", "2023-08-30T09:00"),
            (207, 198752, "1992-10-23T13:00", "2023-09-12T23:00"),
        ],
    )
    def test_cabauw_whose_time_is_the_middle_of_the_hour(self, height, rows, first, last):
        path = REAL / "icos_obspack_cabauw" / f"co2_cbw_tower-insitu_445_allvalid-{height}magl.nc"
        got = scan_one(path, None, GAS)
        assert (got.lines, len(got.rows), got.quarantined) == (rows, rows, 0)
        stamps = got.rows.stamp[[0, -1]].astype("int64").astype("datetime64[s]")
        assert stamps.astype("datetime64[m]").astype(str).tolist() == [first, last]
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            assert (file["time"][:] - got.rows.stamp == 1800).all()
            np.testing.assert_allclose(got.rows.value, file["value"][:] * 1e6, rtol=1e-6)
            letters = file["qc_flag"][:]
            level = file["icos_datalevel"][:]
        preliminary = (letters == b"U") | (level == 1)
        np.testing.assert_array_equal(got.rows.flag & FLAGS["preliminary"] > 0, preliminary)
        assert got.claims.inlet == height

    @pytest.mark.parametrize(
        ("name", "rows", "first", "value"),
        [
            ("co2_htm_tower-insitu_424_allvalid-150magl", 100, "2016-12-13T00:00:00", 412.447),
            ("co2_ssl_tower-insitu_23_allvalid-12magl", 94, "2005-01-01T03:00:00", 384.392),
            ("co2_con_aircraft-insitu_42_allvalid", 318, "2005-11-05T02:22:59", 382.32992),
        ],
    )
    def test_small_files_of_both_kinds(self, name, rows, first, value):
        """netCDF-4 and classic; `datetime` of Hyltemossa says 2016-12-12T23:59:59."""
        got = scan_one(REAL / "icos_cp_test" / f"{name}_small.nc", None, GAS)
        assert (got.format, got.lines, len(got.rows), got.quarantined) == ("obspack", rows, rows, 0)
        assert str(np.datetime64(int(got.rows.stamp[0]), "s")) == first
        assert got.rows.value[0] == pytest.approx(value, abs=2e-5)
        assert np.isfinite(got.rows.value).all()
        assert (got.rows.flag == 0).all()  # level 0 and obs_flag 1 are not masked to anything else

    def test_scaled_sentinels_of_schauinsland(self):
        path = REAL / "icos_cp_test" / "co2_ssl_tower-insitu_23_allvalid-12magl_small.nc"
        got = scan_one(path, None, GAS)
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            stored = file["value_std_dev"][:]
        assert (np.isnan(got.rows.stdev) == (stored < 0)).all()
        assert (stored < 0).sum() > 0
        assert (got.rows.n == 1).all()  # nvalue is 0 throughout

    def test_a_false_unit_is_refused_by_the_gate_and_read_once_declared(self):
        got = self._false_unit("ARH_ch4_surface_event_NIWA", 338, 1.7154)
        assert got.rows.stamp[0] == 950108400

    def test_walnut_grove_flasks(self):
        got = self._false_unit("WGC_ch4_surface_event_NOAA", 2955, 1.95502)
        assert got.rows.stamp[0] == 1190324855
        assert len(resolve_repeats(got.rows, np.zeros(2955, int), ["f"]).rows) == 2955
        bad = got.rows.flag & FLAGS["provider_bad"] > 0
        assert int(bad.sum()) == 160 + 2 + 29 + 2  # C.. C.C CU. CUC
        assert int((got.rows.flag & FLAGS["local"] > 0).sum()) == 259 + 60 + 25 + 38 + 29 + 2

    def _false_unit(self, name, rows, first):
        path = REAL / "more" / "noaa-gml" / f"{name}.nc"
        wrong = scan_one(path, None, CH4)
        assert (wrong.refused, wrong.issues[0].code) == (True, "unit_or_column")
        assert "Check `unit`" in wrong.issues[0].hint
        got = scan_one(path, SETTINGS.model_copy(update={"unit": "ppb"}), CH4)
        assert (got.lines, len(got.rows), got.quarantined) == (rows, rows, 0)
        assert got.rows.value[0] == pytest.approx(first)
        assert [issue.code for issue in got.issues] == ["unit_differs"]
        return got

    def test_firn_air_older_than_the_gate_is_kept_out_and_counted(self):
        path = REAL / "more/openghg/proc_test_data/NOAA/ch4_spf_surface-flask_1_ccgg_Event.nc"
        got = scan_one(path, None, CH4)
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            value = file["value"][:]
        below = ((value < 1500) & (value > -900)).sum()
        assert (got.lines, got.quarantined, len(got.rows)) == (410, below, 410 - below)
        assert {issue.code for issue in got.issues} == {"out_of_gate"}
        assert int(np.isnan(got.rows.value).sum()) == int((value < -900).sum()) == 1
        assert np.isnan(got.rows.stdev).all()  # value_unc is an uncertainty here

    def test_estevan_point(self):
        path = REAL / "more/openghg/proc_test_data/NOAA/ch4_esp_surface-flask_2_representative.nc"
        got = scan_one(path, None, CH4)
        assert (got.lines, len(got.rows), got.quarantined) == (109, 109, 0)
        assert got.rows.value[[0, -1]] == pytest.approx([1.76763, 1.848995])
