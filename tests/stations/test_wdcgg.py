"""Traps of WDCGG's files, of 2018 and later and of before, and the real ones."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from station_fakes import EXAMPLES, GAS, SECTION, scan_one

from contracts.settings.gas import GasSettings
from stations.account import inspect_file
from stations.claims import Expected
from stations.flags import FLAGS
from stations.ingest import collect
from stations.readers import READERS

DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
REAL = DATA / "stations"
SYO = REAL / "wdcgg/ch4_syo_surface-flask_2_3001-9999_event.txt"
AMS = REAL / "icos_cp_test/ams137s00.lsce.as.cn.co2.nl.mo.dat"
NEW = (EXAMPLES / "wdcgg.txt").read_text().splitlines()
OLD = (EXAMPLES / "wdcgg_legacy.dat").read_bytes().decode("cp1252").splitlines()
CH4 = GasSettings(name="CH4")
STATION = Expected(50.0, 30.25, 120.17, "WMO-CO2-X2019")
MIDNIGHT = 1740787200  # 2025-03-01T00:00 UTC
V3 = (
    "# site_wdcgg_id st_year st_month st_day st_hour st_minute st_second end_year end_month end_day "
    "end_hour end_minute end_second value value_wmo_scale value_sd value_unc_1 value_unc_1_id "
    "value_unc_1_method value_unc_2 value_unc_2_id value_unc_2_method value_unc_3 value_unc_3_id "
    "value_unc_3_method nvalue latitude longitude altitude elevation intake_height flask_no "
    "ORG_QCflag QCflag instrument measurement_method scale"
)

realdata = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA"),
]


def read(tmp_path, lines, form="wdcgg", gas=GAS, expected=None, **changes):
    path = tmp_path / "f"
    encoding = "cp1252" if form == "wdcgg_legacy" else "utf-8"
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    got = scan_one(path, READERS[form].Settings(**changes), gas, expected)
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def new(**said):
    """The example with other values of some keys of its header."""
    lines = list(NEW)
    for key, value in said.items():
        at = next(k for k, line in enumerate(lines) if line.startswith(f"# {key} :"))
        lines[at] = f"# {key} : {value}"
    return lines


def added(lines, *more):
    """A header with more lines, and its count corrected."""
    head = [line for line in lines if line.startswith("#")]
    count = f"# header_lines : {len(head) + len(more)}"
    return [count, *head[1:-3], *more, *head[-3:], *lines[len(head) :]]


def hour(text, **parts):
    """A data line with other parts: number of the field -> text."""
    fields = text.split()
    for key, value in parts.items():
        fields[int(key[1:])] = value
    return " ".join(fields)


def test_end_times_never_overwrite_the_starts_of_the_same_name(tmp_path):
    got = read(tmp_path, NEW, expected=STATION)
    assert got.rows.stamp.tolist() == [MIDNIGHT + 3600 * k for k in range(6)]
    assert got.rows.seconds.tolist() == [3600.0] * 6
    half = [*NEW[:-1], hour(NEW[-1], f7="2025", f8="03", f9="01", f10="05", f11="30", f12="00")]
    assert read(tmp_path, half).rows[5].seconds == 1800.0
    back = [*NEW[:-1], hour(NEW[-1], f7="2025", f8="03", f9="01", f10="04", f11="30", f12="00")]
    assert [issue.code for issue in read(tmp_path, back).issues] == ["end_before_start"]


def test_the_stations_own_zone_is_never_applied(tmp_path):
    assert "# site_lst2utc : UTC+08:00" in NEW
    assert read(tmp_path, NEW).rows[0].stamp == MIDNIGHT
    local = new(dataset_time_zone="LST")
    assert read(tmp_path, local).issues[0].code == "zone"
    said = added(local, "# dataset_lst2utc : UTC+08:00")
    assert read(tmp_path, said).rows[0].stamp == MIDNIGHT - 8 * 3600
    utc = added(NEW, "# dataset_lst2utc : UTC+08:00")
    assert read(tmp_path, utc).rows[0].stamp == MIDNIGHT
    assert read(tmp_path, local, zone="+09:00").rows[0].stamp == MIDNIGHT - 9 * 3600


def test_flags_and_counts(tmp_path):
    got = read(tmp_path, NEW)
    names = ["background", "ok", "provider_bad", "ok", "background", "preliminary"]
    assert [flag & ~FLAGS["missing"] for flag in got.rows.flag] == [FLAGS.get(n, 0) for n in names]
    assert [row.provider for row in got.rows][:3] == ["1/V", "2/V", "3/N"]
    assert (got.rows[0].stdev, got.rows[0].n) == (0.31, 58)
    one = [*NEW[:-1], hour(NEW[-1], f15="1")]
    assert np.isnan(read(tmp_path, one).rows[5].stdev)  # an uncertainty, not a deviation
    mine = read(tmp_path, NEW, flags={"2": "suspect"})
    assert mine.rows[1].flag == FLAGS["suspect"]


def test_37_columns(tmp_path):
    head = [line.replace("site_gaw_id", "site_wdcgg_id") for line in NEW if line[0] == "#"]
    rest = "30.25 120.17 58.0 8.0 50.0 -999.999 U -9 -9 -9 -9"
    unc = "0.05 1 10 -999999.999 -9 -9 -999999.999 -9 -9"
    no_end = "-999 -9 -9 -9 -9 -9"
    lines = [*head[:-1], V3, *(
        f"INV1 2025 03 01 {h:02d} 00 00 {no_end} {value} {value} {sd} {unc} {n} {rest}"
        for h, value, sd, n in
        [(0, "431.41", "0.31", "58"), (1, "-999999.999", "-999999.999", "-9"), (2, "430.1", "0.2", "9")]
    )]  # fmt: skip
    got = read(tmp_path, lines, expected=STATION)
    assert (got.issues, got.rows[0].value, got.rows[0].stdev, got.rows[0].n) == (
        (),
        431.41,
        0.31,
        58,
    )
    assert np.isnan(got.rows[1].value)
    assert (got.claims.station, got.rows[0].provider) == ("INV", "-9/U")


def test_slots_of_days_months_and_events(tmp_path):
    months = [hour(NEW[-6], f2=f"{m:02d}", f3=d, f4="-9", f5="-9", f6="-9", f7="-999")
              for m, d in ((1, "01"), (2, "-9"), (12, "01"))]  # fmt: skip
    head = [line for line in new(dataset_selection_tag="monthly") if line[0] == "#"]
    got = read(tmp_path, [*head, *months], expected=STATION)
    assert (got.rows.seconds / 86400).tolist() == [31, 28, 31]
    assert got.rows[1].stamp == np.datetime64("2025-02-01", "s").astype(int)
    head = [line for line in new(dataset_selection_tag="daily") if line[0] == "#"]
    got = read(tmp_path, [*head, hour(NEW[-6], f4="-9", f5="-9", f6="-9", f7="-999"), months[1]])
    assert (got.rows[0].stamp, got.rows[0].seconds) == (MIDNIGHT, 86400)
    assert [issue.code for issue in got.issues] == ["impossible_date"]
    event = new(dataset_selection_tag="event")
    event[-6] = hour(event[-6], f7="-999")
    assert read(tmp_path, event, expected=STATION).issues[0].code == "undeclared"


def test_flasks_of_one_instant_are_all_data(tmp_path):
    head = [line for line in new(dataset_selection_tag="event") if line[0] == "#"]
    flask = {"f4": "07", "f7": "-999", "f21": "470-82"}
    pair = [hour(NEW[-6], **flask), hour(NEW[-6], f13="431.52", **flask)]
    path = tmp_path / "pair.txt"
    path.write_text("".join(f"{text}\n" for text in (*head, *pair, pair[0])))
    got = collect([path], READERS["wdcgg"].Settings(), GAS)
    assert got.rows.value.tolist() == [431.41, 431.52]
    assert got.repeated == (1,)
    names = {got.rows.sample_names[k] for k in got.rows.sample}
    assert names == {"470-82", "470-82 #2"}


def test_several_scales_are_never_mixed(tmp_path):
    two = added(NEW, "# scale_2_code : 6", "# scale_2_name : WMO CO2 X2007")
    two[-1] = hour(two[-1], f26="6")
    (issue,) = read(tmp_path, two).issues
    assert "7 WMO CO2 X2019, 6 WMO CO2 X2007" in issue.found
    got = read(tmp_path, two, scale_code=7)
    assert [(issue.line, issue.code) for issue in got.issues] == [(len(two), "other_scale")]
    assert (got.claims.scale, len(got.rows)) == ("WMO CO2 X2019", 5)
    assert read(tmp_path, two, scale_code=6).claims.scale == "WMO CO2 X2007"


@pytest.mark.parametrize("change", ["header_lines", "column", "cut"])
def test_a_header_that_is_not_whole_is_refused(change, tmp_path):
    head = [line for line in NEW if line[0] == "#"]
    lines = {
        "header_lines": new(header_lines="38"),
        "column": [line.replace(" nvalue", " value") for line in NEW],
        "cut": head[:20],
    }[change]
    got = read(tmp_path, lines)
    assert (got.refused, got.issues[0].code) == (True, "header")


def test_files_joined_into_one(tmp_path):
    got = read(tmp_path, [*NEW, *NEW])
    assert [issue.code for issue in got.issues] == ["header_repeated"]
    assert (len(got.rows), got.blank_or_comment) == (12, 2 * (len(NEW) - 6))
    other = [line.replace("value:units : ppm", "value:units : ppb") for line in NEW]
    assert read(tmp_path, [*NEW, *other]).refused
    got = read(tmp_path, [*NEW[:-1], "# a comment", NEW[-1]])
    assert (len(got.rows), got.issues) == (6, ())


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"f3": "31", "f2": "02"}, "impossible_date"),
        ({"f4": "24"}, "impossible_date"),
        ({"f6": "1.5"}, "impossible_date"),
        ({"f13": "43O.15"}, "not_a_number"),
        ({"f15": "5.5"}, "not_a_count"),
        ({"f26": "9"}, "other_scale"),
    ],
)
def test_a_damaged_line_is_kept_out(parts, code, tmp_path):
    got = read(tmp_path, [*NEW[:-1], hour(NEW[-1], **parts)])
    assert [(issue.line, issue.code) for issue in got.issues] == [(len(NEW), code)]
    assert len(got.rows) == 5


def test_old_files_tell_their_zone_scale_and_height(tmp_path):
    got = read(tmp_path, OLD, "wdcgg_legacy", expected=STATION)
    assert got.rows[0].stamp == MIDNIGHT
    assert (got.claims.zone, got.claims.inlet) == ("+08:00", 50.0)
    assert got.claims.station == "Invented, Straße 1"
    bare = [line.replace("Local time UTC+8", "Local time") for line in OLD]
    assert read(tmp_path, bare, "wdcgg_legacy").issues[0].code == "zone"
    other = [line.replace("WMO X2019", "WMO X2007") for line in OLD]
    assert read(tmp_path, other, "wdcgg_legacy", expected=STATION).issues[0].code == "scale"


@pytest.mark.parametrize(
    ("old", "wrong", "code"),
    [
        ("2025-03-01 12:00", "2025-02-30 12:00", "impossible_date"),
        ("2025-03-01 12:00", "2025-04-31 12:00", "impossible_date"),
        ("2025-03-01 12:00", "2025-99-99 12:00", "impossible_date"),
        ("2025-03-01 12:00", "9999-99-99 99:99", "impossible_date"),
        ("2025-03-01 12:00", "2025-03-01 24:00", "impossible_date"),
        ("2025-03-01 12:00", "2025-03-01 26:00", "impossible_date"),
        ("2025-03-01 12:00", "2025-03-01 12:60", "impossible_date"),
        ("2025-03-01 12:00", "2025-03-01 12:75", "impossible_date"),
        ("2025-03-01 12:00", "2025-03-01 99:99", "impossible_date"),
        ("2025-03-01 12:00", "01.03.2025 12:00", "bad_stamp"),
        (" -9999  0 -99999999", " -9999  0", "truncated_line"),
        ("-9999  0", "    7  0", "unknown_flag"),
    ],
)
def test_what_old_files_really_hold(old, wrong, code, tmp_path):
    assert old in OLD[-2]
    lines = [*OLD[:-2], OLD[-2].replace(old, wrong), OLD[-1]]
    got = read(tmp_path, lines, "wdcgg_legacy")
    assert [(issue.line, issue.code) for issue in got.issues] == [(len(OLD) - 1, code)]
    assert len(got.rows) == 5 + (code == "unknown_flag")


def test_hours_that_count_to_24_are_explained(tmp_path):
    lines = [*OLD[:-2], OLD[-2].replace("12:00", "24:00"), OLD[-1]]
    (issue,) = read(tmp_path, lines, "wdcgg_legacy").issues
    assert "from 01 to 24 names ends" in issue.hint


def test_old_monthly_files_may_leave_out_day_and_time(tmp_path):
    lines = [line.replace("INTERVAL: hourly", "INTERVAL: monthly") for line in OLD[:-6]]
    rows = [f"2024-02-{day}" + OLD[-6][16:] for day in ("01 00:00", "99 99:99")]
    rows[1] = rows[1].replace("2024-02", "2024-03")
    got = read(tmp_path, [*lines, *rows], "wdcgg_legacy", zone="UTC")
    assert (got.rows.seconds / 86400).tolist() == [29, 31]
    assert got.rows[1].stamp == np.datetime64("2024-03-01", "s").astype(int)


def test_old_files_without_columns_or_cut_are_told(tmp_path):
    got = read(tmp_path, [*OLD[:31], *OLD[32:]], "wdcgg_legacy")
    assert (got.refused, got.issues[0].code) == (True, "header")
    wrong = [line.replace("HEADER LINES: 32", "HEADER LINES: 31") for line in OLD]
    assert read(tmp_path, wrong, "wdcgg_legacy").refused
    (issue,) = read(tmp_path, OLD[:-1], "wdcgg_legacy").issues
    assert (issue.code, issue.found) == ("truncated_stream", "37 lines")


class TestReal:
    pytestmark = realdata

    def test_flasks_of_syowa(self):
        """1791 lines, 226 of header; 81 pairs and 3 triples share instant and flask."""
        settings = READERS["wdcgg"].Settings(slot_seconds=60)
        got = scan_one(SYO, settings, CH4)
        assert (got.lines, len(got.rows), got.quarantined, got.blank_or_comment) == (
            1791, 1565, 0, 226,
        )  # fmt: skip
        first, last = got.rows[0], got.rows[1564]
        assert (first.value, last.value) == (pytest.approx(1.61824), pytest.approx(1.82696))
        assert first.stamp == np.datetime64("1986-01-25T18:00", "s").astype(int)
        assert last.stamp == np.datetime64("2020-12-23T06:15", "s").astype(int)
        assert (got.rows.inlet[0], got.claims.scale) == (3.0, "WMO CH4 X2004A")
        resolved = collect([SYO], settings, CH4)
        assert len(resolved.rows) == 1565
        assert resolved.conflicting == ()
        bad = sum(bool(flag & FLAGS["provider_bad"]) for flag in got.rows.flag)
        words = "!/^#/ && $24 == 3 {n++} END {print n}"
        assert bad == int(subprocess.check_output(["awk", words, str(SYO)]))

    def test_a_download_is_read_with_its_list_of_contacts(self):
        got = inspect_file(REAL / "wdcgg/WDCGG_20210923131604.tar.gz", None, SECTION, None)
        counts = {m["file"].rsplit("_", 1)[-1]: (m["lines"], m["rows"]) for m in got["members"]}
        assert counts == {
            "20210923131604.txt": (5, 0), "event.txt": (1791, 1565), "monthly.txt": (630, 404),
        }  # fmt: skip
        assert (got["quarantined"], got["issues"]) == (0, [])

    def test_a_gas_that_is_not_known_is_refused_or_described(self):
        path = REAL / "more/pywdcgg/hfc134a_mhd_surface-insitu_4_2023-2021_monthly.txt"
        assert scan_one(path, None, GAS).issues[0].code == "other_gas"
        gas = GasSettings(
            name="HFC134A", molar_mass_g_mol=102.03, mole_fraction_unit="ppb",
            lowest_umol_mol=1e-6, highest_umol_mol=1e-3, compatibility_goal_umol_mol=1e-7,
        )  # fmt: skip
        got = scan_one(path, None, gas)
        assert (got.lines, len(got.rows), got.quarantined) == (385, 197, 0)
        assert got.rows[0].value * 1e6 == pytest.approx(32.587)
        assert (got.rows[0].n, got.rows[0].stdev * 1e6) == (129, pytest.approx(0.61))

    def test_amsterdam_island_ends_without_a_line_end(self):
        got = scan_one(AMS, None, GAS)
        assert (got.lines, len(got.rows), got.quarantined, got.blank_or_comment) == (
            392,
            359,
            1,
            32,
        )
        assert [issue.code for issue in got.issues] == ["unfinished_line"]
        assert (got.rows[0].value, got.rows[0].n, got.rows[0].stdev) == (338.381, 19, 0.66)
        assert got.rows[0].stamp == np.datetime64("1981-01-01", "s").astype(int)
        assert (got.rows[358].value, int(np.isnan(got.rows.value).sum())) == (387.354, 22)
