"""Names of stations at one place come in; one label for all of them goes out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_NUMBERED = re.compile(r"^(.*?\D)(\d+)$")


def merge_labels(names: Sequence[str], excluded: Collection[str]) -> str:
    """Return one label for the stations of one place.

    Parameters
    ----------
    names : sequence of str
        At least one.
    excluded : collection of str
        Names that are crossed out where the others are not.

    Returns
    -------
    str
        Names that differ in a number only share their stem; numbers ascend.

    Examples
    --------
    >>> merge_labels(["TAC100", "TAC185", "TAC54"], ())
    'TAC54/100/185'
    >>> merge_labels(["TAC", "TAC185", "TAC54"], ["TAC185"])
    'TAC, TAC54, TAC185 ×'
    """
    used = [name for name in names if name not in excluded]
    out = [name for name in names if name in excluded]
    if not used:
        return _joined(out)
    return ", ".join([_joined(used), *(f"{name} ×" for name in sorted(out))])


def _joined(names: Sequence[str]):
    parts = [_NUMBERED.match(name) for name in names]
    stems = {part.group(1) if part else None for part in parts}
    ordered = sorted(names, key=_by_number)
    if len(names) > 1 and len(stems) == 1 and None not in stems:
        stem = str(stems.pop())
        return stem + "/".join(name.removeprefix(stem) for name in ordered)
    return ", ".join(ordered)


def _by_number(name: str):
    part = _NUMBERED.match(name)
    return (part.group(1), int(part.group(2))) if part else (name, -1)
