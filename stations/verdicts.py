"""What was found in a file comes in; one verdict and an exit code go out."""

from __future__ import annotations

from collections.abc import Iterable

# From harmless to hopeless; a file gets the worst that applies.
VERDICTS: tuple[str, ...] = (
    "ok",
    "missing",
    "dedupe",
    "flag",
    "quarantine",
    "resegment",
    "conflict",
    "partial",
    "error",
)
_EXIT = {"ok": 0, "missing": 0, "dedupe": 0, "error": 2}
_OF_CODE = {
    "calibration_as_ambient": "flag",
    "conflict": "conflict",
    "header_repeated": "resegment",
    "stuck": "flag",
    "truncated_stream": "partial",
    "unfinished_line": "partial",
    "unknown_flag": "flag",
}


def verdict(codes: Iterable[str], missing: int, repeated: int) -> str:
    """Return the verdict of a file that could be read.

    Parameters
    ----------
    codes : iterable of str
        Codes of its issues; any code without a verdict of its own is a quarantined line.
    missing, repeated : int
        Rows without a value; exact repeats set aside.

    Returns
    -------
    str
        One of `VERDICTS`.

    Examples
    --------
    >>> verdict([], 0, 0), verdict([], 3, 0), verdict(["impossible_date", "conflict"], 3, 1)
    ('ok', 'missing', 'conflict')
    """
    found = [_OF_CODE.get(code, "quarantine") for code in codes]
    found += ["missing"] * (missing > 0) + ["dedupe"] * (repeated > 0) + ["ok"]
    return max(found, key=VERDICTS.index)


def exit_code(verdicts: Iterable[str]) -> int:
    """Return the exit code of a check of several files.

    Parameters
    ----------
    verdicts : iterable of str

    Returns
    -------
    int
        The largest: 0 ok, missing, dedupe; 2 error; 1 everything else.

    Examples
    --------
    >>> exit_code(["ok", "flag"]), exit_code(["dedupe"]), exit_code(["error", "ok"])
    (1, 0, 2)
    """
    return max((_EXIT.get(name, 1) for name in verdicts), default=0)
