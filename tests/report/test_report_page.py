"""The page: nothing from outside, both languages, the rows' own numbers, same bytes."""

import base64
import hashlib
import html
import re
import socket
from dataclasses import replace

import numpy as np
import pytest
import report_fakes as fakes
from page_reader import Page, broken_texts, empty_tables

from report.build import build_report, write
from report.intervals import batch_seconds
from report.maps.catalogue import draw_all
from report.maps.scenery import make_scenery
from report.numbers import MEGATONNE
from report.rows import read_rows
from report.units import page_units


@pytest.fixture(scope="module")
def pictures(city_inputs):
    return draw_all(city_inputs)


@pytest.fixture
def drawn_once(pictures, monkeypatch):
    monkeypatch.setattr("report.build.draw_all", lambda _inputs: pictures)


def policy_of(text):
    return html.unescape(
        re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
    )


def test_policy_forbids_all_but_the_one_script(city_page):
    policy, script = policy_of(city_page.html), Page(city_page.html).script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy
    assert "img-src data:" in policy
    assert "http" not in policy
    assert city_page.html.count("<script") == 1


@pytest.mark.parametrize("name", ["city_page", "tower_page"])
def test_nothing_points_outside(name, request):
    text = request.getfixturevalue(name).html
    links = Page(text).links
    text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", text)
    for link in links:
        assert link.startswith(("data:image/png;base64,", "#", "../tables/", "../run.json")), link
    assert re.findall(r"https?://[^\"'<\s]+", text.replace("http://www.w3.org/2000/svg", "")) == []
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("name", ["city_page", "tower_page"])
def test_both_languages_are_complete(name, request):
    parts = Page(request.getfixturevalue(name).html).parts
    english = [text for language, text in parts if language == "en"]
    chinese = [text for language, text in parts if language == "zh"]
    assert len(english) == len(chinese) > 100
    assert not [text for text in english if re.search(r"[\u4e00-\u9fff]", text)]
    outside = {text for language, text in parts if language is None}
    assert {text for text in outside if re.search(r"[\u4e00-\u9fff]", text)} <= {"中文"}


def test_chinese_page_opens_in_chinese(tower_page):
    assert '<html lang="zh-CN" data-lang="zh">' in tower_page.html


def test_numbers_of_the_page_are_those_of_the_rows(city_inputs, city_page):
    page, batch = Page(city_page.html), city_inputs.batches[0]
    seconds, data = batch_seconds(batch), batch.reconciliation
    unit = page_units(city_inputs).mass
    for name in ("inventory_total", "atmosphere_only", "posterior_total"):
        for value in data[name].values:
            if np.isfinite(value):
                assert unit.of(float(value), None, seconds).value in page.data
    for row in read_rows(batch, unit):
        assert row.identifier in page.ids
        for text in (row.posterior.plus_minus, row.sentence.en, row.sentence.zh):
            assert html.escape(text, quote=False) in html.unescape(city_page.html).replace(
                "&", "&amp;"
            )


def test_not_determined_is_a_word_and_not_a_number(city_inputs, city_page):
    hidden = [row for row in read_rows(city_inputs.batches[0], MEGATONNE) if row.atmosphere is None]
    assert hidden
    assert city_page.html.count(
        '<span class="quiet"><span class="en" lang="en">not determined'
    ) == (len(hidden))


@pytest.mark.parametrize("name", ["city_page", "tower_page"])
def test_no_broken_value_is_shown(name, request):
    text = request.getfixturevalue(name).html
    assert broken_texts(text) == []
    assert empty_tables(text) == []


def test_broken_values_and_empty_tables_would_be_seen():
    assert broken_texts("<p>a nan b</p>") == ["a nan b"]
    assert len(empty_tables("<table><thead><tr></tr></thead><tbody></tbody></table>")) == 1


def test_synthetic_is_said_in_banner_and_on_every_map(city_page, tower_page):
    assert 'class="banner"' in city_page.html
    images = Page(city_page.html).images
    assert len(images) in {5, 10}
    assert all("SYNTHETIC" in image["alt"] or "合成" in image["alt"] for image in images)
    assert 'class="banner"' not in tower_page.html
    assert "SYNTHETIC" not in tower_page.html


