"""Planted sizes and lengths: ML's bias and REML's none, intervals that hold them, planted faults."""

import numpy as np
import pytest
from hyper_fakes import NONE, TREND, drawn, family, with_length
from numpy.testing import assert_allclose

from inversion.hyperparameters.family import Part, with_fixed
from inversion.hyperparameters.likelihood import Likelihood
from inversion.hyperparameters.optimum import greatest_with, maximise
from inversion.hyperparameters.profile import profile
from inversion.hyperparameters.target import Target

DRAWS = 300
WEAK = 1.0
TRUTH = np.log([1.5, 1.5, 0.8])


def flat(likelihood):
    """Return the likelihood as a target without priors."""
    return Target(likelihood, np.full(len(likelihood.family.names), np.inf))


def variances(restricted, draws):
    """Return ML or REML estimates of the variance of 12 observations with 3 unknown means."""
    rng = np.random.default_rng(3)
    family_ = with_fixed([Part("white", np.eye(12))], ("white",))
    basis = rng.normal(size=(12, 3))
    found = []
    for _ in range(draws):
        d = rng.normal(size=12)
        target = flat(Likelihood(family_, d, basis, restricted))
        found.append(np.exp(2.0 * maximise(target).theta[0]))
    return np.array(found)


def test_ml_is_biased_by_what_the_means_take_and_reml_is_not():
    """(n - p) / n = 0.75 for n = 12, p = 3 (SCIENCE 2.6 found 0.748 and 0.997)."""
    for restricted, expected in ((False, 0.75), (True, 1.0)):
        found = variances(restricted, 600)
        error = found.std() / np.sqrt(len(found))
        assert abs(found.mean() - expected) < 4.0 * error < 0.1
    assert found.mean() - 0.75 > 6.0 * error  # REML is not what ML is


def test_one_variance_is_the_mean_square():
    d = np.array([1.0, -2.0, 2.0, 0.5])
    family_ = with_fixed([Part("white", np.eye(4))], ("white",))
    found = maximise(flat(Likelihood(family_, d)))
    assert np.exp(2.0 * found.theta[0]) == pytest.approx(np.mean(d**2), rel=1e-5)
    assert found.standard_deviation[0] == pytest.approx(np.sqrt(1 / 8), rel=1e-9)  # 1 / sqrt(2 n)


def covered(family_, truth, basis, draws=DRAWS):
    """Return how often intervals hold the truth, (p,), and the errors of the estimates."""
    rng = np.random.default_rng(11)
    held, errors = [], []
    for _ in range(draws):
        d = drawn(family_, truth, rng, basis)
        found = maximise(Target(Likelihood(family_, d, basis), np.full(len(truth), WEAK)))
        low, high = found.interval.T
        held.append((low <= truth) & (truth <= high))
        errors.append(found.theta - truth)
    return np.mean(held, axis=0), np.array(errors)


@pytest.mark.parametrize("basis", [NONE, TREND], ids=["ml", "reml"])
def test_planted_sizes_lie_in_their_intervals(basis):
    share, errors = covered(family("white", "cells", "red"), TRUTH, basis)
    assert ((share >= 0.90) & (share <= 0.98)).all(), share
    assert np.abs(np.median(errors, axis=0)).max() < 0.2


def test_a_planted_length_lies_in_its_interval():
    share, _ = covered(with_length(), np.log([1.0, 1.5, 1.3]), NONE, 200)
    assert 0.90 <= share.mean() <= 0.98, share


def test_a_diagonal_R_is_caught_though_its_chi_square_is_1():
    """Planted fault: errors that fade in time, fitted with independent ones."""
    rng = np.random.default_rng(5)
    right, wrong = family("white", "red"), family("white")
    held = []
    for _ in range(200):
        d = drawn(right, np.array([0.0, 0.7]), rng)
        found = maximise(flat(Likelihood(wrong, d)))
        assert Likelihood(wrong, d).chi_square(found.theta) == pytest.approx(1.0, abs=1e-4)
        best = maximise(flat(Likelihood(right, d)))
        held.append(found.interval[0, 0] <= 0.0 <= found.interval[0, 1])
        assert best.value - found.value > 3.0
    assert np.mean(held) < 0.5  # the size of the white error is not recovered either


def test_profiles_meet_the_estimate_and_fall_by_1_92_at_their_ends():
    family_ = family("white", "cells", "red")
    d = drawn(family_, TRUTH, np.random.default_rng(2))
    target = Target(Likelihood(family_, d), np.full(3, WEAK))
    best = maximise(target)
    curve = profile(target, best, "cells", 9)
    assert curve.fall.min() == 0.0
    assert (np.diff(curve.theta) > 0).all()
    assert (curve.fall >= -1e-6).all()
    low, high = curve.interval
    assert low < best.theta[1] < high
    for end in (low, high):
        _, density = greatest_with(target, 1, end, best.theta)
        assert best.value - density == pytest.approx(1.92, abs=0.1)
    # the curvature at the top is the observed information: half the squared score
    assert high - low == pytest.approx(3.92 * best.standard_deviation[1], rel=0.25)


def test_a_size_that_nothing_tells_is_not_supported():
    rng = np.random.default_rng(4)
    family_ = family("white", "day")
    d = drawn(family_, np.array([1.0, 0.0]), rng)
    target = Target(Likelihood(family_, d), np.full(2, WEAK))
    best = maximise(target)
    supported = {name: profile(target, best, name, 9).supported for name in family_.names}
    assert supported == {"white": True, "day": False}
    with pytest.raises(ValueError, match="a profile must stay within"):
        greatest_with(target, 0, 7.0, best.theta)


def test_the_cells_of_the_grid_are_all_searched():
    family_ = with_length()
    for factor in (0.3, 3.5):
        truth = np.array([-1.0, 1.0, np.log(factor)])
        d = drawn(family_, truth, np.random.default_rng(8))
        best = maximise(flat(Likelihood(family_, d)))
        assert best.value >= Likelihood(family_, d).value(truth)
        assert np.sign(best.theta[2]) == np.sign(truth[2])


def test_the_order_of_observations_does_not_matter():
    family_ = family("white", "cells", "red")
    d = drawn(family_, TRUTH, np.random.default_rng(6))
    order = np.random.default_rng(9).permutation(family_.n)
    parts = [Part(part.name, part.gram[np.ix_(order, order)]) for part in family_.parts]
    one = maximise(Target(Likelihood(family_, d), np.full(3, WEAK)))
    two = maximise(Target(Likelihood(with_fixed(parts, family_.free), d[order]), np.full(3, WEAK)))
    assert_allclose(one.theta, two.theta, atol=1e-4)
