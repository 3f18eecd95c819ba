"""The old ICOS minute export: one line of names, and two names more than words in most lines."""

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

MINUTE = READERS["icos_minute"]
TEXT = (EXAMPLES / "icos_minute.dat").read_text()
DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "stations" / "openghg_formats" / "tta.co2.1minute.222m.min.dat"


def scan(tmp_path, text=TEXT, gas=GAS, expected=None, **settings):
    path = tmp_path / "file"
    path.write_text(text)
    return scan_one(path, MINUTE.Settings(**settings), gas, expected)


def codes(got):
    return [issue.code for issue in got.issues]


def test_lines_have_fewer_words_than_names_and_may_have_more(tmp_path):
    lines = TEXT.splitlines()
    assert (len(lines[0].split()), len(lines[1].split()), len(lines[6].split())) == (19, 17, 19)
    got = scan(tmp_path)
    assert (len(got.rows), got.quarantined) == (6, 0)
    stripped = scan(tmp_path, "".join(line.rstrip() + "\n" for line in lines))
    assert stripped.rows.value.tolist()[0] == 431.41
    assert len(stripped.rows) == 6


@pytest.mark.parametrize("words", [1, 8, 12, 16])
def test_a_line_cut_short_is_kept_out(tmp_path, words):
    lines = TEXT.splitlines()
    lines[1] = " ".join(lines[1].split()[:words])
    got = scan(tmp_path, "\n".join(lines) + "\n")
    assert (codes(got), len(got.rows)) == (["truncated_line"], 5)


def test_a_lost_field_moves_nothing_into_its_place(tmp_path):
    got = scan(tmp_path, TEXT.replace(" 431.552 ", "  "))
    assert (codes(got), len(got.rows)) == (["truncated_line"], 5)


def test_missing_and_flagged_rows_stay(tmp_path):
    rows = scan(tmp_path).rows
    assert math.isnan(rows[2].value)
    assert math.isnan(rows[2].stdev)
    assert rows[2].n == 0
    assert (rows[5].value, rows[5].flag) == (438.02, FLAGS["provider_bad"])
    assert (rows[0].flag, rows[3].flag, rows[4].flag) == (FLAGS["preliminary"], 0, 0)


def test_the_slot_must_be_declared_for_the_file_does_not_say_it(tmp_path):
    mast = Expected(222.0, 51.25, -0.54, "WMO-CO2-X2019")
    assert codes(scan(tmp_path, expected=mast)) == ["undeclared"]
    got = scan(tmp_path, expected=mast, slot_seconds=60)
    assert got.rows.stamp[0] == np.datetime64("2025-03-01T00:07", "s").astype(int)


def test_the_gas_is_the_columns_and_its_unit_the_atcs(tmp_path):
    assert codes(scan(tmp_path, gas=GasSettings(name="CH4"))) == ["other_gas"]
    methane = TEXT.replace(" co2 ", " ch4 ").replace(" 43", " 193")
    got = scan(tmp_path, methane, GasSettings(name="CH4"))
    assert got.rows[0].value == pytest.approx(1.93141)


def test_a_header_again_is_no_row_and_other_names_are_refused(tmp_path):
    again = scan(tmp_path, TEXT + TEXT)
    assert codes(again) == ["header_repeated"]
    assert (len(again.rows), again.blank_or_comment) == (12, 2)
    assert codes(scan(tmp_path, TEXT + TEXT.replace(" co2 ", " ch4 "))) == ["header"]
    assert codes(scan(tmp_path, TEXT.replace("Minute Date", "Minute"))) == ["header"]
    assert codes(scan(tmp_path, TEXT.replace("0.061 14", "0.061 0"))) == ["no_samples"]


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.is_file(), reason=f"no file {REAL}: set CITYFLUX_DATA")
def test_the_file_of_angus():
    got = scan_one(REAL, None)
    assert (got.format, got.lines, got.blank_or_comment, len(got.rows)) == (
        "icos_minute",
        57,
        1,
        56,
    )
    words = [line.split() for line in REAL.read_text().splitlines()[1:]]
    value = np.array([float(word[7]) for word in words])
    np.testing.assert_array_equal(got.rows.value, np.where(value == -999.99, np.nan, value))
    assert int(np.isnan(got.rows.value).sum()) == sum(word[10] == "N" for word in words) == 4
    stamps = [f"{w[1]}-{w[2]}-{w[3]}T{w[4]}:{w[5]}" for w in words]
    np.testing.assert_array_equal(got.rows.stamp, np.array(stamps, "M8[s]").astype(int))
    # the provider's own decimal year is the stamp: it is no centre of a minute
    year = np.array([float(word[6]) for word in words[:33]])
    seconds = (year - 2011) * 365 * 86400 + np.datetime64("2011-01-01", "s").astype(int)
    assert np.abs(seconds - got.rows.stamp[:33]).max() < 17  # 1e-6 years are 32 s
