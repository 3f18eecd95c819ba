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
    "column_angle": "flag",
    "column_units": "ok",
    "column_weights": "ok",
    "conflict": "conflict",
    "header_repeated": "resegment",
    "inlet_swap": "flag",
    "label_differs": "ok",  # the registry overrules the file on purpose
    "no_kernels": "ok",
    "place_differs": "flag",
    "scale_unknown": "ok",
    "step": "flag",
    "stuck": "flag",
    "truncated_stream": "partial",
    "unfinished_line": "partial",
    "unit_differs": "ok",
    "unknown_flag": "flag",
    "zone_differs": "ok",
}


def verdict(codes: Iterable[str], missing: int, repeated: int, remarks: Iterable[str] = ()) -> str:
    """Return the verdict of a file that could be read.

    Parameters
    ----------
    codes : iterable of str
        Codes of its issues; any code without a verdict of its own is a quarantined line.
    missing, repeated : int
        Rows without a value; exact repeats set aside.
    remarks : iterable of str
        Codes of issues that keep nothing out; one without a verdict of its own is a flag.

    Returns
    -------
    str
        One of `VERDICTS`.

    Examples
    --------
    >>> verdict([], 0, 0), verdict([], 3, 0), verdict(["impossible_date", "conflict"], 3, 1)
    ('ok', 'missing', 'conflict')
    >>> verdict([], 0, 0, ["place_differs"])
    'flag'
    """
    found = [_OF_CODE.get(code, "quarantine") for code in codes]
    found += [_OF_CODE.get(code, "flag") for code in remarks]
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
