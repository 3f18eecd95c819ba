"""A problem and this machine come in; hours, memory and disk of its inversion go out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import batch_totals, every_place
from inversion.linalg.covariance import Precision
from inversion.previewing import work as of
from inversion.previewing.beside import JOB_S, Beside
from inversion.previewing.rates import Rates, measured_rates
from inversion.previewing.tried import SweepTime, tried_sweep
from inversion.solvers.chosen import solver_of

if TYPE_CHECKING:
    from contracts.settings.model import Settings
    from inversion.aggregates import Layout
    from inversion.previewing.work import Shape, Work
    from inversion.problem import LinearGaussianProblem

PROGRAM_BYTES = 260e6
INDEX_SHARE, STATE_SHARE = 0.03, 0.28
_SAMPLE = 300_000


@dataclass(frozen=True)
class Cost:
    """What an inversion takes on one core of this machine.

    Attributes
    ----------
    seconds : dict of float
        Processor time by step: ``jacobian``, ``solve``, ``diagnose`` and, where it is asked for,
        ``certificate``; ``footprints`` and ``other`` where known.
    memory_bytes : float
        Most held at once, by the step ``solve``.
    disk_bytes : float
        Files that stay: Jacobian, prior and posterior.
    """

    seconds: dict[str, float]
    memory_bytes: float
    disk_bytes: float

    @property
    def hours(self) -> float:
        """Processor time of all steps [h]."""
        return sum(self.seconds.values()) / 3600.0


def predicted_cost(
    problem: LinearGaussianProblem, layout: Layout, settings: Settings, beside: Beside | None = None
) -> Cost | None:
    """Return what solving a problem takes, from operation counts and a few seconds of trials.

    Parameters
    ----------
    problem : LinearGaussianProblem
        n observations, m states.
    layout : Layout
    settings : Settings
        Section ``solver``.
    beside : Beside, optional
        What the run does beside.

    Returns
    -------
    Cost, or None where the solver is not the dual one or the covariance is not swept: regions,
    explicit matrices, which are small.

    Notes
    -----
    Processor time of one core: threads share the sweep, so that a run is done sooner.
    """
    precision = getattr(solver_of(settings.solver, problem.n_flux), "precision", None)
    if precision is None:
        return None
    single = np.dtype(precision.dtype) == np.float32
    shape = of.shape_of(problem, len(layout.regions), single=single)
    if shape is None or not shape.n:
        return None
    base, _ = of.swept_part(problem)
    sample = problem.jacobian.parts[0].matrix.data[:_SAMPLE]
    rates = measured_rates(base.base.spaces[0], sample)
    a_product = rates.product_single if single else rates.product
    sweep = tried_sweep(
        problem,
        shape,
        (batch_totals(layout).weights, every_place(layout)),
        Precision(precision.dtype, precision.reach),
        a_product,
    )
    return Cost(
        seconds=_seconds(shape, rates, sweep, beside or Beside()),
        memory_bytes=_memory(shape),
        disk_bytes=_disk(shape, rates),
    )


def _seconds(shape: Shape, rates: Rates, sweep: SweepTime, beside: Beside) -> dict[str, float]:
    """Return the seconds of each step of a run."""
    start = JOB_S + seconds_of(of.reading_work(shape), rates)
    assemble = seconds_of(of.totals_work(shape) * 0.5, rates)
    solve = seconds_of(of.after_sweep_work(shape), rates) + sweep.totals + sweep.places
    diagnose = seconds_of(of.diagnose_work(shape), rates) + sweep.totals
    found = {
        "jacobian": JOB_S + seconds_of(of.jacobian_work(shape), rates),
        "solve": start + assemble + solve,
        "diagnose": start + assemble + diagnose,
        "other": beside.jobs * JOB_S,
    }
    if beside.footprint_seconds:
        found["footprints"] = beside.footprint_seconds
    if beside.certificate_sweeps:
        once = assemble + sweep.totals + seconds_of(of.dense_work(shape), rates)
        found["certificate"] = start + beside.certificate_sweeps * once
    return found


def seconds_of(work: Work, rates: Rates) -> float:
    """Return how long some work takes."""
    return sum(getattr(work, one.name) * getattr(rates, one.name) for one in fields(work))


def _memory(shape: Shape) -> float:
    """Return the most memory that ``solve`` holds at once [bytes].

    Notes
    -----
    The state in a few fields, the Jacobian, S, and H B W of every place: in the sweep beside the
    memory of closed windows, after it beside its correction for declared totals.
    """
    number = 4.0 if shape.single else 8.0
    whole = shape.n * shape.slab
    state = 8.0 * 5.0 * shape.slab * shape.periods
    jacobian = of.jacobian_bytes(shape) * 2.0
    in_sweep = whole * number * (1.0 + shape.parts)
    after = whole * (number + (8.0 if shape.modes else 0.0))
    return PROGRAM_BYTES + state + jacobian + 8.0 * 3.0 * shape.n**2 + max(in_sweep, after)


def _disk(shape: Shape, rates: Rates) -> float:
    """Return the size of the files that stay [bytes].

    Notes
    -----
    Sensitivities shrink as a sample of them does; their indices, and fields of the state, to the
    shares that the built-in city's do.
    """
    fields_of_state = 8.0 * (of.STATE_FIELDS + 2.0) * shape.slab * shape.periods
    index = of.jacobian_bytes(shape) - 8.0 * shape.nonzero
    packed = rates.packed_share * 8.0 * shape.nonzero + INDEX_SHARE * index
    return packed + STATE_SHARE * fields_of_state
