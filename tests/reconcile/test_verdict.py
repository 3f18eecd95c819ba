"""The six-state rule at every boundary."""

import math
from dataclasses import replace

import pytest

from reconcile.verdict import (
    AGREES,
    DIFFERS,
    DISAGREES,
    NOT_ASSESSED,
    NOT_DETERMINED,
    STATES,
    TENSION,
    Evidence,
    Verdict,
    judge,
    screen_information,
)

STRONG = Evidence(
    information=0.6,
    null_fraction=0.0,
    z_number=4.0,
    z_declared=3.0,
    q=0.001,
    detectable=2.0,
    inventory_total=10.0,
)
QUIET = replace(STRONG, z_number=0.5, z_declared=0.4, q=0.8)
UP = math.inf


def just(value, towards):
    return math.nextafter(value, towards)


@pytest.mark.parametrize(
    ("change", "state", "code"),
    [
        ({"information": 0.2}, DISAGREES, "beyond_declared"),
        ({"information": just(0.2, 0)}, NOT_DETERMINED, "low_information"),
        ({"null_fraction": 0.01}, DISAGREES, "beyond_declared"),
        ({"null_fraction": just(0.01, 1)}, NOT_DETERMINED, "null_directions"),
        ({"z_number": 2.58}, TENSION, "tension"),
        ({"z_number": just(2.58, UP)}, DISAGREES, "beyond_declared"),
        ({"z_number": -2.58}, TENSION, "tension"),
        ({"z_number": just(-2.58, -UP)}, DISAGREES, "beyond_declared"),
        ({"q": 0.05}, TENSION, "tension"),
        ({"q": just(0.05, 0)}, DISAGREES, "beyond_declared"),
        ({"z_declared": 1.96}, DISAGREES, "beyond_declared"),
        ({"z_declared": just(1.96, 0)}, DIFFERS, "within_declared"),
        ({"z_declared": -1.96}, DISAGREES, "beyond_declared"),
        ({"z_declared": just(-1.96, 0)}, DIFFERS, "within_declared"),
        ({"z_declared": math.nan}, DISAGREES, "undeclared"),
        ({"members": 1, "members_agreeing": 0}, DISAGREES, "beyond_declared"),
        ({"members": 5, "members_agreeing": 4}, DISAGREES, "beyond_declared"),
        ({"members": 5, "members_agreeing": 3}, TENSION, "tension"),
        ({"members": 15, "members_agreeing": 12}, DISAGREES, "beyond_declared"),
        ({"members": 14, "members_agreeing": 11}, TENSION, "tension"),
    ],
)
def test_boundaries_of_a_strong_difference(change, state, code):
    assert judge(replace(STRONG, **change)) == Verdict(state, code)


@pytest.mark.parametrize(
    ("change", "state", "code"),
    [
        ({}, AGREES, "no_detectable_difference"),
        ({"z_number": 1.96}, TENSION, "tension"),
        ({"z_number": just(1.96, 0)}, AGREES, "no_detectable_difference"),
        ({"z_number": -1.96}, TENSION, "tension"),
        ({"detectable": 5.0}, AGREES, "no_detectable_difference"),
        ({"detectable": just(5.0, UP)}, NOT_DETERMINED, "weak_test"),
        ({"inventory_total": -4.0}, AGREES, "no_detectable_difference"),
        ({"inventory_total": 0.0}, NOT_DETERMINED, "weak_test"),
        ({"z_number": 1.96, "detectable": 50.0}, TENSION, "tension"),
    ],
)
def test_boundaries_of_a_quiet_row(change, state, code):
    assert judge(replace(QUIET, **change)) == Verdict(state, code)


def test_an_obstacle_comes_first():
    obstacle = Verdict(NOT_ASSESSED, "no_certificate")
    assert judge(replace(STRONG, information=0.0), obstacle) is obstacle


def test_the_prior_deviation_is_no_input():
    """Only information depends on σ_a: no other field of the evidence may hold it."""
    fields = set(Evidence.__dataclass_fields__)
    assert not [name for name in fields if "prior" in name]


def test_six_states_with_different_names():
    assert len(set(STATES)) == 6


def test_null_directions_speak_before_low_information():
    assert screen_information(0.0, 1.0).code == "null_directions"


@pytest.mark.parametrize("bad", [(math.nan, 0.0), (0.5, math.nan)])
def test_information_must_be_known(bad):
    with pytest.raises(ValueError, match="information and null fraction must be finite"):
        screen_information(*bad)


@pytest.mark.parametrize("name", ["z_number", "q", "detectable", "inventory_total"])
def test_a_tested_row_needs_its_numbers(name):
    with pytest.raises(ValueError, match=f"must have finite numbers; got none for {name}"):
        judge(replace(STRONG, **{name: math.nan}))
