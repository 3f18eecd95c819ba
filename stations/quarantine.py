"""A line that could not be used comes in; a record that names place, cause and cure goes out."""

from __future__ import annotations

from dataclasses import dataclass

TEXT_LIMIT = 200  # characters of the raw line kept in a record


@dataclass(frozen=True)
class Issue:
    """One thing to say about one line of a file.

    Attributes
    ----------
    line : int
        Line number, 1-based; 0 means the file as a whole.
    column : int
        Field number, 1-based; 0 means the whole line.
    code : str
        Stable name of the cause, for example ``impossible_date``.
    found, expected, hint : str
        What stood there, what was expected, what to do.
    text : str
        The raw line, shortened and escaped.
    quarantined : bool
        True if the line was kept out of the record.
    """

    line: int
    column: int
    code: str
    found: str
    expected: str
    hint: str
    text: str = ""
    quarantined: bool = True

    def record(self, file: str) -> dict:
        """Return the quarantine row of this issue.

        Parameters
        ----------
        file : str
            Name of the file the line stands in.

        Returns
        -------
        dict
            file, line, column, code, found, expected, hint, text.
        """
        return {"file": file, **self.brief(), "text": self.text}

    def brief(self) -> dict:
        """Return the row of the public `check` face: line, column, code, found, expected, hint."""
        return {
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "found": self.found,
            "expected": self.expected,
            "hint": self.hint,
        }


def printable(text: str, limit: int = TEXT_LIMIT) -> str:
    r"""Return text that any terminal and any UTF-8 file can hold.

    Parameters
    ----------
    text : str
        May hold NUL, other control characters or bytes that could not be decoded.
    limit : int
        Characters kept; what is left out is counted at the end.

    Returns
    -------
    str

    Examples
    --------
    >>> printable("a\x00b")
    'a\\x00b'
    """
    shown = text[:limit]
    if not shown.isprintable():
        shown = "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown
        )
    left = len(text) - limit
    return f"{shown}... ({left} characters more)" if left > 0 else shown


class FileRefusedError(ValueError):
    """A file that cannot be read as a whole; carries the issue that says why."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(
            f"file must be readable ({issue.code}); got {issue.found} at line {issue.line}, "
            f"expected {issue.expected}. {issue.hint}"
        )
