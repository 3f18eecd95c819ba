"""A line that ends or starts a file where none should comes in; the issue that says so goes out."""

from __future__ import annotations

from stations.quarantine import Issue, printable


def unfinished_line(line: int, text: str) -> Issue:
    """Return the issue of a last line that has no line end.

    Parameters
    ----------
    line : int
    text : str

    Returns
    -------
    Issue
        The line is kept out: a number cut short is still a number.
    """
    hint = "The file was cut or is still growing; if it is whole, end its last line."
    return Issue(line, 0, "unfinished_line", "no line end", "a line end", hint, printable(text))


def header_again(line: int, text: str, *, same: bool) -> Issue:
    """Return the remark that a header stands inside the file.

    Parameters
    ----------
    line : int
    text : str
    same : bool
        True if its columns are those of the header before.

    Returns
    -------
    Issue
        Of a line that counts as comment.
    """
    found = "the header once more" if same else "a header with other columns"
    hint = "Two exports were joined; the lines after it are read by its columns."
    return Issue(line, 0, "header_repeated", found, "one header", hint, printable(text), False)
