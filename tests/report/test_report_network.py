"""A run that looks at records only: findings first, then stations, records, files."""

import re
from dataclasses import replace

import numpy as np
import pytest
import region_fakes as fakes
from page_reader import Page, broken_texts, empty_tables

from report.build import build_report
from report.charts.records import record_chart
from report.findings import Finding, list_findings
from report.flags import hours_by_flag, usable_hours
from report.inputs import ReportInputs
from report.network import file_rows, network_headline, record_rows
from report.summary import summary_lines
from report.units import page_units
from report.wording import Pair


@pytest.fixture(scope="module")
def inputs():
    return fakes.network_inputs()


@pytest.fixture(scope="module")
def page(inputs):
    return build_report(inputs)


def test_opening_sentences_count_stations_and_findings(inputs):
    said = inputs.headlines
    assert said["en"] == [
        "3 stations, 3 with usable hours; 2 findings need a person: clock offset, background value.",
        "Of 720 hours in all records, 675 (94 %) hold a usable value.",
        "Not fit for an inversion, with reasons below: GLA2.",
    ]
    assert said["zh"][0].startswith("共 3 个站点，3 个有可用小时；2 项发现需人工处理：")
    assert len(said["en"]) == len(said["zh"])


@pytest.mark.parametrize(("number", "words"), [(0, "no finding needs"), (1, "1 finding needs")])
def test_few_findings_are_counted_in_words(inputs, number, words):
    status = inputs.network_status.isel(finding=slice(0, number))
    assert words in network_headline(status, inputs.stations)["en"][0]


def test_a_station_without_a_usable_hour_is_not_usable(inputs):
    silent = inputs.stations["BGD"].copy(deep=True)
    silent["mole_fraction"].values[:] = np.nan
    stations = {**inputs.stations, "BGD": silent}
    assert network_headline(inputs.network_status, stations)["en"][0].startswith(
        "3 stations, 2 with usable hours"
    )
    text = build_report(replace(inputs, stations=stations)).html
    assert "No hour of this record is usable." in text
    assert broken_texts(text) == []


def test_findings_stand_at_the_top_in_both_languages(page):
    assert page.html.index("What a person must look at") < page.html.index('id="records"')
    for words in ("clock offset", "GLA1 · background value"):
        assert f'<span class="label">{words}</span>' in page.html
    assert page.html.count("疑似时钟偏差 +8 小时。") == 1


def test_known_kinds_have_a_name_in_both_languages():
    assert Finding("clock", "A", Pair("x", "甲")).label == ("A · clock", "A · 时钟")
    assert Finding("new_check", "", Pair("x", "甲")).label == ("new check", "new check")


def test_findings_are_shown_in_ordinary_runs_too(city_inputs, inputs, monkeypatch):
    monkeypatch.setattr("report.build.draw_all", lambda _inputs: [])
    names = [name for name in inputs.network_status if str(name).startswith("finding")]
    status = city_inputs.network_status.merge(inputs.network_status[names])
    text = build_report(replace(city_inputs, network_status=status)).html
    assert "What a person must look at" in text
    assert list_findings(city_inputs.network_status) == []
    assert list_findings(None) == []


def test_no_findings_are_said_to_be_none():
    text = build_report(fakes.network_inputs(findings=False)).html
    assert "No check found anything that a person must look at." in text
    assert "What a person must look at" not in text


def test_page_has_no_flux_no_map_and_no_broken_value(page):
    assert page.pictures == {}
    assert broken_texts(page.html) == []
    assert empty_tables(page.html) == []
    for word in ("Posterior", "verdicts.csv", "Method in eight sentences", "inventory", "Mt CO"):
        assert word not in page.html
    parts = Page(page.html).parts
    count = {key: sum(language == key for language, _ in parts) for key in ("en", "zh")}
    assert count["en"] == count["zh"] > 50
    assert not [t for key, t in parts if key == "en" and re.search(r"[\u4e00-\u9fff]", t)]


def test_contents_lead_to_sections_that_exist(page):
    parsed = Page(page.html)
    inner = {link[1:] for link in parsed.links if link.startswith("#")}
    assert inner <= set(parsed.ids)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert "maps-1" not in inner


def test_usable_hours_follow_the_flags_of_the_record():
    data = fakes.record("A")
    good = usable_hours(data)
    assert np.flatnonzero(~good).tolist() == [*range(20, 30), *range(40, 44), 50]
    assert hours_by_flag(data) == [
        ("missing", 10),
        ("out_of_gate", 1),
        ("stuck", 5),
        ("manual_ok", 1),
    ]
    row = record_rows({"A": data})[0]
    assert (row["hours"], row["usable"]) == ("240", "225")
    assert row["flags"].en == "missing 10, out of gate 1, stuck 5, manual ok 1"
    assert row["flags"].zh.startswith("缺测 10、超出范围 1")


def test_every_file_has_a_row(inputs):
    assert file_rows(inputs.files)[1] == {
        "station": "GLA1",
        "file": "gla1.csv",
        "format": "declared_csv",
        "lines": "240",
        "rows": "237",
        "quarantined": "3",
        "verdict": "quarantine",
        "others": ("repeated 2", "重复 2"),
    }


def test_flagged_values_beyond_the_axis_are_counted_not_dropped(inputs):
    drawn = record_chart("A", fakes.record("A"), page_units(inputs), 0.0)
    assert (drawn.step_hours, drawn.flagged, drawn.beyond) == (1, 5, 1)
    assert drawn.svg.count("h0") == 5


@pytest.mark.parametrize(("days", "step"), [(92, 1), (100, 24), (1200, 168)])
def test_long_records_are_drawn_in_longer_steps(inputs, days, step):
    data = fakes.record("A", hours=24 * days)
    drawn = record_chart("A", data, page_units(inputs), 0.0)
    assert drawn.step_hours == step
    assert len(drawn.svg) < 90_000


def test_methane_is_told_in_ppb():
    inputs = fakes.network_inputs(gas="CH4")
    text = build_report(inputs).html
    assert "CH₄, nmol mol⁻¹ (ppb)" in text
    assert "drift, ppb per 30 d" in text
    assert "ppm" not in text
    assert "100.00 ± 200.00" in text


def test_summary_has_a_line_for_each_station(inputs):
    lines = summary_lines(inputs)
    assert lines[:3] == list(inputs.headlines["en"])
    assert lines[3].startswith("BGD: 240 hours, 225 usable; by flag: missing 10")
    assert len(lines) == 6


def test_a_synthetic_network_says_so(inputs):
    made = {name: data.assign_attrs(synthetic="yes") for name, data in inputs.stations.items()}
    assert 'class="banner"' in build_report(replace(inputs, stations=made)).html


def test_a_network_page_needs_a_network(inputs):
    with pytest.raises(ValueError, match="at least one batch where no network is reported"):
        ReportInputs(
            run="x",
            settings=inputs.settings,
            batches=(),
            network_status=None,
            stations=inputs.stations,
            regions=None,
            headlines=inputs.headlines,
        )


def test_same_network_gives_the_same_bytes_in_any_order(inputs, page):
    turned = replace(inputs, stations=dict(reversed(inputs.stations.items())))
    assert build_report(turned).html == page.html
