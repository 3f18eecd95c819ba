"""Contradictions in the section `reconcile`."""

from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from contracts.settings.reconcile import ReconcileSettings
from reconcile.check import check


def settings(sectors=("power", "buildings"), **section):
    return SimpleNamespace(
        reconcile=ReconcileSettings(**section),
        inventories=SimpleNamespace(sectors=dict.fromkeys(sectors)),
    )


def test_defaults_have_no_problem():
    assert check(settings()) == []


def test_a_station_named_twice():
    problems = check(settings(verdict={"required_stations": ["HZ01", "HZ01", "HZ02"]}))
    assert [(problem.where, problem.found) for problem in problems] == [
        ("reconcile.verdict.required_stations", "HZ01")
    ]


def test_a_sector_that_does_not_exist():
    problems = check(settings(human_respiration_sectors=["homes"]))
    assert problems[0].found == "homes"
    assert "buildings, power" in problems[0].expected


def test_the_default_may_name_a_sector_that_this_run_lacks():
    assert check(settings(sectors=("anthropogenic",))) == []


def test_a_misspelt_key_is_refused():
    with pytest.raises(ValidationError, match="required_station"):
        ReconcileSettings(verdict={"required_station": ["HZ01"]})
