"""Tables of Campbell loggers: two headers, quoted NAN, the logger's midnight."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError
from station_fakes import EXAMPLES, GAS, SECTION, scan_one

from stations.account import inspect_file
from stations.readers import READERS, recognised
from stations.reading.look import Head
from stations.registry import load_registry

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
SETTINGS = load_registry(EXAMPLES / "toa5.yaml").stations["TOA"].reader
TEXT = (EXAMPLES / "toa5.dat").read_text().splitlines()
LINE = TEXT[4]


def scan(tmp_path, *lines, **changes):
    path = tmp_path / "f"
    path.write_text("\n".join(lines) + "\n")
    got = scan_one(path, SETTINGS.model_copy(update=changes))
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def test_nothing_is_assumed_about_label_zone_and_columns():
    with pytest.raises(ValidationError, match="4 validation errors"):
        READERS["toa5"].Settings()
    assert recognised(Head(lines=tuple(TEXT))) == ["toa5"]
    got = inspect_file(EXAMPLES / "toa5.dat", None, SECTION, GAS)
    assert (got["verdict"], got["issues"][0]["code"]) == ("error", "undeclared")


def test_end_of_the_interval_in_the_loggers_zone(tmp_path):
    got = scan(tmp_path, *TEXT)
    assert (got.rows[0].stamp, got.rows[0].seconds) == (1740787200, 1800)
    assert (got.claims.station, got.claims.unit) == ("Invented", "umol/mol")


def test_hour_24_and_fractions_of_a_second(tmp_path):
    day = LINE.replace("08:30:00", "24:00:00")
    tenth = LINE.replace("08:30:00", "08:30:00.5")
    got = scan(tmp_path, *TEXT[:4], day, tenth, LINE.replace("08:30", "24:30"), LINE)
    assert [row.stamp - 1740787200 for row in got.rows] == [15.5 * 3600, 0.5, 0]
    assert [i.code for i in got.issues] == ["impossible_date"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (",9.1", "", "truncated_line"),
        (",9.1", ",9.1,1", "long_line"),
        ("431.41", '"INF"', "not_a_number"),
        ('00",', "00,", "quoting"),
        ("03-01", "02-29", "impossible_date"),
    ],
)
def test_each_bad_line_is_kept_out(old, new, code, tmp_path):
    got = scan(tmp_path, *TEXT[:4], *TEXT[5:], LINE.replace(old, new))
    assert [(i.line, i.code) for i in got.issues] == [(10, code)]
    assert len(got.rows) == 5


def test_toaci1_has_no_units(tmp_path):
    names = '"TMSTAMP","RECNBR","CO2_Avg","CO2_Std","T_Avg"'
    lines = ['"TOACI1","Invented","tower"', names, *TEXT[4:]]
    assert scan(tmp_path, *lines).issues[0].code == "unit"
    got = scan(tmp_path, *lines, unit="ppm")
    assert (len(got.rows), got.rows[0].value, got.blank_or_comment) == (6, 431.41, 2)


def test_a_second_header_and_a_cut_one(tmp_path):
    swapped = [TEXT[0], '"TIMESTAMP","CO2_Avg","CO2_Std"', '"TS","umol/mol","umol/mol"', '"","",""']
    got = scan(tmp_path, *TEXT, *swapped, '"2025-03-01 12:00:00",432.5,0.1')
    assert got.rows[-1].value == 432.5
    assert [i.found for i in got.issues] == ["a header with other columns"]
    cut = scan(tmp_path, *TEXT[:3])
    assert (cut.refused, cut.issues[0].code) == (True, "header")
    assert scan(tmp_path, "a,b").issues[0].code == "header"


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA")
def test_a_real_table_holds_no_mole_fraction_and_says_so():
    path = DATA / "icos_cp_test" / "TOA5_Feud.meteo_12.dat"
    columns = SETTINGS.columns.model_copy(update={"value": "CO2_Avg", "stdev": None})
    changes = {"columns": columns, "zone": "UTC"}
    got = scan_one(path, SETTINGS.model_copy(update=changes))
    assert (got.refused, got.issues[0].code, got.issues[0].found) == (True, "unit", "mol m-3")
    columns = columns.model_copy(update={"value": "PAR_Avg"})
    wide = GAS.model_copy(update={"lowest_umol_mol": -1e4, "highest_umol_mol": 1e4})
    got = scan_one(
        path, SETTINGS.model_copy(update={**changes, "columns": columns, "unit": "ppm"}), wide
    )
    assert (got.lines, len(got.rows), got.quarantined, got.blank_or_comment) == (351, 347, 0, 4)
    assert (got.rows[0].stamp, got.rows[0].value) == (1332936000 - 1800, 1539.667)
    assert (got.rows[-1].stamp, got.rows[-1].value) == (1333558800 - 1800, 455.5906)
