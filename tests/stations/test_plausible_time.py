"""Rows of a clock that lost its battery, of the future, and of records that really are that old."""

import numpy as np

from stations.plausible_time import split_by_clock
from stations.reading.rows import Row, Rows

NOW = np.datetime64("2026-01-01", "s").astype(int)


def rows(*dates):
    stamps = [np.datetime64(date, "s").astype(int) for date in dates]
    return Rows.of([Row(k + 1, stamp, 430.0) for k, stamp in enumerate(stamps)])


def lines(issues):
    return [issue.line for issue in issues]


def test_a_reset_clock_is_kept_out():
    kept, issues = split_by_clock(rows("2025-01-01", "1970-01-01T00:05", "2025-01-02"), NOW)
    assert lines(issues) == [2]
    assert issues[0].code == "clock"
    assert issues[0].found == "1970-01-01T00:05:00"
    assert len(kept) == 2


def test_the_future_and_the_time_before_records_are_kept_out():
    kept, issues = split_by_clock(rows("2025-01-01", "2099-01-01", "1904-01-01", "2025-01-02"), NOW)
    assert lines(issues) == [2, 3]
    assert len(kept) == 2


def test_a_long_record_keeps_its_first_years():
    years = [f"{year}-07-01" for year in range(1969, 2026)] + ["2025-08-01"] * 40
    kept, issues = split_by_clock(rows(*years), NOW)
    assert not issues
    assert len(kept) == len(years)


def test_a_record_of_the_seventies_alone_is_no_reset():
    kept, issues = split_by_clock(rows("1974-01-01", "1974-01-02", "1974-01-03"), NOW)
    assert not issues
    assert len(kept) == 3


def test_nothing_is_nothing():
    kept, issues = split_by_clock(Rows.of(()), NOW)
    assert (len(kept), issues) == (0, [])
