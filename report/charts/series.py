"""Times and lines come in; a chart against local time goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from report.charts.canvas import (
    GRID,
    SOFT,
    band,
    drawing,
    element,
    line,
    number,
    polyline,
    round_ticks,
    tick_text,
    words,
)
from report.wording import Pair

WIDTH, LEFT, RIGHT, TOP, HEIGHT = 1000.0, 58.0, 24.0, 30.0, 200.0
_HOUR = np.timedelta64(1, "h")


@dataclass(frozen=True)
class Curve:
    """One line, or a set of dots, of a chart.

    Parameters
    ----------
    values : ndarray, (time,)
        Finite.
    name : Pair
        In the key.
    colour : str
        CSS colour.
    half_width : ndarray, (time,), or None
        Half width of a band around the line.
    style : str
        ``line``, ``dashed`` or ``dots``.
    time : ndarray of datetime64[ns], (time,), or None
        Its own times where they are not those of the axes.
    """

    values: np.ndarray
    name: Pair
    colour: str
    half_width: np.ndarray | None = None
    style: str = "line"
    time: np.ndarray | None = None


@dataclass(frozen=True)
class Axes:
    """Time, labels and height of a chart.

    Parameters
    ----------
    time : ndarray of datetime64[ns], (time,)
        Local time, ascending; the first and last are the ends of the axis.
    unit : Pair
        Of the vertical axis.
    label : Pair
        What the chart shows, for readers that do not see it.
    height : float
        Of the plotting area, in SVG units.
    gap_hours : float
        Longest step that a line may bridge [h].
    """

    time: np.ndarray
    unit: Pair
    label: Pair
    height: float = HEIGHT
    gap_hours: float = 36.0


def series_chart(axes: Axes, curves: Sequence[Curve]) -> Markup:
    """Draw curves against local time.

    Parameters
    ----------
    axes : Axes
        Time and labels.
    curves : sequence of Curve
        Drawn in this order.

    Returns
    -------
    Markup
        Inline SVG.
    """
    low, high = _limits(curves)
    span = max(float((axes.time[-1] - axes.time[0]) / _HOUR), 1.0)
    bottom = TOP + axes.height

    def down(values: np.ndarray):
        return bottom - (values - low) / (high - low) * axes.height

    def across(curve: Curve):
        hours = (_times(curve, axes) - axes.time[0]) / _HOUR
        return LEFT + hours / span * (WIDTH - LEFT - RIGHT)

    parts = _vertical(low, high, down) + _days(axes.time, span, bottom)
    for curve in curves:
        if curve.half_width is not None:
            parts += _bands(curve, across(curve), down, _lifted(curve, axes))
    for curve in curves:
        parts.append(_draw(curve, across(curve), down(curve.values), _lifted(curve, axes)))
    parts += _key(curves)
    parts.append(words(LEFT, 12, axes.unit, fill=SOFT, font_size="12"))
    return drawing(WIDTH, bottom + 26.0, parts, axes.label)


def _times(curve: Curve, axes: Axes):
    return axes.time if curve.time is None else curve.time


def _lifted(curve: Curve, axes: Axes):
    return lift_at_gaps(_times(curve, axes), axes.gap_hours)


def _bands(curve: Curve, across: np.ndarray, down: Any, lifted: np.ndarray):
    """Return one band for each stretch without a gap; a stretch of one point has no width."""
    half = np.zeros(curve.values.shape) if curve.half_width is None else curve.half_width
    edges = across, down(curve.values - half), down(curve.values + half)
    starts = np.flatnonzero(lifted)
    return [
        band(*(edge[start:stop] for edge in edges), fill=curve.colour, opacity="0.16")
        for start, stop in zip(starts, [*starts[1:], len(lifted)], strict=True)
        if stop - start > 1
    ]


def lift_at_gaps(time: np.ndarray, gap_hours: float) -> np.ndarray:
    """Return where a line must be lifted because nothing was seen for a while.

    Parameters
    ----------
    time : ndarray of datetime64[ns], (time,)
        Ascending.
    gap_hours : float
        Longest step that a line may bridge [h].

    Returns
    -------
    ndarray of bool, (time,)
        True at the first point and at the first after each longer gap.

    Examples
    --------
    >>> hours = np.array([0, 1, 20], "timedelta64[h]") + np.datetime64("2026-01-01", "ns")
    >>> lift_at_gaps(hours, 6.0).tolist()
    [True, False, True]
    """
    step = np.diff(time) / np.timedelta64(1, "h")
    return np.r_[True, step > gap_hours]


def _limits(curves: Sequence[Curve]):
    wide = [np.zeros(1) if curve.half_width is None else curve.half_width for curve in curves]
    low = min(float(np.min(c.values - w)) for c, w in zip(curves, wide, strict=True))
    high = max(float(np.max(c.values + w)) for c, w in zip(curves, wide, strict=True))
    pad = 0.06 * (high - low) or 1.0
    return low - pad, high + pad


def _vertical(low: float, high: float, down: Any):
    parts = []
    for tick in round_ticks(low, high):
        level = float(down(tick))
        parts.append(line((LEFT, level), (WIDTH - RIGHT, level), stroke=GRID, stroke_width=1))
        parts.append(words(LEFT - 7, level + 4, tick_text(tick), text_anchor="end", class_="tick"))
    return parts


def _days(time: np.ndarray, span: float, bottom: float):
    first = time[0].astype("datetime64[D]")
    count = int((time[-1].astype("datetime64[D]") - first) / np.timedelta64(1, "D")) + 1
    every = max(1, round(count / 14))
    parts = []
    for day in range(0, count, every):
        when = (first + day).astype("datetime64[ns]")
        hours = float((when - time[0]) / np.timedelta64(1, "h"))
        place = LEFT + hours / span * (WIDTH - LEFT - RIGHT)
        if place < LEFT - 0.5:
            continue
        parts.append(line((place, bottom), (place, bottom + 4), stroke=SOFT, stroke_width=1))
        text = str(when.astype("datetime64[D]"))
        text = text[5:] if count <= 366 else text[:7]
        parts.append(words(place, bottom + 17, text, text_anchor="middle", class_="tick"))
    return parts


def _draw(curve: Curve, across: np.ndarray, levels: np.ndarray, lifted: np.ndarray):
    if curve.style == "dots":
        dots = "".join(
            f"M{number(right)} {number(below)}h0"
            for right, below in zip(across, levels, strict=True)
        )
        return element(
            "path", d=dots, stroke=curve.colour, stroke_width="4.2", stroke_linecap="round"
        )
    dash = {"stroke_dasharray": "5 3"} if curve.style == "dashed" else {}
    return polyline(
        across,
        levels,
        lifted,
        stroke=curve.colour,
        stroke_width="1.8",
        stroke_linejoin="round",
        **dash,
    )


def _key(curves: Sequence[Curve]):
    parts, start = [], LEFT + 190.0
    for curve in curves:
        if curve.style == "dots":
            parts.append(element("circle", cx=float(start + 12), cy="9", r="3", fill=curve.colour))
        else:
            dash = {"stroke_dasharray": "5 3"} if curve.style == "dashed" else {}
            ends = (start, 9.0), (start + 24, 9.0)
            parts.append(line(*ends, stroke=curve.colour, stroke_width="2.4", **dash))
        parts.append(words(start + 30, 13, curve.name, fill=SOFT, font_size="12"))
        start += 56.0 + 6.4 * max(len(curve.name.en), 1.8 * len(curve.name.zh))
    return parts
