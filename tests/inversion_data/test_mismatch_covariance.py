"""R as a matrix: its correlations, its limits, and that more of it never makes a result more certain."""

import json
import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inversion_fakes import flat_station, observations, prior
from mismatch_fakes import CORRELATED, built, case_of, correlations, empty_jacobian, known, only

from contracts.datasets import ContractError, check_dataset
from contracts.schemas.mismatch import most_alike
from contracts.settings.background import BackgroundSettings
from contracts.settings.mismatch import MismatchSettings
from inversion.boundary.background import build_background
from inversion.errors.mismatch import (
    build_mismatch,
    mismatch_covariance,
)
from inversion.linalg.maps import DenseMap
from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver


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


@st.composite
def random_sections(draw):
    """Draw settings of R, with every option on or off."""
    stretch = {"from_hour": draw(st.integers(0, 23)), "to_hour": 24, "factor": 3.0}
    terms = {
        name: {
            "enabled": draw(st.booleans()),
            "correlation_time_hours": draw(st.sampled_from([0.0, 0.5, 8.0, 1e6])),
            "cross_site_correlation": draw(st.sampled_from([0.0, 0.3, 0.999])),
            "cross_site_efolding_km": draw(st.sampled_from([None, 0.1, 10.0, 1e4])),
            "by_local_hour": draw(st.sampled_from([[], [stretch]])),
            "by_class": draw(st.sampled_from([{}, {"midcost": 4.0}])),
        }
        for name in CORRELATED
    }
    kinds = ["by_time", "local_day", "local_day_and_wind_sector"]
    terms["background"]["shared"] = draw(st.sampled_from(kinds))
    return MismatchSettings.model_validate(terms)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    hours=st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]),
        st.lists(st.integers(0, 60), min_size=1, max_size=8, unique=True),
        min_size=1,
    ),
    section=random_sections(),
    seed=st.integers(0, 99),
)
def test_is_positive_definite(hours, section, seed):
    rng = np.random.default_rng(seed)
    obs = known(observations(hours), rng)
    n = obs.sizes["obs"]
    jacobian = empty_jacobian(n, rng.normal(scale=20.0, size=n))
    mismatch = build_mismatch(obs, jacobian, prior(rng), section)
    check_dataset(mismatch, "mismatch")
    covariance = mismatch_covariance(mismatch, obs)
    np.testing.assert_array_equal(covariance, covariance.T)
    total = (mismatch["standard_deviation"].to_numpy() ** 2).sum(axis=0)
    np.testing.assert_allclose(np.diag(covariance), total, rtol=1e-12)
    smallest = np.linalg.eigvalsh(covariance)[0]
    # the instrument's own variance, 0.2^2, bounds the spectrum from below
    assert smallest >= 0.04 - 1e-10 * np.trace(covariance)


def test_other_observations_are_refused():
    obs, mismatch, _, _ = built()
    with pytest.raises(ValueError, match="the same observations in the same order; got 6 and 5"):
        mismatch_covariance(mismatch, obs.isel(obs=slice(1, None)))


def test_a_background_of_the_local_day_is_the_daily_offset_moved_into_r():
    obs = observations({"a": (1, 5, 23, 24, 60), "b": (5, 25)})
    found = correlations(only("background", shared="local_day"), obs)
    offsets = build_background(
        obs, {"hill": flat_station()}, BackgroundSettings(stations=("hill",)), 8.0
    )["background_pattern"].to_numpy()
    np.testing.assert_allclose(found, offsets @ offsets.T, atol=1e-14)
    # a, a, a | a | a | b | b: days 0 0 0 1 2 0 1
    assert found[3].tolist() == pytest.approx([0, 0, 0, 1, 0, 0, 1])


