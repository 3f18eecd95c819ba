"""The certificate against totals whose coverage is known."""

import json
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from inversion.coverage import Totals, binomial_interval, certificate, table

DISTRICTS = 13


def totals(rng, draws=2000, shrink=1.0):
    """Return unbiased totals of posterior sd 2 and prior sd 5, the sd understated by `shrink`."""
    family = ("city", *["districts"] * DISTRICTS, "sectors", "biosphere")
    region = ("all", *[f"{330102 + i}" for i in range(DISTRICTS)], "all", "all")
    sector = ("all", *["all"] * DISTRICTS, "power", "gpp")
    k = len(family)
    truth = 100.0 + 5.0 * rng.normal(size=(draws, k))
    estimate = truth + 2.0 * rng.normal(size=(draws, k))
    return Totals(
        family,
        region,
        sector,
        truth,
        estimate,
        np.full(k, 100.0),
        np.full(k, 2.0 * shrink),
        np.full(k, 5.0),
    )


def row(made, family):
    """Return the row of a family."""
    return next(entry for entry in made["rows"] if entry["family"] == family)


def test_right_intervals_pass():
    made = certificate(totals(np.random.default_rng(1)), "gaussian")
    assert made["passed"]
    assert made["draws"] == 2000
    assert row(made, "districts")["n"] == 2000 * DISTRICTS
    assert row(made, "districts")["coverage"] == pytest.approx(0.95, abs=0.005)
    assert row(made, "city")["rmse_ratio"] == pytest.approx(0.4, abs=0.03)
    assert row(made, "city")["bias"] == pytest.approx(0.0, abs=0.1)
    assert row(made, "districts")["inflation"] == pytest.approx(1.0, abs=0.03)
    assert len(made["per_total"]) == DISTRICTS + 3


def test_intervals_of_80_percent_fail():
    # 80 % intervals called 95 %: sd times 1.2816 / 1.9600
    made = certificate(totals(np.random.default_rng(2), shrink=1.2816 / 1.95996), "gaussian")
    assert not made["passed"]
    assert row(made, "districts")["coverage"] == pytest.approx(0.80, abs=0.01)
    assert row(made, "city")["within"] is False
    assert row(made, "city")["inflation"] == pytest.approx(1.53, abs=0.06)


def test_intervals_shrunk_to_80_percent_of_their_width_fail():
    made = certificate(totals(np.random.default_rng(3), shrink=0.8), "gaussian")
    assert not made["passed"]
    assert row(made, "districts")["coverage"] == pytest.approx(0.883, abs=0.01)


def test_intervals_too_wide_fail_too():
    made = certificate(totals(np.random.default_rng(4), shrink=1.5), "gaussian")
    assert not made["passed"]
    assert row(made, "districts")["coverage"] > 0.97
    assert row(made, "districts")["inflation"] == 1.0


def test_a_bias_of_every_draw_fails():
    drawn = totals(np.random.default_rng(5))
    made = certificate(replace(drawn, estimate=drawn.estimate + 3.0), "gaussian")
    assert not made["passed"]
    assert row(made, "city")["bias"] == pytest.approx(1.5, abs=0.1)


def test_a_judged_family_that_is_absent_fails():
    drawn = totals(np.random.default_rng(6))
    assert not certificate(drawn.of(np.arange(1, 14)), "gaussian")["passed"]


def test_sectors_are_reported_and_not_judged():
    drawn = totals(np.random.default_rng(7))
    off = drawn.estimate.copy()
    off[:, -2:] += 100.0
    made = certificate(replace(drawn, estimate=off), "gaussian")
    assert made["passed"]
    assert row(made, "sectors")["coverage"] == 0.0
    assert row(made, "sectors")["within"] is False
    assert "(reported)" in table(made)


def test_a_draw_that_is_not_finite_is_refused():
    drawn = totals(np.random.default_rng(8), draws=5)
    drawn.estimate[3, 2] = np.nan
    with pytest.raises(ValueError, match="must be finite; got NaN"):
        certificate(drawn, "gaussian")


def test_a_zero_standard_deviation_is_refused():
    drawn = totals(np.random.default_rng(9), draws=5)
    drawn.standard_deviation[0] = 0.0
    with pytest.raises(ValueError, match=r"must be positive; got 0\.0"):
        certificate(drawn, "gaussian")


def test_binomial_interval_against_its_defining_tails():
    low, high = binomial_interval(1880, 2000)
    assert scipy.stats.binom.sf(1879, 2000, low) == pytest.approx(0.025, rel=1e-6)
    assert scipy.stats.binom.cdf(1880, 2000, high) == pytest.approx(0.025, rel=1e-6)
    assert binomial_interval(5, 5)[1] == 1.0


def test_table_says_what_failed_and_json_holds_it():
    drawn = totals(np.random.default_rng(10), draws=400)
    made = certificate(drawn, "gaussian")
    made["planted"] = {
        "shrunk": certificate(
            replace(drawn, standard_deviation=drawn.standard_deviation * 0.8), "g"
        )
    }
    text = table(made)
    assert "certificate: passed" in text
    assert "caught" in text
    assert "out" in text
    assert json.loads(json.dumps(made)) == made
    assert "FAILED" in table({**made, "passed": False})
