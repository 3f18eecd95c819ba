"""Every linear map against its adjoint and against its dense matrix."""

import numpy as np
import pytest
import scipy.sparse
from core_fakes import COLUMNS, ROWS, G, P, R, sparse_jacobian
from numpy.testing import assert_allclose

from inversion.linalg.dense import densify
from inversion.linalg.maps import DenseMap, OnBlock, Product, SparseMap, Stacked, as_map
from inversion.linalg.separable import Separable


def _separable(rng, by_place=False):
    space = R if by_place else rng.random((R, 3))
    return Separable(rng.random((G, 2)), rng.random((P, 2)), space)


def _maps(rng):
    separable = _separable(rng)
    return {
        "dense": DenseMap(rng.random((5, 7))),
        "sparse": sparse_jacobian(rng, 4),
        "stacked": Stacked([DenseMap(rng.random((5, 3))), DenseMap(rng.random((5, 4)))]),
        "on_block": OnBlock(DenseMap(rng.random((4, 3))), 1, (6, 4, 5)),
        "separable": separable,
        "by_place": _separable(rng, by_place=True),
        "product": Product(separable, rng.random((separable.shape[1], 5))),
    }


NAMES = ("dense", "sparse", "stacked", "on_block", "separable", "by_place", "product")


@pytest.mark.parametrize("name", NAMES)
def test_adjoint(name, rng):
    matrix = _maps(rng)[name]
    right, left = rng.standard_normal((matrix.shape[1], 2)), rng.standard_normal(matrix.shape[0])
    assert_allclose(
        left @ matrix.matmat(right), matrix.rmatvec(left) @ right, rtol=1e-12, atol=1e-12
    )
    assert matrix.matmat(right).shape == (matrix.shape[0], 2)
    assert_allclose(densify(matrix)[:, 1], matrix.matvec(np.eye(matrix.shape[1])[1]), atol=1e-14)


@pytest.mark.parametrize("by_place", [False, True])
def test_separable_is_the_kronecker_product_with_sectors_slowest(by_place, rng):
    weights = _separable(rng, by_place)
    space = np.eye(R) if by_place else weights.space
    assert_allclose(
        densify(weights), np.kron(np.kron(weights.sector, weights.period), space), atol=1e-14
    )
    assert R == ROWS * COLUMNS


def test_stacked_and_on_block_are_concatenations(rng):
    maps = _maps(rng)
    stacked = maps["stacked"]
    assert_allclose(densify(stacked), np.hstack([part.matrix for part in stacked.parts]))
    embedded = densify(maps["on_block"])
    assert_allclose(embedded[6:10], maps["on_block"].part.matrix)
    assert not embedded[:6].any()
    assert not embedded[10:].any()


def test_as_map_takes_vectors_and_sparse_matrices(rng):
    assert as_map(rng.random(4)).shape == (4, 1)
    assert isinstance(as_map(scipy.sparse.csr_matrix(np.eye(3))), SparseMap)


def test_maps_refuse_what_does_not_fit(rng):
    unsorted = scipy.sparse.csr_matrix(
        (np.ones(2), np.array([2, 0]), np.array([0, 2])), shape=(1, 3)
    )
    with pytest.raises(ValueError, match="must be sorted in each row"):
        SparseMap(unsorted)
    beyond = scipy.sparse.csr_matrix((np.ones(1), np.array([1]), np.array([0, 1])), shape=(1, 3))
    beyond.indices[0] = -1
    with pytest.raises(ValueError, match=r"must lie in \[0, 3\); got -1"):
        SparseMap(beyond)
    with pytest.raises(ValueError, match="equal numbers of rows"):
        Stacked([DenseMap(np.ones((2, 1))), DenseMap(np.ones((3, 1)))])
    with pytest.raises(ValueError, match="as many rows as its block"):
        OnBlock(DenseMap(np.ones((3, 1))), 0, (2, 3))
    with pytest.raises(ValueError, match="one row for each of the 2 columns"):
        Product(DenseMap(rng.random((4, 2))), np.ones((3, 1)))
