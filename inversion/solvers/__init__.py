"""A solver's name comes in; its class, imported on use, goes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from contracts.registered import registered

if TYPE_CHECKING:
    from inversion.linalg.maps import LinearMap
    from inversion.posterior import Posterior
    from inversion.problem import LinearGaussianProblem

SOLVERS: dict[str, str] = {
    "dual": "inversion.solvers.dual:DualSolver",
    "primal": "inversion.solvers.primal:PrimalSolver",
    "smoother": "inversion.solvers.smoother:SmootherSolver",
    "ensemble": "inversion.solvers.ensemble:EnsembleSolver",
    "positive": "inversion.solvers.positive:PositiveSolver",
    "truncated": "inversion.solvers.truncated:TruncatedSolver",
    "geostatistical": "inversion.solvers.geostatistical:GeostatisticalSolver",
}


class Solver(Protocol):
    """What every solver does."""

    def solve(
        self, problem: LinearGaussianProblem, aggregates: Sequence[LinearMap] = ()
    ) -> Posterior:
        """Return the posterior of a problem; what it cannot tell raises MissingCapability."""


def solver_named(name: str) -> type:
    """Return the class of a solver: made with its settings, it solves a `LinearGaussianProblem`.

    Parameters
    ----------
    name : str
        A key of `SOLVERS`.

    Examples
    --------
    >>> solver_named("dual").__name__
    'DualSolver'
    """
    if name not in SOLVERS:
        msg = (
            f"solver.method must be one of {', '.join(SOLVERS)}; got {name!r} in the settings. Add "
            "one file to inversion/solvers and one line to SOLVERS."
        )
        raise ValueError(msg)
    return registered(SOLVERS[name])
