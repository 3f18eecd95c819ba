"""From posterior and inventory to verdicts."""

import math
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from contracts.datasets import read_dataset, write_dataset
from contracts.provenance import Provenance
from contracts.settings.gas import GasSettings
from contracts.settings.reconcile import ReconcileSettings
from reconcile.context import Context, batch_bounds
from reconcile.families import Family, list_families, pick_totals
from reconcile.headline import headline
from reconcile.human_respiration import fixed_deviations
from reconcile.obstacles import read_inflation
from reconcile.removal import remove_prior
from reconcile.run import reconcile
from reconcile.sentences import sentence
from reconcile.tables import (
    FIT_COLUMNS,
    FLUX_COLUMNS,
    VERDICT_COLUMNS,
    fit_rows,
    flux_rows,
    verdict_rows,
)

RIGHT = np.array([[120.0, 80.0]] * 4 + [[480.0, 320.0]])
CONTEXT = Context("2026-06", used_stations=("HZ01", "HZ02"))
SECTION = ReconcileSettings()


@pytest.fixture
def city(builders):
    """Truth 30 % above the inventory in the second district, data without noise."""
    make_toy, make_inventory, make_certificate = builders
    toy = make_toy()
    truth = toy.prior.copy()
    truth[3:5] *= 1.6
    posterior = toy.posterior(toy.jacobian @ truth)
    return posterior, make_inventory(RIGHT), make_certificate()


def run(city, section=SECTION, context=CONTEXT, **change):
    posterior, inventory, certificate = city
    parts = {"posterior": posterior, "inventory": inventory, "certificate": certificate} | change
    return reconcile(*parts.values(), section, context)


def states(dataset, family):
    return dataset["verdict"].values[dataset["family"].values == family].tolist()


def test_the_wrong_district_is_found_and_no_other(city):
    dataset = run(city)
    assert states(dataset, "districts")[1] == "disagrees"
    assert "disagrees" not in states(dataset, "districts")[::2]
    assert states(dataset, "biosphere") == ["not assessed"]
    assert dataset["reason_code"].values[-1] == "no_inventory"


def test_families_in_order_and_rows_unique(city):
    dataset = run(city)
    assert dataset["family"].values.tolist() == (
        ["city"] + ["districts"] * 4 + ["sectors"] * 2 + ["biosphere"]
    )
    assert len(set(dataset["row_id"].values.tolist())) == dataset.sizes["verdict_row"]
    assert dataset.attrs["synthetic"] == "yes"


def test_sigma_is_removed_inflated_and_widened(city, builders):
    dataset = run(city, certificate=builders[2](inflation=1.3))
    family = Family("city", (("all", "all"),))
    removed = remove_prior(pick_totals(city[0], family))
    expected = math.hypot(1.3 * removed.standard_deviation[0], 2.0)
    assert_allclose(dataset["atmosphere_only_standard_deviation"].values[0], expected)
    assert_allclose(dataset["detectable"].values[0], 2.8 * expected)
    assert dataset["inflation"].values[0] == 1.3


def test_inflation_below_one_is_one(city, builders):
    assert run(city, certificate=builders[2](inflation=0.8))["inflation"].values[0] == 1.0


def test_fixed_part_is_common_to_the_districts(city):
    dataset = run(city)
    removed = remove_prior(pick_totals(city[0], list_families(city[0], ("industry",))[1]))
    block = dataset["atmosphere_only_covariance"].values[1:5, 1:5]
    assert_allclose(block - removed.covariance, np.full((4, 4), 0.25), atol=1e-9)


def test_the_result_keeps_its_contract_in_memory_and_on_disk(city, tmp_path):
    dataset = run(city)
    path = tmp_path / "reconciliation.nc"
    write_dataset(dataset, path, "reconciliation", Provenance({}, "settings", "code"))
    back = read_dataset(path, "reconciliation")
    before, after = verdict_rows(dataset), verdict_rows(back)
    assert after == before
    for language in ("en", "zh"):
        assert headline(after, language) == headline(before, language)


def test_families_are_never_pooled(city):
    covariance = run(city)["atmosphere_only_covariance"].values
    assert np.isnan(covariance[0, 1:]).all()
    assert np.isnan(covariance[1:5, 5:]).all()


