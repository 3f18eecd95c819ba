"""The problem of an inversion comes in; how many operations of each kind its steps take goes out.

A count follows what the dual solver does, step by step; `inversion.previewing.cost` turns counts into time.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.windows import Windows

if TYPE_CHECKING:
    from inversion.linalg.covariance import Covariance
    from inversion.problem import LinearGaussianProblem

HOUR_PASSES = 12.0
STATE_FIELDS = 3.0


@dataclass(frozen=True)
class Work:
    """Operations of each kind; sums and multiples of work are work.

    Attributes
    ----------
    product, triangular, cholesky : float
        Multiplications with their additions, in double precision.
    element : float
        Numbers read, changed and written.
    map : float
        Maps correlated in space.
    packed_byte, unpacked_byte : float
        Bytes compressed for a file, and read back.
    """

    product: float = 0.0
    triangular: float = 0.0
    cholesky: float = 0.0
    element: float = 0.0
    map: float = 0.0
    packed_byte: float = 0.0
    unpacked_byte: float = 0.0

    def __add__(self, other: Work) -> Work:
        names = [one.name for one in fields(self)]
        return Work(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def __mul__(self, times: float) -> Work:
        return Work(**{one.name: times * getattr(self, one.name) for one in fields(self)})


@dataclass(frozen=True)
class Shape:
    """What the cost of an inversion depends on.

    Attributes
    ----------
    n : int
        Observations.
    sectors, periods, places : int
        g, p and r of the state.
    nonzero : int
        Elements of the Jacobian of the fluxes.
    layers : int
        1 where all sectors share one field of sensitivities, else g.
    parts : int
        Parts of the correlation in time.
    widths : ndarray, (p,)
        Observations whose windows are open in each period.
    apart : float
        Pairs of observations whose windows do not overlap.
    seen : float
        Periods that the observations see, summed over observations.
    modes : int
        Declared totals.
    regions : int
        Regions, ``outside`` among them.
    single : bool
        Whether the sweep computes in single precision.
    """

    n: int
    sectors: int
    periods: int
    places: int
    nonzero: int
    layers: int
    parts: int
    widths: np.ndarray
    apart: float
    seen: float
    modes: int
    regions: int
    single: bool

    @property
    def slab(self) -> float:
        """Places of all sectors in one period."""
        return float(self.sectors * self.places)


def shape_of(problem: LinearGaussianProblem, regions: int, *, single: bool) -> Shape | None:
    """Return what the cost of a problem depends on; None where the sweep does not solve it.

    Parameters
    ----------
    problem : LinearGaussianProblem
        As `inversion.problem.assemble_problem` returns it.
    regions : int
        Regions of the prior.
    single : bool
        Arithmetic of the sweep.
    """
    base, modes = swept_part(problem)
    matrix = getattr(getattr(problem.jacobian, "parts", (None,))[0], "matrix", None)
    if base is None or matrix is None or not hasattr(base.base.period, "features"):
        return None
    windows = Windows(matrix, base.field.shape, np.float64)
    g, p, r = base.field.shape
    some = windows.last >= 0
    first, last = windows.first[some], windows.last[some]
    opened = np.searchsorted(np.sort(first), np.arange(p), side="right")
    ended = np.searchsorted(np.sort(last), np.arange(p), side="left")
    after = np.searchsorted(np.sort(last), first, side="left")
    return Shape(
        n=matrix.shape[0],
        sectors=g,
        periods=p,
        places=r,
        nonzero=int(matrix.nnz),
        layers=windows.layers,
        parts=len(base.base.period.features),
        widths=opened - ended,
        apart=float(after.sum()),
        seen=float((last - first + 1).sum()),
        modes=modes,
        regions=regions,
        single=single,
    )


def swept_part(problem: LinearGaussianProblem) -> tuple[ScaledKronecker | None, int]:
    """Return the covariance that is swept, and how many declared totals stand on it."""
    covariance: Covariance = problem.prior_covariance
    covariance = getattr(covariance, "parts", (covariance,))[0]
    modes = 0
    while not isinstance(covariance, ScaledKronecker):
        modes += len(getattr(covariance, "wanted", ()))
        inner = getattr(covariance, "base", None) or getattr(covariance, "parts", (None,))[0]
        if inner is None:
            return None, modes
        covariance = inner
    return covariance, modes


def meetings(shape: Shape) -> float:
    """Return the multiplications with which the windows of a sweep meet each other.

    Notes
    -----
    Windows open in one period meet over its places, of all sectors where sectors differ; windows
    that do not overlap meet once, over all places of all sectors.
    """
    pairs = float((shape.widths.astype(np.float64) ** 2).sum())
    layered = 1.0 if shape.layers == 1 else float(shape.sectors)
    return pairs * shape.places * layered + shape.apart * shape.slab * shape.parts


def totals_work(shape: Shape) -> Work:
    """Return the work of W^T B W of all totals, of the declared ones and of the daily series."""
    of_regions = float(shape.sectors * shape.periods * shape.regions)
    return Work(
        map=4.0 * of_regions,
        product=of_regions * shape.places * shape.sectors * shape.regions,
        element=4.0 * of_regions * shape.places,
    )


def dense_work(shape: Shape) -> Work:
    """Return the work in S: its factor, R, and the spread of the residuals."""
    cube, square = float(shape.n) ** 3, float(shape.n) ** 2
    return Work(cholesky=3.0 * cube, triangular=2.0 * cube, element=30.0 * square)


def mean_work(shape: Shape) -> Work:
    """Return the work of the mean: products with B, three where the sweep is in single precision."""
    times = (3.0 if shape.single else 1.0) * (2.0 if shape.modes else 1.0)
    state = shape.slab * shape.periods
    return Work(map=times * shape.sectors * shape.periods, element=times * 8.0 * state)


def maps_work(shape: Shape) -> Work:
    """Return the work of every place's variance: H B W of all places, whitened sector by sector."""
    whole = shape.n * shape.slab
    work = Work(triangular=0.5 * shape.n * whole, element=9.0 * whole)
    if shape.modes:
        work = work + Work(product=whole * shape.modes, element=3.0 * whole)
    return work


