"""Laws of linear maps and of the order of factors: adjoint, examined without exception, never reversed."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from core_fakes import scaled_kronecker, sparse_jacobian
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import inversion.linalg
from inversion.linalg.dense import densify
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import DenseMap, LinearMap, OnBlock, Product, Stacked
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.sector_days import SectorDays
from inversion.linalg.separable import Separable


def examples_of_maps(rng):
    """Return one example of every linear map of this room, by its class's name."""
    separable = Separable(rng.random((2, 3)), rng.random((4, 2)), rng.random((5, 2)))
    return {
        "DenseMap": DenseMap(rng.random((5, 7))),
        "SparseMap": sparse_jacobian(rng, 4),
        "Stacked": Stacked([DenseMap(rng.random((5, 3))), DenseMap(rng.random((5, 4)))]),
        "OnBlock": OnBlock(DenseMap(rng.random((4, 3))), 1, (6, 4, 5)),
        "Product": Product(separable, rng.random((separable.shape[1], 5))),
        "Separable": separable,
        "SectorDays": SectorDays(rng.random((2, 5, 3)), np.array([0, 0, 1, 1, 2])),
    }


def classes_of_maps(base=LinearMap):
    """Return the names of all concrete classes of linear maps of this room."""
    for module in pkgutil.iter_modules(inversion.linalg.__path__, "inversion.linalg."):
        importlib.import_module(module.name)
    found = set()
    for child in base.__subclasses__():
        if child.__module__.startswith("inversion.") and not inspect.isabstract(child):
            found.add(child.__name__)
        found |= classes_of_maps(child)
    return found


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), columns=st.integers(1, 4), rows=st.integers(1, 4))
def test_every_map_is_adjoint_to_its_transpose(seed, columns, rows):
    rng = np.random.default_rng(seed)
    for name, matrix in examples_of_maps(rng).items():
        right = rng.standard_normal((matrix.shape[1], columns))
        left = rng.standard_normal((matrix.shape[0], rows))
        one, two = left.T @ matrix.matmat(right), (right.T @ matrix.rmatmat(left)).T
        assert_allclose(one, two, rtol=1e-11, atol=1e-11, err_msg=name)


def test_a_map_that_is_not_adjoint_is_seen(rng):
    wrong = DenseMap(rng.random((4, 4)))
    wrong.rmatmat = wrong.matmat
    right, left = rng.standard_normal((2, 4, 1))
    one, two = left.T @ wrong.matmat(right), right.T @ wrong.rmatmat(left)
    assert abs(float(one[0, 0] - two[0, 0])) > 1e-3


def test_no_map_escapes_the_examination(rng):
    """A class of linear maps without an example here has not been examined: add one."""
    assert classes_of_maps() == set(examples_of_maps(rng))


def test_a_reversed_kronecker_product_is_caught(rng):
    """Factors of unequal size in another order, as a field or as a product, do not pass."""
    covariance, dense = scaled_kronecker(rng)
    base = covariance.base
    g, p, r = base.factor_shape
    assert len({g, p, r}) == 3
    with pytest.raises(ValueError, match="must have the shape of the correlation's factors"):
        ScaledKronecker(covariance.field.transpose(2, 1, 0), base)
    with pytest.raises(ValueError, match=r"one for each of 4 sectors|correlated sectors|one size"):
        Kronecker(base.period, base.sector, list(base.spaces))
    block = rng.standard_normal((covariance.size, 2))
    assert_allclose(covariance.matmat(block), dense @ block, rtol=1e-9, atol=1e-9)
    factors = base.sector.matrix, base.period.matrix, densify(base.spaces[0])
    backwards = np.kron(factors[2], np.kron(factors[1], factors[0]))
    sigma = covariance.sigma
    assert np.abs(sigma[:, None] * backwards * sigma - dense).max() > 0.1
