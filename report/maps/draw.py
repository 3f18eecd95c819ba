"""One layer of one batch comes in; the same picture in English and in Chinese goes out as PNG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from report.maps import furniture
from report.maps.frame import Frame, Outline, hidden_area
from report.maps.furniture import INK, Station, Texts
from report.maps.layers import GREY, Layer
from report.maps.palette import encode, picture_palette
from report.wording import Pair

MAP_WIDTH, SIDE_WIDTH = 6.35, 2.3  # inches
DOTS_PER_INCH = 112
CENTRAL_SHARE = 0.025  # a district smaller than this share of the city goes into the inset
_GREY = "#414851"


@dataclass(frozen=True)
class Scenery:
    """What all pictures of a run share.

    Parameters
    ----------
    frame : Frame
        The plane.
    outlines : tuple of Outline
        Districts, none when the region is the domain.
    city : shapely geometry or None
        Union of the districts.
    stations : tuple of Station
        Sorted by name.
    """

    frame: Frame
    outlines: tuple[Outline, ...]
    city: Any | None
    stations: tuple[Station, ...]

    @property
    def central(self) -> list[Outline]:
        """Return the districts too small to be named on the whole map, at least two, or none."""
        if self.city is None:
            return []
        small = [o for o in self.outlines if o.shape.area < CENTRAL_SHARE * self.city.area]
        return small if len(small) > 1 else []


@dataclass(frozen=True)
class Place:
    """Inches: the figure's size, and (left, bottom, width, height) of each axes."""

    size: tuple[float, float]
    main: tuple[float, float, float, float]
    bar: tuple[float, float, float, float]
    inset: tuple[float, float, float, float]
    legend: tuple[float, float, float, float]


def arrange(frame: Frame, with_inset: bool) -> Place:
    """Return the layout whose main axes fit the extent's shape exactly."""
    left, right, bottom, top = frame.extent
    ratio = (top - bottom) * frame.aspect / (right - left)
    width, tall = MAP_WIDTH, MAP_WIDTH * ratio
    if tall > 6.0:
        width, tall = 6.0 / ratio, 6.0
    side = 0.6 + width + 0.25
    deep = min(SIDE_WIDTH * 1.08, 0.58 * tall) if with_inset else -0.1
    return Place(
        (side + SIDE_WIDTH + 0.08, tall + 1.55),
        (0.6, 1.12, width, tall),
        (0.6 + 0.06 * width, 0.62, 0.88 * width, 0.17),
        (side, 1.12 + tall - deep, SIDE_WIDTH, deep),
        (side, 1.12, SIDE_WIDTH, tall - deep - 0.1),
    )


