"""The rows of the table of errors come in; a chart of their sizes, with how they fade in words, goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from markupsafe import Markup

from report.charts.canvas import (
    GRID,
    INK,
    SOFT,
    drawing,
    element,
    line,
    round_ticks,
    tick_text,
    words,
)
from report.numbers import significant
from report.wording import Pair

WIDTH, LEFT, BAR, STEP, TOP = 1080.0, 240.0, 420.0, 26.0, 34.0
LABEL = Pair("Size of each assumed error, by where it stands", "各项假定误差的大小及其归属")


@dataclass(frozen=True)
class ErrorBar:
    """One error term.

    Parameters
    ----------
    name : Pair
    size : float
        Root mean square in the chart's unit, >= 0; without a number the term has no bar.
    in_state : bool
        True for errors that are states of the problem, False for terms of R.
    fades : Pair or None
        How its errors hang together, in words.
    """

    name: Pair
    size: float
    in_state: bool
    fades: Pair | None = None


def error_chart(bars: Sequence[ErrorBar], unit: Pair) -> Markup:
    """Draw one bar a term: filled where it stands in R, outlined where it is a state.

    Parameters
    ----------
    bars : sequence of ErrorBar
        In the order of the table; those without a number are left to the table.
    unit : Pair
        Unit of the sizes, for the axis.

    Returns
    -------
    Markup
        Inline SVG; empty where there is no term.
    """
    bars = [bar for bar in bars if isfinite(bar.size)]
    if not bars:
        return Markup("")
    largest = max(bar.size for bar in bars) or 1.0
    bottom = TOP + STEP * len(bars)
    parts = _axis(largest, bottom, unit)
    for place, bar in enumerate(bars):
        parts += _one(bar, bar.size / largest * BAR, TOP + STEP * place)
    return drawing(WIDTH, bottom + 44.0, [*_key(), *parts], LABEL)


def _axis(largest: float, bottom: float, unit: Pair):
    parts = []
    for tick in round_ticks(0.0, largest):
        place = LEFT + tick / largest * BAR
        parts.append(line((place, TOP - 4), (place, bottom), stroke=GRID, stroke_width=1))
        parts.append(
            words(place, bottom + 16, tick_text(tick), text_anchor="middle", class_="tick")
        )
    parts.append(words(LEFT + BAR / 2, bottom + 36, unit, text_anchor="middle", fill=SOFT))
    return parts


def _one(bar: ErrorBar, length: float, level: float):
    told = significant(bar.size, 2)
    fades = bar.fades or Pair("", "")
    beside = Pair(*(f"{told} · {part}" if part else told for part in fades))
    return [
        words(LEFT - 12, level + 17, bar.name, text_anchor="end", fill=INK),
        _box((LEFT, level + 5), length, bar.in_state),
        words(LEFT + length + 10, level + 17, beside, fill=SOFT, font_size="12"),
    ]


def _box(corner: tuple[float, float], length: float, in_state: bool):
    place = {"x": corner[0], "y": corner[1], "width": float(max(length, 0.5)), "height": 16}
    return element("rect", **place, fill="#fff" if in_state else SOFT, stroke=SOFT)


def _key():
    parts, start = [], LEFT
    entries = (
        (False, Pair("in the mismatch R", "计入失配 R")),
        (True, Pair("in the state, estimated", "作为状态量估计")),
    )
    for in_state, text in entries:
        parts.append(_box((start, 3.0), 22.0, in_state))
        parts.append(words(start + 30, 16, text, fill=SOFT, font_size="12"))
        start += 190.0
    return parts
