"""Lines of a delimited table and its declaration come in; rows go out.

Nothing about the table is guessed: delimiter, header line, columns, time format,
zone, label, unit, missing texts and flags stand in the registry.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from stations.flags import FLAGS
from stations.lines import Lines, damage
from stations.quarantine import FileRefusedError, Issue, printable
from stations.readers.fields import BadFieldError, count, deviation, number
from stations.readers.remarks import header_again, unfinished_line
from stations.readers.rows import Parsed, Row
from stations.readers.settings import DeclaredCsvReader

NAME = "declared_csv"
_EPOCH = datetime(1970, 1, 1)
_ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class _Columns:
    """Field numbers, 0-based; None where the column is not declared."""

    time: tuple[int, ...]
    value: int
    stdev: int | None
    n: int | None
    flag: int | None
    fields: int


def read(lines: Lines, settings: DeclaredCsvReader) -> Parsed:
    """Sort every line of a declared table into rows, issues and header.

    Parameters
    ----------
    lines : Lines
    settings : DeclaredCsvReader

    Returns
    -------
    Parsed
        Lines up to the header line count as comment.
    """
    header = settings.header_row
    if len(lines.text) < header or (lines.unfinished and len(lines.text) == header):
        found = f"{len(lines.text)} lines"
        expected = f"column names in line {header}"
        raise FileRefusedError(Issue(0, 0, "no_header", found, expected, "Check `header_row`."))
    names = _split(lines.text[header - 1], settings)
    columns = _columns(names, header, settings)
    parsed = Parsed(comment=header)
    last = len(lines.text)
    for line in range(header + 1, last + 1):
        text = lines.text[line - 1]
        if line == last and lines.unfinished:
            parsed.issues.append(unfinished_line(line, text))
        elif not text.strip() or (settings.comment and text.startswith(settings.comment)):
            parsed.comment += 1
        else:
            columns = _sort(text, line, (columns, settings), parsed)
    return parsed


def _split(text: str, settings: DeclaredCsvReader) -> list[str]:
    """Cut one line into fields without their outer blanks."""
    try:
        fields = next(csv.reader([text], delimiter=settings.delimiter, strict=True), [])
    except csv.Error as error:
        hint = "A quoted field must end in its own line."
        raise BadFieldError(0, "quoting", str(error), "closed quotes", hint) from error
    return [field.strip() for field in fields]


def _columns(names: list[str], line: int, settings: DeclaredCsvReader) -> _Columns:
    """Find the declared columns among the names of the header line."""
    declared = settings.columns
    wanted = [*declared.time, declared.value, declared.stdev, declared.n, declared.flag]
    lost = [w for w in wanted if w is not None and names.count(w) != 1]
    if lost:
        found = f"columns {printable(str(names), 120)}"
        expected = f"each of {lost} exactly once"
        hint = "Check `header_row`, `delimiter`, `encoding` and `columns` in the registry."
        raise FileRefusedError(Issue(line, 0, "columns", found, expected, hint))
    at = {name: k for k, name in enumerate(names)}
    return _Columns(
        time=tuple(at[name] for name in declared.time),
        value=at[declared.value],
        stdev=None if declared.stdev is None else at[declared.stdev],
        n=None if declared.n is None else at[declared.n],
        flag=None if declared.flag is None else at[declared.flag],
        fields=len(names),
    )


def _sort(
    text: str, line: int, how: tuple[_Columns, DeclaredCsvReader], parsed: Parsed
) -> _Columns:
    """Append one line to rows, issues or comments; return the columns valid after it."""
    columns, settings = how
    issue = damage(text, line)
    if issue is None:
        try:
            fields = _split(text, settings)
            if settings.columns.value in fields and settings.columns.time[0] in fields:
                again = _columns(fields, line, settings)
                parsed.comment += 1
                parsed.issues.append(header_again(line, text, same=again == columns))
                return again
            row, remark = _row(fields, line, columns, settings)
        except BadFieldError as bad:
            issue = bad.issue(line, text)
        else:
            parsed.rows.append(row)
            issue = remark
    if issue is not None:
        parsed.issues.append(issue)
    return columns


def _row(
    fields: list[str], line: int, columns: _Columns, settings: DeclaredCsvReader
) -> tuple[Row, Issue | None]:
    """Read the fields of one line."""
    if len(fields) != columns.fields:
        code = "truncated_line" if len(fields) < columns.fields else "long_line"
        hint = "An unquoted delimiter or an interrupted writer; see the line."
        raise BadFieldError(0, code, f"{len(fields)} fields", f"{columns.fields} fields", hint)
    stamp = _stamp(fields, columns, settings)
    missing = settings.missing
    value = number(fields[columns.value], columns.value + 1, missing)
    stdev = math.nan
    if columns.stdev is not None:
        stdev = deviation(fields[columns.stdev], columns.stdev + 1, missing)
    n = 0 if math.isnan(value) else 1
    if columns.n is not None:
        n = count(fields[columns.n], columns.n + 1, missing)
        if n == 0 and not math.isnan(value):
            hint = "A mean of no samples is no measurement."
            raise BadFieldError(columns.n + 1, "no_samples", fields[columns.n], "at least 1", hint)
    flag, remark = _flag(fields, line, columns, settings)
    return Row(line, stamp, value, stdev, n, flag), remark


def _stamp(fields: list[str], columns: _Columns, settings: DeclaredCsvReader) -> int:
    """Return seconds since 1970 UTC."""
    text = " ".join(fields[k] for k in columns.time)
    try:
        instant = datetime.strptime(text, settings.time_format)
    except ValueError as error:
        raise BadFieldError(
            columns.time[0] + 1,
            "impossible_date",
            text,
            f"an instant written as {settings.time_format}",
            f"Check `time_format` ({error}).",
        ) from error
    if instant.tzinfo is not None:
        instant = instant.replace(tzinfo=None) - (instant.utcoffset() or timedelta(0))
        return (instant - _EPOCH) // _ONE_SECOND
    return (instant - _EPOCH) // _ONE_SECOND - settings.offset_seconds


def _flag(
    fields: list[str], line: int, columns: _Columns, settings: DeclaredCsvReader
) -> tuple[int, Issue | None]:
    """Translate the provider's flag."""
    if columns.flag is None:
        return 0, None
    letter = fields[columns.flag]
    name = settings.flags.get(letter)
    if name is None:
        expected = f"one of {sorted(settings.flags)}"
        hint = "Declare what this flag means under `flags` in the registry."
        text = printable(settings.delimiter.join(fields))
        found = printable(repr(letter), 40)
        return FLAGS["unknown_flag"], Issue(
            line, columns.flag + 1, "unknown_flag", found, expected, hint, text, False
        )
    return (0 if name == "ok" else FLAGS[name]), None
