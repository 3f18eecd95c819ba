"""Lines of a GCWerks export come in; rows of one gas go out.

Three header lines (``Created:``, gas of each column, name of each column), then
``yymmdd hhmmss type port`` and ``C stdev N`` for each gas. Leading zeros are
significant, ``nan`` means missing. The stamp's label is declared in the registry.
ASSUME: two-digit years are 2000 to 2099.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stations.flags import FLAGS
from stations.lines import Lines, damage
from stations.quarantine import FileRefusedError, Issue, printable
from stations.readers.fields import BadFieldError, count, deviation, number
from stations.readers.remarks import header_again, unfinished_line
from stations.readers.rows import Parsed, Row
from stations.readers.settings import GcwerksReader

NAME = "gcwerks"
_LEADING = ["date", "time", "type", "port"]
_EPOCH = datetime(1970, 1, 1)
_ONE_SECOND = timedelta(seconds=1)
_ALIGNED_AMONG = 20  # rows looked at to see whether fields end below their names


@dataclass(frozen=True)
class _Columns:
    """Where the declared gas stands: 0-based fields, fields a row must have, width of a row."""

    value: int
    stdev: int
    n: int
    fields: int
    width: int


def sniff(head: Sequence[str]) -> bool:
    """Return whether the first three lines are a GCWerks header.

    Parameters
    ----------
    head : sequence of str

    Returns
    -------
    bool

    Examples
    --------
    >>> sniff(("Created:  1 Mar 19 07:38 GMT", " - - - - co2 co2 co2", "date time type port C stdev N"))
    True
    """
    return len(head) >= 3 and head[0].startswith("Created:") and head[2].split()[:4] == _LEADING


def read(lines: Lines, settings: GcwerksReader) -> Parsed:
    """Sort every line of a GCWerks file into rows, issues and header.

    Parameters
    ----------
    lines : Lines
    settings : GcwerksReader

    Returns
    -------
    Parsed
        One row for each usable line; issues in the order of the lines.
    """
    if not sniff(lines.text[:3]):
        first = printable(lines.text[0], 60) if lines.text else "an empty file"
        hint = "Declare the right format in the registry, or fetch the file again."
        expected = "three header lines: Created:, gases, date time type port ..."
        raise FileRefusedError(Issue(1, 0, "unknown_format", first, expected, hint))
    parsed = Parsed(comment=3)
    columns = _columns(lines.text, 3, settings.gas)
    number_of_lines = len(lines.text)
    line = 4
    while line <= number_of_lines:
        text = lines.text[line - 1]
        if line == number_of_lines and lines.unfinished:
            parsed.issues.append(unfinished_line(line, text))
        elif sniff(lines.text[line - 1 : line + 2]):
            again = _columns(lines.text, line + 2, settings.gas)
            parsed.issues.append(header_again(line, text, same=again == columns))
            parsed.comment += 3
            columns = again
            line += 2
        elif not text.strip():
            parsed.comment += 1
        else:
            _sort(text, line, (columns, settings), parsed)
        line += 1
    return parsed


def _columns(text: Sequence[str], names_line: int, gas: str) -> _Columns:
    """Find the gas in the two header lines that end at `names_line` (1-based)."""
    gases, names = text[names_line - 2].split(), text[names_line - 1].split()
    at = {pair: k for k, pair in enumerate(zip(gases, names, strict=False))}
    wanted = [(gas, "C"), (gas, "stdev"), (gas, "N")]
    if len(gases) != len(names) or any(pair not in at for pair in wanted):
        found = f"gases {sorted(set(gases) - {'-'})}, {len(gases)} gases for {len(names)} names"
        expected = f"columns C, stdev, N of gas {gas!r}"
        hint = "Declare `gas` in the registry as the file spells it."
        raise FileRefusedError(Issue(names_line, 0, "columns", found, expected, hint))
    end = len(text[names_line - 1].rstrip())
    near = text[names_line : names_line + _ALIGNED_AMONG]
    aligned = any(len(row.rstrip()) == end for row in near)
    value, stdev, n = (at[pair] for pair in wanted)
    return _Columns(value, stdev, n, len(names), end if aligned else 0)


def _sort(text: str, line: int, how: tuple[_Columns, GcwerksReader], parsed: Parsed) -> None:
    """Append one data line to the rows or to the issues."""
    issue = damage(text, line)
    if issue is None:
        try:
            row, remark = _row(text, line, *how)
        except BadFieldError as bad:
            issue = bad.issue(line, text)
        else:
            parsed.rows.append(row)
            issue = remark
    if issue is not None:
        parsed.issues.append(issue)


def _row(
    text: str, line: int, columns: _Columns, settings: GcwerksReader
) -> tuple[Row, Issue | None]:
    """Read one data line."""
    fields = text.split()
    if len(fields) != columns.fields or len(text.rstrip()) < columns.width:
        code = "truncated_line" if len(fields) <= columns.fields else "long_line"
        found = f"{len(fields)} fields, {len(text.rstrip())} characters"
        expected = f"{columns.fields} fields, {columns.width or 'any number of'} characters"
        raise BadFieldError(
            0, code, found, expected, "The writer was interrupted; fetch the file again."
        )
    stamp = _stamp(fields[0], fields[1]) - settings.offset_seconds
    if settings.port is not None and fields[3] != str(settings.port):
        hint = "Declare the port of this inlet in the registry, or split the file."
        raise BadFieldError(4, "other_inlet", f"port {fields[3]}", f"port {settings.port}", hint)
    value = number(fields[columns.value], columns.value + 1, settings.missing)
    stdev = deviation(fields[columns.stdev], columns.stdev + 1, settings.missing)
    n = count(fields[columns.n], columns.n + 1, settings.missing)
    if n == 0 and not math.isnan(value):
        hint = "A mean of no samples is no measurement."
        raise BadFieldError(
            columns.n + 1, "no_samples", fields[columns.n], "at least 1 sample", hint
        )
    flag, remark = _type_flag(fields[2], line, text, settings)
    return Row(line, stamp, value, stdev, n, flag), remark


def _type_flag(
    kind: str, line: int, text: str, settings: GcwerksReader
) -> tuple[int, Issue | None]:
    """Translate the sample type."""
    name = settings.types.get(kind)
    if name is None:
        expected = f"one of {', '.join(sorted(settings.types))}"
        hint = "Declare what this sample type means under `types` in the registry."
        found = printable(kind, 40)
        return FLAGS["unknown_flag"], Issue(
            line, 3, "unknown_flag", found, expected, hint, printable(text), False
        )
    return (0 if name == "ok" else FLAGS[name]), None


def _stamp(date: str, time: str) -> int:
    """Return seconds since 1970 of ``yymmdd hhmmss``."""
    if not (len(date) == len(time) == 6 and date.isascii() and (date + time).isdecimal()):
        hint = "Leading zeros are significant; a spreadsheet may have eaten them."
        raise BadFieldError(
            1, "bad_stamp", f"{date} {time}", "yymmdd hhmmss, six digits each", hint
        )
    year, month, day = (int(date[k : k + 2]) for k in (0, 2, 4))
    hour, minute, second = (int(time[k : k + 2]) for k in (0, 2, 4))
    try:
        instant = datetime(2000 + year, month, day, hour, minute, second)
    except ValueError as error:
        hint = f"No such instant ({error})."
        raise BadFieldError(
            1, "impossible_date", f"{date} {time}", "a date of the calendar", hint
        ) from error
    return (instant - _EPOCH) // _ONE_SECOND
