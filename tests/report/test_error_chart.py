"""The chart of error terms, and the words of the table beside it."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import report_fakes as fakes
from page_reader import BROKEN, Page

from report import diagnosis
from report.build import build_report
from report.charts.errors import BAR, ErrorBar, error_chart
from report.error_rules import component_name, depends_on, fades
from report.numbers import MEGATONNE
from report.units import Units
from report.wording import Pair, same

PPM = Units("CO₂", "ppm", 1.0, MEGATONNE, MEGATONNE)
PPB = Units("CH₄", "ppb", 1000.0, MEGATONNE, MEGATONNE)
SVG = "{http://www.w3.org/2000/svg}"


def row(name, stands_in, size, correlation=(None, None, None), **more):
    tau, sites, days = correlation
    return {
        "component": name,
        "stands_in": stands_in,
        "size": size,
        "correlation_time_hours": tau,
        "across_sites": sites,
        "across_days": days,
        **more,
    }


ROWS = [
    row("instrument", "R", 0.1, (0.0, 0.0, 0.0), by_class={"midcost": 3.0}),
    row(
        "transport", "R", 1.2, (7.0, 0.25, 0.03),
        by_local_hour=[[19, 7, 2.0]], across_sites_efolding_km=20.0,
    ),
    row("background", "R", 0.3, (None, 1.0, 0.0), shared_by="local_day_and_wind_sector"),
    row("background, by day", "state", 0.7, (None, 1.0, 0.0)),
    row("prior fluxes", "state", 2.4),
]  # fmt: skip


@pytest.fixture(scope="module")
def batch():
    city = fakes.hangzhou(cell=12000.0, days=4)
    made = fakes.fake_batch(city, "2026-01", "2026-01-01")
    return replace(made, diagnostics={**made.diagnostics, "error_components": ROWS})


def bars_of(batch, units=PPM):
    found = [term["bar"] for term in diagnosis.error_terms(batch, units)]
    return [bar for bar in found if bar is not None]


def drawn(batch, units=PPM):
    """Return the chart's boxes (width, fill) without the key, and its English texts."""
    svg = ElementTree.fromstring(str(error_chart(bars_of(batch, units), same(units.amount))))
    boxes = [(float(box.get("width")), box.get("fill")) for box in svg.iter(f"{SVG}rect")]
    texts = [text.text for text in svg.iter(f"{SVG}text") if text.get("class") != "zh"]
    return boxes[2:], texts


def test_lengths_are_sizes_and_states_are_outlined(batch):
    boxes, _ = drawn(batch)
    sizes = np.array([entry["size"] for entry in ROWS])
    np.testing.assert_allclose([width for width, _ in boxes], sizes / 2.4 * BAR, atol=0.051)
    fills = [fill for _, fill in boxes]
    assert fills[3:] == ["#fff", "#fff"]
    assert len(set(fills[:3])) == 1
    assert fills[0] != "#fff"


def test_each_bar_says_its_size_and_how_it_fades(batch):
    _, texts = drawn(batch)
    assert "0.10 · independent from hour to hour · independent between sites" in texts
    assert "1.2 · correlation time 7 h · between sites 0.25" in texts
    assert "0.30 · one error a local day and wind sector · between sites 1.00" in texts
    assert "0.70 · with the next day 0.00 · between sites 1.00" in texts
    assert "2.4" in texts


def test_sizes_are_in_the_gas_own_unit(batch):
    _, texts = drawn(batch, PPB)
    assert "1200 · correlation time 7 h · between sites 0.25" in texts
    assert PPB.amount in texts


def test_the_instrument_as_stated_is_not_drawn_twice(batch):
    assert len(bars_of(batch)) == len(ROWS)
    assert diagnosis.error_terms(batch, PPM)[-1]["bar"] is None


def test_terms_beside_a_whole_matrix_are_told_and_not_drawn(batch):
    n = batch.observations.sizes["obs"]
    whole = batch.mismatch.assign(covariance=(("obs", "obs_2"), 4.0 * np.eye(n)))
    bars = bars_of(replace(batch, mismatch=whole))
    assert [bar.name.en for bar in bars] == [
        "mismatch, matrix as given",
        "background, by day",
        "prior fluxes",
    ]
    assert bars[0].size == pytest.approx(2.0)


def test_nothing_to_draw_draws_nothing():
    assert error_chart([], same("ppm")) == ""
    assert error_chart([ErrorBar(same("none"), float("nan"), False)], same("ppm")) == ""
    assert "NaN" not in error_chart([ErrorBar(same("zero"), 0.0, True)], same("ppm"))


def test_the_same_rows_give_the_same_bytes(batch):
    once, again = (str(error_chart(bars_of(batch), same("ppm"))) for _ in range(2))
    assert once == again


def test_names_that_are_not_known_stay():
    assert component_name("sensor, by day").zh == "传感器偏差（逐日）"
    assert component_name(Pair("a", "甲")) == Pair("a", "甲")
    assert component_name("sensor, by month") == same("sensor, by month")


def test_words_of_what_a_term_depends_on():
    assert depends_on(ROWS[3]) is None
    assert (
        depends_on(ROWS[1]).en == "× 2 from 19 to 7 h local time, between sites fading over 20 km"
    )
    assert depends_on(ROWS[0]).zh == "midcost 级仪器 × 3"
    assert depends_on(row("own", "R", 1.0, shared_by="group")).en == (
        "independent from group to group"
    )
    assert fades(ROWS[4]) is None
    lasting = row("own", "R", 1.0, (None, 0.5, 1.0))
    assert fades(lasting).en == "with the next day 1.00 · between sites 0.50"


def test_without_diagnostics_the_rules_come_from_the_mismatch(batch):
    told = {
        "shared_by": json.dumps({"representation": "local_day"}),
        "factors": json.dumps({"transport": {"by_local_hour": [], "by_class": {"midcost": 3.0}}}),
    }
    mismatch = batch.mismatch.assign_attrs(told)
    mismatch["correlation_time"] = ("term", [10800.0, float("nan")])
    terms = diagnosis.error_terms(replace(batch, mismatch=mismatch, diagnostics={}), PPM)
    transport, shared = terms[0], terms[1]
    assert transport["depends"].en == "× 3 for class midcost"
    assert (shared["time"], shared["depends"].en) == ("–", "one error a local day")


def test_the_page_shows_chart_and_words():
    city = fakes.hangzhou(cell=12000.0, days=4)
    inputs = fakes.fake_inputs(city, settings=fakes.fake_settings(city, map_sectors=("all",)))
    first = inputs.batches[0]
    told = replace(first, diagnostics={**first.diagnostics, "error_components": ROWS})
    html = build_report(replace(inputs, batches=(told, *inputs.batches[1:]))).html
    section = re.search(r"假定的误差.*?</table>", html, re.DOTALL).group()
    assert "Size of each assumed error" in section
    assert "× 2 from 19 to 7 h local time, between sites fading over 20 km" in section
    assert "每个当地日与风向扇区一个误差" in section
    assert not [part for _, part in Page(section).parts if BROKEN.search(part)]
