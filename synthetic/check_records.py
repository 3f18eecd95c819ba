"""Settings come in; everything that would stop records made on real footprints goes out, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.settings.problems import Problem
from synthetic.network import read_network
from synthetic.record_text import DECLARATION, unlike_declaration

WHERE = "synthetic_records"


def check_records(settings: Any) -> list[Problem]:
    """Return the problems of a configuration with made records.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    list of Problem
        Empty without a section `synthetic_records`.
    """
    if settings.synthetic_records is None:
        return []
    return [*_run(settings), *_stations(settings)]


def _run(settings: Any) -> list[Problem]:
    """Return problems of what a run must have, and must not have, beside made records."""
    found = []
    if settings.synthetic is not None:
        todo = "Keep one of them: a made city brings records of its own."
        found.append(Problem(WHERE, "a section synthetic as well", "no made city", todo))
    names = sorted(settings.time.batches)
    if len(names) != 1:
        todo = "Keep one batch per run; a second run makes other records."
        found.append(Problem("time.batches", str(names), "exactly one batch", todo))
    brought = [name for name in ("observations", "footprints") if name in settings.given]
    found += [
        Problem(f"given.{name}", "a dataset brought", f"none beside {WHERE}", "Leave one out.")
        for name in brought
    ]
    if settings.transport is None or not settings.transport.files:
        todo = "Name footprint files; without them a made city is what you want."
        found.append(Problem("transport.files", "none", "footprints to carry a truth", todo))
    if settings.stations is not None and settings.stations.raw_root is not None:
        todo = "Leave stations.raw_root out; the records are made inside the run's folder."
        found.append(Problem("stations.raw_root", settings.stations.raw_root, "nothing", todo))
    return found


def _stations(settings: Any) -> list[Problem]:
    """Return problems of the registry: said to be synthetic, readable, with an inflow and a tower."""
    where = "stations.registry"
    if settings.stations is None:
        return [Problem(where, "nothing", "stations to make records of", "Write the section.")]
    path = Path(settings.stations.registry)
    try:
        network = read_network(path)
        unlike = unlike_declaration(path)
    except (OSError, ValueError) as error:
        expected = "a registry of synthetic stations"
        return [Problem(where, str(error), expected, "Name another file.")]
    found = []
    if unlike:
        text = f"another reader for {', '.join(unlike)}"
        found.append(Problem(where, text, f"the reader {DECLARATION}", "Write it so."))
    roles = {station.role for station in network}
    if roles != {"tower", "background"}:
        expected = "a tower and a background station"
        found.append(Problem(where, f"only {', '.join(sorted(roles))}", expected, "Add the other."))
    return found
