"""The likelihood: against its definition, its gradient against differences, REML against integration."""

import numpy as np
import pytest
import scipy.stats
from hyper_fakes import NONE, TREND, cells, drawn, fading, family, white, with_length
from numpy.testing import assert_allclose

from inversion.hyperparameters.family import Axis, Family, Part, with_fixed
from inversion.hyperparameters.likelihood import Likelihood, wrong_gradient
from inversion.hyperparameters.target import Target, prior_sd_of

THETA = np.array([0.3, -0.2, 0.4])


@pytest.fixture
def rng():
    return np.random.default_rng(20250601)


def test_the_value_is_the_log_density_of_a_normal_distribution(rng):
    made = family("white", "red", "cells")
    d = drawn(made, THETA, rng)
    s = np.exp(0.6) * white() + np.exp(-0.4) * fading(4.0) + np.exp(0.8) * cells()[0]
    expected = scipy.stats.multivariate_normal(cov=s).logpdf(d)
    assert Likelihood(made, d).value(THETA) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("basis", "restricted"), [(NONE, True), (TREND, True), (TREND, False)])
@pytest.mark.parametrize("make", [lambda: family("white", "red", "cells"), with_length])
def test_the_gradient_is_that_of_differences(rng, basis, restricted, make):
    made = make()
    likelihood = Likelihood(made, drawn(made, THETA, rng), basis, restricted)
    assert wrong_gradient(likelihood, THETA) < 1e-7


def test_a_wrong_gradient_is_seen(rng):
    made = family("white", "red", "cells")
    likelihood = Likelihood(made, drawn(made, THETA, rng))
    right = likelihood.gradient(THETA)[1]
    for factor in (np.array([1.0, 1.02, 1.0]), np.array([0.5, 0.5, 0.5]), np.array([1, 1, -1.0])):
        assert wrong_gradient(likelihood, THETA, gradient=factor * right) > 1e-3
    # REML's gradient with the trace of S^-1 in place of Xi's
    reml = Likelihood(made, likelihood.innovation, TREND)
    other = Likelihood(made, likelihood.innovation, TREND, restricted=False).gradient(THETA)[1]
    assert wrong_gradient(reml, THETA, gradient=other) > 1e-2


def test_the_gradients_mean_square_is_the_information(rng):
    """Over innovations drawn at theta the score has mean 0 and the information as covariance."""
    made = family("white", "red", "cells")
    for basis in (NONE, TREND):
        scores = np.array(
            [
                Likelihood(made, drawn(made, THETA, rng, basis), basis).gradient(THETA)[1]
                for _ in range(1500)
            ]
        )
        info = Likelihood(made, np.zeros(made.n), basis).information(THETA)
        scale = np.sqrt(np.diagonal(info))
        assert_allclose(scores.mean(axis=0) / scale, 0.0, atol=4.0 / np.sqrt(1500))
        assert_allclose(
            np.cov(scores.T) / np.outer(scale, scale), info / np.outer(scale, scale), atol=0.15
        )


def test_reml_is_the_likelihood_with_the_strengths_integrated_out(rng):
    """With a wide normal prior of the strengths: ln L + q/2 ln(2 pi v) tends to REML's."""
    made, v = family("white", "red"), 1e5
    theta = THETA[:2]
    d = drawn(made, theta, rng, TREND)
    wide = made.covariance(theta) + v * TREND @ TREND.T
    normal = scipy.stats.multivariate_normal(cov=wide, allow_singular=False).logpdf(d)
    expected = normal + 0.5 * 2 * np.log(2.0 * np.pi * v)
    assert Likelihood(made, d, TREND).value(theta) == pytest.approx(expected, rel=1e-6)


def test_reml_does_not_see_what_the_basis_explains(rng):
    made = family("white", "red")
    d = drawn(made, THETA[:2], rng)
    one = Likelihood(made, d, TREND)
    two = Likelihood(made, d + TREND @ np.array([1e3, -20.0]), TREND)
    assert one.value(THETA[:2]) == pytest.approx(two.value(THETA[:2]), rel=1e-9)
    assert one.chi_square(THETA[:2]) == pytest.approx(two.chi_square(THETA[:2]), rel=1e-8)
    assert Likelihood(made, d).value(THETA[:2]) != pytest.approx(one.value(THETA[:2]), rel=1e-3)


def test_a_length_is_met_at_its_nodes_and_is_positive_between_them():
    made = with_length((0.5, 1.0, 2.0))
    for factor in (0.5, 1.0, 2.0):
        expected = white() + fading(4.0 * factor)
        assert_allclose(made.covariance(np.array([0.0, 0.0, np.log(factor)])), expected, atol=1e-12)
    middle = made.covariance(np.array([0.0, 0.0, np.log(0.7)]))
    share = np.log(0.7 / 0.5) / np.log(2.0)
    assert_allclose(middle, white() + (1 - share) * fading(2.0) + share * fading(4.0), atol=1e-12)
    assert len(made.cells()) == 2


def test_what_no_parameter_moves_is_one_part():
    made = family("white", fixed=("red", "day", "cells"))
    assert [part.name for part in made.parts] == ["white", ""]
    whole = family("white", "red", "day", "cells")
    at = np.array([0.3, 0.0, 0.0, 0.0])
    assert_allclose(made.covariance(at[:1]), whole.covariance(at), rtol=1e-13)
    assert_allclose(made.cross(at[:1]), whole.cross(at), rtol=1e-13)
    assert_allclose(made.quadratic(at[:1]), whole.quadratic(at), rtol=1e-13)


def test_the_prior_bounds_and_weighs(rng):
    made = with_length()
    likelihood = Likelihood(made, drawn(made, np.zeros(3), rng))
    sd = prior_sd_of(made.names, ("length",), 1.0, 0.7)
    assert sd.tolist() == [1.0, 1.0, 0.7]
    target = Target(likelihood, sd)
    inside = target.value(THETA) - likelihood.value(THETA)
    assert inside == pytest.approx(-0.5 * np.sum((THETA / sd) ** 2))
    assert target.value(np.array([0.0, 0.0, 2.0])) == -np.inf
    step = 1e-5 * np.eye(3)
    slope = [(target.value(THETA + s) - target.value(THETA - s)) / 2e-5 for s in step]
    assert_allclose(target.gradient(THETA)[1], slope, rtol=1e-5, atol=1e-5)


def test_refusals(rng):
    made = family("white", "red")
    d = drawn(made, THETA[:2], rng)
    with pytest.raises(ValueError, match="one row for each of 90 observations; got shapes"):
        Likelihood(made, d[:-1])
    with pytest.raises(ValueError, match="independent columns; got rank 2 of 3"):
        Likelihood(made, d, np.column_stack([TREND, TREND[:, 0]]))
    with pytest.raises(ValueError, match=r"every free name once.*got none for \['blue'\]"):
        Family(made.parts, ("blue",))
    with pytest.raises(ValueError, match="lie on the grid of 1 lengths"):
        Family((Part("a", white(), node=(0, 1)),), ("a",), (Axis("l", (1.0, 2.0)),))
    flat = with_fixed([Part("common", np.ones((3, 3)))], ("common",))
    with pytest.raises(ValueError, match="S must be positive definite; got no Cholesky factor"):
        Likelihood(flat, np.ones(3)).factor(np.zeros(1))
    assert Likelihood(flat, np.ones(3)).value(np.zeros(1)) == -np.inf
    with pytest.raises(ValueError, match="prior_sd must hold one value > 0 for each of"):
        Target(Likelihood(made, d), np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="totals must have a part with cross"):
        made.cross(THETA[:2])
