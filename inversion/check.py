"""Settings come in; what would stop the inversion before it starts goes out."""

from __future__ import annotations

from typing import Any

from contracts.settings.problems import Problem
from inversion.boundary.background import METHODS


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
    if settings.background.method not in METHODS:
        expected = f"one of {', '.join(sorted(METHODS))}"
        todo = "Name one of these."
        found = repr(settings.background.method)
        problems.append(Problem("background.method", found, expected, todo))
    made = settings.synthetic
    if made is not None and made.draws < settings.osse.draws:
        found = f"{settings.osse.draws} draws asked for, {made.draws} made"
        todo = "Raise synthetic.draws or lower osse.draws."
        problems.append(Problem("osse.draws", found, "no more than synthetic.draws", todo))
    return problems
