"""The network's status comes in; a strip of days for every station goes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from markupsafe import Markup

from report.charts.canvas import INK, SOFT, drawing, element, words
from report.wording import Pair

WIDTH, LEFT, STEP = 1000.0, 110.0, 26.0
STEPS = (
    (0.75, "#0072b2", Pair("≥ 75 % of hours", "≥ 75% 小时")),
    (0.25, "#7fb8d8", Pair("25–75 %", "25–75%")),
    (1e-9, "#d9e8f1", Pair("below 25 %", "低于 25%")),
)
EMPTY = Pair("no data", "无数据")


def completeness_chart(status: xr.Dataset, utc_offset_hours: float) -> Markup:
    """Draw one cell per station and day, shaded by the share of valid hours.

    Parameters
    ----------
    status : Dataset
        Contract ``network_status``; its days start at local midnight, written in UTC.
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    Markup
        Inline SVG; a day without data is a crossed cell, not an empty one.
    """
    names = [str(name) for name in status["station"].values]
    share = status["completeness"].transpose("station", "day").values
    days = status["day"].values + np.timedelta64(round(3600 * utc_offset_hours), "s")
    wide = (WIDTH - LEFT - 10.0) / max(len(days), 1)
    parts = []
    for row, name in enumerate(names):
        top = 8.0 + STEP * row
        parts.append(words(LEFT - 12, top + 15, name, text_anchor="end", fill=INK))
        for column, value in enumerate(share[row]):
            left = LEFT + wide * column
            parts.append(_cell(left, top, min(wide - min(2.0, 0.2 * wide), 40.0), float(value)))
    bottom = 8.0 + STEP * len(names)
    every = max(1, round(len(days) / 12))
    for column in range(0, len(days), every):
        text = str(np.datetime64(days[column], "D"))
        text = text[5:] if len(days) < 366 else text[:7]
        parts.append(words(LEFT + wide * column, bottom + 12, text, class_="tick"))
    label = Pair("Share of valid hours per station and day", "各站逐日有效小时比例")
    return drawing(WIDTH, bottom + 44.0, [*parts, *_key(bottom + 26.0)], label)


def _cell(left: float, top: float, wide: float, value: Any):
    box = {"x": float(left), "y": float(top), "width": float(wide), "height": "20", "rx": "2"}
    colour = next((colour for limit, colour, _ in STEPS if value >= limit), None)
    tip = element("title", f"{100 * value:.0f} %")
    if colour:
        return element("rect", tip, **box, fill=colour)
    if wide < 8.0:  # too narrow for a cross: years of days
        return element("rect", tip, **box, fill="#b3261e")
    cross = element(
        "path", d=f"M{left + wide / 2 - 4:.1f} {top + 6:.1f}l8 8m0 -8l-8 8", stroke="#b3261e",
        stroke_width="1.4", fill="none",
    )  # fmt: skip
    return element("rect", tip, **box, fill="#fff", stroke="#c4c9cf") + cross


def _key(top: float):
    parts = []
    for place, (limit, _, text) in enumerate((*STEPS, (0.0, "", EMPTY))):
        start = LEFT + 150.0 * place
        parts.append(_cell(start, top - 6.0, 18.0, limit))
        parts.append(words(start + 26, top + 9, text, fill=SOFT, font_size="12"))
    return parts
