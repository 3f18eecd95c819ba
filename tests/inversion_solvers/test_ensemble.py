"""Serial and transform filters against dense algebra, with exact and drawn ensembles, and localised."""

import dataclasses
import logging

import numpy as np
import pytest
from core_fakes import settings as sections
from core_fakes import six_datasets
from numpy.testing import assert_allclose
from pyproj import Transformer
from solver_fakes import Case, made, posterior_of

from contracts.datasets import violations_of
from contracts.settings.solver import SolverSettings
from inversion.linalg.covariance import MissingCapability
from inversion.problem import LinearGaussianProblem
from inversion.solve import solve_batch, solve_problem
from inversion.solvers.dual import DualSolver
from inversion.solvers.ensemble import FILTERS, EnsembleSolver
from inversion.solvers.ensemble_members import drawn_ensemble, exact_ensemble
from inversion.solvers.ensemble_posterior import EnsemblePosterior
from inversion.solvers.ensemble_updates import Update, serial_update
from inversion.solvers.local_updates import Places

CASE = Case(seed=3, correlated=True, totals=True)


@pytest.mark.parametrize("name", sorted(FILTERS))
@pytest.mark.parametrize("correlated", [False, True])
def test_with_an_exact_ensemble_each_filter_is_the_kalman_solution(name, correlated):
    case = made(dataclasses.replace(CASE, correlated=correlated))
    mean, covariance = posterior_of(case)
    X = exact_ensemble(case.problem.prior_covariance)
    assert X.shape == (len(mean), len(mean) + 1)
    found = EnsembleSolver(filter=name, perturbations=X).solve(case.problem)
    exact = DualSolver().solve(case.problem)
    scale = np.diagonal(case.B).max()
    assert_allclose(found.mean, mean, rtol=0, atol=1e-12 * np.abs(mean).max())
    assert_allclose(found.covariance_of(np.eye(len(mean))), covariance, rtol=0, atol=1e-12 * scale)
    assert_allclose(np.cov(found.members), covariance, rtol=0, atol=1e-12 * scale)
    W = np.random.default_rng(1).random((len(mean), 3))
    for key in ("prior_covariance_of", "reduction_of", "cross", "prior_variance_of"):
        expected = getattr(exact, key)(W)
        size = np.abs(expected).max()
        assert_allclose(getattr(found, key)(W), expected, rtol=0, atol=1e-12 * size, err_msg=key)
    assert_allclose(found.whiten(found.cross(W)), found.whitened(W), rtol=0, atol=1e-10)
    gain = exact.unwhiten(exact.whitened(W))
    assert_allclose(found.unwhiten(found.whitened(W)), gain, rtol=0, atol=1e-11)
    for key in (
        "dofs",
        "chi_square",
        "log_evidence",
        "residual",
        "residual_standard_deviation",
        "innovation_standard_deviation",
        "innovation_covariance",
        "innovation_precision",
        "factor",
        "nuisance_covariance",
    ):
        expected = np.asarray(getattr(exact, key))
        size = np.abs(expected).max()
        assert_allclose(getattr(found, key), expected, rtol=0, atol=1e-11 * size, err_msg=key)


def test_both_filters_are_the_dual_solver_with_the_members_covariance(rng):
    case = made(CASE)
    X = drawn_ensemble(case.problem.prior_covariance, 30, rng)
    other = LinearGaussianProblem(
        case.problem.observations,
        case.problem.background,
        case.H,
        case.problem.prior,
        X @ X.T / 29.0,
        case.R,
        case.problem.n_flux,
    )
    exact, W = DualSolver().solve(other), rng.random((len(case.B), 2))
    for name in FILTERS:
        found = EnsembleSolver(filter=name, perturbations=X).solve(case.problem)
        assert_allclose(found.mean, exact.mean, rtol=0, atol=1e-11 * np.abs(exact.mean).max())
        assert_allclose(found.covariance_of(W), exact.covariance_of(W), rtol=1e-10)
        assert found.dofs == pytest.approx(exact.dofs, rel=1e-10)


def test_the_sampling_error_that_is_told_is_the_one_that_is_made():
    case = made(Case(seed=1, nuisance=0))
    W = np.ones((len(case.B), 1))
    found = [
        EnsembleSolver(members=40, seed=seed).solve(case.problem).prior_sampling_of(W)[0]
        for seed in range(300)
    ]
    told = EnsembleSolver(members=40).solve(case.problem)
    assert told.ensemble.sampling_error == pytest.approx(1.0 / np.sqrt(78.0))
    assert "sampling error of 11.3 %" in told.description
    assert np.std(found) == pytest.approx(told.ensemble.sampling_error, rel=0.15)
    assert abs(np.mean(found)) < 0.03
    assert not np.array_equal(
        EnsembleSolver(members=40, seed=7).solve(case.problem).mean, told.mean
    )


