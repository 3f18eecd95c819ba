"""NOAA GML text of both generations: what its headers, flags, sentinels and flask pairs ask of a reader."""

import os
from pathlib import Path

import numpy as np
import pytest
from station_fakes import EXAMPLES, GAS, SECTION, row, scan_one

from contracts.settings.gas import GasSettings
from stations.flags import FLAGS
from stations.ingest import ingest_station
from stations.readers import READERS
from stations.reading.containers import members
from stations.reading.lines import Lines
from stations.reading.noaa import noaa_flags, slot_seconds
from stations.reading.rows import Rows
from stations.repeats import resolve_repeats

DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "stations"
realdata = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA"),
]
GML, FLASK = READERS["noaa_gml"].Settings(), READERS["noaa_flask"].Settings()
CH4 = GasSettings(name="CH4")
EXAMPLE = (EXAMPLES / "noaa_gml.txt").read_text(encoding="utf-8")
FLASKS = (EXAMPLES / "noaa_flask.txt").read_text(encoding="utf-8")


def scan(tmp_path, text, settings=GML, gas=None):
    path = tmp_path / "file.txt"
    path.write_text(text, encoding="utf-8")
    got = scan_one(path, settings, gas)
    assert got.lines == len(got.rows) + got.quarantined + got.blank_or_comment
    return got


def unconverted(path, name, settings):
    """Return the rows as the reader alone gives them."""
    reading = READERS[name].read(Lines(members(path)[0]), settings)
    return reading.claims, Rows.of(reading.items)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("...", ()),
        ("*..", ("missing",)),
        ("I..", ("missing", "provider_bad")),
        ("N..", ("provider_bad",)),
        ("+..", ("provider_bad",)),
        (".V.", ("local",)),
        ("..P", ("preliminary",)),
        ("..C", ()),
        ("CUC", ("provider_bad", "local")),
        ("", ()),
        ("..", None),
        ("good", None),
    ],
)
def test_the_three_characters_mean_rejection_selection_information(text, names):
    assert noaa_flags(text) == names


def test_what_is_written_as_missing_is_not_what_is_declared(tmp_path):
    """Declared -999.999, written -999.99; a star alone also means that there is no measurement."""
    place = " 30.25 120.17 58.0 8.0 50.0 "
    starred = EXAMPLE.replace(f"0.13 12{place}...", f"0.13 12{place}*..")
    got = scan(tmp_path, starred)
    assert np.isnan(got.rows.value).tolist() == [False, False, True, False, False, True]
    assert np.isnan(got.rows.stdev[2])
    assert got.quarantined == 0
    assert got.rows.n.tolist() == [12, 12, 0, 11, 12, 12]


def test_flags_reach_the_rows(tmp_path):
    got = scan(tmp_path, EXAMPLE)
    assert [got.rows[k].flag for k in (1, 2, 4)] == [
        FLAGS["preliminary"],
        FLAGS["missing"],
        FLAGS["local"],
    ]
    assert got.rows[4].provider == ".V."


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"dataset_data_frequency": "1", "dataset_data_frequency_unit": "hour"}, 3600),
        ({"dataset_data_frequency": "30", "dataset_data_frequency_unit": "minutes"}, 1800),
        ({"dataset_data_frequency_unit": "variable"}, 0),
        ({"dataset_selection_tag": "DailyData"}, 86400),
        ({"dataset_name": "co2_mlo_surface-flask_1_ccgg_month"}, 2_629_746),
        ({"dataset_project": "surface-flask"}, 60),
    ],
)
def test_the_length_of_a_slot_is_the_attributes_or_the_kinds(said, seconds):
    assert slot_seconds(said) == seconds


