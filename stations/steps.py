"""A record comes in; the gaps behind which it stands at another level go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contracts.settings.stations import DetectorSettings

_AROUND_DAYS = 180  # on each side of a gap: what is usual there
_LEAST_DAYS = 20  # of places elsewhere; with fewer the days before and after must do
_LEAST_SHARE = 0.5  # of a window must be usable
_LONGEST_DAYS = 30  # behind a longer gap the season alone makes another level
_SHORT = 1.5  # times the limit, where only the days before and after could be asked
_CHUNK = 2000  # windows sorted at a time


@dataclass(frozen=True)
class Step:
    """A gap behind which a record stands at another level.

    Attributes
    ----------
    before, after : int
        Hour of the last value before the gap, and of the first behind it.
    size : float, umol mol-1
        Level behind less level before, less what is usual for such a gap.
    scatter : float, umol mol-1
        Robust standard deviation of such differences where there is no step.
    limit : float, umol mol-1
        Size from which on a step is named.
    """

    before: int
    after: int
    size: float
    scatter: float
    limit: float


@dataclass(frozen=True)
class _Series:
    """Values at regular times, which percentile of them is a level, and places to compare it at."""

    value: np.ndarray
    per_day: int
    percentile: float
    per_place: int


def find_gaps(good: np.ndarray, settings: DetectorSettings) -> list[tuple[int, int]]:
    """Return the gaps that are long enough for an instrument to come back changed.

    Parameters
    ----------
    good : ndarray (time,), bool
        Usable hours.
    settings : DetectorSettings

    Returns
    -------
    list of (int, int)
        Last hour before and first hour behind each gap of `step_gap_hours` to 30 days.

    Examples
    --------
    >>> find_gaps(np.array([1] * 3 + [0] * 6 + [1] + [0] * 5 + [1], bool), DetectorSettings())
    [(2, 9)]
    """
    at = np.flatnonzero(good)
    missing = np.diff(at) - 1
    long = (missing >= settings.step_gap_hours) & (missing <= 24 * _LONGEST_DAYS)
    return [(int(at[k]), int(at[k + 1])) for k in np.flatnonzero(long)]


def steps_of_record(value: np.ndarray, good: np.ndarray, settings: DetectorSettings) -> list[Step]:
    """Return the gaps of one record behind which its level is another one.

    Parameters
    ----------
    value : ndarray (time,), umol mol-1
        Hour by hour.
    good : ndarray (time,), bool
        Usable hours; the others make the gaps.
    settings : DetectorSettings

    Returns
    -------
    list of Step
        In order of time; of alarms within `step_days[0]` days only the clearest.

    Notes
    -----
    A level is the 10th percentile of the hours of a window: what plumes and nights touch least.
    The window behind a gap is compared with the one before it, and the difference with those
    at gaps of the same length that are thought elsewhere in the record, 180 days on each side.
    A short and a long window (`step_days`) must both say so: weather passes, a calibration
    stays. A record too short for that is asked for one short window only, against the scatter
    of its days, with a limit 1.5 times as high.

    Measured with the defaults on hourly CO2. At real gaps the level was called another one at 35 of
    1748 at Cabauw (27, 67, 127, 207 m, 1992 to 2023: 13 different times, weather and repairs
    alike), 3 of 308 at Tacolneston (54, 100, 185 m) and 0 of 11 at Hohenpeissenberg. At gaps of
    8 and 48 h cut at random into these records: 0 of 800 where 400 days were known, 1 % of 4800
    where two to nine weeks were. Steps planted there were found, with 400 days, in 7 to 69 %
    (10 umol mol-1), 49 to 98 % (15) and 92 to 100 % (20) of cases; with weeks only in 27 to 68 %
    (15) and 68 to 95 % (30). A smaller step shows only against neighbours: `steps_of_offset`.
    ASSUME: what differs from one week to the next is weather, and looks alike all through a year.
    """
    hours = _Series(np.where(good, value, np.nan), 24, 0.1, 12)
    return _steps(hours, [(gap, gap) for gap in find_gaps(good, settings)], settings)


def steps_of_offset(
    offset: np.ndarray, gaps: list[tuple[int, int]], settings: DetectorSettings
) -> tuple[list[Step], set[tuple[int, int]]]:
    """Return the gaps behind which a station's offset to the others is another one.

    Parameters
    ----------
    offset : ndarray (day,), umol mol-1
        Daily offset to the other towers; NaN where there is none.
    gaps : list of (int, int)
        Of `find_gaps`, hours from the start of the first day.
    settings : DetectorSettings

    Returns
    -------
    list of Step
        In hours, as `gaps`.
    set of (int, int)
        Those of `gaps` on which the offset has anything to say.

    Notes
    -----
    As `steps_of_record`, with medians of days; the days in which a gap begins and ends are left
    out. Others share the weather, so that a step of 3 umol mol-1 is found in 87 to 100 % of cases
    where 400 days are known and 54 to 92 % where two to nine weeks are, one of 5 in 93 to 100 % and
    76 to 99 %; of gaps without a step 0 of 600, and 0.4 % of 3600, were called one (inlets of
    Cabauw and Tacolneston against the other inlets of their mast). At their real gaps: 4 of 383,
    2 of 464, 0 of 100.
    """
    days = _Series(offset, 1, 0.5, 1)
    inside = [((a // 24 - 1, b // 24 + 1), (a, b)) for a, b in gaps]
    near = settings.step_days[0]
    told = {hours for gap, hours in inside if np.isfinite(_difference(days, gap, near))}
    return _steps(days, inside, settings), told


def _steps(
    series: _Series,
    gaps: list[tuple[tuple[int, int], tuple[int, int]]],
    settings: DetectorSettings,
) -> list[Step]:
    """Return the clearest steps; each gap in places of the series, and in hours."""
    if not gaps:
        return []
    levels = [_levels(series, days) for days in settings.step_days]
    found = []
    for inside, hours in gaps:
        size, scatter, limit = _judged(series, levels, inside, settings)
        limit = max(limit, settings.step_umol_mol)
        if abs(size) >= limit:
            found.append(Step(*hours, size, scatter, limit))
    return clearest(found, 24 * settings.step_days[0])


def _judged(
    series: _Series, levels: list[np.ndarray], gap: tuple[int, int], settings: DetectorSettings
) -> tuple[float, float, float]:
    """Return size, scatter and limit of the step behind one gap; size 0 where the windows differ."""
    ratio = settings.step_scatter
    near = settings.step_days[0]
    told = [
        _against_elsewhere(series, level, gap, days)
        for level, days in zip(levels, settings.step_days, strict=True)
    ]
    if not np.isfinite(told).all():
        told = [(_difference(series, gap, near), _of_days(series, gap, near))]
        ratio *= _SHORT
    if not np.isfinite(told).all() or len({np.sign(size) for size, _ in told}) > 1:
        return 0.0, np.nan, np.inf
    size, scatter = min(told, key=lambda item: abs(item[0]) - ratio * item[1])
    return size, scatter, ratio * scatter


def _difference(series: _Series, gap: tuple[int, int], days: int) -> float:
    """Return the level behind a gap less the level before it."""
    before = _side(series, gap, days, -1)
    after = _side(series, gap, days, 1)
    return float(_level(series, after[None])[0] - _level(series, before[None])[0])


def _side(series: _Series, gap: tuple[int, int], days: int, direction: int) -> np.ndarray:
    """Return the values of some days on one side of a gap, NaN where the record has ended."""
    size = days * series.per_day
    start = gap[1] if direction > 0 else gap[0] + 1 - size
    at = np.arange(start, start + size)
    inside = (at >= 0) & (at < series.value.size)
    return np.where(inside, series.value[np.clip(at, 0, series.value.size - 1)], np.nan)


def _against_elsewhere(
    series: _Series, level: np.ndarray, gap: tuple[int, int], days: int
) -> tuple[float, float]:
    """Return the difference at a gap less the usual one, and how such differences scatter."""
    window = days * series.per_day // series.per_place
    length = -(-(gap[1] - gap[0] - 1) // series.per_place)
    here = gap[0] / series.per_place
    around = _AROUND_DAYS * series.per_day // series.per_place
    place = np.arange(window, level.size - length)
    place = place[np.abs(place - here) <= around]
    clear = (place + length + window <= here) | (place - window >= here + length)
    usual = (level[place + length] - level[place - window])[clear]
    usual = usual[np.isfinite(usual)]
    if usual.size * series.per_place < _LEAST_DAYS * series.per_day:
        return np.nan, np.nan
    centre = float(np.median(usual))
    scatter = 1.4826 * float(np.median(np.abs(usual - centre)))
    return _difference(series, gap, days) - centre, scatter


def _of_days(series: _Series, gap: tuple[int, int], days: int) -> float:
    """Return the scatter of a difference of two days, from the days on both sides of a gap.

    ASSUME: the days of a window share their weather, so that their number does not help.
    """
    apart = []
    for direction in (-1, 1):
        daily = _side(series, gap, days, direction).reshape(days, series.per_day)
        level = _level(series, daily)
        level = level[np.isfinite(level)]
        if level.size < 2:
            return np.nan
        apart.append(np.abs(level - np.median(level)))
    return float(np.sqrt(2.0) * 1.4826 * np.median(np.concatenate(apart)))


def _levels(series: _Series, days: int) -> np.ndarray:
    """Return the level of the window that begins at each place."""
    size = days * series.per_day
    if series.value.size < size:
        return np.empty(0)
    view = np.lib.stride_tricks.sliding_window_view(series.value, size)[:: series.per_place]
    parts = [_level(series, view[k : k + _CHUNK]) for k in range(0, len(view), _CHUNK)]
    return np.concatenate(parts)


def _level(series: _Series, windows: np.ndarray) -> np.ndarray:
    """Return the level of each row; NaN where too little of it is usable."""
    ordered = np.sort(windows, axis=1)  # NaN last
    count = np.isfinite(windows).sum(axis=1)
    at = (series.percentile * np.maximum(count - 1, 0)).astype(np.int64)
    enough = count >= _LEAST_SHARE * windows.shape[1]
    return np.where(enough, ordered[np.arange(len(windows)), at], np.nan)


def clearest(steps: list[Step], apart: int) -> list[Step]:
    """Return of alarms close to each other the one that stands out most.

    Parameters
    ----------
    steps : list of Step
        In order of time.
    apart : int
        Hours from one gap to the next at which two alarms are no longer one.

    Returns
    -------
    list of Step

    Examples
    --------
    >>> clearest([Step(5, 20, 5.0, 1.0, 4.0), Step(40, 50, 9.0, 1.0, 4.0)], 120)
    [Step(before=40, after=50, size=9.0, scatter=1.0, limit=4.0)]
    """
    kept: list[Step] = []
    for step in steps:
        if kept and step.before - kept[-1].after < apart:
            kept[-1] = max(kept[-1], step, key=lambda item: abs(item.size) / item.limit)
        else:
            kept.append(step)
    return kept
