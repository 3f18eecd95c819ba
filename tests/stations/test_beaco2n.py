"""BEACO2N exports: which of three times is right, what the levels mean, and the wrong files."""

import math
import os
from pathlib import Path

import pytest
from station_fakes import EXAMPLES, GAS, SECTION, scan_one

from contracts.settings.gas import GasSettings
from stations.account import inspect_file
from stations.flags import FLAGS
from stations.readers import READERS

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CITYFLUX_DATA", ROOT.parent / "shared" / "data")) / "stations"
SETTINGS = READERS["beaco2n"].Settings(label="start", slot_seconds=3600)
HEADER, LINE = (EXAMPLES / "beaco2n.csv").read_text().splitlines()[:2]
real = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no folder {DATA}: set CITYFLUX_DATA"),
]


def scan(tmp_path, *lines, **changes):
    path = tmp_path / "f"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    got = scan_one(path, SETTINGS.model_copy(update=changes))
    assert len(got.rows) + got.quarantined + got.blank_or_comment == got.lines
    return got


def test_epoch_is_the_time_and_levels_are_flags(tmp_path):
    got = scan_one(EXAMPLES / "beaco2n.csv", SETTINGS)
    assert got.rows[0].stamp == 1740787200
    flag = got.rows.flag
    assert [int(f) for f in flag[[0, 3, 4]]] == [FLAGS["preliminary"], 0, FLAGS["preliminary"]]
    assert math.isnan(got.rows[2].value)
    assert (got.rows[2].n, got.rows[4].provider) == (0, "(empty)")
    assert got.claims.station == "900"
    unknown = scan(tmp_path, LINE.removesuffix("1a") + "7z")
    assert [i.code for i in unknown.issues] == ["unknown_flag"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2025-03-01 00:00:00", "2025-03-01 01:00:00", "bad_stamp"),
        ("2025-03-01 00:00:00", "2025-02-30 00:00:00", "impossible_date"),
        ("1740787200.0", "", "not_a_number"),
        (",900,", ",901,", "other_station"),
        (",431.41,", ",431.41", "truncated_line"),
        (",431.41,", ",,431.41,", "long_line"),
        (",431.41,", ',"431.41,', "quoting"),
        (",431.41,", ",,", "not_a_number"),
    ],
)
def test_each_bad_line_is_kept_out(old, new, code, tmp_path):
    other = LINE.replace("00:00:00", "01:00:00").replace("1740787200", "1740790800")
    got = scan(tmp_path, other, LINE.replace(old, new), other)
    assert [(i.line, i.code) for i in got.issues] == [(3, code)]
    assert len(got.rows) == 2


def test_local_time_is_ignored_and_quotes_are_taken_off(tmp_path):
    wild = LINE.replace("2025-02-28 16:00:00", "nonsense")
    quoted = ",".join(f'"{field}"' for field in LINE.split(","))
    for line in (wild, quoted):
        got = scan(tmp_path, line)
        assert [tuple(row)[:3] for row in got.rows] == [(2, 1740787200.0, 431.41)]


def test_a_column_of_another_gas_is_asked_for_by_name(tmp_path):
    path = tmp_path / "f"
    path.write_text(f"{HEADER}\n{LINE}\n")
    got = scan_one(path, SETTINGS, GasSettings(name="CH4"))
    assert got.refused
    assert (got.issues[0].code, got.issues[0].expected[:18]) == ("columns", "each of ['ch4_ppm'")


def test_a_header_inside_the_file(tmp_path):
    got = scan(tmp_path, LINE, HEADER, LINE.replace("431.41", "432.5"))
    assert [i.code for i in got.issues] == ["header_repeated"]
    assert [row.value for row in got.rows] == [431.41, 432.5]


class TestRealFiles:
    pytestmark = real

    @pytest.mark.parametrize(
        ("name", "counts", "first", "last"),
        [
            ("175_BELLAHOUSTONACADEMY", (28, 26, 1, 1), (1626346800, None), (1626436800, 417.4)),
            ("171_UNIVERSITYOFSTRATHCLYDE", (10, 8, 0, 8), (1609506000, None), (1629986400, None)),
            ("Charlton_Community_Center", (8, 6, 1, 0), (1429329600, 410.4), (1429347600, 398.2)),
        ],
    )
    def test_every_line_is_accounted_for(self, name, counts, first, last):
        got = scan_one(DATA / "openghg_formats" / f"{name}.csv", SETTINGS)
        missing = sum(math.isnan(row.value) for row in got.rows)
        assert (got.lines, len(got.rows), got.quarantined, missing) == counts
        for row, (stamp, value) in ((got.rows[0], first), (got.rows[-1], last)):
            assert row.stamp == stamp
            assert math.isnan(row.value) if value is None else row.value == value

    def test_wrong_files_get_their_verdicts(self):
        folder = DATA / "more" / "openghg" / "proc_test_data" / "BEACO2N"
        got = inspect_file(folder / "Unknown_site.csv", None, SECTION, GAS)
        assert (got["format"], got["verdict"], got["rows"]) == ("beaco2n", "partial", 0)
        got = inspect_file(folder / "incorrect_format.csv", SETTINGS, SECTION, GAS)
        assert (got["verdict"], got["issues"][0]["code"]) == ("error", "header")
        assert "epoch" in got["issues"][0]["expected"]
        got = inspect_file(folder / "incorrect_format.csv", None, SECTION, GAS)
        assert (got["verdict"], got["issues"][0]["code"]) == ("error", "unknown_format")
