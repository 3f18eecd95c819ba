"""The primal solver: conjugate gradients, pairs of the Hessian, bounds, and what it cannot tell."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from solver_fakes import Case, made, positive, posterior_of

from inversion.linalg.covariance import Covariance, MissingCapability
from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.lanczos import lanczos
from inversion.linalg.maps import DenseMap, LinearMap
from inversion.linalg.row_variance import row_variance
from inversion.problem import LinearGaussianProblem
from inversion.solvers.primal import PrimalSolver

WIDE = Case(g=2, p=8, rows=3, columns=4, n=40, longest=3, nuisance=3, correlated=True, seed=4)


class OnlyProducts(Covariance):
    """A covariance that multiplies, counts how often, and can do nothing else."""

    def __init__(self, matrix):
        self.matrix, self.count = matrix, 0
        super().__init__(len(matrix))

    def matmat(self, block):
        self.count += block.shape[1]
        return self.matrix @ block

    def diagonal(self):
        return np.diagonal(self.matrix)


def only_products(case):
    problem = case.problem
    return LinearGaussianProblem(
        problem.observations,
        problem.background,
        case.H,
        problem.prior,
        OnlyProducts(case.B),
        Dense(case.R),
        n_flux=problem.n_flux,
    )


def few(case, pairs):
    return PrimalSolver(pairs=pairs, mean_tolerance_sd=np.inf).solve(case.problem)


def roots(case):
    """Return a root of B and A = R^-1/2 H B^1/2."""
    values, vectors = np.linalg.eigh(case.B)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    white = np.linalg.cholesky(case.R)
    return root, scipy.linalg.solve_triangular(white, case.H @ root, lower=True), white


def test_it_needs_products_with_B_and_nothing_else():
    case = made(WIDE)
    problem = only_products(case)
    weights = np.random.default_rng(0).random((len(case.B), 5))
    posterior = PrimalSolver(pairs=35).solve(problem, [weights])
    assert problem.prior_covariance.count == 35
    reduction = posterior.reduction_of(weights)
    assert problem.prior_covariance.count == 35
    copy = weights.copy()
    assert_allclose(posterior.reduction_of(copy), reduction, rtol=1e-10)
    assert problem.prior_covariance.count == 40
    many = np.tile(weights, (1, 9))
    assert_allclose(posterior.reduction_of(many)[:5, -5:], reduction, rtol=1e-10)
    assert problem.prior_covariance.count == 40 + 35
    pieces = np.hstack(list(posterior.whitened_blocks(weights, 2)))
    assert_allclose(pieces, posterior.whitened(weights), rtol=1e-12)


def test_the_mean_is_the_iterate_of_conjugate_gradients_in_the_whitened_state():
    case = made(WIDE)
    root, A, white = roots(case)
    right = A.T @ scipy.linalg.solve_triangular(white, case.d, lower=True)
    chi, rest = np.zeros(A.shape[1]), right.copy()
    direction = rest.copy()
    for step in range(1, 9):
        ahead = direction + A.T @ (A @ direction)
        size = (rest @ rest) / (direction @ ahead)
        chi, old = chi + size * direction, rest @ rest
        rest = rest - size * ahead
        direction = rest + (rest @ rest) / old * direction
        expected = case.problem.prior + root @ chi
        assert_allclose(few(case, step).mean, expected, rtol=0, atol=1e-8 * np.abs(expected).max())


def test_the_cost_falls_and_the_bound_of_the_mean_holds():
    case = made(WIDE)
    mean, covariance = posterior_of(case)
    precision = np.linalg.pinv(covariance, rcond=1e-12, hermitian=True)
    costs, bounds = [], []
    for pairs in range(1, 30, 4):
        posterior = few(case, pairs)
        error = posterior.mean - mean
        distance = np.sqrt(error @ precision @ error)
        assert distance <= posterior.tolerance * (1.0 + 1e-6) + 1e-9
        costs.append(distance)
        bounds.append(posterior.tolerance)
        weights = np.random.default_rng(pairs).normal(size=(len(mean), 50))
        deviation = np.sqrt(np.einsum("ij,ij->j", weights, covariance @ weights))
        assert (np.abs(weights.T @ error) <= posterior.tolerance * deviation + 1e-9).all()
        assert_allclose(
            posterior.residual,
            case.problem.observations - case.problem.background - case.H @ posterior.mean,
            atol=1e-9,
        )
    assert (np.diff(costs) < 1e-9).all()
    assert bounds[-1] < 1e-2 * bounds[0]


def test_a_mean_that_is_not_exact_enough_is_refused_with_its_bound():
    case = made(WIDE)
    with pytest.raises(ValueError, match=r"got a bound of .* after 4 pairs .* Raise solver.pairs"):
        PrimalSolver(pairs=4).solve(case.problem)
    assert PrimalSolver(pairs=39, mean_tolerance_sd=1e-3).solve(case.problem).tolerance <= 1e-3


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 1000), st.booleans())
def test_truncation_never_under_estimates_a_variance(seed, totals):
    case = made(Case(n=16, seed=seed, totals=totals, correlated=True))
    _, covariance = posterior_of(case)
    scale = np.diagonal(case.B).max()
    smaller = case.B
    for pairs in (1, 2, 4, 8, 12, 16):
        found = few(case, pairs).covariance_of(np.eye(len(case.B)))
        assert np.linalg.eigvalsh(found - covariance)[0] > -1e-9 * scale
        assert np.linalg.eigvalsh(smaller - found)[0] > -1e-9 * scale
        smaller = found
    assert_allclose(found, covariance, rtol=0, atol=1e-9 * scale)


def test_a_city_total_comes_down_to_its_exact_value_from_above():
    case = made(WIDE)
    city = np.zeros((len(case.B), 1))
    city[: case.problem.n_flux] = 1.0
    exact = np.sqrt(city.T @ posterior_of(case)[1] @ city).item()
    found = [np.sqrt(few(case, k).covariance_of(city)).item() for k in (1, 5, 10, 20, 40)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 1.05 * exact
    assert found[-1] == pytest.approx(exact, rel=1e-9)


def test_degrees_of_freedom_are_those_of_the_hessian():
    case = made(WIDE)
    _, A, _ = roots(case)
    values = np.linalg.eigvalsh(A @ A.T)[::-1]
    whole = few(case, 40)
    assert_allclose(whole.eigenvalues, np.maximum(values, 0.0), rtol=1e-8, atol=1e-9)
    exact = (values / (1.0 + values)).sum()
    assert whole.dofs == pytest.approx(exact, rel=1e-9)
    rng = np.random.default_rng(7)
    for pairs in (5, 10, 20):
        part = few(case, pairs)
        assert part.dofs < exact
        outside = values.sum() - np.trace(part.basis.projected)
        assert exact - part.dofs <= outside
        assert part.dofs_left(2000, rng) == pytest.approx(outside, rel=0.1)
    assert whole.dofs_left(3, rng) == pytest.approx(0.0, abs=1e-9)


def test_vectors_are_orthogonal_and_the_projection_is_that_of_G():
    case = made(WIDE)
    G = case.H @ case.B @ case.H.T
    basis = lanczos(lambda v: G @ v, Dense(case.R), case.d, 25, 40)
    Q = basis.vectors
    assert_allclose(Q @ case.R @ Q.T, np.eye(25), atol=1e-11)
    assert_allclose(basis.images, Q @ case.R, atol=1e-10)
    scale = np.abs(basis.projected).max()
    assert_allclose(basis.projected, Q @ G @ Q.T, rtol=0, atol=1e-11 * scale)
    beyond = np.zeros((25, 40))
    beyond[-1] = basis.coupling * (case.R @ basis.following)
    assert_allclose(
        Q @ G, basis.projected @ basis.images + beyond, rtol=0, atol=1e-10 * np.abs(G).max()
    )


def test_eigenvalues_that_coincide_and_data_that_see_a_part_only_are_all_found():
    H, B = np.kron(np.eye(4), [[1.0, 1.0]]), np.eye(8)
    for y in (np.ones(4), np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(4)):
        problem = LinearGaussianProblem(y, np.zeros(4), H, np.zeros(8), B, 0.5 * np.eye(4))
        posterior = PrimalSolver().solve(problem)
        assert_allclose(posterior.eigenvalues, 4.0 * np.ones(4), rtol=1e-12)
        assert_allclose(posterior.mean, H.T @ y * 0.4, atol=1e-12)
        assert posterior.basis.complete


def test_with_more_observations_than_states_the_states_end_it(rng):
    problem = LinearGaussianProblem(
        rng.normal(size=60),
        np.zeros(60),
        rng.random((60, 4)),
        np.zeros(4),
        positive(rng, 4),
        np.eye(60),
    )
    posterior = PrimalSolver().solve(problem)
    assert posterior.basis.complete
    assert posterior.pairs <= 5


def test_variances_of_innovations_are_exact_with_few_pairs():
    case = made(WIDE)
    expected = np.sqrt(np.diagonal(case.H @ case.B @ case.H.T + case.R))
    assert_allclose(few(case, 5).innovation_standard_deviation, expected, rtol=1e-10)
    assert_allclose(few(case, 40).innovation_standard_deviation, expected, rtol=1e-9)
    found = row_variance(Dense(case.B), DenseMap(case.H), rows=7)
    assert_allclose(found, np.diagonal(case.H @ case.B @ case.H.T), rtol=1e-12)
    black_box = type("BlackBox", (LinearMap,), {"matmat": None, "rmatmat": None})((3, len(case.B)))
    with pytest.raises(
        MissingCapability, match=r"sparse, dense or stacked of such .* got BlackBox"
    ):
        row_variance(Dense(case.B), black_box)


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda p: p.sample(2, np.random.default_rng(0)), "draws from the posterior"),
        (lambda p: p.innovation_precision, r"S\^-1 for other data"),
        (lambda p: p.totals_for(np.ones(len(p.mean)), p.innovation[:, None]), "for other data"),
        (lambda p: p.unwhiten(np.zeros((6, 1))), "the gain of other data"),
        (lambda p: p.log_evidence, r"the log evidence, which needs ln\|S\|"),
        (lambda p: p.residual_standard_deviation, "standard deviations of the residuals"),
        (lambda p: p.innovation_covariance, "give S; got 6 pairs"),
        (lambda p: p.factor, "the factor of S"),
    ],
)
def test_what_few_pairs_cannot_tell_is_refused_with_advice(ask, what):
    with pytest.raises(MissingCapability, match=f"{what}.* Use the dual solver, or raise"):
        ask(few(made(WIDE), 6))


def test_with_all_pairs_it_samples_and_gains_as_the_dual(rng):
    case = made(Case(seed=3))
    posterior = few(case, 100)
    weights = rng.random((len(case.B), 2))
    gain = np.linalg.solve(case.H @ case.B @ case.H.T + case.R, case.H @ case.B @ weights)
    assert_allclose(posterior.unwhiten(posterior.whitened(weights)), gain, rtol=1e-8, atol=1e-10)
    totals = posterior.totals_for(weights, case.d[:, None])[:, 0]
    assert_allclose(totals, weights.T @ posterior.mean, rtol=1e-9)
    assert_allclose(posterior.innovation_covariance, case.H @ case.B @ case.H.T + case.R, rtol=1e-9)


@pytest.mark.parametrize("mismatch", [Diagonal([1.0, 0.0]), Dense(np.ones((2, 2)))])
def test_an_R_that_cannot_be_divided_by_is_refused(mismatch):
    problem = LinearGaussianProblem(
        np.zeros(2), np.zeros(2), np.eye(2), np.zeros(2), np.eye(2), mismatch
    )
    with pytest.raises(ValueError, match="R must be positive definite for the primal solver"):
        PrimalSolver().solve(problem)


def test_an_R_whose_inverse_is_of_something_else_is_found_out():
    class Wrong(Diagonal):
        def solve(self, block):
            return 0.0 * block

    with pytest.raises(ValueError, match="must leave room among 3 observations"):
        lanczos(lambda v: v, Wrong(np.ones(3)), np.ones(3), 3, 3)
