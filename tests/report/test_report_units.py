"""Units of the page: those of the gas, and masses as large as the totals."""

from dataclasses import replace

import numpy as np
import pytest
import report_fakes as fakes
from page_reader import Page, broken_texts

from contracts.settings.gas import GasSettings
from report import diagnosis
from report.build import build_report
from report.numbers import KILOTONNE, MEGATONNE, TONNE, MassOver, Quantity, mass_unit
from report.page.hours import hours_used
from report.page.method import method_sentences, synthetic_words
from report.rows import read_rows
from report.units import page_units


@pytest.fixture(scope="module")
def methane():
    """A city whose totals are a thousand times smaller, in CH4."""
    tower = fakes.tacolneston(days=3)
    settings = fakes.fake_settings(tower, map_sectors=("all",))
    settings.gas = GasSettings(name="CH4")
    inputs = fakes.fake_inputs(tower, certificate=False, settings=settings)
    batch = inputs.batches[0]
    largest = np.abs(batch.posterior["total"].values).max() * 2 * 86400.0
    names = ("total", "total_prior", "daily_total", "daily_total_prior")
    posterior = batch.posterior.assign(
        {
            name: (batch.posterior[name].dims, batch.posterior[name].values * (50e6 / largest))
            for name in names
        }
    )
    return replace(inputs, batches=[replace(batch, posterior=posterior)])


def test_masses_are_named_by_their_size():
    assert [mass_unit(x) for x in (1e9, -2e6, 9.9e8, 12.0, 0.0)] == [
        MEGATONNE,
        KILOTONNE,
        KILOTONNE,
        TONNE,
        TONNE,
    ]


def test_a_mass_is_rate_times_seconds_over_the_unit():
    mass = MassOver(KILOTONNE, 86400.0 * 30).of(20.0, 1.0)
    assert mass.value == pytest.approx(20.0 * 86400 * 30 / 1e6)
    assert mass.sd == pytest.approx(86400 * 30 / 1e6)
    assert mass.plus_minus_sd == "51.8 ± 2.6"
    assert Quantity(1.0).plus_minus_sd == "1.00"


def test_methane_has_its_own_name_unit_and_mass(methane):
    units = page_units(methane)
    assert (units.gas, units.mole_fraction, units.per_canonical) == ("CH₄", "ppb", 1000.0)
    assert (units.mass, units.daily_mass) == (KILOTONNE, KILOTONNE)
    assert units.amount == "nmol mol⁻¹ (ppb)"


def test_the_page_of_methane_holds_no_other_gas(methane):
    text = build_report(methane).html
    shown = " ".join(part for _, part in Page(text).parts)
    assert "kt CH₄" in shown
    assert "ppm" not in shown
    assert "CO₂" not in shown
    assert broken_texts(text) == []


def test_sizes_of_errors_are_in_the_unit_of_the_gas(methane):
    units = page_units(methane)
    assert diagnosis.error_terms(methane.batches[0], units)[0]["size"] == "1100"
    rows, _ = diagnosis.nuisance_states(methane.batches[0], units)
    assert [row["unit"] for row in rows] == ["nmol mol⁻¹ (ppb)", ""]
    assert [row["posterior"] for row in rows] == ["400 ± 300", "1.050 ± 0.060"]


def test_carbon_dioxide_stays_in_ppm(city_inputs, city_page):
    units = page_units(city_inputs)
    assert (units.gas, units.mole_fraction, units.per_canonical) == ("CO₂", "ppm", 1.0)
    assert "CO₂, µmol mol⁻¹ (ppm)" in city_page.html


def test_an_inventory_that_is_missing_takes_its_column_along(city_inputs, monkeypatch):
    monkeypatch.setattr("report.build.draw_all", lambda _inputs: [])
    batch = replace(city_inputs.batches[0], inventory=None)
    text = build_report(replace(city_inputs, batches=[batch])).html
    assert "± its own declared" not in text
    assert "No inventory was given" in text
    row = read_rows(batch, MEGATONNE)[0]
    assert row.prior.value in Page(text).data
    assert broken_texts(text) == []


def test_hours_are_told_where_the_settings_choose_them(city_inputs):
    assert not hours_used(city_inputs).whole_day
    settings = fakes.fake_settings(fakes.hangzhou())
    settings.stations = None
    given = replace(city_inputs, settings=settings, stations={})
    assert hours_used(given) is None
    assert "were given as observations" in method_sentences(given, page_units(given))[0].en


def test_made_up_records_are_not_called_an_invented_city(city_inputs):
    assert synthetic_words(city_inputs).en.startswith("An invented city")
    settings = fakes.fake_settings(fakes.hangzhou())
    settings.synthetic_records = object()
    told = synthetic_words(replace(city_inputs, settings=settings))
    assert told.en.startswith("Observations made up from a known truth")
