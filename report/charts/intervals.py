"""Rows of a table come in; a chart of dots with 95 % intervals goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from report.charts.canvas import (
    ATMOSPHERE,
    GRID,
    INK,
    POSTERIOR,
    PRIOR,
    SOFT,
    TRUTH,
    drawing,
    element,
    line,
    round_ticks,
    tick_text,
    words,
)
from report.numbers import Quantity
from report.rows import Row
from report.wording import Pair

WIDTH, LEFT, RIGHT, STEP, TOP = 1080.0, 170.0, 215.0, 40.0, 34.0


def interval_chart(rows: Sequence[Row], unit: Pair, label: Pair, compared: bool) -> Markup:
    """Draw inventory or prior, atmosphere alone and posterior of each row below one another.

    Parameters
    ----------
    rows : sequence of Row
        In the order of the table.
    unit : Pair
        Unit of the axis.
    label : Pair
        What the chart shows, for readers that do not see it.
    compared : bool
        True where an inventory was given; without one the prior is drawn and no verdict written.

    Returns
    -------
    Markup
        Inline SVG.
    """
    if not compared:
        rows = [replace(row, inventory=row.prior) for row in rows]
    ends = [value for row in rows for value in _ends(row)]
    low, high = min(0.0, *ends), max(ends)
    high += 0.03 * (high - low) or 1.0
    bottom = TOP + STEP * len(rows)

    def across(value: float):
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = _axis(across, (low, high), bottom, unit)
    for place, row in enumerate(rows):
        level = TOP + STEP * place
        parts += _one_row(row, across, level, compared)
    key = _key(any(r.truth for r in rows), compared)
    return drawing(WIDTH, bottom + 48.0, [*key, *parts], label)


def _ends(row: Row):
    found = [part for part in (row.inventory, row.atmosphere, row.posterior) if part is not None]
    values = [end for part in found for end in (part.low, part.high)]
    return values + ([row.truth.value] if row.truth else [])


def _axis(across: Any, limits: tuple[float, float], bottom: float, unit: Pair):
    parts = []
    for tick in round_ticks(*limits, about=7):
        place = across(tick)
        stroke = SOFT if tick == 0.0 else GRID
        parts.append(line((place, TOP - 4), (place, bottom), stroke=stroke, stroke_width=1))
        parts.append(
            words(place, bottom + 16, tick_text(tick), text_anchor="middle", class_="tick")
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(words(middle, bottom + 36, unit, text_anchor="middle", fill=SOFT))
    return parts


def _one_row(row: Row, across: Any, level: float, compared: bool):
    middle = level + STEP / 2
    parts = [
        line((0, level), (WIDTH, level), stroke=GRID, stroke_width=1),
        words(LEFT - 12, middle + 4, row.name, text_anchor="end", fill=INK),
    ]
    if compared:
        at = WIDTH - RIGHT + 12, middle + 4
        parts.append(words(*at, row.verdict_text, fill=row.colour, font_weight=600))
    if row.inventory is not None:
        parts += _mark(row.inventory, across, middle - 9, (PRIOR, "diamond"))
    if row.atmosphere is not None:
        parts += _mark(row.atmosphere, across, middle, (ATMOSPHERE, "dot"))
    else:
        start = max(across(value) for value in _ends(row))
        note = Pair("atmosphere alone: not determined", "仅大气：无法判定")
        parts.append(words(start + 14, middle + 4, note, fill=SOFT, font_size="11"))
    parts += _mark(row.posterior, across, middle + 9, (POSTERIOR, "square"))
    if row.truth:
        parts += _mark(row.truth, across, middle, (TRUTH, "cross"))
    return parts


def _mark(quantity: Quantity, across: Any, level: float, look: tuple[str, str]):
    colour, shape = look
    parts = []
    place = across(quantity.value)
    if quantity.sd:
        span = (across(quantity.low), level), (across(quantity.high), level)
        parts.append(line(*span, stroke=colour, stroke_width=2.2, opacity="0.75"))
    if shape == "dot":
        parts.append(element("circle", cx=float(place), cy=float(level), r="4.6", fill=colour))
    elif shape == "cross":
        d = f"M{place - 5:.1f} {level - 5:.1f}l10 10m0 -10l-10 10"
        parts.append(element("path", d=d, stroke="#fff", stroke_width="5", fill="none"))
        parts.append(element("path", d=d, stroke=colour, stroke_width="2.6", fill="none"))
    elif shape == "square":
        box = {"x": float(place - 4), "y": float(level - 4), "width": 8, "height": 8}
        parts.append(element("rect", **box, fill=colour))
    else:
        d = f"M{place:.1f} {level - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"
        parts.append(element("path", d=d, fill="#fff", stroke=colour, stroke_width="1.9"))
    return parts


def _key(with_truth: bool, compared: bool):
    inventory = Pair("inventory (its own declared 95 %)", "清单（自报 95% 区间）")
    entries = [
        ((PRIOR, "diamond"), inventory if compared else Pair("prior, 95 %", "先验，95% 区间")),
        ((ATMOSPHERE, "dot"), Pair("atmosphere alone, 95 %", "仅大气观测，95% 区间")),
        ((POSTERIOR, "square"), Pair("posterior, 95 %", "后验，95% 区间")),
    ]
    if with_truth:
        entries.append(((TRUTH, "cross"), Pair("known truth (synthetic)", "已知真值（合成）")))
    parts, start = [], 20.0
    for look, text in entries:
        parts += _mark(Quantity(start, 5.0), float, 12.0, look)
        parts.append(words(start + 18, 16, text, fill=SOFT, font_size="12"))
        start += 60.0 + 6.3 * max(len(text.en), 1.8 * len(text.zh))
    return parts
