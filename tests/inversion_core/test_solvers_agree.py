"""Every solver against every other, dense algebra and augmented least squares."""

from typing import get_args

import numpy as np
import pytest
import scipy.linalg
from core_fakes import settings as sections
from core_fakes import six_datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from solver_fakes import Case, cases, made, posterior_of

from contracts.datasets import violations_of
from contracts.settings.solver import SolverSettings
from inversion.linalg.diagonal import Diagonal
from inversion.problem import LinearGaussianProblem
from inversion.solve import solve_batch
from inversion.solvers import SOLVERS, solver_named
from inversion.solvers.chosen import solver_of

ALL = {
    "dual": solver_named("dual")(),
    "primal": solver_named("primal")(pairs=10_000),
    "smoother": solver_named("smoother")(lag_periods=1000),
}


def least_squares(case):
    """Return mean and covariance from whitened data above whitened prior, by a root of B."""
    values, vectors = np.linalg.eigh(case.B)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    white = np.linalg.cholesky(case.R)
    matrix = np.vstack(
        [scipy.linalg.solve_triangular(white, case.H @ root, lower=True), np.eye(len(root))]
    )
    right = np.concatenate(
        [scipy.linalg.solve_triangular(white, case.d, lower=True), np.zeros(len(root))]
    )
    triangle = np.linalg.inv(np.linalg.qr(matrix, mode="r"))
    chi = np.linalg.lstsq(matrix, right, rcond=None)[0]
    spread = root @ triangle
    return case.problem.prior + root @ chi, spread @ spread.T


@settings(max_examples=12, deadline=None)
@given(cases())
def test_all_solvers_give_one_answer(drawn):
    case = made(drawn)
    mean, covariance = posterior_of(case)
    again, again_covariance = least_squares(case)
    scale = np.sqrt(np.diagonal(case.B).max())
    assert_allclose(again, mean, rtol=0, atol=1e-8 * (scale + np.abs(mean).max()))
    assert_allclose(again_covariance, covariance, rtol=0, atol=1e-8 * scale**2)
    S = case.H @ case.B @ case.H.T + case.R
    n, weights = len(S), np.random.default_rng(1).random((len(case.B), 3))
    precision = np.linalg.inv(S)
    expected = {
        "chi_square": case.d @ precision @ case.d / n,
        "dofs": n - np.trace(case.R @ precision),
        "log_evidence": -0.5
        * (case.d @ precision @ case.d + np.linalg.slogdet(S)[1] + n * np.log(2.0 * np.pi)),
        "innovation_standard_deviation": np.sqrt(np.diagonal(S)),
        "residual_standard_deviation": np.sqrt(np.diagonal(case.R @ precision @ case.R)),
        "residual": case.R @ precision @ case.d,
        "innovation_precision": precision,
    }
    for name, solver in ALL.items():
        found = solver.solve(case.problem, [weights[: case.problem.n_flux]])
        assert_allclose(
            found.mean, mean, rtol=0, atol=1e-9 * (scale + np.abs(mean).max()), err_msg=name
        )
        assert_allclose(
            found.covariance_of(np.eye(len(mean))), covariance, rtol=0, atol=1e-9 * scale**2
        )
        assert_allclose(
            found.covariance_of(weights),
            weights.T @ covariance @ weights,
            rtol=1e-8,
            atol=1e-10,
            err_msg=name,
        )
        for key, value in expected.items():
            size = np.abs(value).max()
            assert_allclose(
                getattr(found, key),
                value,
                rtol=0,
                atol=1e-8 * size + 1e-10,
                err_msg=f"{name} {key}",
            )


@pytest.mark.parametrize("name", sorted(ALL))
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 1000), mole=st.floats(1e-4, 1e4))
def test_order_units_and_an_infinite_error_change_nothing(name, seed, mole):
    case = made(Case(seed=seed, correlated=True, totals=True))
    problem, n = case.problem, len(case.d)
    order = np.random.default_rng(seed).permutation(n)
    H = case.H[order] * mole
    error = np.append(np.ones(n), 0.0)
    R = scipy.linalg.block_diag(case.R[np.ix_(order, order)] * mole**2, [[0.0]])
    R += np.diag(1e16 * mole**2 * (error == 0.0))
    other = LinearGaussianProblem(
        np.append(problem.observations[order] * mole, 999.0 * mole),
        np.append(problem.background[order] * mole, 0.0),
        np.vstack([H, H[:1]]),
        problem.prior,
        problem.prior_covariance,
        R,
        n_flux=problem.n_flux,
    )
    one, two = ALL[name].solve(problem), ALL[name].solve(other)
    spread = np.sqrt(np.diagonal(case.B).max())
    assert_allclose(two.mean, one.mean, rtol=0, atol=1e-6 * spread)
    W = np.random.default_rng(2).random((len(case.B), 2))
    assert_allclose(two.covariance_of(W), one.covariance_of(W), rtol=1e-6)
    assert_allclose(two.residual[:-1] / mole, one.residual[order], rtol=0, atol=1e-6 * spread)


