"""All settings come in; problems of the section `reconcile` go out."""

from collections import Counter
from typing import Any

from contracts.settings.problems import Problem


def check(settings: Any) -> list[Problem]:
    """List what contradicts itself in the section `reconcile`.

    Parameters
    ----------
    settings : Settings
        The validated settings of a run.

    Returns
    -------
    list of Problem
        All of them, in the order of the settings; empty where there is none.
    """
    section = settings.reconcile
    return [
        *_find_repeated("reconcile.verdict.required_stations", section.verdict.required_stations),
        *_find_repeated(
            "reconcile.human_respiration_sectors", section.human_respiration_sectors
        ),
        *_find_unknown_sectors(section.human_respiration_sectors, settings),
    ]


def _find_repeated(where: str, names: tuple[str, ...]) -> list[Problem]:
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if not repeated:
        return []
    return [
        Problem(
            where=where,
            found=", ".join(repeated),
            expected="each name once",
            todo="Remove the repeated names.",
        )
    ]


def _find_unknown_sectors(names: tuple[str, ...], settings: Any) -> list[Problem]:
    known = _sector_names(settings)
    unknown = sorted(set(names) - known) if known else []
    if not unknown:
        return []
    return [
        Problem(
            where="reconcile.human_respiration_sectors",
            found=", ".join(unknown),
            expected=f"sectors of this run ({', '.join(sorted(known))})",
            todo="Name the sectors that stand where people live, or leave the list empty: the "
            "deviation then falls on every sector in full.",
        )
    ]


def _sector_names(settings: Any) -> set[str]:
    """Names of the configured sectors; none where the section does not list them."""
    sectors = getattr(getattr(settings, "inventories", None), "sectors", None) or ()
    return {str(getattr(sector, "name", sector)) for sector in sectors}
