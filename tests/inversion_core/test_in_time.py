"""Correlations in time by day and hour: written out, degenerate, in sweeps, with roots, refused."""

import logging

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from prior_fakes import bounds_of, prior_of

from inversion.errors.periods import local_parts, period_correlation
from inversion.linalg.dense import Dense
from inversion.linalg.in_time import (
    InTime,
    day_to_day,
    exponential_in_time,
    same_hour,
    shared_in_time,
)
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.stationary import Stationary
from inversion.linalg.sweep import Sweep

ATTRS = {
    "temporal_kernel": "exponential",
    "temporal_efolding_days": 0.8,
    "temporal_day_to_day_share": 0.35,
    "temporal_day_to_day_efolding_days": 2.0,
    "temporal_same_hour_share": 0.4,
    "temporal_same_hour_efolding_days": 5.0,
}


def written_out(days, hours, t_day, t_hour, t_exp, shares):
    """Return the three parts entry by entry."""
    p = len(days)
    D = np.zeros((p, p))
    for i in range(p):
        for j in range(p):
            apart = abs(int(days[i]) - int(days[j]))
            D[i, j] = shares[0] * np.exp(-abs(i - j) / t_exp) + shares[1] * np.exp(-apart / t_day)
            D[i, j] += shares[2] * (hours[i] == hours[j]) * np.exp(-apart / t_hour)
    return D


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=14),
    st.tuples(*[st.floats(0.2, 20.0)] * 3),
    st.tuples(*[st.floats(0.0, 1.0)] * 3).filter(lambda s: sum(s) > 0.01),
)
def test_parts_are_what_their_words_say(steps, lengths, weights):
    days = np.cumsum([step for step, _ in steps])
    hours = np.array([hour for _, hour in steps])
    shares = np.array(weights) / sum(weights)
    parts = [
        exponential_in_time(np.arange(len(days)), lengths[2]),
        day_to_day(days, lengths[0]),
        same_hour(days, hours, lengths[1]),
    ]
    total = shared_in_time(shares, parts)
    assert_allclose(total.matrix, written_out(days, hours, *lengths, shares), atol=1e-13)
    assert np.linalg.eigvalsh(total.matrix)[0] > -1e-12
    assert_allclose(np.diagonal(total.matrix), 1.0)
    root = total.root_matmat(np.eye(total.root_size))
    assert_allclose(root @ root.T, total.matrix, atol=1e-7)


def test_a_day_of_equal_hours_is_one_number_and_still_has_a_root():
    whole = day_to_day(np.repeat([0, 1, 2], 8), 1.5)
    assert np.linalg.matrix_rank(whole.matrix) == 3
    root = whole.root_matmat(np.eye(24))
    assert_allclose(root @ root.T, whole.matrix, atol=1e-12)


def test_other_hours_do_not_correlate_and_sweeps_rest_in_between():
    part = same_hour(np.repeat([0, 1, 2], 4), np.tile(np.arange(4), 3), 3.0)
    assert part.matrix[0, 1] == 0.0
    assert part.matrix[1, 9] == pytest.approx(np.exp(-2.0 / 3.0))
    assert ((part.decay == 1.0).sum(axis=1) == 9).all()  # two days pass in eleven steps


