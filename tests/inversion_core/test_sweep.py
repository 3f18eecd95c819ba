"""The sweep over time and the convolution it rests on, against the same products written out."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from inversion.linalg.convolution import GridConvolution
from inversion.linalg.covariance import Covariance, Precision
from inversion.linalg.dense import Dense
from inversion.linalg.in_time import InTime, exponential_in_time
from inversion.linalg.kernels import SHAPES, correlation
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import SparseMap
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.separable import Separable
from inversion.linalg.stationary import Stationary
from inversion.linalg.sweep import Sweep

SINGLE = Precision(np.float32)


def distances(shape, spacing):
    place = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1).reshape(-1, 2)
    return np.linalg.norm((place[:, None] - place[None]) * spacing, axis=2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 3), (5, 4), (7, 7), (6, 8)])
@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_convolution_is_the_product_with_the_matrix_of_distances(shape, name, rng):
    spacing = np.array([1000.0, 1500.0])
    kernel = correlation(name, efolding_length=2500.0)
    matrix = kernel(distances(shape, spacing))
    maps = rng.standard_normal((len(matrix), 5))
    for dtype, tolerance in ((np.float64, 1e-13), (np.float32, 2e-6)):
        space = Stationary(shape, tuple(spacing), 2500.0, name, dtype)
        assert space.matmat(maps).dtype == dtype
        assert_allclose(space.matmat(maps), matrix @ maps, rtol=0, atol=tolerance * len(matrix))
        assert_allclose(
            space.matmat(maps.T.copy().T), matrix @ maps, rtol=0, atol=tolerance * len(matrix)
        )


def test_a_long_list_of_maps_is_convolved_in_blocks(rng):
    line = GridConvolution((3, 4), lambda row, column: np.exp(-np.hypot(row, column)))
    maps = rng.standard_normal((12, 300))
    one_by_one = np.concatenate([line.apply(maps[:, [k]]) for k in range(300)], axis=1)
    assert_allclose(line.apply(maps), one_by_one, atol=1e-13)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_lengths_mean_what_they_are_called(name):
    distance = np.linspace(0.0, 400.0, 400_001)
    kernel = correlation(name, integral_length=5.0)
    assert np.trapezoid(kernel(distance), distance) == pytest.approx(5.0, rel=1e-6)
    assert correlation(name, efolding_length=5.0)(5.0) == pytest.approx(np.exp(-1.0), rel=1e-12)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_kernel_is_positive_semidefinite_in_the_plane(name, rng):
    place = rng.uniform(0.0, 10.0, (40, 2))
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)
    assert np.linalg.eigvalsh(correlation(name, efolding_length=3.0)(apart))[0] > -1e-12


@pytest.mark.parametrize(
    "lengths", [{}, {"efolding_length": 1.0, "integral_length": 1.0}, {"efolding_length": -1.0}]
)
def test_a_kernel_without_one_length_is_refused(lengths):
    with pytest.raises(ValueError, match="must have one length"):
        correlation("gaussian", **lengths)
    with pytest.raises(ValueError, match="must be one of exponential"):
        correlation("cubic", efolding_length=1.0)


def test_decaying_parts_make_an_exponential_matrix():
    centres = np.array([0.0, 3.0, 4.0, 9.0])
    expected = np.exp(-np.abs(centres[:, None] - centres) / 5.0)
    assert_allclose(exponential_in_time(centres, 5.0).matrix, expected, rtol=1e-14)
    cut = InTime(np.ones((1, 3)), np.array([[0.0, 0.5]])).matrix
    assert_allclose(cut, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.5, 1.0]], atol=1e-300)
    with pytest.raises(ValueError, match=r"must have 1 x 2 factors of decay in \[0, 1\]"):
        InTime(np.ones((1, 3)), np.array([[1.5, 0.5]]))


@st.composite
def problems(draw):
    """Draw shapes and a seed: sectors, periods, grid, observations, parts of the time kernel."""
    sizes = [draw(st.integers(1, top)) for top in (3, 8, 4, 5, 25, 3)]
    return (*sizes, draw(st.booleans()), draw(st.integers(0, 10_000)))


def made(sizes):
    """Return a Jacobian with windows of any length and gaps, and a covariance, from a drawn case."""
    g, p, rows, columns, n, parts, shared, seed = sizes
    rng, r = np.random.default_rng(seed), rows * columns
    H = np.zeros((n, g, p, r))
    for one in H:
        first = rng.integers(0, p)
        for t in range(first, rng.integers(first, p) + 1):
            field = rng.random((1 if shared else g, r))
            one[:, t] = field * (rng.random(field.shape) < 0.6) * (rng.random() > 0.2)
    H[rng.random(n) < 0.1] = 0.0
    matrix = scipy.sparse.csr_matrix(H.reshape(n, -1))
    matrix.sort_indices()
    root = rng.normal(size=(g, g + 2))
    sector = root @ root.T
    sector /= np.sqrt(np.outer(np.diagonal(sector), np.diagonal(sector)))
    in_time = InTime(rng.normal(size=(parts, p)), rng.random((parts, p - 1)))
    base = Kronecker(Dense(sector), in_time, Stationary((rows, columns), (1.0, 1.3), 2.0))
    weights = [
        Separable(rng.random((g, 2)), rng.random((p, 2)), rng.random((r, 3))),
        Separable(np.eye(g), rng.random((p, 1)), r),
        Separable(rng.random((g, 2)), rng.random((p, 2)), r),
    ]
    return matrix, rng.random((g, p, r)), base, weights


@settings(max_examples=60, deadline=None)
@given(problems())
def test_a_sweep_gives_the_products_of_the_streamed_rows(sizes):
    matrix, sigma, base, weights = made(sizes)
    covariance, jacobian = ScaledKronecker(sigma, base), SparseMap(matrix)
    gram, crosses = Sweep(matrix, sigma, base, weights).run()
    wanted = Covariance.gram_and_cross(covariance, jacobian)[0]
    assert_allclose(gram, wanted, rtol=0, atol=1e-13 * max(np.abs(wanted).max(), 1.0))
    for one, found in zip(weights, crosses, strict=True):
        wanted = Covariance.cross(covariance, jacobian, one)
        assert_allclose(found, wanted, rtol=0, atol=1e-13 * max(np.abs(wanted).max(), 1.0))
    single, _ = Sweep(matrix, sigma, base, (), SINGLE).run()
    assert_allclose(single, gram, rtol=0, atol=3e-6 * max(np.abs(gram).max(), 1e-30))


@settings(max_examples=10, deadline=None)
@given(problems(), st.floats(1e-4, 0.05))
def test_what_is_beyond_reach_is_left_out_and_no_more(sizes, reach):
    matrix, sigma, base, _ = made(sizes)
    base.period.features[:] = np.abs(base.period.features)
    full, _ = Sweep(matrix, sigma, base).run()
    cut, _ = Sweep(matrix, sigma, base, (), Precision(reach=reach)).run()
    scale = np.sqrt(np.diagonal(full))
    # a pair may lose what its parts' correlations below the reach could have made of it
    assert (np.abs(cut - full) <= 40 * reach * np.outer(scale, scale) + 1e-12).all()


def test_windows_that_meet_far_apart_are_blocked(rng, monkeypatch):
    monkeypatch.setattr("inversion.linalg.far_windows.FAR_COLUMNS", 3)
    monkeypatch.setattr("inversion.linalg.far_windows.FAR_ROWS", 4)
    n, p, r = 40, 30, 6
    H = np.zeros((n, 1, p, r))
    for row, start in enumerate(np.sort(rng.integers(0, p - 2, n))):
        H[row, 0, start : start + 2] = rng.random((2, r))
    matrix = scipy.sparse.csr_matrix(H.reshape(n, -1))
    base = Kronecker(
        Dense(np.eye(1)), exponential_in_time(np.arange(p), 9.0), Stationary((2, 3), (1, 1), 2.0)
    )
    sigma = rng.random((1, p, r))
    gram, _ = Sweep(matrix, sigma, base).run()
    dense = np.einsum(
        "np,pq,mq->nm",
        *(
            H.reshape(n, -1) * sigma.ravel(),
            np.kron(base.period.matrix, base.spaces[0].matmat(np.eye(r))),
            H.reshape(n, -1) * sigma.ravel(),
        ),
    )
    assert_allclose(gram, dense, rtol=1e-12, atol=1e-14)