def test_wind_sectors_part_the_local_day(caplog):
    obs = observations({"a": (1, 2, 3), "b": (1, 2, 30)})
    section = only("background", shared="local_day_and_wind_sector")
    with caplog.at_level(logging.WARNING):
        whole = correlations(section, obs)
    assert "one sector holds all of them" in caplog.text
    np.testing.assert_allclose(whole, correlations(only("background", shared="local_day"), obs))
    sector = np.array([0, 1, 1, 1, 0, 0], dtype=np.int32)
    parted = obs.assign(wind_sector=("obs", sector))
    np.testing.assert_allclose(correlations(only("background", shared="local_day"), parted), whole)
    day = np.array([0, 0, 0, 0, 0, 1])
    expected = (sector[:, None] == sector) & (day[:, None] == day)
    np.testing.assert_allclose(correlations(section, parted), expected, atol=1e-14)
    mismatch = build_mismatch(parted, *case_of(parted), section)
    assert json.loads(mismatch.attrs["counts"]) == {"wind_sectors": 2}
    assert json.loads(mismatch.attrs["shared_by"]) == {"background": "local_day_and_wind_sector"}


def test_between_sites_a_correlation_may_fade_with_distance():
    obs = known(observations({"a": (3,), "b": (3,), "c": (3,)}), np.random.default_rng(4))
    section = only("transport", cross_site_correlation=0.6, cross_site_efolding_km=25.0)
    found = correlations(section, obs)
    latitude, longitude = (np.radians(obs[key].to_numpy()) for key in ("latitude", "longitude"))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        # spherical law of haversines, along the arc
        half = (
            np.sin((latitude[i] - latitude[j]) / 2.0) ** 2
            + np.cos(latitude[i])
            * np.cos(latitude[j])
            * np.sin((longitude[i] - longitude[j]) / 2.0) ** 2
        )
        kilometres = 2.0 * 6371.0088 * np.arcsin(np.sqrt(half))
        assert 1.0 < kilometres < 100.0
        assert found[i, j] == pytest.approx(0.6 * np.exp(-kilometres / 25.0), rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # tau = 0: the same hour only, at the other site with c
        ({"correlation_time_hours": 0.0, "cross_site_correlation": 0.4}, (0.0, 0.4, 0.0)),
        # a huge tau: one error a site for good
        ({"correlation_time_hours": 1e9, "cross_site_correlation": 0.4}, (1.0, 0.4, 0.4)),
        # sites apart
        ({"correlation_time_hours": 2.0, "cross_site_correlation": 0.0}, (np.exp(-1.5), 0.0, 0.0)),
        # sites nearly one
        (
            {"correlation_time_hours": 0.0, "cross_site_correlation": 0.999999},
            (0.0, 0.999999, 0.0),
        ),
    ],
)
def test_limits(changes, expected):
    obs = observations({"a": (2, 5), "b": (2,)})
    found = correlations(only("transport", **changes), obs)
    assert (found[0, 1], found[0, 2], found[1, 2]) == pytest.approx(expected, abs=1e-6)


def test_one_receptor_is_the_same_whatever_is_shared_between_sites():
    obs = observations({"a": (2, 5, 30)})
    alone = correlations(only("transport", cross_site_correlation=0.0), obs)
    shared = only("transport", cross_site_correlation=0.99, cross_site_efolding_km=1.0)
    np.testing.assert_array_equal(correlations(shared, obs), alone)


def given_whole(matrix):
    """Return observations and a mismatch that is a whole matrix."""
    obs, mismatch, _, _ = built()
    return obs, mismatch.assign(covariance=(("obs", "obs_2"), matrix, {"units": "umol2 mol-2"}))


def test_a_singular_matrix_names_the_two_hours_that_say_the_same():
    matrix = np.eye(6)
    matrix[1, 4] = matrix[4, 1] = 1.0
    obs, mismatch = given_whole(matrix)
    check_dataset(mismatch, "mismatch")
    told = "must be positive definite.* smallest eigenvalue of .*tower_a_5 and tower_b_4 most alike"
    with pytest.raises(ValueError, match=told):
        mismatch_covariance(mismatch, obs)
    as_diagonal = mismatch.assign_attrs(diagonal="yes")
    np.testing.assert_array_equal(mismatch_covariance(as_diagonal, obs), np.eye(6))


