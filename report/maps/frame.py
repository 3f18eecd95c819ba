"""A dataset on a grid and districts in degrees come in; both in the grid's own plane go out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import xarray as xr

METRES_PER_DEGREE = 111_195.0  # of latitude, on a sphere of 6371 km


@dataclass(frozen=True)
class Frame:
    """The plane in which maps are drawn: the grid's own, so that cells stay rectangles.

    Parameters
    ----------
    crs : str
        The grid's coordinate reference system.
    rows, columns : ndarray, (row + 1,), (column + 1,)
        Edges, ascending [m, or degrees on a geographic grid].
    geographic : bool
        True on longitude and latitude.
    """

    crs: str
    rows: np.ndarray
    columns: np.ndarray
    geographic: bool

    @classmethod
    def from_dataset(cls, dataset: xr.Dataset) -> Frame:
        """Read edges and CRS from a contract dataset."""
        geographic = "latitude" in dataset.coords and "northing" not in dataset.coords
        names = ("latitude", "longitude") if geographic else ("northing", "easting")
        edges = [_edges(dataset[f"{name}_bounds"].values) for name in names]
        return cls(str(dataset.attrs["grid_crs"]), edges[0], edges[1], geographic)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Return left, right, bottom, top in the grid's unit."""
        return self.columns[0], self.columns[-1], self.rows[0], self.rows[-1]

    @property
    def aspect(self) -> float:
        """Return how much longer on paper one unit upwards is than one unit sidewards."""
        if not self.geographic:
            return 1.0
        return 1.0 / float(np.cos(np.deg2rad((self.rows[0] + self.rows[-1]) / 2.0)))

    @property
    def metres_per_unit(self) -> float:
        """Return metres on the ground of one unit sidewards, at the frame's middle."""
        return METRES_PER_DEGREE / self.aspect if self.geographic else 1.0

    def project(self, longitude: Any, latitude: Any) -> tuple[Any, Any]:
        """Return positions in the frame's plane of degrees on WGS 84."""
        if self.geographic:
            return longitude, latitude
        return _transformer("EPSG:4326", self.crs).transform(longitude, latitude)

    def degrees(self, across: Any, upward: Any) -> tuple[Any, Any]:
        """Return longitude and latitude on WGS 84 of positions in the frame's plane."""
        if self.geographic:
            return across, upward
        return _transformer(self.crs, "EPSG:4326").transform(across, upward)


@lru_cache(maxsize=8)
def _transformer(source: str, target: str):
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def _edges(bounds: np.ndarray):
    return np.append(bounds[:, 0], bounds[-1, 1]).astype(float)


@dataclass(frozen=True)
class Outline:
    """One district in the plane of the frame."""

    code: str
    name: str
    name_local: str
    shape: Any


def project_regions(regions: Any | None, frame: Frame) -> tuple[Outline, ...]:
    """Return district outlines in the frame's plane, simplified to what a picture can show.

    Parameters
    ----------
    regions : Regions or None
        Codes, names and polygons in longitude and latitude.
    frame : Frame
        The plane.

    Returns
    -------
    tuple of Outline
        Empty when the region is the domain itself.
    """
    if regions is None:
        return ()
    import shapely

    tolerance = (frame.columns[-1] - frame.columns[0]) / 1500.0
    found = []
    for code, name, local, polygon in zip(
        regions.codes, regions.names, regions.names_local, regions.polygons, strict=True
    ):
        flat = shapely.transform(polygon, frame.project, interleaved=False)
        found.append(Outline(str(code), str(name), str(local), shapely.simplify(flat, tolerance)))
    return tuple(found)


def hidden_area(hidden: np.ndarray, frame: Frame, within: Any | None) -> Any:
    """Return the connected areas of the cells that are hidden.

    Parameters
    ----------
    hidden : ndarray of bool, (row, column)
        Cells to join.
    frame : Frame
        The plane.
    within : shapely geometry or None
        Only this part is kept (the city).

    Returns
    -------
    shapely geometry
        Union of the cells, cut to ``within``; runs along a row are joined first, which keeps the
        union fast.
    """
    import shapely

    boxes = []
    for row in range(hidden.shape[0]):
        step = np.diff(np.r_[0, hidden[row].astype("int8"), 0])
        for start, stop in zip(np.flatnonzero(step == 1), np.flatnonzero(step == -1), strict=True):
            boxes.append(
                shapely.box(
                    frame.columns[start], frame.rows[row], frame.columns[stop], frame.rows[row + 1]
                )
            )
    joined = shapely.union_all(boxes)
    return joined if within is None else shapely.intersection(joined, within)
