"""Instants that files hold and a window come in; the instants that cover it go out, or the missing hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from contracts.periods import HOUR, to_ns

LONGEST_STEP = 3 * HOUR
LISTED = 12


def listed(times: Sequence[np.datetime64] | np.ndarray) -> str:
    """Return instants as a message lists them, the first dozen by name.

    Examples
    --------
    >>> listed(np.arange("2025-06-01T00", "2025-06-01T14", dtype="datetime64[h]"))[-26:]
    '2025-06-01T11:00 (+2 more)'
    """
    ordered = np.sort(to_ns(times))
    names = [str(time)[:16] for time in ordered[:LISTED]]
    more = len(ordered) - len(names)
    return ", ".join(names) + (f" (+{more} more)" if more else "")


def step_of(times: np.ndarray, where: str) -> np.timedelta64:
    """Return the step of instants, the shortest distance of neighbours.

    Parameters
    ----------
    times : ndarray (time,), datetime64[ns]
        Ascending.
    where : str
        The files, for messages.

    Returns
    -------
    timedelta64[ns]

    Raises
    ------
    ValueError
        Where instants are given twice, fewer than two, or more than 3 h apart.
    """
    unique, count = np.unique(times, return_counts=True)
    if (count > 1).any():
        msg = (
            f"the weather must give every hour once; got twice: {listed(unique[count > 1])} in "
            f"{where}. Leave out the files, or their parts, that repeat them."
        )
        raise ValueError(msg)
    if len(unique) < 2:
        msg = (
            f"the weather must hold at least two instants; got {len(unique)} in {where}. Add the "
            "files of the hours before and after."
        )
        raise ValueError(msg)
    step = np.diff(unique).min()
    if step > LONGEST_STEP:
        hours = step / HOUR
        msg = (
            f"the weather's time step must be at most 3 h; got {hours:g} h in {where}. Write the "
            "model's output, or fetch it, more often."
        )
        raise ValueError(msg)
    return step


def covering(
    series: Mapping[str, np.ndarray], start: np.datetime64, end: np.datetime64, where: str
) -> np.ndarray:
    """Return the instants from the last at or before a start to the first at or after an end.

    Parameters
    ----------
    series : mapping of str to ndarray (time,), datetime64[ns]
        Instants of each variable that is needed; the first one's step counts for all.
    start, end : datetime64[ns]
    where : str
        The files, for messages.

    Returns
    -------
    ndarray (time,), datetime64[ns]
        At equal steps.

    Raises
    ------
    ValueError
        Where an instant is missing in any series: which, how many, and in which variables.
    """
    leading = np.sort(next(iter(series.values())))
    step = step_of(leading, where)
    before = (start - leading[0]) // step
    after = -((leading[0] - end) // step)
    wanted = leading[0] + np.arange(before, after + 1) * step
    lost: dict[tuple[np.datetime64, ...], list[str]] = {}
    for name, times in series.items():
        missing = np.setdiff1d(wanted, times)
        if len(missing):
            lost.setdefault(tuple(missing), []).append(name)
    if lost:
        detail = "; ".join(
            f"{len(missing)} missing of {len(wanted)} ({', '.join(names)}): {listed(missing)}"
            for missing, names in lost.items()
        )
        msg = (
            f"the weather must hold every {step / HOUR:g} h from {str(start)[:16]} to "
            f"{str(end)[:16]}; got {detail} in {where}. Add the files of these hours, or shorten "
            "transport.hours_back."
        )
        raise ValueError(msg)
    return wanted
