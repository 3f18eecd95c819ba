"""Every fault of a district table is told with its line, column, found and expected."""

import numpy as np
import pytest
from inventories_fakes import HEADER, rows, table

from inventories.readers.district_table import read_district_table

GOOD = "110001,power,2025-06-01,2025-07-01,12.5,8,1,CO2,office"


def test_good_rows_are_read(tmp_path):
    path = table(tmp_path / "t.csv", ["# a comment", "", *rows(), GOOD.replace(",8,", ",,")])
    found = read_district_table(path, 8.0)
    assert len(found) == 5
    assert found[-1].total_kg == 12500.0
    assert found[-1].deviation_percent is None
    assert found[-1].start == np.datetime64("2025-05-31T16:00")
    assert found[-1].line == 8


def test_a_time_with_zone_is_utc(tmp_path):
    line = GOOD.replace("2025-06-01", "2025-06-01T00:00:00Z")
    (found,) = read_district_table(table(tmp_path / "t.csv", [line]), 8.0)
    assert found.start == np.datetime64("2025-06-01T00:00")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8-sig")
    assert len(read_district_table(path, 8.0)) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("12.5", "12,5"), "a row must have 9 cells; got 10 in t.csv, line 2"),
        (
            GOOD.replace("12.5", "twelve"),
            "line 2, column total_t: found 'twelve', expected a number",
        ),
        (GOOD.replace("12.5", "nan"), "column total_t: found 'nan'"),
        (GOOD.replace("12.5", "-1"), "column total_t: found '-1', expected a number >= 0, tonnes"),
        (GOOD.replace(",8,", ",0,"), "column standard_deviation_percent: found '0'"),
        (GOOD.replace("2025-06-01", "01.06.2025"), "column period_start: found '01.06.2025'"),
        (GOOD.replace("2025-06-01", "2025-06-01T00:00"), "column period_start"),
        (GOOD.replace("2025-07-01", "2025-06-01"), "column period_end: .* expected an end after"),
        (GOOD.replace("110001", ""), "column region: found '', expected a name"),
        (GOOD + "\n" + GOOD, "line 3, column region: found .* expected it once .first on line 2."),
    ],
)
def test_each_fault_is_told(tmp_path, line, message):
    with pytest.raises(ValueError, match=message):
        read_district_table(table(tmp_path / "t.csv", [line]), 8.0)


def test_all_faults_are_told_at_once(tmp_path):
    bad = GOOD.replace("12.5", "x").replace(",8,", ",y,")
    with pytest.raises(ValueError, match=r"got 2 faults .*total_t.*standard_deviation_percent"):
        read_district_table(table(tmp_path / "t.csv", [bad]), 8.0)


def test_no_rows_and_a_wrong_header_are_refused(tmp_path):
    with pytest.raises(ValueError, match="found no rows, expected at least one"):
        read_district_table(table(tmp_path / "t.csv", []), 8.0)
    (tmp_path / "h.csv").write_text("region,total\n")
    with pytest.raises(ValueError, match="the header must be region,sector"):
        read_district_table(tmp_path / "h.csv", 8.0)
