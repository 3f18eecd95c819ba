"""Rows of one or more files come in; one row for each stamp goes out, and what was set aside."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stations.quarantine import Issue
from stations.readers.rows import Row


@dataclass(frozen=True)
class Resolved:
    """Rows without repeats.

    Attributes
    ----------
    rows : tuple of (int, Row)
        Number of the file, row; sorted by stamp.
    repeated : tuple of int
        Number of the file of each exact repeat that was set aside.
    conflicts : tuple of (int, Issue, int)
        Number of the file, issue, stamp of each row that was kept out.
    """

    rows: tuple[tuple[int, Row], ...]
    repeated: tuple[int, ...]
    conflicts: tuple[tuple[int, Issue, int], ...]


def resolve_repeats(rows: list[tuple[int, Row]], names: list[str]) -> Resolved:
    """Set aside exact repeats; keep out rows that contradict each other.

    Parameters
    ----------
    rows : list of (int, Row)
        Number of the file in `names`, row.
    names : list of str

    Returns
    -------
    Resolved
        Rows with the same stamp, value, deviation, count and flag are one row: the first stays.
        Rows with the same stamp and anything else different are all kept out,
        each naming the others by file and line.

    Examples
    --------
    >>> a, b = Row(4, 0, 401.0, 0.1, 20, 0), Row(5, 0, 402.0, 0.1, 20, 0)
    >>> [issue.found for _, issue, _ in resolve_repeats([(0, a), (0, b)], ["t.dat"]).conflicts]
    ['401.0', '402.0']
    """
    groups: dict[int, list[tuple[int, Row]]] = {}
    for item in rows:
        groups.setdefault(item[1].stamp, []).append(item)
    kept: list[tuple[int, Row]] = []
    repeated: list[int] = []
    conflicts: list[tuple[int, Issue, int]] = []
    for stamp in sorted(groups):
        group = groups[stamp]
        contents = {_content(row) for _, row in group}
        if len(contents) == 1:
            kept.append(group[0])
            repeated.extend(file for file, _ in group[1:])
        else:
            conflicts.extend(_conflicts(group, names, stamp))
    return Resolved(tuple(kept), tuple(repeated), tuple(conflicts))


def _content(row: Row) -> tuple:
    """Return what two rows must share to be repeats; NaN equals NaN."""
    numbers = (row.value, row.stdev, float(row.n))
    return (*("nan" if math.isnan(number) else number for number in numbers), row.flag)


def _conflicts(
    group: list[tuple[int, Row]], names: list[str], stamp: int
) -> list[tuple[int, Issue, int]]:
    """Return one issue for each row of a group that does not agree."""
    listed = []
    for file, row in group:
        others = ", ".join(
            f"{names[f]}:{other.line} ({other.value})" for f, other in group if other is not row
        )
        hint = "Find out which is right and delete the other line; both are kept out until then."
        found, expected = f"{row.value}", f"the same numbers as {others}"
        listed.append((file, Issue(row.line, 0, "conflict", found, expected, hint), stamp))
    return listed
