"""A prior of named regions comes in; their shapes in degrees and a frame around them go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from report.maps.frame import Frame, Outline
from report.wording import Pair

WGS84 = "EPSG:4326"
MARGIN = 0.3  # of the parts' extent, kept around them where other regions go on


@dataclass(frozen=True)
class Places:
    """Shapes of the regions of a state, in degrees on WGS 84.

    Parameters
    ----------
    codes, names, names_local : tuple of str, (region,)
    shapes : tuple of shapely geometry or None, (region,)
        In the order of the state; None where a region has no outline. Longitudes run on beyond
        180 where regions lie on both sides of it.
    inside : ndarray of bool, (region,)
        Regions that are part of the whole.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    names_local: tuple[str, ...]
    shapes: tuple[Any, ...]
    inside: np.ndarray

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return left, bottom, right, top of all regions."""
        return _bounds(self.shapes)

    @property
    def missing(self) -> list[Pair]:
        """Return the names of the regions that have no outline."""
        columns = zip(self.names, self.names_local, self.shapes, strict=True)
        return [Pair(name, local or name) for name, local, shape in columns if shape is None]

    def outlines(self) -> tuple[Outline, ...]:
        """Return the regions that have one, as outlines."""
        columns = zip(self.codes, self.names, self.names_local, self.shapes, strict=True)
        return tuple(Outline(*row) for row in columns if row[3] is not None)


def read_places(prior: xr.Dataset, regions: Any | None) -> Places | None:
    """Return the shapes of a prior's regions.

    Parameters
    ----------
    prior : Dataset
        Of a state of regions; ``region_outline`` holds well-known text, "" where there is none.
    regions : Regions or None
        Outlines of the run, taken by code for regions that have none of their own.

    Returns
    -------
    Places or None
        None where no region has an outline.
    """
    import shapely

    codes = tuple(prior["region"].values.astype(str).tolist())
    texts = ["" for _ in codes]
    if "region_outline" in prior:
        texts = prior["region_outline"].values.astype(str).tolist()
    known = dict(zip(regions.codes, regions.polygons, strict=True)) if regions else {}
    shapes = [
        shapely.from_wkt(text) if text else known.get(code)
        for code, text in zip(codes, texts, strict=True)
    ]
    if all(shape is None for shape in shapes):
        return None
    names, local = (
        tuple(prior[name].values.astype(str).tolist())
        for name in ("region_name", "region_name_local")
    )
    return Places(codes, names, local, _one_side(shapes), _inside(prior, codes))


def _inside(prior: xr.Dataset, codes: tuple[str, ...]):
    if "region_inside" in prior:
        return prior["region_inside"].values != 0
    return np.array([code != "outside" for code in codes])


def _one_side(shapes: list[Any]):
    """Return shapes whose western longitudes run on beyond 180 if that makes them one cluster."""
    import shapely

    left, _, right, _ = _bounds(tuple(shapes))
    if right - left <= 180.0:
        return tuple(shapes)

    def onward(points: np.ndarray):
        return np.stack([np.where(points[:, 0] < 0.0, points[:, 0] + 360.0, points[:, 0]),
                         points[:, 1]], axis=1)  # fmt: skip

    turned = tuple(None if shape is None else shapely.transform(shape, onward) for shape in shapes)
    new_left, _, new_right, _ = _bounds(turned)
    return turned if new_right - new_left < right - left else tuple(shapes)


def _bounds(shapes: tuple[Any, ...]):
    import shapely

    found = shapely.total_bounds(np.array([shape for shape in shapes if shape is not None]))
    return tuple(float(value) for value in found)


def frame_around(places: Places) -> Frame:
    """Return an equirectangular frame around the parts of the whole, true at its middle latitude.

    Notes
    -----
    Regions that are no part of the whole (seas, other countries) may be huge; the frame shows
    ``MARGIN`` of the parts' extent of them, at most all.
    """
    whole = places.bounds
    parts = tuple(s for s, part in zip(places.shapes, places.inside, strict=True) if part and s)
    inner = _bounds(parts) if parts else whole
    wide, high = MARGIN * (inner[2] - inner[0]), MARGIN * (inner[3] - inner[1])
    west, east = max(whole[0], inner[0] - wide), min(whole[2], inner[2] + wide)
    south, north = max(whole[1], inner[1] - high), min(whole[3], inner[3] + high)
    pad = 0.02 * max(east - west, north - south, 1e-6)
    rows, columns = np.array([south - pad, north + pad]), np.array([west - pad, east + pad])
    return Frame(WGS84, rows, columns, geographic=True)
