"""A scaled Kronecker covariance and separable weights come in; V^T B W goes out, by convolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.convolution import MAPS_AT_ONCE

if TYPE_CHECKING:
    import scipy.sparse

    from inversion.linalg.covariance import Covariance
    from inversion.linalg.kronecker import Kronecker
    from inversion.linalg.separable import Separable


def quadratic(sigma: np.ndarray, base: Kronecker, left: Separable, right: Separable) -> np.ndarray:
    """Return V^T B W for separable V and W with B = D_sigma (C (x) D (x) E) D_sigma.

    Parameters
    ----------
    sigma : ndarray, (g, p, r)
    base : Kronecker, factor shape (g, p, r)
    left : Separable, a few regions
        V; must not have a column for each place.
    right : Separable
        W.

    Returns
    -------
    ndarray, (columns of V, columns of W)

    Notes
    -----
    Each sector and period of V costs one convolution per region; W costs none.
    """
    product = np.zeros((*left.factor_columns, *right.factor_columns))
    targets = np.flatnonzero(right.sector.any(axis=1))
    for s in np.flatnonzero(left.sector.any(axis=1)):
        correlated = _regions_in_space(sigma[s], base.spaces[s], left)
        for mean in range(left.factor_columns[1]):
            # (later period, earlier period) weighted by the earlier one's share in this mean
            in_time = base.period.matrix * left.period[:, mean]
            reached = np.tensordot(in_time, correlated, axes=(1, 0))
            for other in targets:
                factor = base.sector.matrix[s, other]
                if factor == 0.0:
                    continue
                inner = factor * _collect(reached * sigma[other][:, None, :], right)
                for group in np.flatnonzero(left.sector[s]):
                    for partner in np.flatnonzero(right.sector[other]):
                        share = left.sector[s, group] * right.sector[other, partner]
                        product[group, mean, :, partner] += share * inner
    return product.reshape(left.shape[1], right.shape[1])


def cross_by_region(
    matrix: scipy.sparse.csr_matrix, sigma: np.ndarray, base: Kronecker, weights: Separable
) -> np.ndarray:
    """Return H B W for separable W with a few regions.

    Parameters
    ----------
    matrix : csr_matrix, (n, g p r)
        H.
    sigma : ndarray, (g, p, r)
    base : Kronecker, factor shape (g, p, r)
    weights : Separable, a few regions
        W.

    Returns
    -------
    ndarray, (n, columns of W)

    Notes
    -----
    Only pairs of correlated sectors are visited, one sector's columns of H at a time.
    """
    _, p, r = sigma.shape
    cross = np.zeros((matrix.shape[0], *weights.factor_columns))
    for s in np.flatnonzero(weights.sector.any(axis=1)):
        correlated = _regions_in_space(sigma[s], base.spaces[s], weights)
        for other in np.flatnonzero(base.sector.matrix[s]):
            columns = matrix[:, other * p * r : (other + 1) * p * r]
            factor = base.sector.matrix[s, other] * sigma[other][:, None, :]
            for mean in range(weights.factor_columns[1]):
                in_time = base.period.matrix * weights.period[:, mean]
                field = factor * np.tensordot(in_time, correlated, axes=(1, 0))
                seen = columns @ field.transpose(0, 2, 1).reshape(p * r, -1)
                for group in np.flatnonzero(weights.sector[s]):
                    cross[:, group, mean] += weights.sector[s, group] * seen
    return cross.reshape(matrix.shape[0], -1)


def variance_by_place(sigma: np.ndarray, base: Kronecker, weights: Separable) -> np.ndarray:
    """Return the diagonal of W^T B W for W = S (x) T (x) I.

    Parameters
    ----------
    sigma : ndarray, (g, p, r)
    base : Kronecker, factor shape (g, p, r)
    weights : Separable by place

    Returns
    -------
    ndarray, (columns of W,)
    """
    groups, means, places = weights.factor_columns
    variance = np.zeros((groups, means, places))
    place = np.array([space.diagonal() for space in base.spaces])
    for mean in range(means):
        scaled = sigma * weights.period[None, :, mean, None]
        reached = np.matmul(base.period.matrix, scaled)
        pairs = np.einsum("spr,tpr->str", reached, scaled, optimize=True)
        pairs *= base.sector.matrix[:, :, None] * place[:, None, :]
        variance[:, mean] = np.einsum(
            "sa,ta,str->ar", weights.sector, weights.sector, pairs, optimize=True
        )
    return variance.ravel()


def _regions_in_space(field: np.ndarray, space: Covariance, weights: Separable):
    """Return E (sigma A) of one sector, (p, regions, r); periods without weight stay zero."""
    p, r = field.shape
    regions = weights.factor_columns[2]
    result = np.zeros((p, regions, r))
    seen = np.flatnonzero(weights.period.any(axis=1))
    at_once = max(1, MAPS_AT_ONCE // regions)
    for start in range(0, len(seen), at_once):
        part = seen[start : start + at_once]
        maps = field[part].T[:, :, None] * weights.space[:, None, :]
        made = space.matmat(maps.reshape(r, -1))
        result[part] = made.reshape(r, len(part), regions).transpose(1, 2, 0)
    return result


def _collect(field: np.ndarray, weights: Separable):
    """Return a (p, regions of V, r) field summed with T and A of W, (c, B, C)."""
    p, regions, r = field.shape
    summed = (weights.period.T @ field.reshape(p, -1)).reshape(-1, regions, r)
    if not weights.by_place:
        summed = summed @ weights.space
    return summed.transpose(1, 0, 2)
