"""Traps of GCWerks' `.C` files of gas chromatographs, and the real ones."""

import os
from pathlib import Path

import numpy as np
import pytest
from station_fakes import EXAMPLES, GAS, SECTION, scan_one

from contracts.settings.gas import GasSettings
from stations.account import inspect_file
from stations.claims import Expected
from stations.flags import FLAGS
from stations.readers import READERS

DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[2].parent / "shared" / "data"))
REAL = DATA / "stations"
GC = REAL / "more/openghg/proc_test_data/GC"
EXAMPLE = EXAMPLES / "gcwerks_gc.C"
LINES = EXAMPLE.read_text().splitlines()
CH4 = GasSettings(name="CH4")
STATION = Expected(50.0, 30.25, 120.17, "WMO-CO2-X2019")

realdata = [
    pytest.mark.realdata,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA"),
]


def settings(**changes):
    return READERS["gcwerks_gc"].Settings(**{"slot_seconds": 600, **changes})


def read(tmp_path, lines, run=GAS, expected=None, **changes):
    path = tmp_path / "f"
    path.write_text("".join(f"{line}\n" for line in lines))
    got = scan_one(path, settings(**changes), run, expected)
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def test_the_stamp_is_the_samples_not_the_runs_and_names_the_centre(tmp_path):
    got = read(tmp_path, LINES)
    assert got.rows[0].stamp == 1740787200 + 20 * 60 - 300
    assert np.diff(got.rows.stamp).tolist() == [4800.0] * 5


def test_one_file_of_several_gases_gives_the_one_asked_for(tmp_path):
    co2, ch4 = read(tmp_path, LINES), read(tmp_path, LINES, CH4)
    assert (co2.claims.gas, co2.claims.unit, co2.claims.scale) == ("CO2", "ppm", "X2019")
    assert (ch4.claims.gas, ch4.claims.unit, ch4.claims.scale) == ("CH4", "ppb", "X2004A")
    assert co2.rows[0].value == 431.41
    assert ch4.rows[0].value == pytest.approx(1.99231)
    (issue,) = read(tmp_path, LINES, gas="n2o").issues
    assert (issue.code, issue.found) == ("columns", "gases CO2, CH4")


def test_four_characters_become_flags(tmp_path):
    got = read(tmp_path, LINES)
    background, local, bad = (FLAGS[name] for name in ("background", "local", "provider_bad"))
    assert got.rows.flag.tolist() == [
        background,
        background,
        bad | background,
        local,
        background,
        0,
    ]
    (strange,) = read(tmp_path, [line.replace("-HP-", "-XP-") for line in LINES]).issues
    assert (strange.code, strange.quarantined) == ("unknown_flag", False)


def test_inlets_by_name_height_or_declaration(tmp_path):
    named = [line.replace("      50m_air", "       window") for line in LINES]
    (issue,) = read(tmp_path, named, expected=STATION).issues
    assert (issue.code, issue.line, issue.quarantined) == ("inlet_unknown", 6, False)
    got = read(tmp_path, named, expected=STATION, inlets={"window": 50})
    assert (len(got.rows), got.issues) == (6, ())
    other = [*LINES[:-1], LINES[-1].replace("50m_air", "10m_air")]
    got = read(tmp_path, other, expected=STATION)
    assert (len(got.rows), got.elsewhere) == (5, 1)
    mixed = [*LINES[:-1], LINES[-1].replace("50m_air", " window")]
    got = read(tmp_path, mixed, inlets={"roof": 50.0})
    assert [issue.code for issue in got.issues] == ["other_inlet"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2025.161834", "2025.167834", "time_differs"),
        ("2025 03 01  01 40", "2025 02 30  01 40", "impossible_date"),
        ("--B-     1990.420 --B- ", "--B-     1990.420 --B", "truncated_line"),
        ("--B-     1990.420 --B- ", "--B-     1990.420", "truncated_line"),
        ("430.870", "430.8.0", "not_a_number"),
        ("--B-     1990.420 --B-", "--B-     1990.420 --B- 7", "long_line"),
    ],
)
def test_a_damaged_line_is_kept_out(old, new, code, tmp_path):
    assert old in LINES[6]
    got = read(tmp_path, [*LINES[:6], LINES[6].replace(old, new), *LINES[7:]])
    assert [(issue.line, issue.code) for issue in got.issues] == [(7, code)]
    assert len(got.rows) == 5