@pytest.mark.parametrize(
    ("attrs", "code", "detail"),
    [
        ({"scope": "1+2"}, "unlike_scope", "1+2"),
        ({"period_like": "no"}, "unlike_period", ""),
        ({"gas": "CH4"}, "unlike_gas", "CH4"),
    ],
)
def test_unlike_totals_are_never_subtracted(city, builders, attrs, code, detail):
    dataset = run(city, inventory=builders[1](RIGHT, **attrs))
    assert set(dataset["verdict"].values.tolist()) == {"not assessed"}
    assert dataset["reason_code"].values[0] == code
    assert dataset["reason_detail"].values[0] == detail
    for name in ("z_number", "z_declared", "q"):
        assert np.isnan(dataset[name].values).all()
    assert np.isfinite(dataset["z_prior"].values).all()


def test_other_boundaries_are_unlike(city, builders):
    posterior = city[0].assign_attrs(boundary_version="2015")
    assert run(city, posterior=posterior)["reason_code"].values[0] == "unlike_boundaries"


def test_another_period_is_unlike(city):
    shifted = city[1].copy(deep=True)
    shifted["period_bounds"] = shifted["period_bounds"] + np.timedelta64(1, "D")
    dataset = run(city, inventory=shifted)
    assert set(dataset["reason_code"].values.tolist()) == {"unlike_period"}
    assert np.isnan(dataset["inventory_total"].values).all()


@pytest.mark.parametrize(
    ("certificate", "code"), [(None, "no_certificate"), ("failed", "failed_certificate")]
)
def test_without_a_passed_certificate_nothing_is_assessed(city, builders, certificate, code):
    given = builders[2](passed=False) if certificate else None
    dataset = run(city, certificate=given)
    assert set(dataset["verdict"].values.tolist()) == {"not assessed"}
    assert dataset["reason_code"].values[0] == code
    assert np.isnan(dataset["detectable"].values).all()
    assert np.isfinite(dataset["atmosphere_only"].values).all()


def test_a_certificate_speaks_only_for_its_families(city, builders):
    certificate = builders[2]()
    certificate["rows"] = certificate["rows"][:1]
    dataset = run(city, certificate=certificate)
    assert states(dataset, "city") != ["not assessed"]
    assert set(states(dataset, "districts")) == {"not assessed"}


@pytest.mark.parametrize("bad", [0.0, math.nan, math.inf])
def test_a_broken_inflation_is_refused(builders, bad):
    with pytest.raises(ValueError, match="inflation of a certificate must be finite and > 0"):
        read_inflation(builders[2](inflation=bad), "city")


@pytest.mark.parametrize(
    "context",
    [
        replace(CONTEXT, excluded_stations={"HZ02": "drift"}),
        replace(CONTEXT, used_stations=("HZ01",)),
    ],
)
def test_a_silent_required_station_stops_every_verdict(city, context):
    section = ReconcileSettings(verdict={"required_stations": ["HZ02", "HZ01"]})
    dataset = run(city, section=section, context=context)
    assert set(dataset["verdict"].values.tolist()) == {"not assessed"}
    assert dataset["reason_detail"].values[0] == "HZ02"
    assert "HZ02" in sentence(verdict_rows(dataset)[0], "zh")


def test_required_stations_that_work_change_nothing(city):
    section = ReconcileSettings(verdict={"required_stations": ["HZ01"]})
    assert run(city, section=section)["verdict"].equals(run(city)["verdict"])


def test_a_diagonal_mismatch_is_not_assessed(city):
    posterior = city[0].assign_attrs(mismatch_diagonal="yes")
    assert run(city, posterior=posterior)["reason_code"].values[0] == "diagonal_mismatch"


def test_undeclared_uncertainty_skips_z_declared(city, builders):
    dataset = run(city, inventory=builders[1](RIGHT, deviation=np.nan))
    assert np.isnan(dataset["z_declared"].values).all()
    assert dataset["reason_code"].values[2] == "undeclared"


def test_a_wide_declaration_covers_the_difference(city, builders):
    dataset = run(city, inventory=builders[1](RIGHT, deviation=500.0))
    assert dataset["verdict"].values[2] == "differs within declared"


