"""One raw file comes in; the public account of it goes out: counts, verdict, issues."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from contracts.settings.gas import GasSettings
from contracts.settings.stations import DetectorSettings, StationSettings
from stations.averaging import Hourly, average_hourly
from stations.detectors import detect
from stations.flags import FLAGS
from stations.ingest import Collected, collect, file_records
from stations.quarantine import Issue
from stations.readers.rows import Row
from stations.readers.settings import GcwerksReader, ReaderSettings
from stations.slots import HOUR_NS, centres, make_slots
from stations.verdicts import VERDICTS, verdict

_LOOKS = {
    "calibration_as_ambient": (
        "steady air far from its neighbours, at a value that repeats",
        "outdoor air where the file says air",
        "Calibration gas was recorded as air: mark these hours in the manual flags.",
    ),
    "stuck": (
        "the same value hour after hour",
        "a value that moves",
        "The instrument or the logger stood still: mark these hours in the manual flags.",
    ),
}


def inspect_file(
    path: Path, settings: ReaderSettings | None, section: StationSettings, gas: GasSettings
) -> dict:
    """Read one file and say what is to be said about it.

    Parameters
    ----------
    path : Path
    settings : ReaderSettings or None
        None to go by the bytes alone.
    section : StationSettings
    gas : GasSettings

    Returns
    -------
    dict
        file, format, lines, rows, quarantined, blank_or_comment, verdict,
        issues (list of line, column, code, found, expected, hint).
    """
    collected = collect([path], settings, gas)
    record = file_records(collected)[0]
    looks = _looks(collected, settings, section.detectors)
    worst = record["verdict"]
    if looks:
        seen = verdict([issue.code for issue in looks], 0, 0)
        worst = max(worst, seen, key=VERDICTS.index)
    issues = sorted((*collected.scans[0].issues, *looks), key=lambda item: (item.line, item.column))
    return {
        **{key: record[key] for key in ("file", "format", "lines", "rows", "quarantined")},
        "blank_or_comment": record["blank_or_comment"],
        "verdict": worst,
        "issues": [issue.brief() for issue in issues],
    }


def _looks(
    collected: Collected, settings: ReaderSettings | None, detectors: DetectorSettings
) -> list[Issue]:
    """Return what the hourly record of the file looks like."""
    rows = collected.rows
    if not rows:
        return []
    # without a registry: hourly means only need the hour, not the length of the slot
    settings = settings or GcwerksReader(label="centre", slot_seconds=60)
    try:
        hourly = average_hourly(make_slots(rows, settings))
    except ValueError as error:
        expected = "stamps of one record"
        return [Issue(0, 0, "clock", str(error), expected, "Correct the stamps.", "", False)]
    flag = detect(hourly, detectors)
    return [issue for code in _LOOKS for issue in _runs(code, flag, (hourly, rows, settings))]


def _runs(
    code: str, flag: np.ndarray, record: tuple[Hourly, Sequence[Row], ReaderSettings]
) -> list[Issue]:
    """Return one issue for each run of flagged hours, at the line of its first row."""
    hourly, rows, settings = record
    at = np.flatnonzero(flag & FLAGS[code])
    if at.size == 0:
        return []
    centre = centres(np.array([row.stamp for row in rows]), settings)
    row_hour = centre // HOUR_NS - hourly.time[0].astype(np.int64) // HOUR_NS
    what, expected, hint = _LOOKS[code]
    issues = []
    for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1):
        line = rows[int(np.searchsorted(row_hour, run[0]))].line
        found = f"{what}: {hourly.value[run[0]]:.2f} umol mol-1 for {run.size} h"
        issues.append(Issue(line, 0, code, found, expected, hint, "", quarantined=False))
    return issues
