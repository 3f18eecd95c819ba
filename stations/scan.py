"""One raw file and its declaration come in; its rows go out, with every line accounted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

from contracts.settings.gas import GasSettings
from stations.claims import Expected, compare, demand_gas, gas_name
from stations.conversion import convert, with_text
from stations.plausible_time import split_by_clock
from stations.quarantine import FileRefusedError, Issue
from stations.readers import READERS, recognise, recognised
from stations.reading.containers import Member, members
from stations.reading.fields import BadFieldError
from stations.reading.lines import Lines
from stations.reading.look import Head, look
from stations.reading.netcdf import NetcdfFile, Records
from stations.reading.rows import Claims, Reading, Row, Rows, RowsBuilder
from stations.reading.settings import ReaderSettings
from stations.reading.sheets import sheet_as_text

# Most lines failing in one of these ways: the declaration is wrong, not the lines.
_SYNTAX = (
    "bad_stamp",
    "impossible_date",
    "long_line",
    "not_a_number",
    "quoting",
)
_MOST = 0.5
_NO_ROWS = Rows.of(())
_WEB_PAGE = ("<!doctype html", "<html")


@dataclass(frozen=True)
class Scan:
    """One file (or one member of an archive), read.

    Attributes
    ----------
    file : str
        ``path`` or ``path!member``.
    format : str
        Name of the reader; empty where none was found.
    lines, blank_or_comment : int
    rows : Rows
        In UTC, umol mol-1, our flags; exact repeats still in.
    issues : tuple of Issue
    refused : bool
        True if the file could not be read as a whole: then every line that is not blank
        counts as quarantined.
    out_of_gate : tuple of float
        Starts (s since 1970) of rows kept out by the gate.
    elsewhere : int
        Records of the same file that belong to other stations; not among `lines`.
    claims : Claims
        What the file says about itself.
    columns : Dataset or None
        Averaging kernels, where the rows are columns of air.
    """

    file: str
    format: str
    lines: int
    blank_or_comment: int
    rows: Rows
    issues: tuple[Issue, ...]
    refused: bool = False
    out_of_gate: tuple[float, ...] = ()
    elsewhere: int = 0
    claims: Claims = field(default_factory=Claims)
    columns: Any = None

    @property
    def quarantined(self) -> int:
        """Lines kept out: lines = rows + quarantined + blank_or_comment."""
        return self.lines - self.blank_or_comment - len(self.rows)


def scan_file(
    path: Path,
    settings: ReaderSettings | None,
    gas: GasSettings | None,
    expected: Expected | None = None,
) -> list[Scan]:
    """Read one file; never raise because of what stands in it.

    Parameters
    ----------
    path : Path
        May be an archive or a workbook: then each member is scanned.
    settings : ReaderSettings or None
        Declaration of the registry; None to go by the bytes alone.
    gas : GasSettings or None
        Which values are plausible (the gate); None to go by what the file says.
    expected : Expected, optional
        What the registry says about the station.

    Returns
    -------
    list of Scan
        In the order of the members' names; at least one.
    """
    pattern = settings.members if settings else "*"
    try:
        found = members(Path(path))
        wanted = [m for m in found if not m.name or fnmatchcase(m.name, pattern)]
        if not wanted:
            listed = ", ".join(m.name for m in found[:6])
            hint = "Correct `members` in the registry."
            raise FileRefusedError(
                Issue(0, 0, "no_member", listed, f"a member like {pattern}", hint)
            )
    except FileRefusedError as refusal:
        name = settings.format if settings else ""
        return [Scan(str(path), name, 0, 0, _NO_ROWS, (refusal.issue,), refused=True)]
    return [_scan_member(member, settings, gas, expected) for member in wanted]


def _scan_member(
    member: Member,
    settings: ReaderSettings | None,
    gas: GasSettings | None,
    expected: Expected | None,
) -> Scan:
    """Read one file that is in no archive any more."""
    name, head = settings.format if settings else "", Head()
    try:
        member, head = _looked_at(member, settings)
        settings = _chosen(head, settings, gas)
        name = settings.format
        return _read((member, head), settings, gas, expected)
    except FileRefusedError as refusal:
        lines, blank = _count_lines(member, settings)
        return Scan(member.label, name, lines, blank, _NO_ROWS, (refusal.issue,), refused=True)
    finally:
        if head.netcdf is not None:  # HDF5 hands out a file it holds open in place of a newer one
            head.netcdf.close()


def _looked_at(member: Member, settings: ReaderSettings | None) -> tuple[Member, Head]:
    """Return the member as text or netCDF, and its beginning; refuse what is no data at all."""
    if member.sheet:
        member = sheet_as_text(member, _delimiter(settings))
    head = look(member)
    if head.is_netcdf and head.netcdf is None:
        NetcdfFile(member)  # which says what is wrong with it
    first = head.lines[0].lstrip().lower() if head.lines else ""
    if first.startswith(_WEB_PAGE):
        hint = "It is a web page, often the log-in page of the download: fetch the file again."
        raise FileRefusedError(Issue(1, 0, "web_page", head.lines[0][:60], "a data file", hint))
    return member, head


def _delimiter(settings: ReaderSettings | None) -> str:
    """Return what separates the cells of a sheet once it is text."""
    declared = getattr(settings, "delimiter", ",")
    return declared if len(declared) == 1 else ","


def _chosen(head: Head, settings: ReaderSettings | None, gas: GasSettings | None) -> ReaderSettings:
    """Return the declaration, complete; refuse a file of another format than declared."""
    if settings is None:
        settings = recognise(head)
    elif hasattr(READERS[settings.format], "sniff") and head.raw.strip():
        shown = recognised(head)
        if shown and settings.format not in shown:
            hint = "Declare the right format in the registry, or correct `files`."
            found = f"a file that looks like {' and '.join(shown)}"
            raise FileRefusedError(Issue(1, 0, "other_format", found, settings.format, hint))
    if settings.gas is None and gas is not None:
        settings = settings.model_copy(update={"gas": gas.name.lower()})
    return settings


def _read(
    looked_at: tuple[Member, Head],
    settings: ReaderSettings,
    gas: GasSettings | None,
    expected: Expected | None,
) -> Scan:
    """Read, convert, account."""
    member, head = looked_at
    module = READERS[settings.format]
    source = _source(member, head, settings, module)
    reading, rows, issues = _items(module, source, settings)
    gas = gas or _gas_of(reading.claims.gas or settings.gas or "CO2")
    demand_gas(reading.claims, gas)
    remarks = compare(reading.claims, expected, settings)
    _refuse_most(rows, issues)
    converted = convert(rows, reading.claims, settings, module, (gas, expected))
    rows, wrong_clock = split_by_clock(converted.rows)
    issues = _with_texts([*issues, *converted.issues, *wrong_clock], member, source)
    issues = sorted([*remarks, *issues], key=lambda issue: (issue.line, issue.column))
    if source.truncated:
        hint = "Fetch the file again; what was read before the break is kept."
        found = source.truncated
        issues.append(Issue(0, 0, "truncated_stream", found, "a whole stream", hint, "", False))
    scan = Scan(
        file=member.label,
        format=settings.format,
        lines=source.count - converted.elsewhere,
        blank_or_comment=source.comment,
        rows=rows,
        issues=tuple(issues),
        out_of_gate=converted.out_of_gate,
        elsewhere=reading.elsewhere + converted.elsewhere,
        claims=reading.claims,
        columns=reading.columns,
    )
    _account(scan)
    return scan


def _source(member: Member, head: Head, settings: ReaderSettings, module: ModuleType) -> Any:
    """Return what the reader reads: lines or records."""
    if getattr(module, "SOURCE", "text") == "netcdf":
        return Records(head.netcdf or NetcdfFile(member))
    return Lines(member, "utf-8" if member.sheet else settings.encoding)


def _items(
    module: ModuleType, source: Any, settings: ReaderSettings
) -> tuple[Reading, Rows, list[Issue]]:
    """Let the reader run; sort what it gives."""
    builder, issues = RowsBuilder(), []
    try:
        reading = module.read(source, settings)
        append = builder.append
        for item in reading.items:
            if type(item) is Row:
                append(item)
            else:
                issues.append(item)
    except BadFieldError as bad:
        raise FileRefusedError(bad.issue(source.count, "")) from bad
    issues.extend(source.issues)
    return reading, builder.rows(), issues


def _gas_of(text: str) -> GasSettings:
    """Return the gas that a file or its declaration names."""
    name = gas_name(text)
    try:
        return GasSettings(name=name)
    except ValueError as error:
        hint = "Its plausible values are not known; describe the gas in the settings to read it."
        raise FileRefusedError(
            Issue(0, 0, "other_gas", name, "a record of CO2 or CH4", hint)
        ) from error


def _refuse_most(rows: Rows, issues: list[Issue]) -> None:
    """Refuse a file most of whose lines fail in the same way: then no line of it can be trusted."""
    kinds = Counter(issue.code for issue in issues if issue.quarantined and issue.code in _SYNTAX)
    if not kinds:
        return
    code, times = kinds.most_common(1)[0]
    data = len(rows) + sum(issue.quarantined for issue in issues)
    if times < 2 or times <= _MOST * data:
        return
    first = next(issue for issue in issues if issue.code == code)
    found = f"{times} of {data} lines like line {first.line}: {first.found}"
    hint = f"{first.hint} Check the declaration of the file in the registry."
    raise FileRefusedError(Issue(first.line, first.column, code, found, first.expected, hint))


def _with_texts(issues: list[Issue], member: Member, source: Any) -> list[Issue]:
    """Add the raw text of lines whose issues were found after the reader had left them."""
    wanted = {issue.line for issue in issues if issue.line and not issue.text}
    if not wanted:
        return issues
    if isinstance(source, Lines):
        again = Lines(member, source.encoding)
        texts = {number: text for number, text in again if number in wanted}
    else:
        texts = {number: source.text(number) for number in wanted}
    return [with_text(issue, texts.get(issue.line, "")) for issue in issues]


def _count_lines(member: Member, settings: ReaderSettings | None) -> tuple[int, int]:
    """Return the lines, and the blank ones, of a text that was refused."""
    try:
        with member.open() as stream:
            if Head(stream.read(16)).is_netcdf:
                return 0, 0
        lines = Lines(member, settings.encoding if settings else "auto")
        for _ in lines:
            pass
    except FileRefusedError:
        return 0, 0
    return lines.count, lines.comment


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
    if not lines:
        return scan
    import numpy as np

    rows = scan.rows.take(~np.isin(scan.rows.line, sorted(lines)))
    merged = sorted((*scan.issues, *issues), key=lambda issue: (issue.line, issue.column))
    return replace(scan, rows=rows, issues=tuple(merged))
