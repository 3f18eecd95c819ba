"""The lines a terminal shows: sentences first, districts that hold the truth, counts."""

from dataclasses import replace

from report_fakes import fake_inputs, hangzhou

from report.numbers import MEGATONNE
from report.rows import read_rows
from report.summary import counts_line, summary_lines, truth_line


def test_truth_and_counts_are_told():
    inputs = fake_inputs(hangzhou())
    batch = inputs.batches[0]
    rows = [row for row in read_rows(batch, MEGATONNE) if row.family == "districts"]
    inside = sum(bool(row.covered) for row in rows)
    assert f"{inside} of {len(rows)} districts" in truth_line(batch)
    lines = summary_lines(inputs)
    assert lines[0].startswith("SYNTHETIC data")
    assert lines[1 : 1 + len(inputs.headlines["en"])] == list(inputs.headlines["en"])
    assert truth_line(batch) in lines


def test_a_real_city_has_no_truth():
    batch = replace(fake_inputs(hangzhou()).batches[0], truth=None)
    assert truth_line(batch) == ""


def test_hours_are_counted():
    batch = fake_inputs(hangzhou()).batches[0]
    counts = '{"candidate": 10, "kept": 6, "dropped": {"no_footprint": 3, "missing": 1}}'
    told = batch.observations.assign_attrs(counts=counts)
    line = counts_line(replace(batch, observations=told))
    assert "footprints 7, observations 6 (dropped: missing 1)" in line