def test_a_month_is_as_long_as_it_is(tmp_path):
    text = EXAMPLE.replace("unit : hour", "unit : month")
    text = text.replace("EXM 2025 3 1 1 0 0", "EXM 2024 2 1 0 0 0")
    text = text.replace("EXM 2025 3 1 3 0 0", "EXM 2024 12 1 0 0 0")
    assert [scan(tmp_path, text).rows[k].seconds / 86400 for k in (0, 1, 3)] == [31, 29, 31]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("# header_lines : 30", "# header_lines : 29", "header"),
        ("# header_lines : 30", "# header_lines : 31", "header"),
        ("# header_lines : 30", "# header_lines : 300", "header"),
        (" value value_std_dev", " amount value_std_dev", "header"),
        ("hour minute second", "hour second minute", "header"),
        ("parameter : co2", "parameter : ch4", "other_gas"),
        ("micromol mol-1", "nanomol mol-1", "unit_or_column"),
        ("micromol mol-1", "parts", "unit"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path, old, new, code):
    got = scan(tmp_path, EXAMPLE.replace(old, new, 1), gas=GAS)
    assert (got.refused, got.issues[0].code) == (True, code)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2025 3 1 4 0 0", "2025 2 30 4 0 0", "impossible_date"),
        ("435.90 0.94", "435,90 0.94", "not_a_number"),
        ("435.90 0.94", "435.90 -0.94", "negative_deviation"),
        ("435.90 0.94 12", "435.90 0.94 1.2", "not_a_count"),
        ("435.90 0.94 12", "435.90 0.94", "truncated_line"),
        ("435.90 0.94", "43.590 0.94", "out_of_gate"),
    ],
)
def test_a_bad_line_is_kept_out_and_named(tmp_path, old, new, code):
    got = scan(tmp_path, EXAMPLE.replace(old, new, 1))
    (issue,) = got.issues
    assert (issue.code, issue.line, len(got.rows), got.quarantined) == (code, 35, 5, 1)


def test_two_exports_in_one_file(tmp_path):
    """The second header may have other columns, but not another gas."""
    later = EXAMPLE.replace(" 2025 3 1 ", " 2025 3 2 ").replace(" time_decimal", "")
    later = "\n".join(
        " ".join(part for k, part in enumerate(text.split()) if k != 7)
        if text.startswith("EXM")
        else text
        for text in later.splitlines()
    )
    got = scan(tmp_path, EXAMPLE + later + "\n")
    assert (len(got.rows), got.blank_or_comment) == (12, 60)
    assert [issue.code for issue in got.issues] == ["header_repeated"]
    assert got.rows[6].value == got.rows[0].value == 431.41
    other = scan(tmp_path, EXAMPLE + later.replace("parameter : co2", "parameter : ch4") + "\n")
    assert (other.refused, other.issues[0].code) == (True, "header")


def test_events_of_2020_and_later_are_flasks(tmp_path):
    names = (
        "site_code year month day hour minute second datetime air_sample_container_id value "
        "value_unc intake_height event_number analysis_datetime qcflag"
    )
    rows = [
        f"EXM 2025 3 1 0 10 0 2025-03-01T00:10:00Z 100{k}-25 431.4{k} 0.1 50.0 9{k} 2025-03-20T09:0{k}:00 ..."
        for k in (1, 2)
    ]
    header = [
        "# header_lines : 5",
        "# dataset_project : surface-flask",
        "# dataset_parameter : co2",
        "# value:units : micromol mol-1",
        names,
    ]
    got = scan(tmp_path, "\n".join([*header, *rows, ""]), None)
    assert got.format == "noaa_gml"
    assert got.rows.sample_names[1:] == (
        "91 1001-25 2025-03-20T09:01:00",
        "92 1002-25 2025-03-20T09:02:00",
    )
    assert np.isnan(got.rows.stdev).all()  # an uncertainty is no spread
    assert got.rows.seconds.tolist() == [60, 60]
    assert resolve_repeats(got.rows, np.zeros(2, int), ["f"]).conflicts == ()


def test_flasks_of_one_time_are_all_data_and_one_line_twice_is_not(tmp_path):
    """Two flasks of a pair, one of them analysed twice."""
    lines = FLASKS.splitlines(keepends=True)
    got = scan(tmp_path, "".join([*lines, lines[-1]]), FLASK)
    assert got.rows.stamp[:3].tolist() == [1740787800.0] * 3
    resolved = resolve_repeats(got.rows, np.zeros(len(got.rows), int), ["f"])
    assert (len(resolved.rows), resolved.repeated.size, resolved.conflicts) == (6, 1, ())
    facts = row("GCW", files=("noaa_flask.txt",), reader=FLASK, convert_to=None)
    facts = facts.model_copy(update={"inlet_height_m": 50.0, "calibration_scale": "WMO-CO2-X2019"})
    hourly = ingest_station(facts, [EXAMPLES / "noaa_flask.txt"], None, SECTION, GAS).dataset
    assert hourly["mole_fraction"].values[0] == pytest.approx((431.41 + 431.38 + 431.44) / 3)


def test_another_gas_among_the_flasks_is_kept_out(tmp_path):
    text = FLASKS.replace("1005-25 P      co2", "1005-25 P      ch4")
    (issue,) = scan(tmp_path, text, FLASK).issues
    assert (issue.code, issue.line, issue.column) == ("other_gas", 16, 10)
    wrong = scan(tmp_path, FLASKS.replace("analysis_value", "value"), FLASK)
    assert (wrong.refused, wrong.issues[0].code) == (True, "header")
    empty = scan(tmp_path, "".join(FLASKS.splitlines(keepends=True)[:10]), FLASK)
    assert (len(empty.rows), empty.blank_or_comment, empty.refused) == (0, 10, False)


