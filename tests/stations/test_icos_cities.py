"""ICOS Cities files: the remarks of the header count, not its keys; letters mean something else than in ICOS ATC."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
from station_fakes import EXAMPLES, GAS, scan_one

from stations.claims import Expected
from stations.flags import FLAGS
from stations.readers import READERS

CITIES = READERS["icos_cities"]
TEXT = (EXAMPLES / "icos_cities.csv").read_text(encoding="utf-8")
DATA = Path(os.environ.get("CITYFLUX_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "stations" / "munich_acropolis"
ROOF = Expected(24.2, 48.15, 11.57, "WMO-CO2-X2019")


def scan(tmp_path, text=TEXT, expected=ROOF, **settings):
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    return scan_one(path, CITIES.Settings(**settings), GAS, expected)


def codes(got):
    return [issue.code for issue in got.issues]


def test_the_middle_of_the_hour_in_utc_becomes_its_start(tmp_path):
    got = scan(tmp_path)
    assert not codes(got)
    assert "# TIME ZONE: Central European Time" in TEXT
    hours = np.datetime64("2025-03-01T00:00", "h") + np.arange(7)
    assert got.rows.stamp.astype("M8[s]").tolist() == hours.astype("M8[s]").tolist()


def test_a_header_that_does_not_say_label_or_zone_leaves_them_to_the_registry(tmp_path):
    assert codes(scan(tmp_path, TEXT.replace("  - Times are UTC+0", "")))[-1] == "zone"
    silent = TEXT.replace("  - Time-averaged values are reported at the middle of", "")
    assert codes(scan(tmp_path, silent))[-1] == "undeclared"
    assert not scan(tmp_path, silent, label="centre").refused
    east = scan(tmp_path, TEXT.replace("Times are UTC+0", "Times are UTC+1"))
    assert east.rows.stamp[0] == scan(tmp_path).rows.stamp[0] - 3600


def test_letters_mean_a_source_nearby(tmp_path):
    by_text = {row.provider: (row.value, row.flag) for row in scan(tmp_path).rows}
    assert by_text["H"] == (455.9, FLAGS["local"])
    assert by_text["C"] == (447.2, FLAGS["local"])
    assert by_text["K"] == (433.3, FLAGS["provider_bad"])
    assert by_text["U"][1] == FLAGS["preliminary"]
    assert codes(scan(tmp_path, TEXT.replace(";1.96;O", ";1.96;"))) == ["unknown_flag"]
    assert codes(scan(tmp_path, TEXT.replace(";1.96;O", ";1.96;N"))) == ["unknown_flag"]


def test_a_gap_is_a_row_without_a_value(tmp_path):
    gap = scan(tmp_path).rows[2]
    assert math.isnan(gap.value)
    assert (gap.n, gap.flag) == (0, 0)


def test_minute_files_have_no_counts_and_slots_of_a_minute(tmp_path):
    text = TEXT.replace("TIME INTERVAL: hourly", "TIME INTERVAL: 1 minute")
    lines = text.splitlines()
    drop = {10, 11}  # NbPoints, Stdev
    body = [
        ";".join(cell for k, cell in enumerate(line.split(";")) if k not in drop)
        for line in lines[19:]
    ]
    got = scan(tmp_path, "\n".join([*lines[:19], *body]) + "\n")
    assert got.rows.seconds.tolist() == [60] * 7
    assert got.rows.n.tolist() == [1, 1, 0, 1, 1, 1, 1]
    assert got.rows.stamp[0] == scan(tmp_path).rows.stamp[0] + 1770


def test_a_miscounted_header_is_said_and_its_rows_are_kept(tmp_path):
    text = TEXT.replace("HEADER LINES: 20", "HEADER LINES: 21")
    got = scan(tmp_path, text.replace("TOTAL LINES: 27", "TOTAL LINES: 28"))
    assert (codes(got), len(got.rows)) == (["header_count"], 7)


def test_two_stamps_of_one_line_must_agree(tmp_path):
    got = scan(tmp_path, TEXT.replace("2025-03-01 04:30:00;", "01.03.2025 04:30;"))
    assert (codes(got), len(got.rows)) == (["two_stamps"], 6)
    got = scan(tmp_path, TEXT.replace(";2025;3;1;4;", ";2025;3;1;5;"))
    assert codes(got) == ["two_stamps"]


def test_wrong_columns_are_refused_and_wrong_lines_kept_out(tmp_path):
    assert codes(scan(tmp_path, TEXT.replace("PARAMETER: co2", "PARAMETER: ch4"))) == ["header"]
    assert codes(scan(tmp_path, TEXT.replace(";60;1.96;O", ";0;1.96;O"))) == ["no_samples"]
    assert codes(scan(tmp_path, TEXT.replace(";60;1.96;O", ";60;1.96"))) == ["truncated_line"]
    assert codes(scan(tmp_path, TEXT.replace(";60;1.96;O", ";60;1.96;O;"))) == ["long_line"]


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.is_dir(), reason=f"no folder {REAL}: set CITYFLUX_DATA")
@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("processed__acropolis_sites__example_site.csv", 435.8817),
        ("processed__icos_cities_portal_processing__example_site.csv", 434.3813),
    ],
)
def test_two_weeks_of_a_munich_roof(name, last):
    got = scan_one(REAL / name, None)
    assert (got.format, got.lines, got.blank_or_comment, len(got.rows)) == (
        "icos_cities",
        376,
        39,
        337,
    )
    first, end = np.datetime64("2024-07-30T09", "s"), np.datetime64("2024-08-13T09", "s")
    assert got.rows.stamp[0] == first.astype(int)
    assert got.rows.stamp[-1] == end.astype(int)
    assert (got.rows[0].value, got.rows[-1].value) == (422.46863, last)
    letters = np.array(got.rows.provider_names)[got.rows.provider]
    assert {letter: int((letters == letter).sum()) for letter in "KO"} == {"K": 9, "O": 328}
    table = np.genfromtxt(
        REAL / name, delimiter=";", skip_header=39, usecols=(8, 9), comments="\x00"
    )
    np.testing.assert_array_equal(got.rows.value, table[:, 0])
    np.testing.assert_array_equal(got.rows.n, table[:, 1])
