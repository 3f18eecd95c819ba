"""Raw files of one station come in; its hourly record, quarantine and file list go out."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from contracts.files import file_hash
from contracts.settings.gas import GasSettings
from contracts.settings.stations import StationSettings
from stations.averaging import Hourly, average_hourly
from stations.baseline import Baseline, baseline
from stations.claims import Expected
from stations.detectors import detect
from stations.flags import FLAGS, count_flags, usable
from stations.manual import manual_flags as judged
from stations.manual import read_manual_flags
from stations.provider_text import (
    provider_flag_counts,
    spoken_claims,
    with_provider_flags,
)
from stations.reading.rows import Rows, joined
from stations.reading.settings import ReaderSettings
from stations.record import station_dataset
from stations.registry import StationRow
from stations.repeats import resolve_repeats
from stations.scan import Scan, scan_file, without
from stations.slots import HOUR_NS, converted, make_slots
from stations.verdicts import verdict

_log = logging.getLogger(__name__)

STANDARD_NAMES = {
    "CO2": "mole_fraction_of_carbon_dioxide_in_air",
    "CH4": "mole_fraction_of_methane_in_air",
}
SCALED_GASES = frozenset(STANDARD_NAMES)


@dataclass(frozen=True)
class Ingested:
    """What became of the raw files of a station.

    Attributes
    ----------
    dataset : Dataset
        Contract `station`.
    quarantine : list of dict
        file, line, column, code, found, expected, hint, text of every line to be looked at.
    files : list of dict
        file, sha256, format, lines, rows, quarantined, blank_or_comment, repeated, missing,
        elsewhere (records of other stations in the file), verdict of every file.
    """

    dataset: xr.Dataset
    quarantine: list[dict]
    files: list[dict]


@dataclass(frozen=True)
class Collected:
    """Scans of all files of one station, repeats resolved.

    Attributes
    ----------
    scans : tuple of Scan
    rows : Rows
        Sorted by start, one for each slot and sample.
    repeated : tuple of int
        Exact repeats set aside, per scan.
    conflicting, out_of_gate : tuple of float
        Starts of rows that were kept out, s since 1970.
    """

    scans: tuple[Scan, ...]
    rows: Rows
    repeated: tuple[int, ...]
    conflicting: tuple[float, ...]
    out_of_gate: tuple[float, ...]


def ingest_station(
    row: StationRow,
    files: list[Path],
    manual_flags: Path | None,
    section: StationSettings,
    gas: GasSettings,
) -> Ingested:
    """Read, check, average and flag the files of one station.

    Parameters
    ----------
    row : StationRow
    files : list of Path
        Raw files, in any order.
    manual_flags : Path or None
        Table of hours that a person judged.
    section : StationSettings
    gas : GasSettings
        What the record is of: which values are plausible, and whose scale it must be on.

    Returns
    -------
    Ingested

    Raises
    ------
    ValueError
        Where the station's calibration scale is one of another gas.
    """
    _refuse_scale_of_another_gas(row, gas)
    collected = collect([Path(path) for path in files], row.reader, gas, row.expected)
    slots = converted(make_slots(collected.rows), row.calibration_scale, row.scale)
    hourly = flagged(average_hourly(slots, row.minimum_samples), collected)
    hourly = replace(hourly, flag=hourly.flag | detect(hourly, section.detectors))
    if manual_flags is not None:
        people = judged(read_manual_flags(Path(manual_flags)), hourly.time, row.inlet_height_m)
        hourly = replace(hourly, flag=hourly.flag | people)
    smooth = _baseline(hourly, row, section)
    records = file_records(collected)
    counts = _counts(hourly, smooth, records)
    _log.info("station %s: %s", row.name, json.dumps(counts, sort_keys=True))
    dataset = _of_gas(station_dataset(row, hourly, smooth, counts), gas)
    dataset = with_provider_flags(dataset, collected.rows)
    return Ingested(dataset, quarantine(collected), records)


def _refuse_scale_of_another_gas(row: StationRow, gas: GasSettings) -> None:
    """Raise where a scale such as WMO-CO2-X2019 names another gas than the run's."""
    named = [part for part in row.scale.split("-") if part in SCALED_GASES]
    if named and named[0] != gas.name:
        message = (
            f"the calibration scale must be one of {gas.name}; got {row.scale} in station "
            f"{row.name}. Correct calibration_scale in the registry, or gas.name in the settings."
        )
        raise ValueError(message)


def _of_gas(dataset: xr.Dataset, gas: GasSettings) -> xr.Dataset:
    """Return a record that says which gas it is of, by CF's name where there is one."""
    attrs = {**dataset["mole_fraction"].attrs}
    attrs.pop("standard_name", None)
    if gas.name in STANDARD_NAMES:
        attrs["standard_name"] = STANDARD_NAMES[gas.name]
    dataset["mole_fraction"].attrs = attrs
    return dataset.assign_attrs(gas=gas.name)


