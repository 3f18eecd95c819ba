"""A layer and the marks of a map come in; the key beside it is drawn."""

from __future__ import annotations

from typing import Any

from report.maps.furniture import INK, Texts
from report.maps.layers import Layer
from report.maps.scenery import Scenery
from report.wording import Pair


def draw_legend(axes: Any, layer: Layer, scenery: Scenery, texts: Texts) -> None:
    """Draw what the marks of a map mean beside it, in both languages.

    Parameters
    ----------
    axes : matplotlib axes
        Empty, beside the map.
    layer : Layer
        What is drawn.
    scenery : Scenery
        Stations, districts or regions.
    texts : Texts
        Takes the words.
    """
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.axis("off")
    rows = _legend_rows(layer, scenery)
    height = max(axes.get_position().height * axes.figure.get_figheight(), 0.5)
    step = min(0.34 / height, 0.94 / len(rows))
    for number, (kind, words) in enumerate(rows):
        level = 0.94 - number * step
        _legend_mark(axes, kind, level, step)
        artist = axes.text(0.19, level, "", va="center", fontsize=8.2, color=INK, linespacing=1.05)
        texts.add(artist, words)


def _legend_rows(layer: Layer, scenery: Scenery):
    rows = []
    if not all(station.excluded for station in scenery.stations):
        rows.append(("station", Pair("station used", "参与反演的站点")))
    if any(station.excluded for station in scenery.stations):
        rows.append(("excluded", Pair("station excluded", "被剔除的站点")))
    rows.append(("hatch", Pair("not determined by the\nobservations", "观测未能约束")))
    if layer.suppressed:
        rows.append(("half", Pair("half colour: information\nbelow 0.5", "半色：信息量低于 0.5")))
        rows.append(("grey", Pair("grey: nothing to show", "灰色：无可显示")))
    if scenery.places is not None and scenery.places.missing:
        rows.append(("bare", Pair("white: no region drawn", "白色：无区域轮廓")))
    if scenery.city is not None:
        rows.append(("veil", Pair("pale: outside the city", "浅色：市外")))
    return rows


def _legend_mark(axes: Any, kind: str, level: float, step: float):
    from matplotlib.patches import Rectangle

    if kind in {"station", "excluded"}:
        face = "#ffd23f" if kind == "station" else "white"
        axes.plot(0.075, level, "^", ms=8, mfc=face, mec=INK, mew=1.1)
        if kind == "excluded":
            axes.plot(0.075, level, "x", ms=10, mec="#b3261e", mew=1.8)
        return
    style = {
        "hatch": {"facecolor": "white", "edgecolor": "#5a6068", "hatch": "/////"},
        "half": {"facecolor": "#d9a78f", "edgecolor": "#7d858f"},
        "grey": {"facecolor": "#dbdbdb", "edgecolor": "#7d858f"},
        "bare": {"facecolor": "white", "edgecolor": "#c4c9cf"},
        "veil": {"facecolor": "#f4efe6", "edgecolor": "#c4c9cf"},
    }[kind]
    axes.add_patch(Rectangle((0.01, level - 0.33 * step), 0.13, 0.66 * step, lw=0.6, **style))
