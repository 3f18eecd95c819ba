"""A run of named regions: maps by polygon, tables by interval and group, no inventory, no records."""

import re
from dataclasses import replace

import numpy as np
import pytest
import region_fakes as fakes
from page_reader import Page, broken_texts, empty_tables

from report import diagnosis
from report.build import build_report
from report.charts.series import lift_at_gaps
from report.charts.stations import gap_hours
from report.maps.catalogue import make_scale, map_sectors
from report.maps.labels import merge_labels
from report.maps.places import frame_around, read_places
from report.maps.scenery import make_scenery
from report.names import names_of
from report.numbers import MEGATONNE
from report.page.batch import batch_context
from report.summary import summary_lines
from report.totals import totals_table
from report.units import page_units


@pytest.fixture(scope="module")
def inputs():
    return fakes.region_inputs()


@pytest.fixture(scope="module")
def page(inputs):
    return build_report(inputs)


@pytest.fixture(scope="module")
def bare_page():
    return build_report(fakes.region_inputs(outlines=False))


def test_regions_with_outlines_get_the_five_layers_of_one_sector(inputs, page):
    assert map_sectors(inputs) == ["all"]
    assert len(page.pictures) in {5, 10}
    assert "Without an outline, so not on the map: Islet." in page.html
    assert "无轮廓，故未在图中：小岛。" in page.html


def test_regions_without_outlines_are_told_in_tables(bare_page):
    assert bare_page.pictures == {}
    assert "No maps: no region of this run has an outline." in bare_page.html
    assert "hatched area" not in bare_page.html
    assert Page(bare_page.html).images == []


@pytest.mark.parametrize("name", ["page", "bare_page"])
def test_pages_hold_no_broken_value_and_no_empty_table(name, request):
    text = request.getfixturevalue(name).html
    assert broken_texts(text) == []
    assert empty_tables(text) == []
    parts = Page(text).parts
    count = {key: sum(language == key for language, _ in parts) for key in ("en", "zh")}
    assert count["en"] == count["zh"] > 80
    assert not [t for key, t in parts if key == "en" and re.search(r"[\u4e00-\u9fff]", t)]


def test_every_link_of_the_contents_leads_somewhere(page):
    parsed = Page(page.html)
    inner = [link[1:] for link in parsed.links if link.startswith("#")]
    assert inner
    assert set(inner) <= set(parsed.ids)


def test_missing_inventory_and_records_are_one_sentence_each(page):
    assert page.html.count("Records were not part of this run: observations were given.") == 1
    assert "No inventory was given, so nothing is compared with one." in page.html
    for word in ("All inventory sectors", "Not assessed", "undeclared", "Verdict", "afternoon"):
        assert word not in page.html
    assert "All sectors" in page.html
    assert "taken as free of correlation" in page.html


def test_totals_are_those_of_the_interval_and_region(inputs):
    batch = inputs.batches[0]
    table = totals_table(batch, MEGATONNE, 12.0)
    assert [name.en for name, _ in table.columns] == ["Whole period", "first half", "second half"]
    assert table.columns[1][1] == "2011-01-01 – 2011-01-16"
    lines = {line.name.en: line for line in table.lines}
    assert [(line.name.en, line.kind) for line in table.lines] == [
        ("The whole", "whole"),
        ("Main land", "group"),
        ("North", "part"),
        ("South", "part"),
        ("Islet", "part"),
        ("Sea", "apart"),
    ]
    flux = batch.posterior["flux"].values[0]
    by_hand = sum(
        flux[period, region] * fakes.AREA[region] * 44.0095e-9 * 5 * 86400 / 1e9
        for period in (0, 1, 2)
        for region in (0, 1)
    )
    assert lines["Main land"].cells[1].posterior.value == pytest.approx(by_hand, rel=1e-12)
    assert lines["Main land"].cells[1].information == "64 %"
    whole = [lines["The whole"].cells[k].posterior.value for k in (0, 1, 2)]
    assert whole[0] == pytest.approx(whole[1] + whole[2], rel=1e-12)


def test_a_prior_without_variance_has_no_information(inputs):
    batch = inputs.batches[0]
    posterior = batch.posterior.copy(deep=True)
    posterior["total_prior_covariance"].values[10, 10] = 0.0
    posterior["total_covariance"].values[10, 10] = 0.0
    table = totals_table(replace(batch, posterior=posterior), MEGATONNE, 12.0)
    assert table.lines[0].cells[0].information == "–"
    assert table.lines[0].cells[0].posterior.plus_minus_sd.count("±") == 0


def test_runs_without_intervals_or_groups_have_no_such_table(city_inputs):
    assert totals_table(city_inputs.batches[0], MEGATONNE, 8.0) is None


def test_numbers_of_the_totals_are_on_the_page(inputs, page):
    data = Page(page.html).data
    table = totals_table(inputs.batches[0], page_units(inputs).mass, 12.0)
    for line in table.lines:
        for cell in line.cells:
            assert cell.posterior.value in data
            assert cell.prior.value in data