def test_an_unseen_district_is_not_determined(builders):
    make_toy, make_inventory, make_certificate = builders
    toy = make_toy(blind=True)
    city = toy.posterior(toy.jacobian @ toy.prior), make_inventory(RIGHT), make_certificate()
    dataset = run(city)
    assert dataset["verdict"].values[4] == "not determined"
    assert np.isnan(dataset["atmosphere_only_standard_deviation"].values[4])
    assert np.isnan(dataset["q"].values[4])
    assert verdict_rows(dataset)[4]["atmosphere_only_sd"] is None


def test_members_are_counted_and_their_spread_added(city, builders):
    toy = builders[0]()
    others = tuple(toy.posterior(toy.jacobian @ (toy.prior * factor)) for factor in (1.05, 1.1))
    dataset = run(city, context=replace(CONTEXT, members=others))
    assert (dataset["members"].values == 3).all()
    assert (
        dataset["atmosphere_only_standard_deviation"].values[0]
        > run(city)["atmosphere_only_standard_deviation"].values[0]
    )


def test_members_need_the_same_totals(city):
    other = city[0].isel(total=slice(0, 3), total_2=slice(0, 3))
    with pytest.raises(ValueError, match="every member must hold the totals of the family"):
        run(city, context=replace(CONTEXT, members=(other,)))


def test_an_inventory_without_a_sum_is_summed_undeclared(city):
    whole = run(city)
    dataset = run(city, inventory=city[1].isel(sector=slice(0, 2)))
    assert_allclose(dataset["inventory_total"].values, whole["inventory_total"].values)
    assert np.isnan(dataset["inventory_standard_deviation"].values[:5]).all()


def test_a_district_without_inventory_is_not_assessed(city):
    dataset = run(city, inventory=city[1].isel(region=[0, 1, 2, 4]))
    assert dataset["reason_code"].values[4] == "no_inventory"


def test_change_of_the_priors_deviation_moves_only_rule_two(city, builders):
    """Twice the σ_a of the family's totals, same data: T_d, σ_d and z_number stay."""
    toy = builders[0]()
    pairs = toy.pairs()
    w = toy.weights()[:, [pairs.index(("all", "all"))]]
    pattern = toy.prior_covariance @ w / (w.T @ toy.prior_covariance @ w)
    wider = replace(
        toy,
        prior_covariance=toy.prior_covariance
        + 3 * pattern @ pattern.T * (w.T @ toy.prior_covariance @ w),
    )
    data = toy.jacobian @ (toy.prior * 1.2)
    both = [run((one.posterior(data), *city[1:])) for one in (toy, wider)]
    for name in ("atmosphere_only", "atmosphere_only_standard_deviation", "z_number"):
        assert_allclose(both[0][name].values[0], both[1][name].values[0], rtol=1e-6)
    assert both[1]["information"].values[0] > both[0]["information"].values[0]


def test_fixed_deviation_bears_on_buildings_or_on_all():
    by_region = {"all": 2.0}
    pairs = (("all", "industry"), ("all", "buildings"))
    family = Family("sectors", pairs)
    assert fixed_deviations(family, by_region, ("buildings",)).tolist() == [0.0, 2.0]
    assert fixed_deviations(family, by_region, ("homes",)).tolist() == [2.0, 2.0]
    assert fixed_deviations(Family("biosphere", pairs), by_region, ()).tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="must have a standard deviation for every region"):
        fixed_deviations(Family("city", (("330102", "all"),)), by_region, ())


def test_a_batch_without_periods_is_refused(city):
    empty = city[0].assign(period_in_batch=city[0]["period_in_batch"] * 0)
    with pytest.raises(ValueError, match="at least one period in the batch"):
        batch_bounds(empty)
    with pytest.raises(ValueError, match="must say which periods lie in the batch"):
        batch_bounds(city[0].drop_vars("period_in_batch"))


def test_spin_up_is_left_out_of_the_batch(city):
    posterior = city[0].copy(deep=True)
    posterior["period_in_batch"].values[0] = 0
    assert batch_bounds(posterior)[0] == posterior["period_bounds"].values[1, 0]


def test_verdict_rows_are_tonnes_of_the_period(city):
    dataset = run(city)
    rows = verdict_rows(dataset)
    assert not set(VERDICT_COLUMNS) - set(rows[0])
    seconds = 30 * 86400
    assert_allclose(rows[0]["inventory_total"], 800.0 * seconds / 1000)
    assert rows[0]["period_start"] == "2026-05-31T16:00:00Z"
    assert rows[-1]["inventory_total"] is None
    assert rows[0]["unit"] == "t"


