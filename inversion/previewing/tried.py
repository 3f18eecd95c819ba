"""A problem comes in; what the sweep of all its observations will take, tried on a few of them, goes out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.maps import SparseMap, Stacked
from inversion.previewing.work import meetings, shape_of, swept_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.covariance import Precision
    from inversion.linalg.maps import LinearMap
    from inversion.previewing.work import Shape
    from inversion.problem import LinearGaussianProblem

FEW = 96


@dataclass(frozen=True)
class SweepTime:
    """Seconds of a sweep over all observations on one core.

    Attributes
    ----------
    totals : float
        S and H B W of the totals.
    places : float
        What a column for each place costs beside.
    """

    totals: float
    places: float


def tried_sweep(
    problem: LinearGaussianProblem,
    shape: Shape,
    aggregates: Sequence[LinearMap],
    precision: Precision,
    seconds_a_product: float,
) -> SweepTime:
    """Return the time of the whole sweep from that of a few observations side by side in time.

    Parameters
    ----------
    problem : LinearGaussianProblem
    shape : Shape
        Of the whole problem.
    aggregates : sequence of LinearMap
        Weights of the totals, then of every place.
    precision : Precision
    seconds_a_product : float
        Of one multiplication and addition in the sweep's arithmetic.

    Returns
    -------
    SweepTime

    Notes
    -----
    Products of windows with each other grow with the square of their number and are counted;
    everything else that a window costs is measured and grows with the number of open windows.
    What is done once whatever the observations are is told apart by a second try, which finds it
    done.
    """
    totals, places = aggregates
    rows = sampled_rows(problem)
    few = SparseMap(problem.jacobian.parts[0].matrix[rows])
    part = replace(problem, **_of_rows(problem, rows, few))
    small = shape_of(part, shape.regions, single=shape.single)
    covariance = problem.prior_covariance.parts[0]

    def sweep(wanted: tuple[LinearMap, ...]) -> float:
        begin = time.process_time()
        covariance.gram_and_cross(few, wanted, precision)
        return time.process_time() - begin

    first = sweep((totals, places))
    both, plain = sweep((totals, places)), sweep((totals,))
    once, met = max(first - both, 0.0), seconds_a_product * meetings(small)
    larger = shape.widths.sum() / max(small.widths.sum(), 1)
    growing = max(plain - met, 0.1 * plain) * larger
    return SweepTime(
        totals=growing + seconds_a_product * meetings(shape),
        places=once + max(both - plain, 0.0) * shape.n / max(small.n, 1),
    )


def sampled_rows(problem: LinearGaussianProblem) -> np.ndarray:
    """Return a few observations whose windows open one after the other, from the middle."""
    matrix = problem.jacobian.parts[0].matrix
    last_seen = np.full(matrix.shape[0], -1, dtype=np.int64)
    some = np.diff(matrix.indptr) > 0
    p, r = _periods_and_places(problem)
    last_seen[some] = (matrix.indices[matrix.indptr[1:][some] - 1] // r) % p
    order = np.lexsort((np.arange(len(last_seen)), last_seen))
    start = max(0, (len(order) - FEW) // 2)
    return np.sort(order[start : start + FEW])


def _periods_and_places(problem: LinearGaussianProblem) -> tuple[int, int]:
    """Return the numbers of periods and places of a swept state."""
    base, _ = swept_part(problem)
    _, p, r = base.field.shape
    return p, r


def _of_rows(problem: LinearGaussianProblem, rows: np.ndarray, few: SparseMap):
    """Return what makes a problem of the fluxes and some observations alone."""
    return {
        "observations": problem.observations[rows],
        "background": problem.background[rows],
        "jacobian": Stacked([few]),
        "prior": problem.prior[: problem.n_flux],
        "prior_covariance": BlockDiagonal([problem.prior_covariance.parts[0]]),
        "mismatch_covariance": Diagonal(np.ones(len(rows))),
        "nuisance": None,
        "obs_id": (),
    }
