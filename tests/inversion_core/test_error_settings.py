"""What the sections errors and solver accept and refuse."""

import pytest
from pydantic import ValidationError

from contracts.settings.errors import ErrorSettings
from contracts.settings.solver import SolverSettings


def test_defaults_hold():
    assert ErrorSettings().prior.declared.city == 0.2
    assert SolverSettings().method == "dual"


@pytest.mark.parametrize("name", ["transport", "background"])
def test_a_term_stands_in_the_state_or_in_the_mismatch(name):
    with pytest.raises(ValidationError, match="in the state or in R, never in both"):
        ErrorSettings(mismatch={name: {"correlation_time_hours": 48.0}})


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
