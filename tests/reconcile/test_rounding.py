"""Digits people read."""

import math

import pytest

from reconcile.rounding import decimals_for, format_interval, format_number, format_percent


@pytest.mark.parametrize(
    ("uncertainty", "decimals"),
    [(1.44, 1), (0.956, 2), (0.0956, 3), (0.0996, 2), (9.96, 0), (10.0, 0), (99.6, -1), (123, -1)],
)
def test_two_significant_digits(uncertainty, decimals):
    assert decimals_for(uncertainty) == decimals


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_uncertainty_must_be_positive(bad):
    with pytest.raises(ValueError, match="must have an uncertainty > 0"):
        decimals_for(bad)


def test_signs_and_thousands():
    assert format_number(-1.25, 2) == "\u22121.25"
    assert format_number(-0.001, 2) == "0.00"
    assert format_number(1234.0, 0) == "1234"
    assert format_number(-1234567.0, -2) == "\u22121\u2009234\u2009600"


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_number_must_be_finite(bad):
    with pytest.raises(ValueError, match="a printed number must be finite"):
        format_number(bad, 1)


def test_interval_spells_out_where_dash_and_minus_would_meet():
    assert format_interval(0.31, 1.49, 2, "en") == "0.31\u20131.49"
    assert format_interval(-0.31, 1.49, 2, "en") == "\u22120.31 to 1.49"
    assert format_interval(-0.31, 1.49, 2, "zh") == "\u22120.31 至 1.49"


def test_percent():
    assert format_percent(0.0, "en") == "0 %"
    assert format_percent(0.004, "en") == "0 %"
    assert format_percent(2.345, "zh") == "230%"
