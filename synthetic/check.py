"""Settings come in; everything that would stop the synthetic city goes out, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.periods import state_periods
from contracts.settings.problems import Problem
from synthetic.check_records import check_records
from synthetic.formats import writer
from synthetic.hours import make_timeline
from synthetic.network import read_network
from synthetic.tables import BIOSPHERE, PROXY


def check(settings: Any) -> list[Problem]:
    """Return the problems of a configuration with a synthetic city or with made records.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    list of Problem
        Empty without a section `synthetic` or `synthetic_records`.
    """
    if settings.synthetic is None:
        return check_records(settings)
    return [
        *check_records(settings),
        *_time(settings),
        *_sectors(settings),
        *_stations(settings),
        *_regions(settings),
    ]


def _time(settings: Any) -> list[Problem]:
    """Return problems of batches."""
    names = sorted(settings.time.batches)
    if len(names) != 1:
        todo = "Keep one batch per run; a second run makes a second city."
        return [Problem("time.batches", str(names), "exactly one batch", todo)]
    made = settings.synthetic
    _, bounds, in_batch = state_periods(settings.time, names[0])
    try:
        make_timeline(bounds, in_batch, made.lead_days, settings.time.utc_offset_hours)
    except ValueError as error:
        todo = "Start and end the batch at local midnight."
        return [Problem("time.batches", str(error), "whole local days", todo)]
    return []


def _sectors(settings: Any) -> list[Problem]:
    """Return problems of sectors: each has a spread, inventory sectors have shares and a proxy."""
    made, found = settings.synthetic, []
    state = list(settings.inventories.sectors)
    wanted = sorted([*PROXY, *BIOSPHERE])
    if sorted(state) != wanted:
        todo = "The synthetic city knows these sectors only."
        found.append(Problem("inventories.sectors", str(sorted(state)), str(wanted), todo))
    if sorted(made.family.spreads) != wanted:
        where, todo = "synthetic.family.spreads", "Give one entry per sector."
        found.append(Problem(where, str(sorted(made.family.spreads)), str(wanted), todo))
    total = sum(made.annual_share.values())
    if sorted(made.annual_share) != sorted(PROXY) or abs(total - 1.0) > 1e-9:
        text = f"{sorted(made.annual_share)} summing to {total}"
        expected = f"{sorted(PROXY)} summing to 1"
        found.append(Problem("synthetic.annual_share", text, expected, "Correct the shares."))
    return found


def _stations(settings: Any) -> list[Problem]:
    """Return problems of the registry and of the stations said to drift."""
    path = Path(settings.stations.registry)
    try:
        network = read_network(path)
        for station in network:
            writer(station.reader, settings.time.utc_offset_hours)
    except (OSError, ValueError) as error:
        expected = "a registry of synthetic stations"
        return [Problem("stations.registry", str(error), expected, "Name another file.")]
    towers = {s.name for s in network if s.role == "tower"}
    strangers = sorted(set(settings.synthetic.drifting) - towers)
    if strangers:
        expected, todo = f"towers of {path}", "Correct the names."
        return [Problem("synthetic.drifting", str(strangers), expected, todo)]
    if len(towers) == len(network) or towers <= set(settings.synthetic.drifting):
        text = f"{len(towers)} towers of {len(network)} stations"
        expected = "a background station and a tower without a fault"
        return [Problem("stations.registry", text, expected, "Add one to the registry.")]
    return []


def _regions(settings: Any) -> list[Problem]:
    """Return problems of the regions and the grid."""
    found = []
    if settings.regions.source == "domain" or settings.grid.source != "regions":
        text = f"regions {settings.regions.source}, grid {settings.grid.source}"
        expected = "districts and a grid drawn around them"
        todo = "Set grid.source: regions and name a city."
        found.append(Problem("grid.source", text, expected, todo))
    return found
