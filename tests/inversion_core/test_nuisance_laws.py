"""States that are no fluxes against R, against differences of sites, and against larger priors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nuisance_city import city, errors, solved
from numpy.testing import assert_allclose

from inversion.aggregates import batch_totals, layout_of
from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.dense import Dense, densify
from inversion.nuisance.kinds import KINDS, Given, nuisance_states
from inversion.nuisance.states import Nuisance
from inversion.problem import LinearGaussianProblem, assemble_problem
from inversion.solvers.dual import DualSolver

DAYS = 2
EVERY_STATE = {
    "transport_common_sd": 0.1,
    "transport_daily_sd": 0.1,
    "diurnal_amplitude_sd": 0.15,
    "sensor_bias_start_sd_umol_mol": 1.0,
    "sensor_bias_walk_sd_umol_mol_per_sqrt_day": 0.3,
}
GRADIENT = {
    "west_east_sd_umol_mol_per_100km": 1.0,
    "south_north_sd_umol_mol_per_100km": 0.5,
    "common_west_east_sd_umol_mol_per_100km": 1.0,
    "common_south_north_sd_umol_mol_per_100km": 2.0,
}


@pytest.fixture(scope="module")
def problem():
    """A problem with every kind of state, with observations that are not what it expects."""
    made = assemble_problem(city(DAYS, gradient=GRADIENT), errors(**EVERY_STATE))
    rng = np.random.default_rng(7)
    n = len(made.observations)
    return replace(made, observations=made.background + rng.normal(3.0, 2.0, n))


@pytest.fixture(scope="module")
def totals():
    return batch_totals(layout_of(city(DAYS)["prior"])).weights


def fluxes_only(problem, mismatch):
    """Return the problem without nuisance states, with another R."""
    return LinearGaussianProblem(
        observations=problem.observations,
        background=problem.background,
        jacobian=problem.jacobian.parts[0],
        prior=problem.prior[: problem.n_flux],
        prior_covariance=problem.prior_covariance.parts[0],
        mismatch_covariance=mismatch,
    )


def test_states_equal_the_same_errors_in_the_mismatch(problem, totals):
    states = problem.nuisance
    kinds = sorted({name.split(":")[0] for name in states.names})
    assert kinds == [
        "background", "diurnal", "gradient", "sensor", "transport"
    ]  # fmt: skip
    R = densify(problem.mismatch_covariance)
    inside = DualSolver().solve(problem, [totals])
    beside = DualSolver().solve(
        fluxes_only(problem, Dense(R + states.modelled_covariance)), [totals]
    )
    assert_allclose(inside.state_mean, beside.mean, rtol=1e-10, atol=1e-10)
    scale = np.sqrt(np.diagonal(beside.prior_covariance_of(totals)))
    difference = inside.covariance_of(totals) - beside.covariance_of(totals)
    assert np.abs(difference / np.outer(scale, scale)).max() < 1e-10
    assert inside.chi_square == pytest.approx(beside.chi_square, rel=1e-10)
    assert inside.log_evidence == pytest.approx(beside.log_evidence, rel=1e-10)


def test_states_are_estimated_as_the_dense_formula_says(problem):
    """The posterior of the states alone: fluxes in R instead."""
    states = problem.nuisance
    flux = problem.jacobian.parts[0]
    R = densify(problem.mismatch_covariance) + problem.prior_covariance.parts[0].gram(flux)
    G, C = states.columns, states.covariance
    precision = np.linalg.inv(C) + G.T @ np.linalg.solve(R, G)
    expected = np.linalg.solve(precision, G.T @ np.linalg.solve(R, problem.innovation))
    found = DualSolver().solve(problem)
    assert_allclose(found.nuisance_mean, expected, rtol=1e-7, atol=1e-9)
    assert_allclose(found.nuisance_covariance, np.linalg.inv(precision), rtol=1e-7, atol=1e-9)


def test_a_free_offset_of_each_hour_leaves_the_differences_of_sites(totals):
    free = city(DAYS, daily_offset_sd_umol_mol=1e5, offset_period_hours=1)
    made = assemble_problem(free, errors())
    rng = np.random.default_rng(3)
    made = replace(made, observations=made.background + rng.normal(3.0, 2.0, len(made.background)))
    time = free["observations"]["time"].to_numpy()
    rows = []
    for hour in np.unique(time):
        first, *others = np.flatnonzero(time == hour)
        for other in others:
            row = np.zeros(len(time))
            row[[other, first]] = 1.0, -1.0
            rows.append(row)
    T = np.array(rows)
    differences = LinearGaussianProblem(
        observations=T @ made.observations,
        background=T @ made.background,
        jacobian=T @ densify(made.jacobian.parts[0]),
        prior=made.prior[: made.n_flux],
        prior_covariance=made.prior_covariance.parts[0],
        mismatch_covariance=T @ densify(made.mismatch_covariance) @ T.T,
    )
    one, two = DualSolver().solve(made), DualSolver().solve(differences)
    scale = np.abs(two.mean - differences.prior).max()
    assert scale > 1e-2
    assert_allclose(one.state_mean, two.mean, rtol=0.0, atol=1e-5 * max(scale, 1.0))
    sd = np.sqrt(np.diagonal(two.covariance_of(totals)))
    difference = one.covariance_of(totals) - two.covariance_of(totals)
    assert np.abs(difference / np.outer(sd, sd)).max() < 1e-5


def total_sd(problem, totals, covariance):
    """Return the posterior sd of all totals with another prior of the states."""
    old = problem.nuisance
    states = Nuisance(old.names, old.units, old.columns, covariance)
    prior = BlockDiagonal([problem.prior_covariance.parts[0], states.prior_covariance])
    whole = replace(problem, prior_covariance=prior, nuisance=states)
    return np.sqrt(np.diagonal(DualSolver().solve(whole, [totals]).covariance_of(totals)))


@pytest.fixture(scope="module")
def narrow(problem, totals):
    return total_sd(problem, totals, problem.nuisance.covariance)


KINDS_OF_STATE = st.sampled_from(["background", "gradient", "transport", "diurnal", "sensor"])


@settings(max_examples=15, deadline=None, derandomize=True)
@given(factor=st.floats(1.0, 30.0), kinds=st.sets(KINDS_OF_STATE, min_size=1))
def test_a_larger_prior_of_a_state_never_narrows_a_flux(factor, kinds, problem, totals, narrow):
    names = problem.nuisance.names
    larger = np.array([factor if name.startswith(tuple(kinds)) else 1.0 for name in names])
    wide = total_sd(problem, totals, np.outer(larger, larger) * problem.nuisance.covariance)
    assert (wide >= narrow * (1.0 - 1e-9)).all()


def test_draws_of_the_states_have_their_covariance(problem):
    block = problem.prior_covariance.parts[1]
    drawn = block.root_matmat(np.random.default_rng(1).standard_normal((block.root_size, 20_000)))
    sd = problem.nuisance.standard_deviation
    assert_allclose(
        np.cov(drawn) / np.outer(sd, sd),
        problem.nuisance.covariance / np.outer(sd, sd),
        atol=5.0 / np.sqrt(20_000),
    )


def test_the_kinds_are_a_registry():
    made = city(DAYS)
    enhancement = np.ones(made["observations"].sizes["obs"])
    found = nuisance_states(Given(made, enhancement, errors(**EVERY_STATE).nuisance))
    assert list(dict.fromkeys(name.split(":")[0] for name in found.names)) == list(KINDS)
    problem = solved(made, errors(**EVERY_STATE))
    assert problem.problem.nuisance.names == found.names
