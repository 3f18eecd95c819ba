"""What the sections errors and solver accept and refuse."""

import pytest
from pydantic import ValidationError

from contracts.settings.background import BackgroundSettings
from contracts.settings.errors import ErrorSettings
from contracts.settings.mismatch import HourFactor, MismatchSettings
from contracts.settings.model import Settings
from contracts.settings.solver import SolverSettings
from contracts.settings.state_or_mismatch import background_twice
from inversion.check import check


def test_defaults_hold():
    assert ErrorSettings().prior.declared.city == 0.2
    assert SolverSettings().method == "dual"


def test_a_term_stands_in_the_state_or_in_the_mismatch():
    with pytest.raises(ValidationError, match="in the state or in R, never in both"):
        ErrorSettings(mismatch={"transport": {"correlation_time_hours": 48.0}})


def test_a_day_long_background_stands_in_the_state_or_in_the_mismatch():
    long = MismatchSettings(background={"correlation_time_hours": 48.0})
    (told,) = background_twice(long, BackgroundSettings())
    assert "errors.mismatch.background.correlation_time_hours = 48" in told
    assert background_twice(long, BackgroundSettings(offset_period_hours=72)) == []
    off = MismatchSettings(background={"correlation_time_hours": 48.0, "enabled": False})
    assert background_twice(off, BackgroundSettings()) == []


def test_a_day_long_transport_term_is_allowed_without_daily_states():
    section = ErrorSettings(
        mismatch={"transport": {"correlation_time_hours": 48.0}},
        nuisance={"transport_daily_sd": 0.0},
    )
    assert section.mismatch.transport.correlation_time_hours == 48.0


def test_wrong_prior_errors_are_refused():
    pair = {"sectors": ["gpp", "respiration"], "correlation": -0.3}
    with pytest.raises(ValidationError, match="two different sectors"):
        ErrorSettings(
            prior={"sector_correlations": [{"sectors": ["gpp", "gpp"], "correlation": 0.1}]}
        )
    with pytest.raises(ValidationError, match="must share one e-folding length"):
        ErrorSettings(
            prior={
                "sector_correlations": [pair],
                "spatial_efolding_km_by_sector": {"gpp": 30.0},
            }
        )
    swapped = pair | {"sectors": ["respiration", "gpp"]}
    with pytest.raises(ValidationError, match="must be named once"):
        ErrorSettings(prior={"sector_correlations": [pair, swapped]})
    with pytest.raises(ValidationError, match="declared shares must lie in"):
        ErrorSettings(prior={"declared": {"districts": {"330102": 0.0}}})


def stretch(start, stop, factor=2.0):
    return {"from_hour": start, "to_hour": stop, "factor": factor}


@pytest.mark.parametrize(
    ("start", "stop", "hours"),
    [(6, 9, (6, 7, 8)), (22, 1, (22, 23, 0)), (23, 24, (23,)), (5, 5, tuple(range(5, 24)) + tuple(range(5)))],
)  # fmt: skip
def test_a_stretch_of_the_day_may_pass_midnight(start, stop, hours):
    assert HourFactor(**stretch(start, stop)).hours() == hours


def test_each_local_hour_has_one_factor():
    section = MismatchSettings(transport={"by_local_hour": [stretch(22, 2), stretch(2, 3, 0.5)]})
    factors = section.transport.hourly_factors()
    assert len(factors) == 24
    assert [factors[hour] for hour in (21, 22, 23, 0, 1, 2, 3)] == [1, 2, 2, 2, 2, 0.5, 1]
    assert set(section.background.hourly_factors()) == {1.0}


def test_wrong_factors_of_the_mismatch_are_refused():
    with pytest.raises(ValidationError, match=r"each local hour once; got \[1\] more than once"):
        MismatchSettings(transport={"by_local_hour": [stretch(22, 2), stretch(1, 3)]})
    with pytest.raises(ValidationError, match=r"factors in \(0, 100\]; got {'midcost': 0.0}"):
        MismatchSettings(instrument={"by_class": {"midcost": 0.0}})
    with pytest.raises(ValidationError, match="'crds', 'midcost' or 'lowcost'"):
        MismatchSettings(instrument={"by_class": {"mid-cost": 2.0}})
    with pytest.raises(ValidationError, match="greater than 0"):
        MismatchSettings(transport={"by_local_hour": [stretch(1, 3, 0.0)]})
    with pytest.raises(ValidationError, match="less than 24"):
        MismatchSettings(transport={"by_local_hour": [stretch(24, 3)]})
    with pytest.raises(ValidationError, match="greater than 0"):
        MismatchSettings(transport={"cross_site_efolding_km": 0.0})


def test_settings_survive_the_way_through_json():
    section = MismatchSettings(
        transport={"by_local_hour": [stretch(22, 2)], "cross_site_efolding_km": 20.0},
        instrument={"by_class": {"midcost": 3.0}},
        background={"shared": "local_day_and_wind_sector"},
    )
    assert MismatchSettings.model_validate(section.model_dump(mode="json")) == section


def test_an_error_of_the_local_day_stands_in_the_state_or_in_r():
    shared = MismatchSettings(background={"shared": "local_day"})
    (told,) = background_twice(shared, BackgroundSettings())
    assert "errors.mismatch.background.shared = local_day" in told
    assert background_twice(shared, BackgroundSettings(daily_offset_sd_umol_mol=0.0)) == []


def test_the_check_of_a_run_refuses_a_background_that_stands_twice():
    facts = {"run": "x", "title": "x", "time": {"batches": {"2025-06": None}}}
    twice = {"mismatch": {"background": {"correlation_time_hours": 48.0}}}
    run = Settings.model_validate({**facts, "background": {}, "errors": twice})
    (problem,) = check(run)
    assert problem.where == "errors.mismatch.background"
    assert "correlation_time_hours = 48" in problem.found
    off = {"daily_offset_sd_umol_mol": 0.0}
    assert check(Settings.model_validate({**facts, "background": off, "errors": twice})) == []