def collect(
    files: list[Path],
    settings: ReaderSettings | None,
    gas: GasSettings | None,
    expected: Expected | None = None,
) -> Collected:
    """Scan files and resolve repeats within and between them.

    Parameters
    ----------
    files : list of Path
    settings : ReaderSettings or None
        None to go by the bytes of each file.
    gas : GasSettings or None
        Which values are plausible; None to go by what each file says.
    expected : Expected, optional
        What the registry says about the station.

    Returns
    -------
    Collected
    """
    scans = [scan for path in sorted(files) for scan in scan_file(path, settings, gas, expected)]
    owner = np.repeat(np.arange(len(scans)), [len(scan.rows) for scan in scans])
    names = [f"{Path(file).name}{bang}{member}" for file, bang, member in _places(scans)]
    resolved = resolve_repeats(joined([scan.rows for scan in scans]), owner, names)
    repeated = np.bincount(resolved.repeated, minlength=len(scans))
    for k, scan in enumerate(scans):
        issues = tuple(issue for file, issue, _ in resolved.conflicts if file == k)
        scans[k] = without(scan, frozenset(issue.line for issue in issues), issues)
    return Collected(
        scans=tuple(scans),
        rows=resolved.rows,
        repeated=tuple(repeated.tolist()),
        conflicting=tuple(sorted({start for _, _, start in resolved.conflicts})),
        out_of_gate=tuple(start for scan in scans for start in scan.out_of_gate),
    )


def _places(scans: list[Scan]) -> list[tuple[str, str, str]]:
    """Return path, ``!`` and member of each scan."""
    return [scan.file.partition("!") for scan in scans]


def flagged(hourly: Hourly, collected: Collected) -> Hourly:
    """Flag the hours that lost rows to the gate or to a conflict.

    Parameters
    ----------
    hourly : Hourly
    collected : Collected

    Returns
    -------
    Hourly
    """
    flag = hourly.flag.copy()
    first = hourly.time[0].astype(np.int64) // HOUR_NS
    for name, starts in (
        ("conflict", collected.conflicting),
        ("out_of_gate", collected.out_of_gate),
    ):
        index = np.floor(np.array(starts, dtype=np.float64) / 3600).astype(np.int64) - first
        # rows kept out before the first or after the last kept hour have no hour to flag
        inside = index[(index >= 0) & (index < flag.size)]
        np.bitwise_or.at(flag, inside, FLAGS[name])
    return replace(hourly, flag=flag)


def file_records(collected: Collected) -> list[dict]:
    """Return the account of every file.

    Parameters
    ----------
    collected : Collected

    Returns
    -------
    list of dict
    """
    records = []
    for scan, repeated in zip(collected.scans, collected.repeated, strict=True):
        missing = int(np.isnan(scan.rows.value).sum())
        codes = [issue.code for issue in scan.issues if issue.quarantined]
        remarks = [issue.code for issue in scan.issues if not issue.quarantined]
        path = Path(scan.file.split("!")[0])
        records.append(
            {
                "file": scan.file,
                "sha256": file_hash(path) if path.is_file() else "",
                "format": scan.format,
                "lines": scan.lines,
                "rows": len(scan.rows),
                "quarantined": scan.quarantined,
                "blank_or_comment": scan.blank_or_comment,
                "repeated": repeated,
                "missing": missing,
                "elsewhere": scan.elsewhere,
                "provider_flags": provider_flag_counts(scan.rows),
                "claims": spoken_claims(scan.claims),
                "verdict": "error" if scan.refused else verdict(codes, missing, repeated, remarks),
            }
        )
    return records


def quarantine(collected: Collected) -> list[dict]:
    """Return every issue of every file, in order.

    Parameters
    ----------
    collected : Collected

    Returns
    -------
    list of dict
    """
    return [issue.record(scan.file) for scan in collected.scans for issue in scan.issues]


def _baseline(hourly: Hourly, row: StationRow, section: StationSettings) -> Baseline | None:
    """Return the baseline that the station's role asks for."""
    settings = section.baseline if row.role == "tower" else section.background_baseline
    good = usable(hourly.flag)
    return baseline(hourly.time, hourly.value, good, row.longitude, settings)


def _counts(hourly: Hourly, smooth: Baseline | None, records: list[dict]) -> dict:
    """Return the numbers that go into the attribute `counts`."""
    summed = ("lines", "rows", "quarantined", "blank_or_comment", "repeated", "missing")
    # one file may hold many stations: the network adds up whether each record found its station
    shared = {
        record["sha256"]: {
            "file": Path(record["file"]).name,
            "lines": record["lines"],
            "elsewhere": record["elsewhere"],
        }
        for record in records
        if record["elsewhere"]
    }
    return {
        "files": len(records),
        "files_by_verdict": dict(sorted(Counter(r["verdict"] for r in records).items())),
        **{key: sum(r[key] for r in records) for key in summed},
        **({"shared_files": shared} if shared else {}),
        "hours": int(hourly.time.size),
        "hours_usable": int(np.count_nonzero(usable(hourly.flag))),
        "hours_by_flag": count_flags(hourly.flag),
        "straddling_slots": int(hourly.straddling_slots.sum()),
        "baseline_extended_hours": smooth.extended_hours if smooth else None,
    }
