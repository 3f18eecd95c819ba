"""Rows of one or more files come in; one row for each slot and sample goes out, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stations.quarantine import Issue
from stations.reading.rows import Rows

_NAMED = 3  # other rows that a conflict names


@dataclass(frozen=True)
class Resolved:
    """Rows without repeats.

    Attributes
    ----------
    rows : Rows
        Sorted by start, inlet, sample.
    repeated : ndarray (repeat,), int
        Number of the file of each exact repeat that was set aside.
    conflicts : tuple of (int, Issue, float)
        Number of the file, issue, start of each row that was kept out.
    """

    rows: Rows
    repeated: np.ndarray
    conflicts: tuple[tuple[int, Issue, float], ...]


def resolve_repeats(rows: Rows, file: np.ndarray, names: list[str]) -> Resolved:
    """Set aside exact repeats; keep out rows that contradict each other.

    Parameters
    ----------
    rows : Rows
    file : ndarray (row,), int
        Number of each row's file in `names`.
    names : list of str

    Returns
    -------
    Resolved
        Rows of the same slot, inlet and sample with the same value, deviation, count and flags
        are one row: the first stays. With anything different all are kept out, each naming
        others by file and line.

    Examples
    --------
    >>> from stations.reading.rows import Row
    >>> pair = Rows.of([Row(4, 0, 401.0, 0.1, 20, 0), Row(5, 0, 402.0, 0.1, 20, 0)])
    >>> found = resolve_repeats(pair, np.zeros(2, int), ["t.dat"])
    >>> [issue.found for _, issue, _ in found.conflicts]
    ['401.0', '402.0']
    """
    inlet = np.nan_to_num(rows.inlet, nan=-1.0)
    order = np.lexsort((np.arange(len(rows)), rows.sample, inlet, rows.stamp))
    keys = (rows.stamp, inlet, rows.sample)
    new = np.ones(len(rows), dtype=bool)
    new[1:] = _differs(keys, order)
    group = np.cumsum(new) - 1
    contents = (rows.value, rows.stdev, rows.n, rows.flag, rows.provider, rows.seconds)
    differs = np.zeros(len(rows), dtype=bool)
    differs[1:] = _differs(contents, order) & ~new[1:]
    torn = np.zeros(int(group[-1]) + 1 if len(rows) else 0, dtype=bool)
    torn[group[differs]] = True
    keep = order[new & ~torn[group]]
    repeated = file[order[~new & ~torn[group]]]
    conflicts: list[tuple[int, Issue, float]] = []
    for start in np.flatnonzero(new & torn[group]):
        size = np.searchsorted(group, group[start], side="right") - start
        conflicts.extend(_conflicts(rows, file, order[start : start + size], names))
    return Resolved(rows.take(keep), repeated, tuple(conflicts))


def _differs(columns: tuple[np.ndarray, ...], order: np.ndarray) -> np.ndarray:
    """Return whether each row differs from the one before it; NaN equals NaN."""
    different = np.zeros(max(order.size - 1, 0), dtype=bool)
    for column in columns:
        here, before = column[order[1:]], column[order[:-1]]
        different |= (here != before) & ~(np.isnan(here) & np.isnan(before))
    return different


def _conflicts(
    rows: Rows, file: np.ndarray, group: np.ndarray, names: list[str]
) -> list[tuple[int, Issue, float]]:
    """Return one issue for each row of a group that does not agree."""
    listed = []
    shown = [f"{names[file[k]]}:{rows.line[k]} ({rows.value[k]})" for k in group]
    for place, k in enumerate(group):
        others = [text for other, text in enumerate(shown) if other != place]
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        hint = "Find out which is right and delete the other line; both are kept out until then."
        expected = f"the same numbers as {', '.join(others[:_NAMED])}{more}"
        issue = Issue(int(rows.line[k]), 0, "conflict", f"{rows.value[k]}", expected, hint)
        listed.append((int(file[k]), issue, float(rows.stamp[k])))
    return listed
