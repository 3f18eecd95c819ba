"""Numbered lines and a format's way of reading one come in; a row or an issue for each goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stations.quarantine import FileRefusedError, Issue, printable
from stations.reading.fields import BadFieldError
from stations.reading.lines import Lines
from stations.reading.rows import Row


def sorted_lines(
    lines: Lines, read_line: Callable[[int, str], Row], comment: str = ""
) -> Iterator[Row | Issue]:
    """Read the rest of a file line by line.

    Parameters
    ----------
    lines : Lines
        Standing behind the header.
    read_line : callable
        ``read_line(number, text) -> Row``; raises `BadFieldError` where it cannot.
    comment : str
        How lines begin that are set aside; empty for none.

    Yields
    ------
    Row or Issue
    """
    for number, text in lines:
        if comment and text.startswith(comment):
            lines.comment += 1
            continue
        yield row_or_issue(read_line, number, text)


def row_or_issue(read_line: Callable[[int, str], Row], line: int, text: str) -> Row | Issue:
    """Return the row of a line, or the issue that keeps it out.

    Parameters
    ----------
    read_line : callable
        ``read_line(line, text) -> Row``; raises `BadFieldError` where it cannot.
    line : int
    text : str

    Returns
    -------
    Row or Issue
    """
    try:
        return read_line(line, text)
    except BadFieldError as bad:
        return bad.issue(line, text)


def demand_fields(fields: list[str], expected: int) -> None:
    """Refuse a line with too few or too many fields.

    Parameters
    ----------
    fields : list of str
    expected : int

    Raises
    ------
    BadFieldError
    """
    if len(fields) != expected:
        code = "truncated_line" if len(fields) < expected else "long_line"
        hint = "An unquoted delimiter or an interrupted writer; see the line."
        raise BadFieldError(0, code, f"{len(fields)} fields", f"{expected} fields", hint)


def refuse_header(line: int, found: str, expected: str, hint: str) -> FileRefusedError:
    """Return the error of a header that is not the format's.

    Parameters
    ----------
    line : int
        Line number, 1-based; 0 for the file as a whole.
    found, expected, hint : str

    Returns
    -------
    FileRefusedError
        To be raised.
    """
    return FileRefusedError(Issue(line, 0, "header", printable(found, 160), expected, hint))
