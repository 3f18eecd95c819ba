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
        *_find_repeated("reconcile.human_respiration_sectors", section.human_respiration_sectors),
        *_find_unknown_sectors(settings),
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


def _find_unknown_sectors(settings: Any) -> list[Problem]:
    """Sectors that were named but do not exist; the default may name what a run lacks."""
    section = settings.reconcile
    if settings.inventories is None:
        return []
    known = set(settings.inventories.sectors)
    if "human_respiration_sectors" not in section.model_fields_set:
        return []
    unknown = sorted(set(section.human_respiration_sectors) - known)
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