class TestRealFiles:
    pytestmark = realdata

    def test_barrow_daily(self):
        path = REAL / "noaa_gml" / "co2_brw_surface-insitu_1_ccgg_DailyData.txt"
        lines = [x.split() for x in path.read_text(encoding="utf-8").splitlines()[150:]]
        claims, rows = unconverted(path, "noaa_gml", GML)
        assert (claims.scale, claims.unit, claims.slot_seconds) == (
            "WMO CO2 X2019",
            "micromol mol-1",
            86400.0,
        )
        assert len(rows) == len(lines) == 17532
        assert int(np.isnan(rows.value).sum()) == sum(x[-1] == "*.." for x in lines) == 2060
        truth = np.array([float(x[8]) for x in lines])
        np.testing.assert_array_equal(np.nan_to_num(rows.value, nan=-999.99), truth)
        assert str(np.datetime64(int(rows.stamp[0]), "s")) == "1973-01-01T00:00:00"
        assert str(np.datetime64(int(rows.stamp[-1]), "s")) == "2020-12-31T00:00:00"
        assert (rows[-1].value, rows[-1].stdev, rows[-1].n) == (418.9, 0.06, 24)
        got = scan_one(path, None)
        assert (got.format, got.lines, got.blank_or_comment) == ("noaa_gml", 17682, 150)
        assert got.lines == len(got.rows) + got.quarantined + 150

    @pytest.mark.parametrize(
        ("name", "rows"),
        [
            ("openghg_formats/ch4_scsn06_surface-flask_1_ccgg_event.txt", 10),
            ("more/openghg/proc_test_data/NOAA/ch4_UNKOWN_surface-flask_1_ccgg_event.txt", 10),
        ],
    )
    def test_south_china_sea_flasks(self, name, rows):
        got = scan_one(REAL / name, None, CH4)
        assert (got.format, got.lines, got.blank_or_comment, got.quarantined) == (
            "noaa_flask",
            71,
            61,
            0,
        )
        assert (len(got.rows), len(set(got.rows.stamp.tolist()))) == (rows, 6)
        assert (got.rows[0].value, got.rows[-1].value) == pytest.approx((1.71321, 1.74848))
        assert str(np.datetime64(int(got.rows.stamp[0]), "s")) == "1991-07-05T17:00:00"
        resolved = resolve_repeats(got.rows, np.zeros(rows, int), ["f"])
        assert (len(resolved.rows), resolved.conflicts) == (rows, ())

    def test_carbon_monoxide_is_another_gas(self):
        path = REAL / "openghg_formats" / "co_pocn25_surface-flask_1_ccgg_event.txt"
        got = scan_one(path, None, GAS)
        assert (got.refused, got.issues[0].code, got.issues[0].found) == (True, "other_gas", "CO")
        _, rows = unconverted(path, "noaa_flask", FLASK)
        assert len(rows) == 67
        assert (rows[0].value, rows[-1].value) == (140.79, 73.23)
        assert len(resolve_repeats(rows, np.zeros(67, int), ["f"]).rows) == 67

    def test_flasks_without_a_header_are_declared_column_by_column(self):
        path = REAL / "noaa_gml" / "mlo.co2"
        names = [
            "site",
            "y",
            "m",
            "d",
            "h",
            "i",
            "flask",
            "method",
            "value",
            "flag",
            "analyser",
            "ay",
            "am",
            "ad",
            "ah",
            "ai",
        ]
        marks = {"...": "ok", "..L": "ok", "..H": "ok", "*..": "missing", ".X.": "local"}
        marks |= dict.fromkeys(("+..", "-..", "N..", "T..", "A..", "V..", "N.m"), "provider_bad")
        settings = READERS["declared_csv"].Settings(
            label="start",
            slot_seconds=60,
            delimiter="blank",
            header_row=0,
            names=names,
            columns={"time": names[1:6], "value": "value", "flag": "flag"},
            time_format="%Y %m %d %H %M",
            missing=("-999.990",),
            flags=marks,
        )
        got = scan_one(path, settings)
        assert got.lines == 8657
        kept_out = {issue.code for issue in got.issues}
        assert kept_out <= {"clock"}  # the record begins in 1969
        assert len(got.rows) + got.quarantined == 8657
        assert (got.rows[-1].value, got.rows[-1].provider) == (394.66, "...")
        assert str(np.datetime64(int(got.rows.stamp[-1]), "s")) == "2013-11-05T20:38:00"