def test_a_header_inside_is_read_anew_or_refused(tmp_path):
    swapped = [line.replace("CO2", "XXX").replace("CH4", "CO2") for line in LINES[4:5]]
    (issue,) = read(tmp_path, [*LINES, *LINES[:4], *swapped, LINES[5]], CH4).issues
    assert (issue.code, issue.found) == ("columns", "gases XXX, CO2")
    got = read(tmp_path, [*LINES, *LINES[:5], LINES[5]])
    assert [issue.code for issue in got.issues] == ["header_repeated"]
    assert (len(got.rows), got.blank_or_comment) == (7, 10)
    joined = [*LINES, LINES[0], "elsewhere", *LINES[2:]]
    assert read(tmp_path, joined).issues[0].found == "elsewhere, X2019, ppm"


def test_what_the_file_does_not_say_must_be_declared(tmp_path):
    got = read(tmp_path, LINES, expected=STATION, slot_seconds=None)
    assert (got.refused, got.issues[0].code) == (True, "undeclared")
    assert read(tmp_path, LINES[:4]).issues[0].code == "header"


class TestReal:
    pytestmark = realdata

    def test_mace_head(self):
        """2044 lines; the first number in the file is 1885.125 on 2012-01-02 00:05 (line 7)."""
        got = scan_one(REAL / "openghg_formats/macehead.12.C", settings(), CH4)
        assert (got.lines, len(got.rows), got.quarantined, got.blank_or_comment) == (
            2044, 2039, 0, 5,
        )  # fmt: skip
        first, last = got.rows[1], got.rows[len(got.rows) - 1]
        assert (first.value, first.line) == (pytest.approx(1.885125), 7)
        assert first.stamp == np.datetime64("2012-01-02T00:00").astype("datetime64[s]").astype(int)
        assert last.value == pytest.approx(1.886561)
        assert int(np.isfinite(got.rows.value).sum()) == 1993
        assert (got.rows.inlet == 10.0).all()

    @pytest.mark.parametrize(
        ("name", "rows", "quarantined", "found"),
        [("trinidadhead.01.C", 57, 0, "air"), ("trinidadhead.01.window-inlet.C", 7, 1, "window")],
    )
    def test_trinidad_head_names_no_height(self, name, rows, quarantined, found):
        got = scan_one(GC / name, settings(), CH4)
        assert (len(got.rows), got.quarantined) == (rows, quarantined)
        assert got.issues[0].found == found

    def test_nitrous_oxide_of_bilsdale_can_be_read_with_its_own_limits(self):
        gas = GasSettings(
            name="N2O", molar_mass_g_mol=44.013, mole_fraction_unit="ppb", lowest_umol_mol=0.3,
            highest_umol_mol=0.5, compatibility_goal_umol_mol=1e-4,
        )  # fmt: skip
        got = scan_one(GC / "bilsdale-md.14.C", settings(), gas)
        assert (got.lines, len(got.rows), got.quarantined) == (489, 484, 0)
        assert got.rows[0].value == pytest.approx(0.334663)
        assert got.rows[0].flag & FLAGS["provider_bad"]

    @pytest.mark.parametrize("folder", [REAL / "openghg_formats", GC])
    def test_each_file_is_read_or_refused_for_the_right_reason(self, folder):
        for path in sorted(folder.glob("*.C")):
            got = inspect_file(path, None, SECTION, None)
            assert got["format"] == "gcwerks_gc"
            assert got["lines"] == got["rows"] + got["quarantined"] + got["blank_or_comment"]
            if ".precisions." in path.name:
                assert got["issues"][0]["code"] == "precisions"
            elif got["verdict"] == "error":
                assert "one of co2, ch4" in got["issues"][0]["expected"]
                assert "CH4," not in path.read_text().splitlines()[4].replace(" ", ",")
            else:
                assert got["rows"] > 0
