"""Settings come in; what would stop the inversion before it starts goes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.settings.problems import Problem
from contracts.settings.state_or_mismatch import background_twice
from inversion.boundary.background import METHODS
from inversion.published import problems_of
from inversion.solvers.chosen import no_verdict


def check(settings: Any) -> list[Problem]:
    """Return the problems of background and certificate.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    list of Problem
    """
    problems = []
    if settings.problem is not None:
        folder = Path(settings.data_root) / settings.problem.folder
        problems += problems_of(settings.problem, folder)
    if settings.background is not None and settings.background.method not in METHODS:
        expected = f"one of {', '.join(sorted(METHODS))}"
        todo = "Name one of these."
        found = repr(settings.background.method)
        problems.append(Problem("background.method", found, expected, todo))
    if settings.background is not None:
        problems += [
            Problem(
                "errors.mismatch.background",
                found,
                "an error in the state or in R, never in both",
                "Shorten the term, or set the offsets' and gradients' sd to 0.",
            )
            for found in background_twice(settings.errors.mismatch, settings.background)
        ]
    reason = no_verdict(settings.solver)
    if reason is not None:
        todo = f"Use dual, primal, smoother or ensemble: {reason}."
        expected = "a solver that verdicts can be made from"
        problems.append(Problem("solver.method", settings.solver.method, expected, todo))
    for name in ("synthetic", "synthetic_records"):
        made = getattr(settings, name)
        if made is not None and made.draws < settings.osse.draws:
            found = f"{settings.osse.draws} draws asked for, {made.draws} made"
            todo = f"Raise {name}.draws or lower osse.draws."
            problems.append(Problem("osse.draws", found, f"no more than {name}.draws", todo))
    return problems