def test_too_few_members_are_told(caplog):
    case = made(Case(seed=1, n=14))
    with caplog.at_level(logging.WARNING):
        few = EnsembleSolver(members=5).solve(case.problem)
    assert "5 members span 4 directions" in caplog.text
    assert few.dofs <= 4.0 + 1e-9
    caplog.clear()
    many = EnsembleSolver(members=400).solve(case.problem)
    assert "directions" not in caplog.text
    exact = DualSolver().solve(case.problem)
    assert many.dofs == pytest.approx(exact.dofs, rel=0.1)


def test_planted_faults_are_seen():
    """Forgotten whitening, a forgotten square root, and a transform that makes data add variance."""
    case = made(CASE)
    _, covariance = posterior_of(case)
    X = exact_ensemble(case.problem.prior_covariance)
    right = EnsembleSolver(filter="serial", perturbations=X).solve(case.problem)
    seen = case.H @ X
    own = np.sqrt(np.diagonal(case.R))
    blind = serial_update(seen / own[:, None], case.d / own)
    wrong = EnsemblePosterior(case.problem, right.ensemble, blind, "serial")
    every, scale = np.eye(len(case.B)), np.diagonal(case.B).max()
    assert np.abs(wrong.covariance_of(every) - covariance).max() > 1e-3 * scale
    T = right.update.transform
    squared = EnsemblePosterior(
        case.problem, right.ensemble, Update(right.update.weights, T @ T.T), "x"
    )
    assert np.abs(squared.covariance_of(every) - covariance).max() > 1e-3 * scale
    with pytest.raises(ValueError, match=r"share of a direction that data take must lie in \[0, 1"):
        EnsemblePosterior(case.problem, right.ensemble, Update(right.update.weights, 1.1 * T), "x")


def test_without_observations_the_prior_members_come_back():
    case = made(Case(seed=1))
    problem = dataclasses.replace(
        case.problem,
        observations=np.zeros(0),
        background=np.zeros(0),
        jacobian=case.H[:0],
        mismatch_covariance=np.zeros((0, 0)),
        obs_id=(),
    )
    for name in FILTERS:
        found = EnsembleSolver(members=20, filter=name).solve(problem)
        assert_allclose(found.mean, problem.prior)
        assert found.dofs == pytest.approx(0.0, abs=1e-9)


def local_case(rng, correlated):
    """Return a case with one place a cell, two towers, and the places."""
    case = made(Case(seed=4, nuisance=1, correlated=correlated, rows=1, columns=6))
    cells = np.column_stack([np.zeros(6), 10.0 * np.arange(6)])
    towers = np.array([[0.0, 5.0], [2.0, 45.0]])[np.arange(len(case.d)) % 2]
    return case, Places(cells, towers)


@pytest.mark.parametrize("correlated", [False, True])
def test_a_localised_analysis_is_dense_algebra_at_each_place(correlated, rng):
    case, places = local_case(rng, correlated)
    X = exact_ensemble(case.problem.prior_covariance)
    wide = EnsembleSolver(perturbations=X, localisation_km=1e9, places=places).solve(case.problem)
    mean, covariance = posterior_of(case)
    every = np.eye(len(mean))
    assert_allclose(wide.mean, mean, rtol=0, atol=1e-10 * np.abs(mean).max())
    assert_allclose(wide.covariance_of(every), covariance, atol=1e-10 * np.diagonal(case.B).max())
    found = EnsembleSolver(perturbations=X, localisation_km=12.0, places=places).solve(case.problem)
    for place in range(6):
        square = np.square(places.observations_km - places.states_km[place]).sum(axis=1)
        taper = np.diag(np.exp(-square / (4.0 * 12.0**2)))
        precision = taper @ np.linalg.inv(case.R) @ taper
        if not correlated:
            usual = np.exp(-square / (2.0 * 12.0**2)) / np.diagonal(case.R)
            assert_allclose(np.diagonal(precision), usual, rtol=1e-12)
        lacking = np.eye(len(case.B)) + case.B @ case.H.T @ precision @ case.H
        local = np.linalg.solve(lacking, case.B)
        rows = np.arange(place, case.problem.n_flux, 6)
        expected = case.problem.prior + local @ case.H.T @ precision @ case.d
        assert_allclose(found.mean[rows], expected[rows], rtol=1e-9, atol=1e-9)
        block = every[:, rows]
        own = found.covariance_of(block)
        assert_allclose(own, local[np.ix_(rows, rows)], rtol=1e-8, atol=1e-9)
    left = case.problem.observations - case.problem.background - case.H @ found.mean
    assert_allclose(found.residual, left, atol=1e-9)
    assert "localised within 12 km" in found.description


