"""SCIENCE 3, rows 1 and 2: numbers worked out by hand; row 5 is in test_identities."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver


def _solve(y, H, x_a, B, R):
    problem = LinearGaussianProblem(
        observations=np.array(y),
        background=np.zeros(len(y)),
        jacobian=np.array(H),
        prior=np.array(x_a),
        prior_covariance=np.array(B),
        mismatch_covariance=np.array(R),
    )
    return DualSolver().solve(problem)


def test_scalar():
    posterior = _solve([7.0], [[0.5]], [10.0], [[4.0]], [[1.0]])
    assert_allclose(posterior.mean, [12.0], rtol=1e-14)
    assert_allclose(posterior.covariance_of(np.ones((1, 1))), [[2.0]], rtol=1e-14)
    assert posterior.dofs == pytest.approx(0.5, abs=1e-14)
    assert posterior.modelled[0] == pytest.approx(6.0, abs=1e-14)


def test_two_cells():
    posterior = _solve([6.5], [[0.3, 0.1]], [10.0, 20.0], [[9.0, 3.0], [3.0, 16.0]], [[0.25]])
    assert_allclose(posterior.innovation_standard_deviation**2, [1.4], rtol=1e-14)
    assert_allclose(posterior.mean, [13.214286, 22.678571], atol=5e-7)
    assert_allclose(
        posterior.covariance_of(np.eye(2)),
        [[2.571429, -2.357143], [-2.357143, 11.535714]],
        atol=5e-7,
    )
    total = np.ones(2)
    assert_allclose(posterior.mean @ total, 35.892857, atol=5e-7)
    assert_allclose(np.sqrt(posterior.covariance_of(total)), [[3.064777]], atol=5e-7)
    assert_allclose(np.sqrt(posterior.prior_covariance_of(total)), [[5.567764]], atol=5e-7)
    assert posterior.dofs == pytest.approx(0.821429, abs=5e-7)
    assert posterior.chi_square == pytest.approx(1.607143, abs=5e-7)


def test_gains_and_averaging_kernels_of_both_rows():
    """K of SCIENCE 3 is what one unit of the innovation moves, A = K H what is seen of the truth."""
    scalar = _solve([7.0], [[0.5]], [10.0], [[4.0]], [[1.0]])
    moved = scalar.totals_for(np.eye(1), np.array([[0.0, 1.0]]))
    assert_allclose(np.diff(moved), [[1.0]], rtol=1e-14)
    kernel = scalar.solve_observations(scalar.cross(np.eye(1))).T @ np.array([[0.5]])
    assert_allclose(kernel, [[0.5]], rtol=1e-14)
    cells = _solve([6.5], [[0.3, 0.1]], [10.0, 20.0], [[9.0, 3.0], [3.0, 16.0]], [[0.25]])
    moved = cells.totals_for(np.eye(2), np.array([[0.0, 1.0]]))
    assert_allclose(np.diff(moved)[:, 0], [2.142857, 1.785714], atol=5e-7)
    kernel = cells.solve_observations(cells.cross(np.eye(2))).T @ np.array([[0.3, 0.1]])
    assert np.trace(kernel) == pytest.approx(0.821429, abs=5e-7)
    assert cells.innovation[0] ** 2 / 1.4 == pytest.approx(1.607143, abs=5e-7)


def test_log_evidence_is_the_density_of_the_data():
    posterior = _solve([6.5], [[0.3, 0.1]], [10.0, 20.0], [[9.0, 3.0], [3.0, 16.0]], [[0.25]])
    density = np.exp(-0.5 * 1.5**2 / 1.4) / np.sqrt(2.0 * np.pi * 1.4)
    assert posterior.log_evidence == pytest.approx(np.log(density), abs=1e-12)
