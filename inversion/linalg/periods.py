"""A problem's Jacobian and B come in; what they say of each period goes out, periods in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse

from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.covariance import MissingCapability
from inversion.linalg.dense import densify
from inversion.linalg.in_time import InTime
from inversion.linalg.maps import DenseMap, SparseMap, Stacked
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.with_totals import WithTotals

if TYPE_CHECKING:
    from inversion.linalg.covariance import Covariance
    from inversion.linalg.kronecker import Kronecker
    from inversion.linalg.maps import LinearMap


@dataclass(frozen=True)
class Periods:
    """A state of p periods, b fluxes each, and q states that belong to no period.

    Attributes
    ----------
    in_time : InTime
        Correlation of the periods.
    sigma : ndarray, (p, b)
        Standard deviations, sector by sector and place by place within a period.
    within : ndarray, (b, b)
        Correlation of the fluxes of one period.
    sensitivity : csr_matrix, (n, p b)
        Sensitivities times sigma, columns in the order of the periods.
    apart : ndarray, (n, q)
        Columns of the states that belong to no period.
    apart_covariance : ndarray, (q, q)
    totals : WithTotals or None
        The declared totals that correct this covariance.
    """

    in_time: InTime
    sigma: np.ndarray
    within: np.ndarray
    sensitivity: scipy.sparse.csr_matrix
    apart: np.ndarray
    apart_covariance: np.ndarray
    totals: WithTotals | None

    @property
    def shape(self) -> tuple[int, int]:
        """Number of periods and of fluxes in each."""
        return self.sigma.shape

    @cached_property
    def reach(self) -> tuple[np.ndarray, np.ndarray]:
        """First and last period each row is sensitive to, (n,) twice; last -1 where to none."""
        p, b = self.shape
        matrix = self.sensitivity
        first = np.full(matrix.shape[0], p - 1)
        last = np.full(matrix.shape[0], -1)
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        np.minimum.at(first, rows, matrix.indices // b)
        np.maximum.at(last, rows, matrix.indices // b)
        return first, last

    def by_period(self, fluxes: np.ndarray, sectors: int) -> np.ndarray:
        """Return an array over fluxes (sector, period, place) as (p, b, ...)."""
        p, b = self.shape
        parts = fluxes.reshape(sectors, p, b // sectors, *fluxes.shape[1:])
        return np.moveaxis(parts, 1, 0).reshape(p, b, *fluxes.shape[1:])

    def by_sector(self, periods: np.ndarray, sectors: int) -> np.ndarray:
        """Return an array (p, b, ...) over fluxes as the state orders them, (fluxes, ...)."""
        p, b = self.shape
        parts = periods.reshape(p, sectors, b // sectors, *periods.shape[2:])
        return np.moveaxis(parts, 0, 1).reshape(p * b, *periods.shape[2:])


def periods_of(jacobian: LinearMap, covariance: Covariance, most_fluxes: int) -> Periods:
    """Return a problem's Jacobian and B by period.

    Parameters
    ----------
    jacobian : LinearMap, (n, m)
    covariance : Covariance, (m, m)
        Fluxes whose correlation in time decays step by step (`InTime`), declared totals or not;
        then, in further blocks, states that are not fluxes.
    most_fluxes : int
        Most fluxes b of one period.

    Raises
    ------
    MissingCapability
        Where B has no such structure, or H gives no columns.
    ValueError
        Where a period has more fluxes.
    """
    parts = covariance.parts if isinstance(covariance, BlockDiagonal) else (covariance,)
    totals = parts[0] if isinstance(parts[0], WithTotals) else None
    fluxes = parts[0] if totals is None else totals.base
    if not (isinstance(fluxes, ScaledKronecker) and isinstance(fluxes.base.period, InTime)):
        msg = (
            "B must have fluxes whose correlation in time decays step by step (InTime) to be gone "
            f"through period by period; got {type(fluxes).__name__} in the smoother. Give the "
            "prior an exponential correlation in time, or use the dual solver."
        )
        raise MissingCapability(msg)
    g, p, r = fluxes.base.factor_shape
    if g * r > most_fluxes:
        msg = (
            f"one period must have at most {most_fluxes} fluxes for the smoother; got {g} x {r}, "
            f"whose covariance alone takes {8.0 * (g * r) ** 2 / 2**30:.3g} GiB, several times "
            "over. Use regions or a coarser grid, or the dual solver."
        )
        raise ValueError(msg)
    matrix, apart = _columns(jacobian, fluxes.size)
    sigma = np.moveaxis(fluxes.field, 1, 0).reshape(p, -1)
    return Periods(
        fluxes.base.period,
        sigma,
        _within(fluxes.base),
        _in_order(matrix, (g, p, r), sigma),
        apart,
        densify(BlockDiagonal(parts[1:])) if len(parts) > 1 else np.zeros((0, 0)),
        totals,
    )


def _columns(jacobian: LinearMap, n_flux: int):
    """Return the columns of the fluxes, sparse, and those of the other states, dense."""
    if isinstance(jacobian, Stacked):
        first, *others = jacobian.parts
        matrix, none = _columns(first, n_flux)
        columns = [none, *(part.matmat(np.eye(part.shape[1])) for part in others)]
        return matrix, np.concatenate(columns, axis=1)
    if isinstance(jacobian, SparseMap):
        matrix = jacobian.matrix
    elif isinstance(jacobian, DenseMap):
        matrix = scipy.sparse.csr_matrix(jacobian.matrix)
    else:
        msg = (
            "H must give its columns to be gone through period by period; got "
            f"{type(jacobian).__name__} in the smoother. Give it sparse or dense, or use the dual "
            "solver."
        )
        raise MissingCapability(msg)
    return matrix[:, :n_flux], matrix[:, n_flux:].toarray()


def _within(base: Kronecker):
    """Return the correlation of one period's fluxes: sectors (x) places, (g r, g r)."""
    g, _, r = base.factor_shape
    made = np.zeros((g, r, g, r))
    dense = {id(space): densify(space) for space in base.spaces}
    for s, space in enumerate(base.spaces):
        for other in np.flatnonzero(base.sector.matrix[s]):
            made[s, :, other] = base.sector.matrix[s, other] * dense[id(space)]
    return made.reshape(g * r, g * r)


def _in_order(matrix: scipy.sparse.csr_matrix, shape: tuple[int, int, int], sigma: np.ndarray):
    """Return the columns in the order of the periods, times sigma."""
    g, p, r = shape
    order = np.arange(g * p * r).reshape(g, p, r).transpose(1, 0, 2).ravel()
    scaled = matrix.tocsc()[:, order] @ scipy.sparse.diags(sigma.ravel())
    scaled = scaled.tocsr()
    scaled.eliminate_zeros()
    scaled.sort_indices()
    return scaled