def test_far_places_hear_nothing_and_other_states_everything(rng):
    case, places = local_case(rng, correlated=False)
    far = Places(places.states_km + 1e4, places.observations_km)
    found = EnsembleSolver(members=30, localisation_km=10.0, places=far).solve(case.problem)
    n_flux = case.problem.n_flux
    assert_allclose(found.mean[:n_flux], case.problem.prior[:n_flux], rtol=1e-12)
    assert not np.allclose(found.mean[n_flux:], case.problem.prior[n_flux:])
    W = np.eye(len(case.B))[:, :2]
    assert_allclose(found.covariance_of(W), found.prior_covariance_of(W), rtol=1e-12)
    assert found.sample(3, rng).shape == (3, len(case.B))


def test_local_analyses_say_what_they_do_not_have(rng):
    case, places = local_case(rng, correlated=False)
    found = EnsembleSolver(members=30, localisation_km=10.0, places=places).solve(case.problem)
    W = np.eye(len(case.B))[:, :2]
    for ask in (
        lambda: found.factor,
        lambda: found.innovation_covariance,
        lambda: found.weights,
        lambda: found.chi_square,
        lambda: found.dofs,
        lambda: found.log_evidence,
        lambda: found.residual_standard_deviation,
        lambda: found.reduction_of(W),
        lambda: found.whitened(W),
        lambda: found.whitened_blocks(W, 1),
    ):
        with pytest.raises(MissingCapability, match="one gain must hold for all states to have"):
            ask()


def test_what_an_ensemble_cannot_do_is_refused(rng):
    case, places = local_case(rng, correlated=True)
    problem = case.problem
    for given, words in (
        ({"filter": "best"}, "solver.filter must be one of serial, transform; got 'best'"),
        ({"members": 1}, "at least 2 members; got 1"),
        ({"localisation_km": 5.0}, "must have the places of states and observations; got"),
        (
            {"localisation_km": 5.0, "places": places, "filter": "serial"},
            r"must have solver.filter = transform \(whitened rows have no place\)",
        ),
        ({"localisation_km": -1.0, "places": places}, "must have a length > 0 km"),
        (
            {"localisation_km": 5.0, "places": Places(places.states_km[:5], places.states_km)},
            "places must be finite",
        ),
        ({"perturbations": np.ones((len(case.B), 4))}, "largest mean of 1 in EnsembleSolver"),
        ({"perturbations": np.zeros((3, 4))}, r"got shape \(3, 4\)"),
    ):
        with pytest.raises(ValueError, match=words):
            EnsembleSolver(**given).solve(problem)
    with pytest.raises(ValueError, match="R must be positive definite"):
        EnsembleSolver().solve(
            dataclasses.replace(problem, mismatch_covariance=np.ones(case.R.shape))
        )


def test_a_batch_is_solved_with_a_valid_posterior_and_its_seed(rng):
    datasets, given = six_datasets(rng), sections()
    given.solver = SolverSettings(method="ensemble", members=150, seed=4)
    posterior = solve_batch(datasets, given)
    assert violations_of(posterior, "posterior") == []
    assert posterior.attrs["seed"] == "solver.seed = 4"
    assert posterior.attrs["solver"].startswith("ensemble: transform filter, 150 members")
    assert solve_batch(datasets, given).identical(posterior)
    before = posterior["total_prior_covariance"].to_numpy()
    share = np.diagonal(posterior["total_covariance_reduction"]) / np.diagonal(before)
    assert (share >= 0.0).all()
    assert (share <= 1.0).all()
    exact = solve_batch(datasets, sections())
    ratio = np.diagonal(before) / np.diagonal(exact["total_prior_covariance"])
    assert_allclose(np.sqrt(ratio), 1.0, atol=5.0 / np.sqrt(298.0))
    given.solver = SolverSettings(method="ensemble", members=150, seed=4, filter="serial")
    serial = solve_batch(datasets, given)
    size = float(np.abs(posterior["total"]).max())
    assert_allclose(serial["total"], posterior["total"], rtol=0, atol=1e-9 * size)


def test_a_localisation_is_read_from_the_datasets_and_refused_for_verdicts(rng):
    datasets, given = six_datasets(rng), sections()
    to_degrees = Transformer.from_crs("EPSG:4549", "EPSG:4326", always_xy=True)
    longitude, latitude = to_degrees.transform(np.array([1500.0, 6000.0]), np.array([0.0, 3000.0]))
    datasets["observations"] = datasets["observations"].assign(
        longitude=("receptor", longitude), latitude=("receptor", latitude)
    )
    given.solver = SolverSettings(method="ensemble", members=50, localisation_km=3.0)
    posterior = solve_problem(datasets, given)
    assert posterior.localisation_km == 3.0
    with pytest.raises(
        ValueError, match="got ensemble in the settings: local analyses have no one"
    ):
        solve_batch(datasets, given)
    regions = {**datasets, "prior": datasets["prior"].rename(northing="latitude")}
    with pytest.raises(ValueError, match="a localisation must have cells in metres"):
        solve_problem(regions, given)
