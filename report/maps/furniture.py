"""Axes and a frame come in; outlines, hatching, stations, names and a scale bar are drawn on them.

Every text is kept with its two languages, so one drawing serves both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from report.maps.frame import Frame, Outline
from report.wording import Pair

INK = "#1b1f24"
THIN = 0.6  # points
MANY = 15  # names; more are written smaller


@dataclass(frozen=True)
class Station:
    """A station on the map [grid unit]."""

    name: str
    across: float
    upward: float
    excluded: bool


@dataclass
class Texts:
    """Artists whose words change with the language."""

    entries: list[tuple[Any, Pair]] = field(default_factory=list)

    def add(self, artist: Any, words: Pair) -> Any:
        """Remember an artist with its words."""
        self.entries.append((artist, words))
        return artist

    def speak(self, language: str) -> None:
        """Write all texts in one language."""
        for artist, words in self.entries:
            artist.set_text(getattr(words, language))


def halo(width: float = 2.0) -> list[Any]:
    """Return the white stroke that keeps dark letters legible on any colour."""
    from matplotlib import patheffects

    return [patheffects.withStroke(linewidth=width, foreground="white", alpha=0.92)]


def draw_shape(axes: Any, shape: Any, **style: Any) -> None:
    """Add a polygon, or a union of polygons with holes, as one path."""
    import shapely
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    rings = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type == "Polygon" and not polygon.is_empty:
            rings += [polygon.exterior, *polygon.interiors]
    if rings:
        paths = [Path(np.asarray(ring.coords), closed=True) for ring in rings]
        axes.add_artist(PathPatch(Path.make_compound_path(*paths), **style))


def draw_veil(axes: Any, frame: Frame, city: Any | None) -> None:
    """Fade what lies outside the city."""
    if city is None:
        return
    import shapely

    left, right, bottom, top = frame.extent
    outer = shapely.difference(shapely.box(left, bottom, right, top), city)
    draw_shape(axes, outer, facecolor="white", edgecolor="none", alpha=0.72, zorder=2)


def draw_hatching(axes: Any, area: Any) -> None:
    """Hatch the connected areas that the observations do not determine."""
    draw_shape(axes, area, facecolor="none", edgecolor="#5a6068", hatch="////", lw=0.5, zorder=3)


def draw_outlines(axes: Any, outlines: tuple[Outline, ...], width: float = 0.7) -> None:
    """Draw the districts' borders, with a white edge where they are not thin."""
    for outline in outlines if width >= THIN else ():
        draw_shape(axes, outline.shape, facecolor="none", edgecolor="white", lw=width + 1, zorder=4)
    for outline in outlines:
        draw_shape(axes, outline.shape, facecolor="none", edgecolor=INK, lw=width, zorder=5)


def draw_names(
    axes: Any, outlines: list[Outline], stations: tuple[Station, ...], texts: Texts
) -> None:
    """Write each district's name inside it, moved away from stations and from other names.

    Where there are more than ``MANY`` names, one without room of its own is left to the tables.
    """
    marks = [_points(axes, station.across, station.upward) for station in stations]
    taken = marks + [(across + 15.0, upward - 5.0) for across, upward in marks]
    size = 8.0 if len(outlines) <= MANY else 6.6
    for outline in outlines:
        inside = outline.shape.representative_point()
        at = _points(axes, inside.x, inside.y)
        half = 0.325 * size * len(outline.name)
        shift = next((s for s in _SHIFTS if _is_free(at, s, half, taken)), None)
        if shift is None or not _inside(axes, at[0], half):
            if len(outlines) > MANY:
                continue
            shift = shift or 0.0
        taken += [(at[0] + part * half, at[1] + shift) for part in (-0.7, 0.0, 0.7)]
        artist = axes.annotate(
            "", (inside.x, inside.y), xytext=(0, shift), textcoords="offset points", ha="center",
            va="center", fontsize=size, color=INK, zorder=7, path_effects=halo(), clip_on=True,
        )  # fmt: skip
        texts.add(artist, Pair(outline.name, outline.name_local))


_SHIFTS = (0.0, 12.0, -12.0, 20.0, -20.0, 28.0)  # points upward


def _points(axes: Any, across: float, upward: float):
    """Return a position in points (1/72 inch)."""
    pixels = axes.transData.transform((across, upward))
    return tuple(float(value) * 72.0 / axes.figure.dpi for value in pixels)


def _inside(axes: Any, across: float, half: float):
    """Tell whether a name lies between the left and right edges."""
    left, right = (_points(axes, edge, 0.0)[0] for edge in axes.get_xlim())
    return left <= across - half and across + half <= right


def _is_free(at: tuple[float, float], shift: float, half: float, taken: list[tuple[float, float]]):
    return all(
        abs(at[0] - other[0]) > half + 5.0 or abs(at[1] + shift - other[1]) > 9.5 for other in taken
    )


def draw_stations(axes: Any, stations: tuple[Station, ...]) -> None:
    """Draw stations as triangles; an excluded one is hollow and crossed."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    for station in stations:
        if not (left <= station.across <= right and bottom <= station.upward <= top):
            continue
        at = ([station.across], [station.upward])
        face = "white" if station.excluded else "#ffd23f"
        axes.plot(*at, "^", ms=7.5, mfc=face, mec=INK, mew=1.1, zorder=8)
        if station.excluded:
            axes.plot(*at, "x", ms=10, mec="#b3261e", mew=1.8, zorder=9)
        axes.annotate(
            station.name, (station.across, station.upward), xytext=(6, -6.5), fontsize=6.8,
            textcoords="offset points", color="#0b3d6e", zorder=9, path_effects=halo(1.8),
            annotation_clip=True,
        )  # fmt: skip


def scale_length(width_metres: float) -> float:
    """Return a round length [m] of about a fifth of a map's width.

    Examples
    --------
    >>> scale_length(250e3)
    50000.0
    """
    goal = width_metres / 5.0
    power = 10.0 ** np.floor(np.log10(goal))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= goal))


def draw_scale_bar(axes: Any, metres_per_unit: float) -> None:
    """Draw a bar of round length at the lower left, in metres on the ground."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    length = scale_length((right - left) * metres_per_unit)
    start, level = left + 0.035 * (right - left), bottom + 0.045 * (top - bottom)
    stop = start + length / metres_per_unit
    axes.plot([start, stop], [level, level], color="white", lw=5.0, zorder=8)
    axes.plot([start, stop], [level, level], color=INK, lw=2.2, solid_capstyle="butt", zorder=9)
    axes.annotate(
        f"{length / 1000:g} km", (start, level), xytext=(0, 4), ha="left",
        textcoords="offset points", fontsize=8, color=INK, zorder=9, path_effects=halo(),
    )  # fmt: skip
