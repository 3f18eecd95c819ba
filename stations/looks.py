"""The rows of a file come in; remarks on what its hourly records look like go out."""

from __future__ import annotations

import numpy as np

from contracts.settings.stations import DetectorSettings
from stations.averaging import Hourly, average_hourly
from stations.detectors import detect
from stations.flags import FLAGS, usable
from stations.ingest import Collected
from stations.inlets import Inlet, find_swaps
from stations.quarantine import Issue
from stations.reading.rows import Rows
from stations.slots import HOUR_NS, LONGEST_S, make_slots
from stations.steps import steps_of_record

_RUNS = {
    "calibration_as_ambient": (
        "steady air far from its neighbours, at a value that repeats",
        "outdoor air where the file says air",
        "Calibration gas was recorded as air: mark these hours in the manual flags.",
    ),
    "stuck": (
        "the same value hour after hour",
        "a value that moves",
        "The instrument or the logger stood still: mark these hours in the manual flags.",
    ),
}
_CAME_BACK = "Look in the log for what was done to the instrument; mark hours in the manual flags."
_LINES = "Look in the log whether the lines were swapped; mark these nights in the manual flags."


def find_looks(collected: Collected, detectors: DetectorSettings, longitude: float) -> list[Issue]:
    """Return what the hourly records of a file look like, inlet by inlet and against each other.

    Parameters
    ----------
    collected : Collected
    detectors : DetectorSettings
    longitude : float, degrees east
        NaN where nobody knows it.

    Returns
    -------
    list of Issue
        Remarks, code calibration_as_ambient, stuck, step or inlet_swap; clock where the stamps
        are those of no record.
    """
    listed: list[Issue] = []
    inlets: list[Inlet] = []
    rows = collected.rows.take(collected.rows.seconds <= LONGEST_S)
    height = np.nan_to_num(rows.inlet, nan=-1.0)
    for inlet in np.unique(height):
        here = rows.take(height == inlet)
        try:
            hourly = average_hourly(make_slots(here))
        except ValueError as error:
            expected = "stamps of one record"
            return [Issue(0, 0, "clock", str(error), expected, "Correct the stamps.", "", False)]
        flag = detect(hourly, detectors)
        listed += [issue for code in _RUNS for issue in _runs(code, flag, hourly, here)]
        good = usable(hourly.flag | flag)
        listed += _steps(hourly, good, here, detectors)
        if inlet >= 0:
            inlets.append(Inlet(float(inlet), hourly.time, np.where(good, hourly.value, np.nan)))
    return listed + _swaps(inlets, rows, detectors, longitude)


def _runs(code: str, flag: np.ndarray, hourly: Hourly, rows: Rows) -> list[Issue]:
    """Return one remark for each run of flagged hours, at the line of its first row."""
    at = np.flatnonzero(flag & FLAGS[code])
    if at.size == 0:
        return []
    what, expected, hint = _RUNS[code]
    issues = []
    for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1):
        line = _line(rows, hourly.time[run[0]])
        found = f"{what}: {hourly.value[run[0]]:.2f} umol mol-1 for {run.size} h"
        issues.append(Issue(line, 0, code, found, expected, hint, "", quarantined=False))
    return issues


def _steps(hourly: Hourly, good: np.ndarray, rows: Rows, settings: DetectorSettings) -> list[Issue]:
    """Return one remark for each step, at the first row behind its gap."""
    issues = []
    for step in steps_of_record(hourly.value, good, settings):
        gap = step.after - step.before - 1
        when = np.datetime_as_string(hourly.time[step.after], unit="m")
        found = f"{step.size:+.3g} umol mol-1 behind a gap of {gap} h, from {when}Z"
        expected = (
            f"a level within {step.limit:.3g} umol mol-1 of that before: {step.scatter:.2g} is "
            "how such levels scatter"
        )
        line = _line(rows, hourly.time[step.after])
        issues.append(Issue(line, 0, "step", found, expected, _CAME_BACK, "", quarantined=False))
    return issues


def _swaps(
    inlets: list[Inlet], rows: Rows, settings: DetectorSettings, longitude: float
) -> list[Issue]:
    """Return one remark for each run of nights on which two inlets look swapped."""
    issues = []
    for swap in find_swaps(inlets, longitude, settings):
        low, high = f"{swap.low.height:g} m", f"{swap.high.height:g} m"
        found = (
            f"{low} less {high} {swap.size:+.3g} umol mol-1 on {swap.nights} nights, "
            f"from {np.datetime_as_string(swap.first, unit='h')}Z to that of "
            f"{np.datetime_as_string(swap.last, unit='h')}Z"
        )
        usual = f", as on other nights ({swap.usual:+.3g})" if np.isfinite(swap.usual) else ""
        expected = f"more at {low} than at {high} at night{usual}"
        line = _line(rows, swap.first)
        issues.append(Issue(line, 0, "inlet_swap", found, expected, _LINES, "", quarantined=False))
    return issues


def _line(rows: Rows, hour: np.datetime64) -> int:
    """Return the line of the first row from an hour on."""
    at = int(np.searchsorted(make_slots(rows).centre // HOUR_NS * HOUR_NS, hour.astype(np.int64)))
    return int(rows.line[min(at, len(rows) - 1)])