def test_a_sweep_with_all_parts_equals_the_dense_product(rng):
    days, hours = np.repeat(np.arange(4), 8), np.tile(np.arange(8), 4)
    parts = [exponential_in_time(np.arange(32), 3.0), day_to_day(days, 1.5)]
    in_time = shared_in_time([0.3, 0.3, 0.4], [*parts, same_hour(days, hours, 4.0)])
    H = np.zeros((25, 2, 32, 6))
    for row in range(25):
        first = int(rng.integers(0, 26))
        H[row, :, first : first + 6] = rng.random((2, 6, 6)) * (rng.random((2, 6, 6)) < 0.6)
    sigma = rng.uniform(0.5, 2.0, (2, 32, 6))
    sectors = np.array([[1.0, 0.4], [0.4, 1.0]])
    base = Kronecker(Dense(sectors), in_time, Stationary((2, 3), (1.0, 1.0), 2.0))
    gram, _ = Sweep(scipy.sparse.csr_matrix(H.reshape(25, -1)), sigma, base).run()
    dense = np.kron(np.kron(sectors, in_time.matrix), base.spaces[0].matmat(np.eye(6)))
    scaled = H.reshape(25, -1) * sigma.ravel()
    expected = scaled @ dense @ scaled.T
    assert_allclose(gram, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_periods_of_a_prior_know_their_local_day_and_hour(rng):
    prior = prior_of(rng, bounds_of(3, 16))
    days, hours = local_parts(prior, {})
    assert days.tolist() == [0] * 8 + [1] * 8
    assert hours.tolist() == list(range(8)) * 2
    days, hours = local_parts(prior, {"utc_offset_hours": 8.0})  # the periods begin at 16 h UTC
    assert np.diff(days).tolist() == [0] * 7 + [1] + [0] * 7
    assert hours.tolist() == list(range(8)) * 2
    days, hours = local_parts(prior, {"utc_offset_hours": 2.0})  # 18 h local
    assert np.flatnonzero(np.diff(days)).tolist() == [1, 9]
    assert hours[:3].tolist() == [6, 7, 0]


def test_a_cut_first_period_keeps_its_hour(rng):
    bounds = bounds_of(3, 16)
    bounds[0, 0] += np.timedelta64(2, "h")
    prior = prior_of(rng, bounds)
    _, hours = local_parts(prior, {"utc_offset_hours": 8.0})
    assert hours.tolist() == list(range(8)) * 2


def test_daily_and_longer_periods_make_the_same_hour_a_part_from_day_to_day(rng, caplog):
    prior = prior_of(rng, bounds_of(24, 6))
    with caplog.at_level(logging.INFO):
        found = period_correlation(prior, ATTRS).matrix
    assert "the part of the same hour is one from day to day" in caplog.text
    apart = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    expected = sum(
        share * np.exp(-apart / length) for share, length in ((0.25, 0.8), (0.35, 2.0), (0.4, 5.0))
    )
    assert_allclose(found, expected, atol=1e-12)
    monthly = period_correlation(prior_of(rng, bounds_of(24 * 30, 4)), ATTRS).matrix
    assert_allclose(monthly[0, 1], 0.4 * np.exp(-6.0) + 0.35 * np.exp(-15.0), rtol=1e-9)


def test_shares_of_zero_are_the_exponential_alone(rng):
    prior = prior_of(rng, bounds_of(3, 10))
    attrs = ATTRS | {"temporal_day_to_day_share": 0.0, "temporal_same_hour_share": 0.0}
    found = period_correlation(prior, attrs)
    assert len(found.features) == 1
    apart = np.abs(np.subtract.outer(np.arange(10), np.arange(10))) / 8.0
    assert_allclose(found.matrix, np.exp(-apart / 0.8), rtol=1e-12)
    all_of_it = period_correlation(
        prior, ATTRS | {"temporal_day_to_day_share": 0.6, "temporal_same_hour_share": 0.4}
    )
    assert len(all_of_it.features) == 1 + 8  # no exponential part is left


def test_refusals(rng):
    with pytest.raises(ValueError, match="must be >= 0 and sum to 1"):
        shared_in_time([0.5, 0.6], [day_to_day([0, 1], 1.0)] * 2)
    with pytest.raises(ValueError, match="must be a whole part of it"):
        period_correlation(prior_of(rng, bounds_of(5, 6)), ATTRS)
    prior = prior_of(rng, bounds_of(3, 9))
    with pytest.raises(ValueError, match=r"e-folding time > 0; got same_hour: 0\.0 days"):
        period_correlation(prior, ATTRS | {"temporal_same_hour_efolding_days": 0.0})
    with pytest.raises(ValueError, match="must be >= 0 and sum to 1"):
        period_correlation(prior, ATTRS | {"temporal_same_hour_share": 0.9})


def test_many_periods_take_the_recursion_to_the_same_product(rng, monkeypatch):
    covariance = InTime(rng.normal(size=(3, 40)), rng.random((3, 39)) * (rng.random((3, 39)) > 0.1))
    block = rng.standard_normal((40, 5))
    wanted = covariance.matrix @ block
    monkeypatch.setattr("inversion.linalg.in_time.FEW_PERIODS", 3)
    assert_allclose(covariance.matmat(block), wanted, rtol=0, atol=1e-13 * np.abs(wanted).max())
    one = InTime(np.ones((1, 1)), np.ones((1, 0)))
    assert_allclose(one.matmat(np.ones((1, 2))), 1.0)
