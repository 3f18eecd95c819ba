"""R: its terms, its correlations, and that it is a covariance."""

import logging
from itertools import pairwise

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from inversion_fakes import observations, prior
from test_jacobian import random_case

from contracts.datasets import check_dataset
from contracts.settings.mismatch import MismatchSettings
from inversion.errors.mismatch import build_mismatch, mismatch_covariance, prior_enhancement
from inversion.jacobian import build_jacobian


def built(section=None, **changes):
    """Return observations, their mismatch, the Jacobian and the prior."""
    obs, made, before = random_case()
    obs = obs.assign(**changes)
    jacobian = build_jacobian(obs, made, before)
    mismatch = build_mismatch(obs, jacobian, before, section or MismatchSettings())
    return obs, mismatch, jacobian, before


def test_terms_are_what_the_settings_say():
    _, mismatch, jacobian, before = built()
    assert mismatch["term"].to_numpy().tolist() == [
        "instrument",
        "representation",
        "transport",
        "background",
    ]
    deviation = mismatch["standard_deviation"].to_numpy()
    assert deviation[0].tolist() == [0.2] * 6
    assert deviation[1] == pytest.approx(np.hypot(0.5, 0.5 * 0.6))
    enhancement = prior_enhancement(jacobian, before)
    assert deviation[2] == pytest.approx(np.hypot(0.3, 0.25 * enhancement))
    assert deviation[3].tolist() == [0.3] * 6
    assert mismatch["correlation_time"].to_numpy().tolist() == [0.0, 7200.0, 28800.0, 14400.0]
    assert mismatch["cross_site_correlation"].to_numpy().tolist() == [0.0, 0.0, 0.25, 0.8]
    assert "diagonal" not in mismatch.attrs
    check_dataset(mismatch, "mismatch")


def test_hours_without_spread_take_the_typical_one_and_are_counted():
    spread = ("obs", np.array([0.3, 0.4, np.nan, 0.3, 0.4, np.nan]))
    _, mismatch, _, _ = built(spread=spread)
    typical = np.hypot(0.5, 0.5 * np.sqrt(0.125))
    assert mismatch["standard_deviation"][1, [2, 5]].to_numpy() == pytest.approx(typical)
    assert mismatch.attrs["hours_without_spread"] == 2
    obs, made, before = random_case()
    bare = obs.drop_vars("spread")
    jacobian = build_jacobian(bare, made, before)
    without = build_mismatch(bare, jacobian, before, MismatchSettings())
    assert without["standard_deviation"][1].to_numpy().tolist() == [0.5] * 6
    assert without.attrs["hours_without_spread"] == 6


def test_enhancement_is_the_sum_over_hours_of_flux_times_sensitivity():
    _, _, jacobian, before = built()
    start, index = jacobian["row_start"].to_numpy(), jacobian["state_index"].to_numpy()
    flux = before["flux"].to_numpy().ravel()
    values = jacobian["sensitivity"].to_numpy()
    by_row = [values[a:b] @ flux[index[a:b]] for a, b in pairwise(start)]
    expected = np.array(by_row) + jacobian["fixed_mole_fraction"].to_numpy()
    np.testing.assert_allclose(prior_enhancement(jacobian, before), expected, rtol=1e-12)


def test_covariance_equals_the_rule_pair_by_pair():
    obs, mismatch, _, _ = built()
    covariance = mismatch_covariance(mismatch, obs)
    seconds = obs["time"].to_numpy().astype(np.int64) / 1e9
    receptor = obs["receptor_index"].to_numpy()
    for i in range(6):
        for j in range(6):
            expected = 0.0
            for term in range(4):
                tau = float(mismatch["correlation_time"][term])
                apart = abs(seconds[i] - seconds[j])
                in_time = np.exp(-apart / tau) if tau else float(apart == 0)
                shared = 1.0
                if receptor[i] != receptor[j]:
                    shared = float(mismatch["cross_site_correlation"][term])
                both = mismatch["standard_deviation"][term, [i, j]].prod()
                expected += float(both) * in_time * shared
            assert covariance[i, j] == pytest.approx(expected, rel=1e-12)


def test_correlated_between_sites_and_hours():
    obs, mismatch, _, _ = built()
    covariance = mismatch_covariance(mismatch, obs)
    assert covariance[0, 1] > 0.0, "same site, one hour apart"
    assert covariance[0, 4] > 0.0, "same hour, another site"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    hours=st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]),
        st.lists(st.integers(0, 40), min_size=1, max_size=8, unique=True),
        min_size=1,
    ),
    times=st.tuples(*[st.sampled_from([0.0, 0.5, 8.0, 1000.0])] * 3),
    cross=st.tuples(*[st.floats(0.0, 0.99)] * 3),
    seed=st.integers(0, 99),
)
def test_is_positive_definite(hours, times, cross, seed):
    obs = observations(hours)
    rng = np.random.default_rng(seed)
    n = obs.sizes["obs"]
    section = MismatchSettings()
    jacobian = _empty_jacobian(n, rng.normal(scale=20.0, size=n))
    mismatch = build_mismatch(obs, jacobian, prior(rng), section)
    mismatch["correlation_time"][1:] = np.array(times) * 3600.0
    mismatch["cross_site_correlation"][1:] = np.array(cross)
    covariance = mismatch_covariance(mismatch, obs)
    np.testing.assert_array_equal(covariance, covariance.T)
    smallest = np.linalg.eigvalsh(covariance)[0]
    # the instrument's own variance, 0.2^2, bounds the spectrum from below
    assert smallest >= 0.04 - 1e-10 * np.trace(covariance)


def _empty_jacobian(n, fixed):
    """Return a Jacobian without entries, so that the fixed part is the enhancement."""
    return xr.Dataset(
        {
            "sensitivity": ("nonzero", np.zeros(0)),
            "state_index": ("nonzero", np.zeros(0, dtype=np.int32)),
            "row_start": ("row_edge", np.zeros(n + 1, dtype=np.int64)),
            "fixed_mole_fraction": ("obs", fixed),
        }
    )


def test_instrument_errors_below_the_floor_are_lifted_and_counted():
    error = ("obs", np.array([0.01, 0.2, 0.2, 0.2, 0.02, 0.2]))
    _, mismatch, _, _ = built(instrument_error=error)
    assert mismatch["standard_deviation"][0].to_numpy().tolist() == [0.1, 0.2, 0.2, 0.2, 0.1, 0.2]
    assert mismatch.attrs["instrument_errors_lifted_to_floor"] == 2


def test_terms_can_be_switched_off():
    off = {"enabled": False}
    section = MismatchSettings(representation=off, transport=off, background=off)
    _, mismatch, _, _ = built(section)
    assert mismatch["term"].to_numpy().tolist() == ["instrument"]


def test_a_diagonal_is_only_made_loudly(caplog):
    with caplog.at_level(logging.WARNING):
        obs, mismatch, _, _ = built(MismatchSettings(diagonal=True))
    assert "R is diagonal" in caplog.text
    assert mismatch.attrs["diagonal"] == "yes"
    covariance = mismatch_covariance(mismatch, obs)
    _, full, _, _ = built()
    np.testing.assert_allclose(np.diag(covariance), np.diag(mismatch_covariance(full, obs)))
    assert np.count_nonzero(covariance - np.diag(np.diag(covariance))) == 0


def test_other_observations_are_refused():
    obs, mismatch, _, _ = built()
    with pytest.raises(ValueError, match="the same observations in the same order; got 6 and 5"):
        mismatch_covariance(mismatch, obs.isel(obs=slice(1, None)))
