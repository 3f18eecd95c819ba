"""The family of truths: centred on the prior, of the declared size, reproducible."""

import re
from pathlib import Path

import numpy as np
import pytest

from contracts.settings.synthetic import SyntheticSettings
from synthetic.implied import implied_spread
from synthetic.streams import autoregressive
from synthetic.tables import region_rates
from synthetic.truth import Family, bounded_normal, smooth_field

RECORD = Path(__file__).parents[2] / "docs/decisions/0002-family-of-truths.md"


def test_mean_of_all_draws_is_the_prior(family):
    draws = [family.draw("mean", i) for i in range(600)]
    rates = np.stack([region_rates(t.pattern, family.city) for t in draws])
    prior = region_rates(family.prior.flux, family.city)
    standard_error = rates.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(rates.mean(axis=0) - prior) < 4.5 * standard_error).all()
    daily = np.stack([t.daily for t in draws])
    assert daily.mean() == pytest.approx(1.0, abs=0.01)


def test_cells_are_centred_too(family):
    total = np.zeros(family.prior.flux.shape)
    square = np.zeros(family.prior.flux.shape)
    for i in range(400):
        pattern = family.draw("cells", i).pattern
        total += pattern
        square += pattern**2
    mean, spread = total / 400, np.sqrt(square / 400 - (total / 400) ** 2)
    score = (mean - family.prior.flux)[2:3] / (spread[2:3] / 20.0)
    assert np.abs(score.mean()) < 1.0


def test_signs_are_kept(family):
    truth = family.draw("signs")
    assert (truth.pattern[5] <= 0).all()
    assert (truth.pattern[:5] >= 0).all()


def test_the_prior_does_not_know_some_places(family):
    truth = family.draw("places")
    ratio = truth.pattern[0] / family.prior.flux[0]
    plants = np.zeros(ratio.shape, bool)
    plants[tuple(family.city.plants.T)] = True
    assert (ratio[~plants] > 10).sum() >= 1
    assert (truth.pattern[0][~plants] == 0).sum() > ratio.size - 20


def test_a_plant_can_stand_still(family):
    at = tuple(family.city.plants.T)
    idle = [(family.draw("idle", i).pattern[0][at] == 0).mean() for i in range(150)]
    assert np.mean(idle) == pytest.approx(0.08, abs=0.035)


def test_draws_do_not_depend_on_order(family):
    later = family.draw("draw", 7)
    family.draw("draw", 3)
    again = family.draw("draw", 7)
    assert later.pattern.tobytes() == again.pattern.tobytes()
    assert later.daily.tobytes() == again.daily.tobytes()


def test_another_seed_is_another_city(family, small_city, scene):
    other = Family(small_city, scene.prior, SyntheticSettings(seed=2), family.n_day)
    assert not np.allclose(other.draw("draw", 7).pattern, family.draw("draw", 7).pattern)


def test_smooth_field_has_unit_variance_and_the_stated_length():
    rng = np.random.default_rng(5)
    fields = np.stack([smooth_field(rng, (40, 40), 3.0) for _ in range(300)])
    assert fields.var() == pytest.approx(1.0, abs=0.03)
    correlation = (fields * np.roll(fields, 3, axis=1)).mean() / fields.var()
    assert correlation == pytest.approx(np.exp(-1.0), abs=0.03)


def test_series_are_stationary():
    series = autoregressive(np.random.default_rng(1), (4000, 12), 1.0, 2.5)
    np.testing.assert_allclose(series.var(axis=0), 1.0, atol=0.1)
    assert (series[:, 3] * series[:, 8]).mean() == pytest.approx(np.exp(-2.0), abs=0.06)


def test_bounded_numbers_stay_between_the_nodes():
    rng = np.random.default_rng(2)
    values = np.array([bounded_normal(rng, 1.0) for _ in range(500)])
    assert np.abs(values).max() <= 1.0


def test_implied_spread_is_that_of_the_draws(family, scene):
    implied = implied_spread(family, scene, 60)
    assert implied.regions == ("all", "330102", "330105", "outside")
    assert implied.spread("all", "all") > 0
    sums = implied.prior[:, :5].sum(axis=1)
    np.testing.assert_allclose(implied.prior[:, -1], sums)


def test_the_record_states_what_the_default_family_implies(settings_of):
    from contracts.settings.grid import GridSettings
    from synthetic.build import plan_city

    plan = plan_city(settings_of(grid=GridSettings(), synthetic=SyntheticSettings()))
    implied = implied_spread(plan.family, plan.scene, 400)
    text = RECORD.read_text(encoding="utf-8")
    stated = dict(re.findall(r"\| (?:city, `)?(\w+)`? \| (\d+\.\d) %", text))
    assert len(stated) == 22
    for name, percent in stated.items():
        where = ("all", name) if name in implied.sectors else (name, "all")
        assert implied.spread(*where) == pytest.approx(float(percent) / 100, rel=0.25), name