def _degenerate(kind, rng):
    case = made(Case(seed=1, nuisance=0))
    H, problem = case.H.copy(), case.problem
    y, b, R = problem.observations, problem.background, case.R
    if kind == "none":
        H, y, b, R = H[:0], y[:0], b[:0], R[:0, :0]
    if kind == "one":
        H, y, b, R = H[:1], y[:1], b[:1], R[:1, :1]
    if kind == "dark":
        H[:] = 0.0
    if kind == "some dark":
        H[::2] = 0.0
    if kind == "twice":
        H, y, b = np.vstack([H, H]), np.tile(y, 2), np.tile(b, 2)
        R = scipy.linalg.block_diag(R, R)
    if kind == "as modelled":
        y = b + H @ problem.prior
    if kind == "many":
        H = np.vstack([H] + [rng.random(H.shape) * (H > 0.0) for _ in range(9)])
        y, b = rng.normal(430.0, 3.0, len(H)), np.full(len(H), 429.0)
        R = np.diag(rng.uniform(0.5, 2.0, len(H)))
    return LinearGaussianProblem(y, b, H, problem.prior, problem.prior_covariance, R)


@pytest.mark.parametrize("name", ["primal", "smoother"])
@pytest.mark.parametrize(
    "kind", ["none", "one", "dark", "some dark", "twice", "as modelled", "many"]
)
def test_degenerate_problems_are_solved_as_by_the_dual(name, kind, rng):
    problem = _degenerate(kind, rng)
    one, two = ALL["dual"].solve(problem), ALL[name].solve(problem)
    W = rng.random((len(problem.prior), 2))
    assert_allclose(two.mean, one.mean, rtol=0, atol=1e-9 * np.abs(one.mean).max())
    assert_allclose(two.covariance_of(W), one.covariance_of(W), rtol=1e-8)
    assert_allclose(
        [two.chi_square, two.dofs, two.log_evidence],
        [one.chi_square, one.dofs, one.log_evidence],
        rtol=1e-8,
        atol=1e-9,
    )


@pytest.mark.parametrize("name", ["primal", "smoother"])
def test_a_batch_is_solved_as_by_the_dual(name, rng):
    datasets, given_sections = six_datasets(rng), sections()
    reference = solve_batch(datasets, given_sections)
    given_sections.solver = SolverSettings(method=name)
    posterior = solve_batch(datasets, given_sections)
    assert violations_of(posterior, "posterior") == []
    assert posterior.attrs["solver"].startswith(f"{name}: ")
    assert sorted(posterior) == sorted(reference)
    for key in sorted(reference):
        if reference[key].dtype.kind == "f":
            size = float(np.abs(reference[key]).max())
            assert_allclose(posterior[key], reference[key], rtol=0, atol=1e-10 * size, err_msg=key)
    for key in ("reduced_chi_square", "dofs", "log_evidence"):
        assert posterior.attrs[key] == pytest.approx(reference.attrs[key], rel=1e-10)


def test_a_batch_says_what_few_pairs_do_not_tell(rng, caplog):
    given_sections = sections()
    given_sections.solver = SolverSettings(method="primal", pairs=15, mean_tolerance_sd=1.0)
    datasets = six_datasets(rng)
    posterior = solve_batch(datasets, given_sections)
    assert violations_of(posterior, "posterior") == []
    assert "residual_standard_deviation" not in posterior
    assert np.isnan(posterior.attrs["log_evidence"])
    assert "log_evidence is not in the posterior: the primal solver must have found" in caplog.text
    exact = solve_batch(datasets, sections())
    larger = np.diagonal(posterior["total_covariance"]) - np.diagonal(exact["total_covariance"])
    assert (larger > -1e-12 * np.diagonal(exact["total_covariance"])).all()


def test_the_settings_name_the_registry_and_nothing_else():
    named = get_args(SolverSettings.model_fields["method"].annotation)
    assert sorted(named) == sorted(SOLVERS)
    assert set(ALL) < set(SOLVERS)
    for name in SOLVERS:
        solver = solver_of(SolverSettings(method=name, column_block=3), 10)
        assert isinstance(solver, solver_named(name))
        assert solver.column_block == 3
    assert solver_of(SolverSettings(method="smoother", lag_periods=4), 10).lag_periods == 4
    assert solver_of(SolverSettings(method="primal", pairs=7), 10).pairs == 7
    with pytest.raises(
        ValueError, match=r"must be one of dual, .*primal, .*smoother.*; got 'tertial'"
    ):
        solver_named("tertial")


def test_prior_swap_and_marginal_nuisance_agree_in_each_solver():
    case = made(Case(seed=5, nuisance=3))
    problem, n_flux = case.problem, case.problem.n_flux
    extra, other = case.H[:, n_flux:], case.B[n_flux:, n_flux:]
    marginal = LinearGaussianProblem(
        problem.observations,
        problem.background + extra @ problem.prior[n_flux:],
        problem.jacobian.parts[0],
        problem.prior[:n_flux],
        problem.prior_covariance.parts[0],
        Diagonal(np.diagonal(case.R)).matmat(np.eye(len(case.d))) + extra @ other @ extra.T,
    )
    W = np.random.default_rng(0).random((n_flux, 2))
    for name, solver in ALL.items():
        one, two = solver.solve(problem), solver.solve(marginal)
        assert_allclose(two.mean, one.state_mean, rtol=1e-8, atol=1e-9, err_msg=name)
        assert_allclose(two.covariance_of(W), one.covariance_of(W), rtol=1e-8)
        assert two.log_evidence == pytest.approx(one.log_evidence, rel=1e-10)
