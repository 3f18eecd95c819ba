"""One raw file comes in; the public account of it goes out: counts, verdict, issues."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from contracts.settings.gas import GasSettings
from contracts.settings.stations import StationSettings
from stations.claims import Expected
from stations.ingest import Collected, collect, file_records
from stations.looks import find_looks
from stations.quarantine import Issue
from stations.reading.settings import ReaderSettings
from stations.verdicts import VERDICTS, verdict

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
    looks = find_looks(collected, section.detectors, _longitude(collected, expected))
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


def _longitude(collected: Collected, expected: Expected | None) -> float:
    """Return the longitude that registry or files give [degrees east], NaN if none does."""
    said = [scan.claims.longitude for scan in collected.scans]
    known = [value for value in said if np.isfinite(value)]
    return expected.longitude if expected is not None else (known or [np.nan])[0]
