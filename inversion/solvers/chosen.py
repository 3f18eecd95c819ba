"""The settings of the solver come in; the solver they name goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.covariance import Precision
from inversion.solvers import Solver, solver_named

if TYPE_CHECKING:
    from contracts.settings.solver import SolverSettings

MOST_IN_DOUBLE = 1_000_000


def solver_of(section: SolverSettings, n_flux: int) -> Solver:
    """Return the solver the settings name, with its settings."""
    single = section.precision == "single" or (
        section.precision == "auto" and n_flux > MOST_IN_DOUBLE
    )
    dtype = np.float32 if single else np.float64
    given = {
        "dual": {"precision": Precision(dtype, section.reach, section.threads)},
        "primal": {"pairs": section.pairs, "mean_tolerance_sd": section.mean_tolerance_sd},
        "smoother": {"lag_periods": section.lag_periods},
    }
    solver = solver_named(section.method)
    return solver(column_block=section.column_block, **given[section.method])