def draw_map(
    layer: Layer, scenery: Scenery, title: Pair, languages: tuple[str, ...]
) -> list[bytes]:
    """Draw a layer.

    Parameters
    ----------
    layer : Layer
        Coloured field.
    scenery : Scenery
        Frame, districts, stations.
    title : Pair
        Written above the map.
    languages : tuple of {"en", "zh"}
        One picture for each.

    Returns
    -------
    list of bytes
        PNG files; the same inputs and fonts give the same bytes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    place, texts = arrange(scenery.frame, bool(scenery.central)), Texts()
    figure = Figure(figsize=place.size, dpi=DOTS_PER_INCH, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    area = hidden_area(layer.hidden, scenery.frame, scenery.city)
    main = _add_axes(figure, place.main, place.size)
    _paint(main, layer, scenery, area)
    furniture.draw_graticule(main, scenery.frame)
    main.set_aspect(scenery.frame.aspect)
    rest = [o for o in scenery.outlines if o not in scenery.central]
    furniture.draw_names(main, rest, scenery.stations, texts)
    furniture.draw_stations(main, scenery.stations)
    furniture.draw_scale_bar(main, scenery.frame.metres_per_unit)
    heading = main.annotate(
        "", (0, 1), xycoords="axes fraction", xytext=(0, 7), textcoords="offset points",
        fontsize=12, color=INK, annotation_clip=False,
    )  # fmt: skip
    texts.add(heading, title)
    if scenery.central:
        _draw_inset(figure, main, (layer, scenery, area, place, texts))
    _draw_bar(_add_axes(figure, place.bar, place.size), layer, texts)
    _draw_legend(_add_axes(figure, place.legend, place.size), layer, scenery, texts)
    palette = picture_palette(layer.colour_map, GREY)
    return [_save(canvas, texts, language, palette) for language in languages]


def _add_axes(figure: Any, box: tuple[float, ...], size: tuple[float, float]):
    return figure.add_axes(tuple(part / size[k % 2] for k, part in enumerate(box)))


def _paint(axes: Any, layer: Layer, scenery: Scenery, area: Any):
    axes.imshow(
        layer.colours, extent=scenery.frame.extent, origin="lower", interpolation="nearest",
        aspect="auto", zorder=1,
    )  # fmt: skip
    furniture.draw_hatching(axes, area)
    furniture.draw_veil(axes, scenery.frame, scenery.city)
    furniture.draw_outlines(axes, scenery.outlines)


def _draw_inset(figure: Any, main: Any, parts: tuple[Any, ...]):
    layer, scenery, area, place, texts = parts
    axes = _add_axes(figure, place.inset, place.size)
    left, right, bottom, top = central_extent(scenery.central, place.inset[2] / place.inset[3])
    _paint(axes, layer, scenery, area)
    axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
    furniture.draw_names(axes, scenery.central, scenery.stations, texts)
    furniture.draw_stations(axes, scenery.stations)
    furniture.draw_scale_bar(axes, scenery.frame.metres_per_unit)
    for spine in axes.spines.values():
        spine.set(color="#0b5cad", linewidth=1.3)
    main.plot(
        [left, right, right, left, left], [bottom, bottom, top, top, bottom], color="#0b5cad",
        lw=1.3, zorder=7,
    )  # fmt: skip
    heading = axes.annotate(
        "", (0, 1), xycoords="axes fraction", xytext=(0, 7), textcoords="offset points",
        fontsize=9, color="#0b5cad", annotation_clip=False,
    )  # fmt: skip
    texts.add(heading, Pair("Central districts", "中心城区"))


def central_extent(outlines: list[Outline], ratio: float) -> tuple[float, float, float, float]:
    """Return left, right, bottom, top around some districts, with a given width : height."""
    import shapely

    box = shapely.total_bounds(np.array([o.shape for o in outlines]))
    across, upward = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    width, height = 1.12 * (box[2] - box[0]), 1.12 * (box[3] - box[1])
    width, height = max(width, height * ratio), max(height, width / ratio)
    return across - width / 2, across + width / 2, upward - height / 2, upward + height / 2


def _draw_bar(axes: Any, layer: Layer, texts: Texts):
    from matplotlib.cm import ScalarMappable
    from matplotlib.colorbar import Colorbar

    mappable = ScalarMappable(layer.norm, layer.colour_map)
    extend = "both" if layer.open_ended else "neither"
    bar = Colorbar(axes, mappable, orientation="horizontal", extend=extend, extendfrac=0.025)
    bar.outline.set_linewidth(0.5)
    axes.tick_params(length=3, width=0.6, labelsize=8, color=_GREY, labelcolor=_GREY)
    if type(layer.norm).__name__ != "Normalize":
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
    if type(layer.norm).__name__ == "SymLogNorm":
        high = layer.norm.vmax
        bar.set_ticks([-high, -high / 10, -high / 100, 0, high / 100, high / 10, high])
        axes.minorticks_off()
    texts.add(axes.set_xlabel("", fontsize=8.8, color=INK, labelpad=2), layer.label)
    if layer.ends:
        for words, side, align in zip(layer.ends, (0.0, 1.0), ("left", "right"), strict=True):
            artist = axes.annotate(
                "", (side, 0), xycoords="axes fraction", xytext=(0, -30), ha=align,
                textcoords="offset points", fontsize=8.2, color=_GREY, annotation_clip=False,
            )  # fmt: skip
            arrow = ("← {}", "{} →")[int(side)]
            texts.add(artist, Pair(*(arrow.format(word) for word in words)))


def _draw_legend(axes: Any, layer: Layer, scenery: Scenery, texts: Texts):
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
    rows = [("station", Pair("station used", "参与反演的站点"))]
    if any(station.excluded for station in scenery.stations):
        rows.append(("excluded", Pair("station excluded", "被剔除的站点")))
    rows.append(("hatch", Pair("not determined by the\nobservations", "观测未能约束")))
    if layer.suppressed:
        rows.append(("half", Pair("half colour: information\nbelow 0.5", "半色：信息量低于 0.5")))
        rows.append(("grey", Pair("grey: nothing to show", "灰色：无可显示")))
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
        "veil": {"facecolor": "#f4efe6", "edgecolor": "#c4c9cf"},
    }[kind]
    axes.add_patch(Rectangle((0.01, level - 0.33 * step), 0.13, 0.66 * step, lw=0.6, **style))


def _save(canvas: Any, texts: Texts, language: str, palette: np.ndarray):
    texts.speak(language)
    canvas.draw()
    return encode(np.asarray(canvas.buffer_rgba())[..., :3], palette)