def test_truth_is_counted_and_only_shown_where_known(city_inputs, city_page, tower_page):
    rows = [
        row for row in read_rows(city_inputs.batches[0], MEGATONNE) if row.family == "districts"
    ]
    inside = sum(bool(row.covered) for row in rows)
    assert f"{inside} of {len(rows)} districts lie inside" in city_page.html
    assert "Known truth" not in tower_page.html


def test_missing_certificate_is_explained(tower_page, city_page):
    assert "There is no certificate" in tower_page.html
    assert "没有证书" in tower_page.html
    assert "There is no certificate" not in city_page.html
    assert "Not passed in 200 made-up truths" in city_page.html


def test_every_batch_has_its_scales(tower_page):
    for name in ("2014-01", "2014-02", "2014-03"):
        assert f'data-batch="{name}"' in tower_page.html
    assert "Posterior / prior in each period" in tower_page.html


def test_every_figure_names_its_files(city_page):
    assert city_page.html.count('class="source"') >= 5 + 6
    assert "sha256 00ababababababab" in city_page.html
    assert "c0ffeec0ffeec0ff" in city_page.html


def test_page_is_accessible(city_page):
    page = Page(city_page.html)
    assert all(image["alt"] for image in page.images)
    assert all("scope" in header for header in page.headers)
    assert len(page.ids) == len(set(page.ids))
    assert city_page.html.count("<h1>") == 1


def test_same_inputs_give_the_same_bytes(city_inputs, city_page):
    again = build_report(city_inputs)
    assert again.html == city_page.html
    assert again.pictures == city_page.pictures


def test_order_of_stations_changes_nothing(city_inputs, pictures, drawn_once):
    turned = replace(city_inputs, stations=dict(reversed(city_inputs.stations.items())))
    assert build_report(turned).html == build_report(city_inputs).html
    assert make_scenery(turned).stations == make_scenery(city_inputs).stations


def test_maps_need_no_network(tower_inputs, monkeypatch):
    def refuse(*_args, **_kwargs):
        pytest.fail("the report asked the network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    one = replace(tower_inputs, batches=tower_inputs.batches[:1])
    assert len(build_report(one).pictures) in {5, 10}


def test_page_and_pictures_are_written(city_page, tmp_path):
    index = write(city_page, tmp_path / "report")
    assert index.read_text("utf-8") == city_page.html
    for name, image in city_page.pictures.items():
        assert (tmp_path / "report/maps" / name).read_bytes() == image
        assert image.startswith(b"\x89PNG")


def test_words_of_the_data_cannot_become_markup(city_inputs, drawn_once):
    evil = {"en": ["<script>alert(1)</script>"], "zh": ["<b>甲</b>"]}
    text = build_report(replace(city_inputs, headlines=evil)).html
    assert text.count("<script") == 1
    assert "&lt;script&gt;alert(1)" in text


def test_a_small_page_leaves_maps_outside_and_says_so(city_inputs, drawn_once):
    settings = fakes.fake_settings(
        fakes.hangzhou(), map_sectors=("all",), page_limit_megabytes=0.35
    )
    text = build_report(replace(city_inputs, settings=settings)).html
    assert "This map is not inside the page" in text
    assert len(text.encode()) < 0.35e6


def test_a_page_that_cannot_be_small_is_refused(city_inputs, drawn_once):
    settings = fakes.fake_settings(
        fakes.hangzhou(), map_sectors=("all",), page_limit_megabytes=0.01
    )
    with pytest.raises(ValueError, match=r"must stay below 0\.01 MB"):
        build_report(replace(city_inputs, settings=settings))


def test_an_unknown_map_sector_is_refused(city_inputs):
    settings = fakes.fake_settings(fakes.hangzhou(), map_sectors=("aviation",))
    with pytest.raises(ValueError, match="must name sectors of the run; got 'aviation'"):
        build_report(replace(city_inputs, settings=settings))


def test_counts_of_zero_are_named_and_the_others_shown(city_page):
    texts = [text for _, text in Page(city_page.html).parts]
    assert texts[texts.index("0 at every station:") + 2] == "stuck"
    assert "990" in texts
