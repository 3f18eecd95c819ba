"""Every covariance against its dense matrix: products, capabilities and sandwiches."""

import numpy as np
import pytest
from core_fakes import (
    COLUMNS,
    ROWS,
    G,
    P,
    R,
    correlation,
    dense_space,
    scaled_kronecker,
    sector_correlation,
    sparse_jacobian,
)
from numpy.testing import assert_allclose

from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.covariance import Covariance, MissingCapability
from inversion.linalg.dense import Dense, as_covariance, densify
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import DenseMap, OnBlock, Product, Stacked
from inversion.linalg.scaled import Scaled
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.separable import Separable
from inversion.linalg.stationary import Stationary
from inversion.linalg.summed import Sum
from inversion.linalg.windows import Windows
from inversion.linalg.with_totals import WithTotals

NAMES = (
    "diagonal",
    "dense",
    "summed",
    "blocks",
    "stationary",
    "kronecker",
    "scaled",
    "scaled_kronecker",
    "two_spaces",
    "with_totals",
)


def _spd(rng, size):
    root = rng.standard_normal((size, size + 2))
    return root @ root.T


def _totals(rng):
    base = Separable(np.eye(G), np.array([[0.0], [0.5], [0.2], [0.3]]), rng.random((R, 2)))
    mix = np.zeros((G * 2, 3))
    mix[[0, 2], 0] = 1.0
    mix[[1, 3], 1] = 1.0
    mix[[4, 5], 2] = 1.0
    return Product(base, mix)


def _pair(name, rng):
    """Return a covariance and the dense matrix it must be equal to."""
    if name == "diagonal":
        variances = rng.uniform(0.1, 2.0, 6)
        return Diagonal(variances), np.diag(variances)
    if name == "dense":
        matrix = _spd(rng, 6)
        return Dense(matrix), matrix
    if name == "summed":
        one, two = _spd(rng, 6), rng.uniform(0.1, 1.0, 6)
        return Sum([Dense(one), Diagonal(two)]), one + np.diag(two)
    if name == "blocks":
        one, two = _spd(rng, 3), rng.uniform(0.1, 1.0, 4)
        dense = np.zeros((7, 7))
        dense[:3, :3], dense[3:, 3:] = one, np.diag(two)
        return BlockDiagonal([Dense(one), Diagonal(two)]), dense
    if name == "stationary":
        return Stationary((ROWS, COLUMNS), (1000.0, 1500.0), 2500.0), dense_space()
    if name == "kronecker":
        factors = _spd(rng, 2), _spd(rng, 3), _spd(rng, 5)
        return Kronecker(*map(Dense, factors)), np.kron(np.kron(*factors[:2]), factors[2])
    if name == "scaled":
        sigma, matrix = rng.uniform(0.5, 2.0, 6), _spd(rng, 6)
        return Scaled(sigma, Dense(matrix)), np.outer(sigma, sigma) * matrix
    if name == "scaled_kronecker":
        return scaled_kronecker(rng)
    if name == "two_spaces":
        return _two_spaces(rng)
    base, dense = scaled_kronecker(rng)
    weights = _totals(rng)
    wanted = _spd(rng, 3) / 5.0
    tall = densify(weights)
    gram = tall.T @ dense @ tall
    modes = dense @ tall @ np.linalg.inv(gram)
    return WithTotals(base, weights, wanted), dense + modes @ (wanted - gram) @ modes.T


def _two_spaces(rng):
    near, far = (Stationary((ROWS, COLUMNS), (1000.0, 1500.0), x) for x in (2500.0, 3500.0))
    sectors = np.eye(G)
    sectors[0, 1] = sectors[1, 0] = 0.5
    sigma = rng.uniform(0.5, 2.0, (G, P, R))
    covariance = ScaledKronecker(
        sigma, Kronecker(Dense(sectors), Dense(correlation(P, 1.7)), (near, near, far))
    )
    same = np.kron(np.kron(sectors, correlation(P, 1.7)), dense_space())
    last = np.kron(correlation(P, 1.7), dense_space(3500.0))
    same[2 * P * R :, 2 * P * R :] = last
    return covariance, np.outer(sigma, sigma) * same


@pytest.mark.parametrize("name", NAMES)
def test_products_equal_the_dense_matrix(name, rng):
    covariance, dense = _pair(name, rng)
    scale = np.abs(dense).max()
    assert_allclose(densify(covariance), dense, rtol=0, atol=1e-12 * scale)
    assert_allclose(covariance.diagonal(), np.diagonal(dense), rtol=0, atol=1e-12 * scale)
    rows = rng.standard_normal((3, len(dense)))
    assert_allclose(covariance.apply_rows(rows), rows @ dense, rtol=0, atol=1e-10 * scale)
    assert_allclose(covariance.matvec(rows[0]), dense @ rows[0], rtol=0, atol=1e-10 * scale)


