"""A covariance and a Jacobian come in; the diagonal of H B H^T goes out, without H B H^T."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import EXACT, ROWS, MissingCapability, Precision
from inversion.linalg.maps import DenseMap, LinearMap, SparseMap, Stacked

if TYPE_CHECKING:
    from inversion.linalg.covariance import Covariance


def row_variance(
    covariance: Covariance, jacobian: LinearMap, rows: int = ROWS, precision: Precision = EXACT
) -> np.ndarray:
    """Return the diagonal of H B H^T, (n,), a block of rows at a time.

    Parameters
    ----------
    covariance : Covariance, (m, m)
        B.
    jacobian : LinearMap, (n, m)
        H, whose rows can be taken.
    rows : int
        Rows at a time: their share of H B H^T is held, so memory is linear in n.
    precision : Precision
    """
    variance = np.empty(jacobian.shape[0])
    for start in range(0, len(variance), rows):
        block = rows_of(jacobian, slice(start, start + rows))
        variance[start : start + rows] = np.diagonal(covariance.gram(block, precision))
    return variance


def rows_of(jacobian: LinearMap, rows: slice) -> LinearMap:
    """Return some rows of a map.

    Raises
    ------
    MissingCapability
        Where the map is known by its products alone.
    """
    if isinstance(jacobian, Stacked):
        return Stacked([rows_of(part, rows) for part in jacobian.parts])
    if isinstance(jacobian, SparseMap):
        return SparseMap(jacobian.matrix[rows])
    if isinstance(jacobian, DenseMap):
        return DenseMap(jacobian.matrix[rows])
    msg = (
        "a Jacobian must be sparse, dense or stacked of such to give its rows; got "
        f"{type(jacobian).__name__} in row_variance. Give its rows in memory."
    )
    raise MissingCapability(msg)
