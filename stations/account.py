"""One raw file comes in; the public account of it goes out: counts, verdict, issues."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from contracts.settings.gas import GasSettings
from contracts.settings.stations import DetectorSettings, StationSettings
from stations.averaging import Hourly, average_hourly
from stations.claims import Expected
from stations.detectors import detect
from stations.flags import FLAGS
from stations.ingest import Collected, collect, file_records
from stations.quarantine import Issue
from stations.reading.rows import Rows
from stations.reading.settings import ReaderSettings
from stations.slots import HOUR_NS, LONGEST_S, make_slots
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


_SUMMED = ("lines", "rows", "quarantined", "blank_or_comment")


def inspect_file(
    path: Path,
    settings: ReaderSettings | None,
    section: StationSettings,
    gas: GasSettings | None,
    expected: Expected | None = None,
) -> dict:
    """Read one file and say what is to be said about it.

    Parameters
    ----------
    path : Path
    settings : ReaderSettings or None
        None to go by the bytes alone.
    section : StationSettings
    gas : GasSettings or None
        None to go by what the file says.
    expected : Expected, optional
        What the registry says about the station.

    Returns
    -------
    dict
        file, format, lines, rows, quarantined, blank_or_comment, verdict,
        issues (list of line, column, code, found, expected, hint). Of an archive or a workbook:
        the sums, the worst verdict, ``members`` (the same of each), and a ``member`` in each issue.
    """
    collected = collect([path], settings, gas, expected)
    records = file_records(collected)
    listed = [
        _account(record, scan.issues, [])
        for record, scan in zip(records, collected.scans, strict=True)
    ]
    looks = _looks(collected, section.detectors)
    if len(listed) == 1 and "!" not in records[0]["file"]:
        return _account(records[0], collected.scans[0].issues, looks)
    members = [{**entry, "file": entry["file"].split("!", 1)[-1]} for entry in listed]
    issues = [{**issue, "member": m["file"]} for m in members for issue in m["issues"]]
    verdicts = [entry["verdict"] for entry in listed]
    verdicts += [verdict([issue.code], 0, 0) for issue in looks]
    formats = sorted({entry["format"] for entry in listed if entry["format"]})
    return {
        "file": str(path),
        "format": ", ".join(formats),
        **{key: sum(entry[key] for entry in listed) for key in _SUMMED},
        "verdict": max(verdicts, key=VERDICTS.index),
        "issues": issues + [{**issue.brief(), "member": ""} for issue in looks],
        "members": members,
    }


def _account(record: dict, found: tuple[Issue, ...], looks: list[Issue]) -> dict:
    """Return the account of one file, or of one member."""
    worst = record["verdict"]
    if looks:
        seen = verdict([issue.code for issue in looks], 0, 0)
        worst = max(worst, seen, key=VERDICTS.index)
    issues = sorted((*found, *looks), key=lambda item: (item.line, item.column))
    return {
        **{key: record[key] for key in ("file", "format", "lines", "rows", "quarantined")},
        "blank_or_comment": record["blank_or_comment"],
        "verdict": worst,
        "issues": [issue.brief() for issue in issues],
    }


def _looks(collected: Collected, detectors: DetectorSettings) -> list[Issue]:
    """Return what the hourly record of the file looks like, inlet by inlet."""
    listed: list[Issue] = []
    rows = collected.rows.take(collected.rows.seconds <= LONGEST_S)
    height = np.nan_to_num(rows.inlet, nan=-1.0)
    for inlet in np.unique(height):
        here = rows.take(height == inlet)
        try:
            hourly = average_hourly(make_slots(here))
        except ValueError as error:
            expected = "stamps of one record"
            return [Issue(0, 0, "clock", str(error), expected, "Correct the stamps.", "", False)]
        flag = detect(hourly, detectors)
        listed += [issue for code in _LOOKS for issue in _runs(code, flag, hourly, here)]
    return listed


def _runs(code: str, flag: np.ndarray, hourly: Hourly, rows: Rows) -> list[Issue]:
    """Return one issue for each run of flagged hours, at the line of its first row."""
    at = np.flatnonzero(flag & FLAGS[code])
    if at.size == 0:
        return []
    centre = make_slots(rows).centre
    row_hour = centre // HOUR_NS - hourly.time[0].astype(np.int64) // HOUR_NS
    what, expected, hint = _LOOKS[code]
    issues = []
    for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1):
        line = int(rows.line[int(np.searchsorted(row_hour, run[0]))])
        found = f"{what}: {hourly.value[run[0]]:.2f} umol mol-1 for {run.size} h"
        issues.append(Issue(line, 0, code, found, expected, hint, "", quarantined=False))
    return issues
