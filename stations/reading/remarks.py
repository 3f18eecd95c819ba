"""What may be said about a line that was kept or set aside comes in; the issue that says so goes out."""

from __future__ import annotations

from stations.quarantine import Issue, printable


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