def test_a_negative_eigenvalue_is_named_by_the_contract_with_the_two_hours():
    matrix = np.diag([1.0, 4.0, 1.0, 1.0, 1.0, 1.0])
    matrix[1, 4] = matrix[4, 1] = 3.0
    told = (
        r"smallest eigenvalue of -0\.854: 'tower_a_5' and 'tower_b_4' are most alike, with a "
        r"correlation of 1\.5"
    )
    with pytest.raises(ContractError, match=told):
        check_dataset(given_whole(matrix)[1], "mismatch")
    matrix[2, 2] = -1.0
    with pytest.raises(ContractError, match="-1: 'tower_a_30' has a variance of -1"):
        check_dataset(given_whole(matrix)[1], "mismatch")


def test_alike_is_judged_by_correlation_not_by_size():
    matrix = np.diag([1.0, 1e-4, 100.0, 100.0, 1e-4, 1.0])
    matrix[1, 4] = matrix[4, 1] = 2e-4
    matrix[2, 3] = matrix[3, 2] = 50.0
    told = most_alike(matrix, np.array(list("abcdef")))
    assert told.endswith("-0.0001: 'b' and 'e' are most alike, with a correlation of 2")


def posterior_sd(jacobian, prior_covariance, mismatch):
    """Return the posterior sd of each state, through the solver."""
    n, m = jacobian.shape
    problem = LinearGaussianProblem(
        np.ones(n), np.zeros(n), jacobian, np.zeros(m), prior_covariance, mismatch
    )
    posterior = DualSolver().solve(problem)
    return np.sqrt(np.diag(posterior.covariance_of(DenseMap(np.eye(m)))))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(n=st.integers(1, 9), m=st.integers(1, 6), rank=st.integers(1, 9), seed=st.integers(0, 999))
def test_an_independent_error_more_never_lowers_a_posterior_sd(n, m, rank, seed):
    rng = np.random.default_rng(seed)
    jacobian, root, noise = (rng.normal(size=shape) for shape in ((n, m), (m, m), (n, n)))
    more = rng.normal(size=(n, rank)) * 10.0 ** rng.uniform(-3.0, 3.0)
    before = root @ root.T + 0.01 * np.eye(m)
    mismatch = noise @ noise.T + 0.1 * np.eye(n)
    narrow = posterior_sd(jacobian, before, mismatch)
    wide = posterior_sd(jacobian, before, mismatch + more @ more.T)
    assert (wide >= narrow * (1.0 - 1e-9)).all()


def test_every_term_of_r_widens_the_posterior():
    obs = known(
        observations({"a": range(10, 60, 3), "b": range(10, 60, 3)}), np.random.default_rng(3)
    )
    rng = np.random.default_rng(6)
    jacobian, before = rng.uniform(0.0, 2.0, (obs.sizes["obs"], 4)), np.eye(4)
    narrow = None
    for count in range(len(CORRELATED) + 1):
        on = {name: {"enabled": name in CORRELATED[:count]} for name in CORRELATED}
        mismatch = build_mismatch(obs, *case_of(obs), MismatchSettings(**on))
        wide = posterior_sd(jacobian, before, mismatch_covariance(mismatch, obs))
        assert narrow is None or (wide > narrow).all()
        narrow = wide


def test_a_larger_sd_at_a_fixed_correlation_may_lower_a_posterior_sd():
    """By hand: var = s^2 (1 - c^2) / (1 + s^2 - 2 c s) is 0.95 at s = 1 and 0.543 at s = 2."""

    def mismatch(s):
        return np.array([[1.0, 0.9 * s], [0.9 * s, s * s]])

    diffuse, both = np.array([[1e8]]), np.ones((2, 1))
    assert posterior_sd(both, diffuse, mismatch(1.0))[0] ** 2 == pytest.approx(0.95, rel=1e-6)
    assert posterior_sd(both, diffuse, mismatch(2.0))[0] ** 2 == pytest.approx(0.76 / 1.4, rel=1e-6)