@pytest.mark.parametrize("name", ["diagonal", "dense", "blocks", "kronecker", "scaled"])
def test_solve_and_logdet_equal_the_dense_ones(name, rng):
    covariance, dense = _pair(name, rng)
    right = rng.standard_normal((len(dense), 2))
    assert_allclose(covariance.solve(right), np.linalg.solve(dense, right), rtol=1e-7, atol=1e-9)
    assert_allclose(covariance.logdet(), np.linalg.slogdet(dense)[1], rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_roots_square_to_the_covariance(name, rng):
    covariance, dense = _pair(name, rng)
    root = covariance.root_matmat(np.eye(covariance.root_size))
    assert_allclose(root @ root.T, dense, rtol=0, atol=1e-10 * np.abs(dense).max())


@pytest.mark.parametrize("name", NAMES)
def test_sandwiches_equal_the_dense_ones(name, rng):
    covariance, dense = _pair(name, rng)
    jacobian = DenseMap(rng.standard_normal((5, len(dense))))
    left, right = (DenseMap(rng.standard_normal((len(dense), k))) for k in (3, 2))
    H, V, W = jacobian.matrix, left.matrix, right.matrix
    scale = np.abs(H @ dense @ H.T).max()
    assert_allclose(covariance.gram(jacobian), H @ dense @ H.T, rtol=0, atol=1e-11 * scale)
    assert_allclose(covariance.cross(jacobian, W_map(W), 2), H @ dense @ W, atol=1e-11 * scale)
    assert_allclose(covariance.quadratic(left, right, 2), V.T @ dense @ W, atol=1e-11 * scale)
    assert_allclose(covariance.quadratic(left), V.T @ dense @ V, atol=1e-11 * scale)
    assert_allclose(covariance.variance(left, 2), np.diag(V.T @ dense @ V), atol=1e-11 * scale)


def W_map(matrix):
    return DenseMap(matrix)


@pytest.mark.parametrize("name", ["scaled_kronecker", "two_spaces", "with_totals"])
def test_streamed_gram_equals_the_dense_one(name, rng):
    covariance, dense = _pair(name, rng)
    jacobian = sparse_jacobian(rng)
    H = jacobian.matrix.toarray()
    expected = H @ dense @ H.T
    streamed = covariance.gram(jacobian)
    assert_allclose(streamed, expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    assert_allclose(streamed, streamed.T, rtol=0, atol=0)


@pytest.mark.parametrize("name", ["scaled_kronecker", "two_spaces", "with_totals"])
def test_separable_weights_take_the_fast_way_to_the_same_numbers(name, rng):
    covariance, dense = _pair(name, rng)
    jacobian = sparse_jacobian(rng)
    H = jacobian.matrix.toarray()
    period = np.array([[0.0], [0.5], [0.2], [0.3]])
    regions = Separable(
        rng.random((G, 2)), np.hstack([period, rng.random((P, 1))]), rng.random((R, 3))
    )
    places = Separable(np.array([[1.0, 1.0], [0.0, 2.0], [0.0, 0.0]]), period, R)
    mixed = Product(regions, rng.standard_normal((regions.shape[1], 2)))
    for one in (regions, places, mixed):
        tall = densify(one)
        expected = H @ dense @ tall
        assert_allclose(
            covariance.cross(jacobian, one, 4),
            expected,
            rtol=0,
            atol=1e-11 * np.abs(expected).max(),
        )
        inner = np.diag(tall.T @ dense @ tall)
        assert_allclose(covariance.variance(one), inner, rtol=1e-10)
        for two in (regions, places, mixed):
            expected = tall.T @ dense @ densify(two)
            assert_allclose(
                covariance.quadratic(one, two),
                expected,
                rtol=0,
                atol=1e-11 * np.abs(expected).max(),
            )
        assert_allclose(covariance.quadratic(one), tall.T @ dense @ tall, rtol=1e-9, atol=1e-9)


def test_blocks_use_their_own_jacobian_and_weights(rng):
    state, dense = scaled_kronecker(rng)
    extra = Diagonal(rng.uniform(0.1, 1.0, 4))
    covariance = BlockDiagonal([state, extra])
    columns = DenseMap(rng.standard_normal((13, 4)))
    sparse = sparse_jacobian(rng)
    jacobian = Stacked([sparse, columns])
    H = sparse.matrix.toarray()
    expected = H @ dense @ H.T + columns.matrix @ np.diag(extra.variances) @ columns.matrix.T
    assert_allclose(covariance.gram(jacobian), expected, rtol=1e-11, atol=1e-10)
    weights = Separable(np.eye(G), np.full((P, 1), 0.25), rng.random((R, 2)))
    sizes = (state.size, 4)
    on_state, on_extra = OnBlock(weights, 0, sizes), OnBlock(DenseMap(np.eye(4)), 1, sizes)
    tall = densify(weights)
    assert_allclose(covariance.cross(jacobian, on_state), H @ dense @ tall, rtol=1e-10)
    assert_allclose(covariance.cross(jacobian, on_extra), columns.matrix * extra.variances)
    assert_allclose(covariance.quadratic(on_state), tall.T @ dense @ tall, rtol=1e-10)
    assert_allclose(covariance.quadratic(on_state, on_extra), np.zeros((6, 4)))
    mixed = Product(Product(on_state, np.ones((6, 2))), np.array([[1.0], [2.0]]))
    three = tall @ np.full((6, 1), 3.0)
    assert_allclose(covariance.cross(jacobian, mixed), H @ dense @ three, rtol=1e-10)
    assert_allclose(covariance.quadratic(mixed), three.T @ dense @ three, rtol=1e-10)
    assert_allclose(covariance.variance(on_extra), extra.variances)


def test_a_reversed_kronecker_is_caught():
    space = Stationary((ROWS, COLUMNS), (1000.0, 1500.0), 2500.0)
    sectors, periods = Dense(sector_correlation()), Dense(correlation(P, 1.7))
    reversed_order = Kronecker(Dense(dense_space()), periods, sectors)
    assert reversed_order.size == Kronecker(sectors, periods, space).size
    with pytest.raises(ValueError, match="Order both as sector, period, space"):
        ScaledKronecker(np.ones((G, P, R)), reversed_order)


def test_the_low_rank_correction_stays_positive_semidefinite(rng):
    _, dense = _pair("with_totals", rng)
    assert np.linalg.eigvalsh(dense)[0] > -1e-10 * np.abs(dense).max()


class _Bare(Covariance):
    def matmat(self, block):
        return 1.0 * block

    def diagonal(self):
        return np.ones(self.size)


def test_missing_capabilities_say_what_to_do():
    bare = _Bare(3)
    with pytest.raises(MissingCapability, match="use the dual solver"):
        bare.solve(np.eye(3))
    with pytest.raises(MissingCapability, match="evidence in observation space"):
        bare.logdet()
    with pytest.raises(MissingCapability, match="smaller state"):
        bare.root_matmat(np.eye(3))
    with pytest.raises(MissingCapability, match="smaller state"):
        _ = bare.root_size


def test_a_length_beyond_the_grid_has_no_circulant_root():
    space = Stationary((ROWS, COLUMNS), (1000.0, 1500.0), 1.0e6)
    with pytest.raises(MissingCapability, match="smaller state"):
        _ = space.root_size


def test_covariances_refuse_what_does_not_fit(rng):
    with pytest.raises(ValueError, match="variances must be finite"):
        Diagonal([1.0, -1.0])
    with pytest.raises(ValueError, match="must be square"):
        Dense(np.ones((2, 3)))
    with pytest.raises(ValueError, match="must be symmetric"):
        Dense([[1.0, 0.5], [0.0, 1.0]])
    with pytest.raises(ValueError, match="must have one size"):
        Sum([Diagonal(np.ones(2)), Diagonal(np.ones(3))])
    with pytest.raises(ValueError, match="e-folding length must be finite"):
        Stationary((2, 3), (1.0, 1.0), 0.0)
    with pytest.raises(ValueError, match="finite and >= 0"):
        Scaled([-1.0, 1.0], Diagonal(np.ones(2)))
    with pytest.raises(ValueError, match="one for each of 2 sectors"):
        Kronecker(Dense(np.eye(2)), Dense(np.eye(3)), (Diagonal(np.ones(4)),))
    spaces = Diagonal(np.ones(4)), Diagonal(np.full(4, 2.0))
    with pytest.raises(ValueError, match="correlated sectors must share one space"):
        Kronecker(Dense([[1.0, 0.2], [0.2, 1.0]]), Dense(np.eye(3)), spaces)
    with pytest.raises(ValueError, match="one column for each state"):
        Windows(sparse_jacobian(rng).matrix, (2, 2, 2), np.float64)
    assert isinstance(as_covariance(np.ones(3)), Diagonal)
