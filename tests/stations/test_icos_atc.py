"""ICOS ATC text: what its header says is held against its lines; what it only seems to say is not believed."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
from station_fakes import EXAMPLES, GAS, scan_one

from contracts.settings.gas import GasSettings
from stations.claims import Expected
from stations.flags import FLAGS
from stations.readers import READERS
from stations.reading.lines import text_of
from stations.scan import scan_file

ATC = READERS["icos_atc"]
TEXT = (EXAMPLES / "icos_atc.CO2").read_text(encoding="utf-8")
HEAD = 22  # lines of its header
DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "stations"
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA")


def scan(tmp_path, text=TEXT, gas=GAS, expected=None, **settings):
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    return scan_one(path, ATC.Settings(**settings), gas, expected)


def replaced(line, new, text=TEXT):
    lines = text.splitlines()
    lines[line - 1] = new
    return "\n".join(lines) + "\n"


def line_of(line, text=TEXT):
    return text.splitlines()[line - 1]


def codes(got):
    return [issue.code for issue in got.issues]


def read_all(text, **settings):
    reading = ATC.read(text_of(text.encode()), ATC.Settings(**settings))
    return list(reading.items), reading.claims


def test_stamps_are_utc_starts_and_the_stations_zone_is_not_applied(tmp_path):
    got = scan(tmp_path)
    assert "# TIME ZONE: UTC +1" in TEXT
    assert np.datetime64(int(got.rows.stamp[0]), "s") == np.datetime64("2025-03-01T00:00")
    assert (np.diff(got.rows.stamp) == 3600).all()
    assert (got.rows.seconds == 3600).all()
    assert (got.claims.latitude, got.claims.longitude, got.claims.inlet) == (51.25, -0.54, 100)


def test_flags_keep_their_values_and_ours_say_what_they_mean(tmp_path):
    got = scan(tmp_path)
    by_text = {row.provider: (row.value, row.flag) for row in got.rows}
    assert by_text["K"] == (436.77, FLAGS["provider_bad"])
    assert by_text["H"] == (433.88, FLAGS["provider_bad"])
    assert by_text["U"] == (433.02, FLAGS["preliminary"])
    assert by_text["R"] == (434.65, 0)
    assert math.isnan(by_text["N"][0])
    assert by_text["N"][1] & FLAGS["provider_bad"]
    unknown = scan(tmp_path, TEXT.replace(";55;O;404;", ";55;X;404;"))
    assert codes(unknown) == ["unknown_flag"]
    empty = scan(tmp_path, TEXT.replace(";0;N;82;", ";0;;82;"))
    assert codes(empty) == []


def test_a_missing_value_may_carry_a_good_flag(tmp_path):
    got = scan(tmp_path, TEXT.replace("-999.990;-9.990;0;N;82", "-999.990;0.550;8;U;404"))
    assert math.isnan(got.rows[2].value)
    assert (got.rows[2].stdev, got.rows[2].n) == (0.55, 8)


def test_columns_are_found_by_name(tmp_path):
    order = [0, 13, 1, 2, 3, 4, 5, 6, 7, 8, 12, 11, 10, 9]
    lines = TEXT.splitlines()
    moved = [";".join(line.split(";")[k] for k in order) for line in lines[HEAD - 1 :]]
    got = scan(tmp_path, "\n".join([*lines[: HEAD - 1], *moved]) + "\n")
    whole = scan(tmp_path)
    assert got.rows.value.tolist()[:2] == whole.rows.value.tolist()[:2]
    assert got.rows.n.tolist() == whole.rows.n.tolist()
    lost = scan(tmp_path, TEXT.replace(";co2;Stdev", ";ch4;Stdev"))
    assert lost.refused
    assert lost.issues[0].line == HEAD


def test_spikes_are_left_in_unless_asked_for(tmp_path):
    plain, clean = scan(tmp_path).rows[0], scan(tmp_path, without_spikes=True).rows[0]
    assert (plain.value, plain.stdev, plain.n) == (431.41, 0.155, 52)
    assert (clean.value, clean.stdev, clean.n) == (431.31, 0.12, 50)


@pytest.mark.parametrize("stated", ["21", "23", "2x", ""])
def test_a_header_of_another_length_than_it_says_is_refused(tmp_path, stated):
    got = scan(tmp_path, TEXT.replace("HEADER LINES: 22", f"HEADER LINES: {stated}"))
    assert got.refused
    assert codes(got) == ["header"]


def test_a_lost_header_line_is_refused_and_a_lost_data_line_is_said(tmp_path):
    lines = TEXT.splitlines(keepends=True)
    assert scan(tmp_path, "".join(lines[:9] + lines[10:])).refused
    got = scan(tmp_path, "".join(lines[:-2]))
    assert len(got.rows) == 5
    assert codes(got) == ["truncated_stream"]
    assert (got.issues[0].found, got.issues[0].expected[:2]) == ("5 data lines", "7 ")
    assert codes(scan(tmp_path, "".join([*lines, lines[-1]]))) == ["line_count"]


def test_only_cells_that_may_be_empty_may_be_left_out_at_the_end(tmp_path):
    first = line_of(HEAD + 1)
    assert first.endswith(";50;")
    padded = scan(tmp_path, replaced(HEAD + 1, first.removesuffix(";")))
    assert (len(padded.rows), padded.quarantined) == (7, 0)
    cut = scan(tmp_path, replaced(HEAD + 1, first.removesuffix(";50;")))
    assert (len(cut.rows), codes(cut)) == (6, ["truncated_line"])
    long = scan(tmp_path, replaced(HEAD + 1, first + ";"))
    assert (len(long.rows), codes(long)) == (6, ["long_line"])


def test_minus_9_99_is_missing_as_a_deviation_and_a_value_as_an_isotope_ratio():
    text = TEXT.replace("PARAMETER: CO2", "PARAMETER: 14C").replace(";co2;", ";14C;")
    rows, claims = read_all(text.replace("431.410;0.155;", "-9.990;-9.990;"))
    assert claims.gas == "14C"
    assert rows[0].value == -9.99
    assert math.isnan(rows[0].stdev)


def test_the_scale_is_that_of_the_instruments_that_measured(tmp_path):
    wanted = Expected(100.0, 51.25, -0.54, "WMO-CO2-X2019")
    assert scan(tmp_path, expected=wanted).claims.scale == "WMO CO2 X2019"
    both = TEXT.replace("55;R;404", "55;R;82")
    got = scan(tmp_path, both, expected=wanted)
    assert got.claims.scale == "404: WMO CO2 X2019; 82: Unknown"
    assert codes(got) == ["scale_unknown"]
    two = both.replace("82: Unknown", "82: WMO CO2 X2007")
    got = scan(tmp_path, two, expected=wanted)
    assert got.refused
    assert "`instruments`" in got.issues[0].hint
    got = scan(tmp_path, two, expected=wanted, instruments=("404",))
    assert (len(got.rows), codes(got)) == (6, ["other_instrument"])
    old = scan(tmp_path, TEXT.replace("404: WMO CO2 X2019; 82: Unknown", "WMOX2007"))
    assert old.claims.scale == "WMOX2007"


def test_a_file_without_a_mole_fraction_or_of_another_gas_is_refused(tmp_path):
    weather = TEXT.replace("PARAMETER: CO2", "PARAMETER: AT").replace(";co2;Stdev", ";at;Stdev")
    weather = weather.replace("# PARAMETER: AT\n", "# PARAMETERS: AP, AT\n")
    assert codes(scan(tmp_path, weather)) == ["no_gas"]
    assert codes(scan(tmp_path, gas=GasSettings(name="CH4"))) == ["other_gas"]


def test_two_exports_joined_are_read_and_two_records_are_not(tmp_path):
    again = scan(tmp_path, TEXT + TEXT.replace(";2025;03;01;", ";2025;03;02;"))
    assert codes(again) == ["header_repeated"]
    assert (len(again.rows), again.blank_or_comment, again.lines) == (14, 44, 58)
    other = scan(tmp_path, TEXT + TEXT.replace("STATION CODE: XMP", "STATION CODE: YMP"))
    assert codes(other) == ["two_records"]
    line = scan(tmp_path, TEXT.replace("XMP;100;2025;03;01;03", "YMP;100;2025;03;01;03"))
    assert codes(line) == ["other_station"]


def test_a_mean_of_no_samples_and_a_day_that_is_none_are_kept_out(tmp_path):
    got = scan(tmp_path, TEXT.replace("0.180;54;U", "0.180;0;U"))
    assert (codes(got), len(got.rows)) == (["no_samples"], 6)
    for day in ("31;02", "a;00", "01;24", "01;-1"):
        text = replaced(HEAD + 2, line_of(HEAD + 2).replace("2025;03;01;01", f"2025;02;{day}"))
        assert codes(scan(tmp_path, text)) == ["impossible_date"]


FLASK = "Site;SamplingHeight;FlaskId;SamplingStart;SamplingEnd;co2;Stdev;NbPoints;Flag;InstrumentId"


def flasks(*rows):
    head = TEXT.splitlines()[: HEAD - 1]
    text = "\n".join([*head, f"#{FLASK}", *rows]) + "\n"
    return text.replace("TOTAL LINES: 29", f"TOTAL LINES: {HEAD + len(rows)}").replace(
        "TIME INTERVAL: hourly", "TIME INTERVAL: integrated sampling"
    )


def test_flasks_of_one_instant_are_all_data_and_bring_their_own_slot(tmp_path):
    span = "2025-03-01T12:59:59Z;2025-03-01T14:00:00Z"
    rows = (f"XMP;100;F1;{span};431.41;0.02;3;O;404", f"XMP;100;F2;{span};431.55;0.03;3;O;404")
    got = scan(tmp_path, flasks(*rows), expected=Expected(100, 51.25, -0.54, "WMO-CO2-X2019"))
    assert not codes(got)
    assert got.rows.seconds.tolist() == [3601, 3601]
    assert [row.sample for row in got.rows] == ["F1", "F2"]
    assert got.rows.stamp[0] == np.datetime64("2025-03-01T12:59:59").astype("M8[s]").astype(int)
    swapped = rows[0].replace(span, ";".join(reversed(span.split(";"))))
    assert codes(scan(tmp_path, flasks(swapped, rows[1]))) == ["empty_slot"]
    dated = rows[0].replace("2025-03-01T12:59:59Z", "01/03/2025 12:59")
    assert codes(scan(tmp_path, flasks(dated, rows[1]))) == ["bad_stamp"]


# file below data/stations, gas -> lines, header, rows, missing, first and last value [umol/mol]
FILES = {
    ("icos_cp_test/ICOS_ATC_NRT_GAT_2018-04-12CO2.csv", "CO2"): (57, 33, 24, 1),
    ("icos_cp_test/realatc.CO2", "CO2"): (57, 33, 24, 0),
    ("more/icos-cp-data/realatc.CO2.zip", "CO2"): (57, 33, 24, 0),
    ("more/openghg/proc_test_data/ICOS/ICOS_ATC_L2_L2-2024.1_RGL_90.0_CTS.CH4", "CH4"): (
        94,
        45,
        49,
        36,
    ),
    (
        "munich_acropolis/input__HPB__ICOS_ATC_NRT_HPB_2024-04-01_2025-06-25_50.0_1516.CO2",
        "CO2",
    ): (10863, 39, 10823, 438),
}


@real
@pytest.mark.realdata
@pytest.mark.parametrize(("name", "gas"), sorted(FILES))
def test_real_files_give_every_line(name, gas):
    (got,) = scan_file(REAL / name, None, GasSettings(name=gas))
    lines, header, rows, missing = FILES[name, gas]
    assert (got.format, got.lines, got.blank_or_comment) == ("icos_atc", lines, header)
    assert (len(got.rows), got.quarantined) == (rows, lines - header - rows)
    assert int(np.isnan(got.rows.value).sum()) == missing


@real
@pytest.mark.realdata
def test_fifteen_months_of_hohenpeissenberg_are_as_another_look_finds_them():
    path = REAL / "munich_acropolis"
    (path,) = path.glob("*HPB_2024-04-01*")
    table = np.genfromtxt(
        path, delimiter=";", skip_header=39, usecols=range(2, 11), comments="\x00", max_rows=10823
    )
    (got,) = scan_file(path, None, GAS)
    value = np.where(table[:, 6] == -999.99, np.nan, table[:, 6])
    np.testing.assert_array_equal(got.rows.value, value)
    np.testing.assert_array_equal(got.rows.n, table[:, 8])
    stamps = [f"{int(y)}-{int(m):02}-{int(d):02}T{int(h):02}" for y, m, d, h in table[:, :4]]
    np.testing.assert_array_equal(
        got.rows.stamp, np.array(stamps, "M8[s]").astype(np.int64).astype(float)
    )
    assert codes(got) == ["unfinished_line"]  # the provider's last line has no end
    assert got.claims.scale == "WMO CO2 X2019"


@real
@pytest.mark.realdata
def test_files_of_ratios_and_of_sf6_are_refused_by_the_run_of_another_gas():
    listed = {
        "openghg_formats/ICOS_ATC_L2_L2-2024.1_CBW_207.0_1480_FLASK.14C": ("other_gas", "14C"),
        "more/openghg/retrieve/ICOS/text_data_lin_sf6_flask.txt": ("other_gas", "SF6"),
    }
    corso = REAL / "more/openghg/proc_test_data/ICOS_CORSO"
    listed |= {str(p.relative_to(REAL)): ("other_gas", None) for p in corso.glob("ICOS*")}
    listed |= {str(p.relative_to(REAL)): ("header", None) for p in corso.glob("*.c14")}
    assert len(listed) == 6
    for name, (code, found) in listed.items():
        (got,) = scan_file(REAL / name, None, GAS)
        assert (got.refused, got.format, codes(got)) == (True, "icos_atc", [code])
        assert found in (None, got.issues[0].found)


@real
@pytest.mark.realdata
def test_every_flask_and_isotope_row_is_there_before_the_gas_is_asked_for():
    counts = {
        "openghg_formats/ICOS_ATC_L2_L2-2024.1_CBW_207.0_1480_FLASK.14C": (147 - 43, -59.87),
        "more/openghg/retrieve/ICOS/text_data_lin_sf6_flask.txt": (865 - 42, 10.517),
        "more/openghg/proc_test_data/ICOS_CORSO/ICOS_ATC_L2_L2-2024.1_CBW_207.0_779.14C": (
            166 - 42,
            -0.84,
        ),
    }
    for name, (size, first) in counts.items():
        rows, _ = read_all((REAL / name).read_text(encoding="utf-8"))
        assert len(rows) == size
        assert rows[0].value == first
    assert rows[0].seconds == 14 * 86400
