"""In: everything the run wrote. Out: the lines that a terminal shows: sentences, districts that hold the truth, counts."""

from __future__ import annotations

import json
from typing import Any

from report.inputs import Batch, ReportInputs
from report.network import record_rows
from report.numbers import MEGATONNE
from report.rows import read_rows


def summary_lines(inputs: ReportInputs) -> list[str]:
    """Return the lines that end a run.

    Parameters
    ----------
    inputs : ReportInputs

    Returns
    -------
    list of str
        The page's sentences in English; per batch, where the truth is known, how many districts
        hold it; per batch, hours that had footprints and observations. Of a network alone: the
        sentences, and a line for each station.
    """
    if not inputs.batches:
        return [
            *inputs.headlines["en"],
            *(_station_line(row) for row in record_rows(inputs.stations)),
        ]
    truths = [line for batch in inputs.batches if (line := truth_line(batch))]
    counts = [line for batch in inputs.batches if (line := counts_line(batch))]
    made = ["SYNTHETIC data: no number describes a real place."] if inputs.synthetic else []
    return [*made, *inputs.headlines["en"], *truths, *counts]


def _station_line(row: dict[str, Any]):
    flags = row["flags"].en
    return f"{row['name']}: {row['hours']} hours, {row['usable']} usable; by flag: {flags}."


def truth_line(batch: Batch) -> str:
    """Return how many districts hold the known truth; empty for a real city."""
    known = [
        row
        for row in read_rows(batch, MEGATONNE)
        if row.family == "districts" and row.covered is not None
    ]
    if not known:
        return ""
    inside = sum(bool(row.covered) for row in known)
    return (
        f"{batch.name}: SYNTHETIC, the truth is known: {inside} of {len(known)} districts lie inside "
        "their 95 % interval."
    )


def counts_line(batch: Batch) -> str:
    """Return how many hours of a batch had footprints and observations, and why others fell out."""
    counts = json.loads(batch.observations.attrs.get("counts", "{}"))
    if "candidate" not in counts:
        return ""
    dropped = dict(counts["dropped"])
    reached = counts["candidate"] - dropped.pop("no_footprint", 0)
    lost = ", ".join(f"{reason} {hours}" for reason, hours in sorted(dropped.items())) or "none"
    straddling = counts.get("kept_straddling", 0)
    return (
        f"{batch.name}: hours with footprints {reached}, observations {counts['kept']} "
        f"(dropped: {lost}), of which {straddling} from slots that straddle two hours."
    )