def test_flux_rows_are_every_total(city):
    rows = flux_rows(city[0])
    assert tuple(rows[0]) == FLUX_COLUMNS
    assert len(rows) == city[0].sizes["total"]
    whole = next(row for row in rows if (row["region"], row["sector"]) == ("all", "all"))
    verdict = verdict_rows(run(city))[0]
    for name in ("prior", "prior_sd", "posterior", "posterior_sd"):
        assert_allclose(whole[name], verdict[name])


def test_flux_rows_have_each_their_own_period(city):
    posterior = city[0].copy(deep=True)
    bounds = posterior["total_bounds"].values.copy()
    start = bounds[0, 0]
    bounds[1] = [start, start + np.timedelta64(10, "D")]
    posterior["total_bounds"] = (("total", "bounds"), bounds)
    before, after = flux_rows(city[0]), flux_rows(posterior)
    assert after[1]["period_end"] == "2026-06-10T16:00:00Z"
    assert after[0] == before[0]
    for name in ("prior", "prior_sd", "posterior", "posterior_sd"):
        assert_allclose(3.0 * after[1][name], before[1][name], rtol=1e-12)
    rate = posterior["total"].values[1]
    assert_allclose(after[1]["posterior"], rate * 10 * 86400 / 1000, rtol=1e-12)


def test_fit_rows_join_the_observations_exactly(city):
    posterior = city[0]
    ids = posterior["obs_id"].values
    observations = posterior[["obs_id"]].assign(
        time=("obs", np.full(ids.size, np.datetime64("2026-06-02T05:00", "ns"))),
        receptor_index=("obs", np.arange(ids.size, dtype=np.int32) % 2),
        receptor=("receptor", np.array(["HZ01", "HZ02"])),
    )
    rows = fit_rows(posterior, observations)
    assert tuple(rows[1]) == FIT_COLUMNS
    assert (rows[1]["receptor"], rows[1]["time"]) == ("HZ02", "2026-06-02T05:00:00Z")
    assert (rows[1]["unit"], rows[1]["observed"]) == ("umol mol-1", posterior["observed"].values[1])
    methane = fit_rows(posterior, observations, GasSettings(name="CH4"))
    dioxide = fit_rows(posterior, observations, GasSettings())
    assert {row["unit"] for row in methane} == {"ppb"}
    assert {row["unit"] for row in dioxide} == {"ppm"}
    for name in ("observed", "background", "modelled_prior", "modelled_posterior", "sd_total"):
        assert [row[name] for row in dioxide] == [row[name] for row in rows]
        assert_allclose([row[name] for row in methane], [1000.0 * row[name] for row in rows])
    with pytest.raises(ValueError, match="must hold the same obs_id in the same order"):
        fit_rows(posterior, observations.isel(obs=slice(None, None, -1)))


def test_totals_of_a_further_interval_change_no_verdict(city):
    posterior = city[0]
    size = posterior.sizes["total"]
    twice = posterior.isel(total=np.tile(np.arange(size), 2), total_2=np.tile(np.arange(size), 2))
    twice["total_interval"] = ("total", np.repeat(["", "2027"], size))
    for name, factor in (("total", 3.0), ("total_prior", 5.0)):
        twice[name] = twice[name] * np.repeat([1.0, factor], size)
    for name in ("total_covariance", "total_prior_covariance", "total_covariance_reduction"):
        scale = np.repeat([1.0, 4.0], size)
        twice[name] = twice[name] * xr.DataArray(np.outer(scale, scale), dims=("total", "total_2"))
    xr.testing.assert_identical(run((twice, *city[1:])), run(city))


def test_without_an_inventory_nothing_is_assessed_and_the_page_says_so(city):
    dataset = run(city, inventory=None)
    assert set(dataset["verdict"].values.tolist()) == {"not assessed"}
    assert set(dataset["reason_code"].values.tolist()) == {"none_given"}
    (only,) = headline(verdict_rows(dataset), "en")
    assert "no inventory was given to compare it with" in only
    assert "scope" not in only
