"""One layer of one batch comes in; the same picture in English and in Chinese goes out as PNG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from report.maps import furniture
from report.maps.frame import Frame, Outline, hidden_area
from report.maps.furniture import INK, Texts
from report.maps.graticule import draw_graticule
from report.maps.layers import GREY, Layer
from report.maps.legend import draw_legend
from report.maps.palette import encode, picture_palette
from report.maps.scenery import Scenery, clipped, hidden_shape
from report.wording import Pair

MAP_WIDTH, SIDE_WIDTH = 6.35, 2.3  # inches
DOTS_PER_INCH = 112
_GREY = "#414851"


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

    with_inset = bool(scenery.central) or scenery.overview
    place, texts = arrange(scenery.frame, with_inset), Texts()
    figure = Figure(figsize=place.size, dpi=DOTS_PER_INCH, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    area = _hidden(layer, scenery)
    main = _add_axes(figure, place.main, place.size)
    _paint(main, layer, scenery, area, 0.5 if scenery.places else 0.7)
    draw_graticule(main, scenery.frame)
    main.set_aspect(scenery.frame.aspect)
    rest = [o for o in scenery.outlines if o not in scenery.central]
    rest = clipped(rest, scenery.frame) if scenery.places else rest
    furniture.draw_names(main, rest, scenery.stations, texts)
    furniture.draw_stations(main, scenery.stations)
    furniture.draw_scale_bar(main, scenery.frame.metres_per_unit)
    heading = main.annotate(
        "", (0, 1), xycoords="axes fraction", xytext=(0, 7), textcoords="offset points",
        fontsize=12, color=INK, annotation_clip=False,
    )  # fmt: skip
    texts.add(heading, title)
    if with_inset:
        _draw_inset(figure, main, (layer, scenery, area, place, texts))
    _draw_bar(_add_axes(figure, place.bar, place.size), layer, texts)
    draw_legend(_add_axes(figure, place.legend, place.size), layer, scenery, texts)
    palette = picture_palette(layer.colour_map, GREY)
    return [_save(canvas, texts, language, palette) for language in languages]


def _add_axes(figure: Any, box: tuple[float, ...], size: tuple[float, float]):
    return figure.add_axes(tuple(part / size[k % 2] for k, part in enumerate(box)))


def _hidden(layer: Layer, scenery: Scenery):
    """Return what is hatched, in the frame's plane."""
    if scenery.places is None:
        return hidden_area(layer.hidden, scenery.frame, scenery.city)
    return hidden_shape(layer.hidden, scenery.places)


def _paint(axes: Any, layer: Layer, scenery: Scenery, area: Any, width: float = 0.7):
    if scenery.places is None:
        axes.imshow(
            layer.colours, extent=scenery.frame.extent, origin="lower", interpolation="nearest",
            aspect="auto", zorder=1,
        )  # fmt: skip
    else:
        for shape, colour in zip(scenery.places.shapes, layer.colours, strict=True):
            if shape is not None:
                furniture.draw_shape(axes, shape, facecolor=colour, edgecolor="none", zorder=1)
    furniture.draw_hatching(axes, area)
    furniture.draw_veil(axes, scenery.frame, scenery.city)
    furniture.draw_outlines(axes, scenery.outlines, width)


def _draw_inset(figure: Any, main: Any, parts: tuple[Any, ...]):
    """Draw the central districts larger, or all regions smaller, with a frame that says where."""
    layer, scenery, area, place, texts = parts
    axes = _add_axes(figure, place.inset, place.size)
    ratio = place.inset[2] / place.inset[3] * (scenery.frame.aspect if scenery.places else 1.0)
    shown = list(scenery.outlines) if scenery.overview else scenery.central
    extent = central_extent(shown, ratio)
    _paint(axes, layer, scenery, area, 0.3 if scenery.overview else 0.7)
    axes.set(xlim=extent[:2], ylim=extent[2:], xticks=[], yticks=[])
    if not scenery.overview:
        furniture.draw_names(axes, shown, scenery.stations, texts)
        furniture.draw_stations(axes, scenery.stations)
    furniture.draw_scale_bar(axes, scenery.frame.metres_per_unit)
    for spine in axes.spines.values():
        spine.set(color="#0b5cad", linewidth=1.3)
    _draw_box(*((axes, scenery.frame.extent) if scenery.overview else (main, extent)))
    heading = axes.annotate(
        "", (0, 1), xycoords="axes fraction", xytext=(0, 7), textcoords="offset points",
        fontsize=9, color="#0b5cad", annotation_clip=False,
    )  # fmt: skip
    words = (
        Pair("All regions", "全部区域")
        if scenery.overview
        else Pair("Central districts", "中心城区")
    )
    texts.add(heading, words)


def _draw_box(axes: Any, extent: tuple[float, ...]):
    left, right, bottom, top = extent
    axes.plot(
        [left, right, right, left, left], [bottom, bottom, top, top, bottom], color="#0b5cad",
        lw=1.3, zorder=7,
    )  # fmt: skip


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
                "", (side, 0), xycoords="axes fraction", xytext=(0, -35), ha=align,
                textcoords="offset points", fontsize=8.2, color=_GREY, annotation_clip=False,
            )  # fmt: skip
            arrow = ("← {}", "{} →")[int(side)]
            texts.add(artist, Pair(*(arrow.format(word) for word in words)))


def _save(canvas: Any, texts: Texts, language: str, palette: np.ndarray):
    texts.speak(language)
    canvas.draw()
    return encode(np.asarray(canvas.buffer_rgba())[..., :3], palette)
