"""Axes and a frame come in; lines of longitude and latitude with their labels are drawn on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from report.maps.frame import Frame


def degree_step(span: float) -> float:
    """Return the distance of the graticule's lines for a width in degrees.

    Examples
    --------
    >>> degree_step(0.8), degree_step(3.0), degree_step(20.0), degree_step(40.0)
    (0.2, 0.5, 5.0, 10.0)
    """
    limits = (
        (0.5, 0.1),
        (1.0, 0.2),
        (4.0, 0.5),
        (7.0, 1.0),
        (14.0, 2.0),
        (35.0, 5.0),
        (70.0, 10.0),
    )
    return next((step for limit, step in limits if span < limit), 30.0)


def longitude_text(longitude: float) -> str:
    """Return a longitude as it is written on a map, also one that runs on beyond 180.

    Examples
    --------
    >>> longitude_text(-3.5), longitude_text(185.0), longitude_text(180.0)
    ('3.5°W', '175°W', '180°')
    """
    turned = (longitude + 180.0) % 360.0 - 180.0
    if turned == -180.0:
        return "180°"
    return f"{turned + 0.0:g}°E" if turned >= 0 else f"{-turned:g}°W"


def draw_graticule(axes: Any, frame: Frame) -> None:
    """Label longitude at the bottom edge and latitude at the left edge, with faint lines."""
    left, right, bottom, top = frame.extent
    corners = _corner_degrees(frame)
    step = degree_step(corners[1] - corners[0])
    across, along, upward, beside = [], [], [], []
    for longitude in np.arange(np.ceil(corners[0] / step) * step, corners[1], step):
        lat = np.linspace(corners[2], corners[3], 41)
        line = frame.project(np.full(lat.shape, longitude), lat)
        axes.plot(*line, color="#7d858f", lw=0.35, alpha=0.55, zorder=1.5)
        across.append(float(np.interp(bottom, line[1], line[0])))
        along.append(longitude_text(float(longitude)))
    for latitude in np.arange(np.ceil(corners[2] / step) * step, corners[3], step):
        lon = np.linspace(corners[0], corners[1], 41)
        line = frame.project(lon, np.full(lon.shape, latitude))
        axes.plot(*line, color="#7d858f", lw=0.35, alpha=0.55, zorder=1.5)
        upward.append(float(np.interp(left, line[0], line[1])))
        beside.append(f"{latitude + 0.0:g}°N" if latitude >= 0 else f"{-latitude:g}°S")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_xticks(across, along)
    axes.set_yticks(upward, beside)
    axes.tick_params(length=2.5, width=0.6, color="#7d858f", labelcolor="#414851")


def _corner_degrees(frame: Frame):
    left, right, bottom, top = frame.extent
    corners = [left, right, left, right], [bottom, bottom, top, top]
    longitude, latitude = frame.degrees(*(np.array(part) for part in corners))
    return (
        float(longitude.min()),
        float(longitude.max()),
        float(latitude.min()),
        float(latitude.max()),
    )