def after_sweep_work(shape: Shape) -> Work:
    """Return the work of the posterior of one batch, but for its sweep."""
    written = 8.0 * STATE_FIELDS * shape.slab * shape.periods
    parts = (totals_work(shape), dense_work(shape), mean_work(shape), maps_work(shape))
    return sum(parts, Work(packed_byte=written))


def diagnose_work(shape: Shape) -> Work:
    """Return the work of the diagnostics, but for the sweep: the inverse of S, and tests with it.

    Notes
    -----
    Desroziers' tests and the spectrum of S against R are products of n^3; six directions are
    followed through B, whose declared totals take three products each.
    """
    cube = float(shape.n) ** 3
    inverse = Work(cholesky=6.0 * cube, triangular=4.0 * cube, element=40.0 * shape.n**2)
    tests = Work(product=15.0 * cube, map=6.0 * 3.0 * shape.sectors * shape.periods)
    return dense_work(shape) + mean_work(shape) + inverse + tests


def jacobian_work(shape: Shape) -> Work:
    """Return the work of the Jacobian: every element by its hour, sorted, written."""
    return Work(element=HOUR_PASSES * shape.nonzero, packed_byte=jacobian_bytes(shape))


def reading_work(shape: Shape) -> Work:
    """Return the work of reading a problem from its files and of checking it."""
    fields = 2.0 * shape.slab * shape.periods
    return Work(
        unpacked_byte=jacobian_bytes(shape) + 8.0 * fields,
        element=10.0 * (shape.nonzero + fields),
    )


def jacobian_bytes(shape: Shape) -> float:
    """Return the bytes of the Jacobian's elements before compression."""
    index = 4.0 if shape.slab * shape.periods < 2**31 else 8.0
    return shape.nonzero * (8.0 + index)
