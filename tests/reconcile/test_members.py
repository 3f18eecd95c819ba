"""Mixing ensemble members."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from reconcile.members import count_agreeing, mix_members
from reconcile.removal import Removed


def member(total, sd, information=0.6):
    covariance = np.diag(np.array(sd) ** 2)
    total = np.array(total)
    return Removed(total, covariance, np.zeros(total.size), np.full(total.size, information))


def test_one_member_is_itself():
    only = member([3.0], [1.0])
    assert mix_members((only,)) is only


def test_spread_adds_to_the_variance():
    mixed = mix_members((member([3.0], [1.0]), member([5.0], [2.0], information=0.4)))
    assert_allclose(mixed.total, [4.0])
    assert_allclose(mixed.covariance, [[2.5 + 2.0]])
    assert_allclose(mixed.information, [0.5])


def test_unseen_in_one_member_is_unseen():
    mixed = mix_members((member([3.0, 1.0], [1.0, 1.0]), member([np.nan, 1.0], [np.inf, 1.0])))
    assert np.isinf(mixed.standard_deviation[0])
    assert_allclose(mixed.standard_deviation[1], 1.0)


def test_agreeing_members_lie_on_the_same_side():
    scores = np.array([[2.0, -2.0], [1.95, -3.0], [-5.0, -1.96]])
    assert count_agreeing(scores, np.array([1.0, -1.0]), 1.96).tolist() == [1, 3]
    assert count_agreeing(scores, np.array([np.nan, 1.0]), 1.96).tolist() == [0, 0]


def test_no_member_is_refused():
    with pytest.raises(ValueError, match="must have at least one member"):
        mix_members(())
