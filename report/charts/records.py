"""One station's record comes in; its chart, hours or days with flags and baseline, goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from markupsafe import Markup

from report.charts.canvas import ATMOSPHERE, INK
from report.charts.series import Axes, Curve, series_chart
from report.flags import usable_hours
from report.units import Units
from report.wording import Pair

HOUR = np.timedelta64(1, "h")
FLAGGED = "#b3261e"
STEPS = ((92, 1), (1100, 24))  # records of up to so many days are drawn in steps of so many hours
LONG_STEP = 168


@dataclass(frozen=True)
class RecordChart:
    """A drawn record.

    Parameters
    ----------
    svg : Markup
        Inline SVG.
    step_hours : int
        Hours that one point of the line stands for.
    flagged : int
        Hours with a value that a bad flag forbids, all drawn.
    beyond : int
        Of these, values beyond the axis, drawn at its edge.
    """

    svg: Markup
    step_hours: int
    flagged: int
    beyond: int


def record_chart(
    name: str, station: xr.Dataset, units: Units, utc_offset_hours: float
) -> RecordChart | None:
    """Draw the usable hours of a record, its flagged values and its baseline.

    Parameters
    ----------
    name : str
        Station.
    station : Dataset
        Contract ``station``.
    units : Units
        In which mole fractions are given.
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    RecordChart or None
        None where no hour is usable.
    """
    time, good = station["time"].values, usable_hours(station)
    if not good.any():
        return None
    value = station["mole_fraction"].values * units.per_canonical
    days = float((time[-1] - time[0]) / HOUR) / 24.0
    step = next((hours for limit, hours in STEPS if days <= limit), LONG_STEP)
    local = time + np.timedelta64(round(3600 * utc_offset_hours), "s")
    curves = [_line(local[good], value[good], step)]
    if "baseline" in station:
        smooth = station["baseline"].values * units.per_canonical
        when, middle, _ = _stepped(local, smooth, step)
        curves.append(Curve(middle, Pair("baseline", "基线"), ATMOSPHERE, time=when))
    drawn = np.concatenate([curve.values for curve in curves])
    low, high = min(drawn.min(), value[good].min()), max(drawn.max(), value[good].max())
    flagged = np.isfinite(value) & ~good
    if flagged.any():
        shown = np.clip(value[flagged], low, high)
        words = Pair("flagged, not used", "被标记，未使用")
        curves.append(Curve(shown, words, FLAGGED, style="dots", time=local[flagged]))
    beyond = int(((value[flagged] < low) | (value[flagged] > high)).sum())
    label = Pair(
        f"Record of {name}: usable hours, flags, baseline", f"{name} 站记录：可用小时、标记、基线"
    )
    axes = Axes(local, units.mole_fraction_label, label, height=130.0, gap_hours=3.0 * step)
    return RecordChart(series_chart(axes, curves), step, int(flagged.sum()), beyond)


def _line(time: np.ndarray, value: np.ndarray, step: int):
    when, middle, half = _stepped(time, value, step)
    if step == 1:
        return Curve(middle, Pair("usable hours", "可用小时"), INK, time=when)
    words = Pair("usable hours: middle and range", "可用小时：中值与范围")
    return Curve(middle, words, INK, half, time=when)


def _stepped(time: np.ndarray, value: np.ndarray, step: int):
    """Return start, middle of the range and half of the range of each step that holds values."""
    if step == 1:
        return time, value, np.zeros(value.shape)
    number = ((time - time[0].astype("datetime64[D]")) / HOUR).astype(int) // step
    starts = np.flatnonzero(np.r_[True, np.diff(number) > 0])
    low, high = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
    when = time[0].astype("datetime64[D]") + number[starts] * step * HOUR
    return when.astype("datetime64[ns]"), (low + high) / 2.0, (high - low) / 2.0
