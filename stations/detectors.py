"""An hourly record comes in; hours that are not outdoor air, whatever the file says, go out."""

from __future__ import annotations

import numpy as np

from contracts.settings.stations import DetectorSettings
from stations.averaging import Hourly
from stations.flags import FLAGS, usable

_STEP_OF_THE_STEADY = 4.0  # times the step, where deviations are small throughout


def detect(hourly: Hourly, settings: DetectorSettings) -> np.ndarray:
    """Return the flags that an hourly record earns by its looks.

    Parameters
    ----------
    hourly : Hourly
    settings : DetectorSettings

    Returns
    -------
    ndarray (time,), int64
        Bits stuck and calibration_as_ambient, to be added to the record's own.
    """
    good = usable(hourly.flag)
    flag = np.zeros(hourly.value.size, dtype=np.int64)
    flag[stuck(hourly.value, good, settings.stuck_hours)] |= FLAGS["stuck"]
    flag[calibration_as_ambient(hourly, good, settings)] |= FLAGS["calibration_as_ambient"]
    return flag


def stuck(value: np.ndarray, good: np.ndarray, hours: int) -> np.ndarray:
    """Return hours that belong to a run of equal values.

    Parameters
    ----------
    value : ndarray (time,), umol mol-1
    good : ndarray (time,), bool
        Hours looked at; others neither lengthen nor end a run.
    hours : int
        Shortest run that counts.

    Returns
    -------
    ndarray (time,), bool

    Examples
    --------
    >>> stuck(np.array([1.0, 2.0, 2.0, 2.0]), np.ones(4, bool), 3).tolist()
    [False, True, True, True]
    """
    at = np.flatnonzero(good)
    result = np.zeros(value.size, dtype=bool)
    if at.size == 0:
        return result
    # equal to 1e-9 relative: the same text, whatever the order of the sums behind the mean
    new = ~np.isclose(value[at][1:], value[at][:-1], rtol=1e-9, atol=0.0)
    run = np.concatenate([[0], np.cumsum(new)])
    length = np.bincount(run)[run]
    result[at[length >= hours]] = True
    return result


def calibration_as_ambient(
    hourly: Hourly, good: np.ndarray, settings: DetectorSettings
) -> np.ndarray:
    """Return hours of tank air that the file calls air.

    Parameters
    ----------
    hourly : Hourly
    good : ndarray (time,), bool
        Hours looked at.
    settings : DetectorSettings

    Returns
    -------
    ndarray (time,), bool

    Notes
    -----
    Tank air is steady within the hour and stands apart from the hours before and after
    it, on the same side of both; real air that jumps so far in an hour is not steady.
    That proves a tank where its value repeats: a level with `calibration_repeats` such
    hours on different days, near in time. Then every steady hour at that level that stands apart from
    one neighbour is flagged too (runs of several hours). Where most hours of
    the day around are steady, steadiness says little and the step must be larger. Isolated hours whose level does
    not repeat stay, because a plume's lull can look like that once.
    """
    # one slot without a deviation of its own has a spread of zero that nobody measured
    untold = (hourly.spread == 0) & ((hourly.flag & FLAGS["spread_unknown"]) > 0)
    steady = good & (hourly.spread < settings.calibration_spread_umol_mol) & ~untold
    before, after = _neighbours(hourly.value, good, steady, settings.calibration_window_hours)
    step = _step(hourly.value, good, settings)
    step = np.where(_mostly(steady, good), _STEP_OF_THE_STEADY * step, step)
    below = np.minimum(before, after) - hourly.value
    above = hourly.value - np.maximum(before, after)
    with np.errstate(invalid="ignore"):
        isolated = steady & (np.maximum(below, above) > step)
    near = _near_tank(hourly, isolated, settings)
    with np.errstate(invalid="ignore"):
        apart = np.fmax(np.abs(hourly.value - before), np.abs(hourly.value - after)) > step
    return steady & near & apart


def _mostly(steady: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Return where more than half of the good hours within half a day are steady."""
    window = np.ones(25)
    here = np.convolve(steady, window)[12:-12]
    return 2 * here > np.convolve(good, window)[12:-12]


def _neighbours(
    value: np.ndarray, good: np.ndarray, steady: np.ndarray, hours: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the median of the hours before and after each hour, NaN if none.

    Unsteady hours speak where there are any, so that a tank does not vouch for itself.
    """
    before, after = _medians(value, good & ~steady, hours)
    before_any, after_any = _medians(value, good, hours)
    return (
        np.where(np.isnan(before), before_any, before),
        np.where(np.isnan(after), after_any, after),
    )


def _medians(value: np.ndarray, good: np.ndarray, hours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the median of the good hours in the windows before and after each hour."""
    padded = np.concatenate(
        [np.full(hours, np.nan), np.where(good, value, np.nan), np.full(hours, np.nan)]
    )
    windows = np.lib.stride_tricks.sliding_window_view(padded, hours)
    medians = _row_median(windows)
    return medians[: value.size], medians[hours + 1 : hours + 1 + value.size]


def _row_median(windows: np.ndarray) -> np.ndarray:
    """Return the median of each row without its NaN; NaN where nothing is left."""
    ordered = np.sort(windows, axis=1)  # NaN last
    count = np.isfinite(windows).sum(axis=1)
    rows = np.arange(windows.shape[0])
    low = ordered[rows, np.maximum((count - 1) // 2, 0)]
    high = ordered[rows, np.maximum(count // 2, 0) % windows.shape[1]]
    return np.where(count > 0, 0.5 * (low + high), np.nan)


def _step(value: np.ndarray, good: np.ndarray, settings: DetectorSettings) -> float:
    """Return the step between neighbours that real air hardly makes."""
    steps = np.diff(np.where(good, value, np.nan))
    steps = np.abs(steps[np.isfinite(steps)])
    typical = 1.4826 * float(np.median(steps)) if steps.size else 0.0
    return max(settings.calibration_step_mad * typical, settings.calibration_step_umol_mol)


def _near_tank(hourly: Hourly, isolated: np.ndarray, settings: DetectorSettings) -> np.ndarray:
    """Return hours at a value that isolated hours of enough different days prove to be a tank."""
    at = np.flatnonzero(isolated)
    day = hourly.time.astype("datetime64[D]").astype(np.int64)
    near_tank = np.zeros(isolated.size, dtype=bool)
    for k in at:
        near = np.abs(hourly.value - hourly.value[k]) <= settings.calibration_level_umol_mol
        near &= np.abs(day - day[k]) <= settings.calibration_days
        if np.unique(day[at[near[at]]]).size >= settings.calibration_repeats:
            near_tank |= near
    return near_tank
