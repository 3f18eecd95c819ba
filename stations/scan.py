"""One raw file and its declaration come in; its rows go out, with every line accounted for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.settings.gas import GasSettings
from contracts.units import to_canonical
from stations.lines import Lines
from stations.quarantine import FileRefusedError, Issue
from stations.readers import open_file, reader, sniff
from stations.readers.rows import Parsed, Row
from stations.readers.settings import GcwerksReader, ReaderSettings

GATE_SHARE = 0.5  # more values than this outside the gate: the column or the unit is wrong


@dataclass(frozen=True)
class Scan:
    """One file, read.

    Attributes
    ----------
    file : str
    format : str
        Name of the reader; empty where none was found.
    lines, blank_or_comment : int
    rows : tuple of Row
        Values in umol mol-1; exact repeats still in.
    issues : tuple of Issue
    refused : bool
        True if the file could not be read as a whole: then every line that is not blank
        counts as quarantined.
    out_of_gate : tuple of int
        Stamps (s since 1970) of rows kept out by the gate.
    elsewhere : int
        Records of the same file that belong to other stations; not among `lines`.
    """

    file: str
    format: str
    lines: int
    blank_or_comment: int
    rows: tuple[Row, ...]
    issues: tuple[Issue, ...]
    refused: bool = False
    out_of_gate: tuple[int, ...] = ()
    elsewhere: int = 0

    @property
    def quarantined(self) -> int:
        """Lines kept out: lines = rows + quarantined + blank_or_comment."""
        return self.lines - self.blank_or_comment - len(self.rows)


def scan_file(path: Path, settings: ReaderSettings | None, gas: GasSettings) -> Scan:
    """Read one file; never raise because of what stands in it.

    Parameters
    ----------
    path : Path
    settings : ReaderSettings or None
        Declaration of the registry; None to go by the bytes alone.
    gas : GasSettings
        Which values are plausible (the gate), umol mol-1.

    Returns
    -------
    Scan
    """
    lines = Lines((), unfinished=False)
    name = settings.format if settings else ""
    try:
        lines = open_file(path, settings)
        settings = settings or _guess(lines)
        name = settings.format
        parsed = _gated(reader(name)(lines, settings), settings, gas, lines)
    except FileRefusedError as refusal:
        blank = sum(1 for text in lines.text if not text.strip())
        return Scan(str(path), name, len(lines.text), blank, (), (refusal.issue,), refused=True)
    issues = tuple(sorted(parsed.issues, key=lambda issue: (issue.line, issue.column)))
    if lines.truncated:
        hint = "Fetch the file again; what was read before the break is kept."
        found = lines.truncated
        issues += (Issue(0, 0, "truncated_stream", found, "a whole stream", hint, "", False),)
    scan = Scan(
        file=str(path),
        format=name,
        lines=len(lines.text) - parsed.elsewhere,
        blank_or_comment=parsed.comment,
        rows=tuple(parsed.rows),
        issues=issues,
        out_of_gate=tuple(parsed.out_of_gate),
        elsewhere=parsed.elsewhere,
    )
    _account(scan)
    return scan


def _guess(lines: Lines) -> ReaderSettings:
    """Return settings of the format that the bytes show, or refuse."""
    found = sniff(lines)
    if found == "gcwerks":
        # Label and slot play no part in counting lines; a record is never made of this guess.
        return GcwerksReader(label="centre", slot_seconds=60)
    if found == "netcdf_table":
        hint = "Give --registry and --station, where the variables of the records are declared."
        expected = "the declaration of its records"
        raise FileRefusedError(Issue(0, 0, "undeclared", "a netCDF file", expected, hint))
    first = lines.text[0][:60] if lines.text else "an empty file"
    hint = "Give --registry and --station, where the columns of a table are declared."
    raise FileRefusedError(
        Issue(1, 0, "unknown_format", repr(first), "a format that shows itself", hint)
    )


def _gated(parsed: Parsed, settings: ReaderSettings, gas: GasSettings, lines: Lines) -> Parsed:
    """Convert units; move rows outside the gate to the issues."""
    try:
        factor = float(to_canonical(1.0, settings.unit, "mole_fraction"))
    except ValueError as error:
        hint = "Declare a unit of mole fraction in the registry."
        raise FileRefusedError(Issue(0, 0, "unit", settings.unit, "a known unit", hint)) from error
    low, high = gas.lowest_umol_mol, gas.highest_umol_mol
    inside: list[Row] = []
    outside: list[Row] = []
    for row in parsed.rows:
        value = row.value * factor
        fits = math.isnan(value) or low <= value <= high
        (inside if fits else outside).append(row._replace(value=value, stdev=row.stdev * factor))
    finite = len(outside) + sum(not math.isnan(row.value) for row in inside)
    if outside and len(outside) > GATE_SHARE * finite:
        found = f"{len(outside)} of {finite} values outside, first {outside[0].value:g} umol mol-1"
        hint = "Check `unit`, `columns` and the decimal mark; units are never guessed."
        expected = f"values of {gas.name} within {low:g} to {high:g} umol mol-1"
        raise FileRefusedError(Issue(outside[0].line, 0, "unit_or_column", found, expected, hint))
    hint = (
        "If it means missing, declare it under `missing`; if air can hold it, widen the gas limits."
    )
    expected = f"{low:g} to {high:g} umol mol-1"
    kept_out = [
        Issue(r.line, 0, "out_of_gate", f"{r.value:g}", expected, hint, lines.text[r.line - 1])
        for r in outside
    ]
    parsed.rows[:] = inside
    parsed.issues.extend(kept_out)
    parsed.out_of_gate.extend(row.stamp for row in outside)
    return parsed


def _account(scan: Scan) -> None:
    """Refuse a reader that loses a line."""
    named = sum(1 for issue in scan.issues if issue.quarantined)
    if named != scan.quarantined:
        message = (
            f"reader {scan.format} must account for every line; got {scan.lines} lines, "
            f"{len(scan.rows)} rows, {named} quarantined, {scan.blank_or_comment} comments in "
            f"{scan.file}. This is a fault of the reader, please report it."
        )
        raise RuntimeError(message)


def without(scan: Scan, lines: frozenset[int], issues: tuple[Issue, ...]) -> Scan:
    """Return a scan whose rows on some lines were moved to the issues.

    Parameters
    ----------
    scan : Scan
    lines : frozenset of int
        Line numbers.
    issues : tuple of Issue
        One for each of these lines.

    Returns
    -------
    Scan
    """
    rows = tuple(row for row in scan.rows if row.line not in lines)
    merged = sorted((*scan.issues, *issues), key=lambda issue: (issue.line, issue.column))
    return replace(scan, rows=rows, issues=tuple(merged))
