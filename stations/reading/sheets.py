"""An Excel workbook comes in; its sheets, and the rows of one as delimited lines, go out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from stations.quarantine import FileRefusedError, Issue
from stations.reading.containers import Member

_DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError)


def _workbook(path: Path) -> Any:
    """Open a workbook; values, not formulas."""
    import openpyxl

    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl passes on whatever its parsers raise
        hint = "Open it in a spreadsheet program and save it again, or export it as text."
        issue = Issue(0, 0, "archive", str(error), "a whole Excel workbook", hint)
        raise FileRefusedError(issue) from error


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets that hold cells.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of str
        In the order of the workbook; charts are left out.
    """
    book = _workbook(path)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def sheet_as_text(member: Member, delimiter: str) -> Member:
    r"""Return a sheet as a text whose line k is row k of the sheet.

    Parameters
    ----------
    member : Member
        With `sheet` true.
    delimiter : str

    Returns
    -------
    Member
        UTF-8; cells that are dates are written as ISO 8601, numbers as Python writes them, and
        errors (``#N/A``) as the workbook shows them.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    for row in _rows(member):
        writer.writerow(row)
    raw = text.getvalue().encode()
    return Member(member.path, member.name, lambda: io.BytesIO(raw), sheet=True)


def _rows(member: Member) -> Iterator[list[str]]:
    """Give the cells of each row as text, without the empty ones at its end."""
    book = _workbook(member.path)
    try:
        for row in book[member.name].iter_rows(values_only=True):
            cells = [_cell(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            yield cells
    finally:
        book.close()


def _cell(value: Any) -> str:
    """Return one cell as text.

    Examples
    --------
    >>> _cell(datetime(2025, 3, 1, 8, 20)), _cell(431.5), _cell(None), _cell(431.0)
    ('2025-03-01 08:20:00', '431.5', '', '431.0')
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else " ".join(str(value).splitlines())