def test_frame_is_around_the_parts_and_the_inset_shows_all(inputs):
    scenery = make_scenery(inputs)
    assert scenery.overview
    left, right, bottom, top = scenery.frame.extent
    assert 160.0 < left < 179.0
    assert 181.0 < right < 200.0
    assert (bottom, top) != (-50.0, -30.0)
    assert scenery.frame.aspect == pytest.approx(1 / np.cos(np.deg2rad((bottom + top) / 2)))
    assert scenery.places.missing == [("Islet", "小岛")]
    inner = replace(scenery.places, shapes=(*scenery.places.shapes[:3], None))
    assert frame_around(inner).extent == pytest.approx((178.9, 181.1, -41.1, -35.9))


def test_receptors_stand_on_the_map_where_there_are_no_stations(inputs):
    stations = {s.name: (s.across, s.upward) for s in make_scenery(inputs).stations}
    assert stations == {"CAPE": (179.5, -37.0), "HILL": (pytest.approx(180.4), -40.0)}


def test_regions_on_both_sides_of_the_date_line_are_joined():
    prior = fakes.region_prior()
    turned = [text.replace("181 ", "-179 ").replace("200 ", "-160 ") for text in fakes.OUTLINES]
    turned[0] = "POLYGON ((-179 -38, -178 -38, -178 -36, -179 -36, -179 -38))"
    turned[1] = "POLYGON ((177 -38, 179 -38, 179 -36, 177 -36, 177 -38))"
    prior["region_outline"] = ("region", np.array([*turned[:2], "", ""], object))
    assert read_places(prior, None).bounds == (177.0, -38.0, 182.0, -36.0)


def test_outlines_of_the_run_serve_regions_that_have_none():
    from shapely.geometry import box

    class Known:
        codes, polygons = ("islet",), (box(182.0, -40.0, 183.0, -39.0),)

    assert read_places(fakes.region_prior(), Known).missing == []
    assert read_places(fakes.region_prior(outlines=False), Known).missing == [
        ("North", "北区"),
        ("South", "南区"),
        ("Sea", "海域"),
    ]
    assert read_places(fakes.region_prior(outlines=False), None) is None


def test_fluxes_that_go_both_ways_have_a_diverging_scale(inputs, city_inputs):
    assert make_scale(inputs).signed == {"net", "all", "natural"}
    assert make_scale(city_inputs).signed == {"net"}


def test_names_follow_the_kind_of_run(inputs, city_inputs):
    regions, city = names_of(inputs.batches[0]), names_of(city_inputs.batches[0])
    assert (regions.region("all").en, city.region("all").en) == ("The whole", "Whole city")
    assert (regions.region("main").zh, city.region("outside").en) == ("主陆地", "Outside the city")
    assert (regions.sector("all").en, city.sector("all").en) == (
        "All sectors",
        "All inventory sectors",
    )
    assert regions.region("elsewhere").en == "elsewhere"


def test_periods_longer_than_a_day_are_not_called_days(inputs, page):
    found = batch_context(inputs, inputs.batches[0], [], frozenset())
    assert not found["by_day"]
    assert len(found["days"]) == 1
    assert "Day by day" not in page.html
    assert "fixed part" not in page.html


def test_a_given_matrix_is_a_term_of_its_own(inputs):
    terms = diagnosis.error_terms(inputs.batches[0], page_units(inputs))
    assert [(term["name"].en, term["size"]) for term in terms] == [
        ("mismatch, matrix as given", "0.50"),
        ("instrument, as stated", "0.30"),
    ]


def test_lines_bridge_hours_that_always_lie_apart():
    sparse = np.arange(4) * np.timedelta64(96, "h") + np.datetime64("2011-01-01", "ns")
    assert not lift_at_gaps(sparse, gap_hours(sparse))[1:].any()
    assert gap_hours(sparse[:1]) == 6.0


def test_exchange_files_are_linked(page, city_page):
    links = Page(page.html).links
    assert "../exchange/two_islands.gpkg" in links
    assert "../exchange/" not in city_page.html


def test_same_regions_give_the_same_bytes(inputs, page):
    again = build_report(inputs)
    assert again.html == page.html
    assert again.pictures == page.pictures


def test_summary_says_the_counts_or_nothing(inputs):
    assert summary_lines(inputs) == ["Two Islands took up."]


@pytest.mark.parametrize(
    ("names", "out", "label"),
    [
        (["TAC185", "TAC54", "TAC100"], [], "TAC54/100/185"),
        (["TAC", "TAC54", "TAC185"], [], "TAC, TAC54, TAC185"),
        (["A1", "B2"], ["B2"], "A1, B2 ×"),
        (["A1", "A2"], ["A1", "A2"], "A1/2"),
        (["ONE"], [], "ONE"),
    ],
)
def test_labels_of_one_place_are_merged(names, out, label):
    assert merge_labels(names, out) == label


def test_inlets_of_one_tower_have_one_mark(tower_inputs):
    data = tower_inputs.stations["TAC"]
    stations = dict.fromkeys(("TAC54", "TAC100", "TAC185"), data)
    scenery = make_scenery(replace(tower_inputs, stations=stations))
    assert [station.name for station in scenery.stations] == ["TAC54/100/185"]
