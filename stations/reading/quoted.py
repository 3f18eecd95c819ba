"""Lines of a delimited text come in; records, which may be quoted over several lines, go out as fields."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from stations.quarantine import Issue, printable
from stations.reading.fields import BadFieldError
from stations.reading.lines import Lines

LONGEST = 20  # lines that one record may have: then the quote is taken for a stray one
Numbered = tuple[int, str]


def quoted_records(
    lines: Iterator[Numbered] | Lines, comment: str = ""
) -> Iterator[tuple[int, str, list[Numbered]]]:
    r"""Join the lines of fields that are quoted and hold line ends.

    Parameters
    ----------
    lines : iterator of (int, str)
        Line number and text.
    comment : str
        How lines begin whose quotes mean nothing; empty for none.

    Yields
    ------
    int, str, list of (int, str)
        Number of the first line, text of the record, the lines behind the first that belong to
        it. A quote that never closes is left alone in its line, for `split_quoted` to refuse.

    Examples
    --------
    >>> list(quoted_records(iter([(1, 'a,"b'), (2, 'c",d'), (3, "e")])))
    [(1, 'a,"b\nc",d', [(2, 'c",d')]), (3, 'e', [])]
    """
    ahead: deque[Numbered] = deque()
    for number, text in _with_returned(lines, ahead):
        if '"' not in text or not text.count('"') & 1 or (comment and text.startswith(comment)):
            yield number, text, []
            continue
        taken: list[Numbered] = []
        closed = False
        while len(taken) < LONGEST and not closed:
            following = ahead.popleft() if ahead else next(lines, None)
            if following is None:
                break
            taken.append(following)
            closed = bool(following[1].count('"') & 1)
        if closed:
            yield number, "\n".join([text, *(more for _, more in taken)]), taken
        else:
            ahead.extendleft(reversed(taken))
            yield number, text, []


def _with_returned(lines: Iterator[Numbered] | Lines, ahead: deque[Numbered]) -> Iterator[Numbered]:
    """Give the lines that were looked at too early, then the others."""
    while True:
        while ahead:
            yield ahead.popleft()
        following = next(lines, None)
        if following is None:
            return
        yield following


def split_quoted(text: str, delimiter: str) -> list[str]:
    """Cut a record into fields without their quotes and outer blanks.

    Parameters
    ----------
    text : str
    delimiter : str

    Returns
    -------
    list of str

    Raises
    ------
    BadFieldError
        Where quotes do not close.

    Examples
    --------
    >>> split_quoted('2025-03-01, "431,41",V', ",")
    ['2025-03-01', '431,41', 'V']
    """
    if '"' not in text:
        return [field.strip() for field in text.split(delimiter)]
    try:
        if text.count('"') & 1:
            raise csv.Error("a quote that does not close")  # noqa: EM101
        reader = csv.reader([text], delimiter=delimiter, strict=True, skipinitialspace=True)
        fields = next(reader, [])
    except csv.Error as error:
        hint = "A stray quote, or the rest of a record whose other lines are lost."
        raise BadFieldError(0, "quoting", str(error), "closed quotes", hint) from error
    return [field.strip() for field in fields]


def record_issues(first: Issue, taken: list[Numbered]) -> Iterator[Issue]:
    """Give an issue for each line of a record that cannot be read.

    Parameters
    ----------
    first : Issue
        Of the record's first line.
    taken : list of (int, str)
        Its other lines.

    Yields
    ------
    Issue
    """
    yield first
    for number, text in taken:
        found = f"part of the record that begins in line {first.line}"
        yield Issue(number, 0, "part_of_record", found, first.expected, first.hint, printable(text))
