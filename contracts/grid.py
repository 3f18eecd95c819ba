"""In: a CRS and cell edges. Out: a `Grid` that knows its cells, their true areas and where a place lies."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr


@dataclass(frozen=True, eq=False)
class Grid:
    """A regular grid.

    Attributes
    ----------
    crs : str
        Coordinate reference system, such as "EPSG:4549" or "EPSG:4326".
    row_edges, column_edges : ndarray, (rows + 1,), (columns + 1,)
        Ascending edges, m (projected) or degrees (geographic).
    """

    crs: str
    row_edges: np.ndarray
    column_edges: np.ndarray

    def __post_init__(self) -> None:
        for name in ("row_edges", "column_edges"):
            edges = np.asarray(getattr(self, name), dtype=np.float64)
            if edges.ndim != 1 or edges.size < 2 or not np.all(np.diff(edges) > 0):
                msg = f"{name} must be at least two ascending numbers; got {edges.tolist()[:5]}."
                raise ValueError(msg)
            object.__setattr__(self, name, edges)

    @cached_property
    def geographic(self) -> bool:
        """Whether coordinates are longitude and latitude."""
        from pyproj import CRS

        return CRS.from_user_input(self.crs).is_geographic

    @property
    def row_dim(self) -> str:
        """Name of the first dimension."""
        return "latitude" if self.geographic else "northing"

    @property
    def column_dim(self) -> str:
        """Name of the second dimension."""
        return "longitude" if self.geographic else "easting"

    @property
    def dims(self) -> tuple[str, str]:
        """Names of both dimensions."""
        return (self.row_dim, self.column_dim)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return (self.row_edges.size - 1, self.column_edges.size - 1)

    @property
    def row_centres(self) -> np.ndarray:
        """Centres of rows."""
        return 0.5 * (self.row_edges[:-1] + self.row_edges[1:])

    @property
    def column_centres(self) -> np.ndarray:
        """Centres of columns."""
        return 0.5 * (self.column_edges[:-1] + self.column_edges[1:])

    @cached_property
    def cell_area(self) -> np.ndarray:
        """True area of cells on the ellipsoid, (rows, columns), m2."""
        if self.geographic:
            return np.repeat(self._row_areas()[:, None], self.shape[1], axis=1)
        from pyproj import CRS, Proj, Transformer

        to_degrees = Transformer.from_crs(self.crs, "EPSG:4326", always_xy=True)
        east, north = np.meshgrid(self.column_centres, self.row_centres)
        longitude, latitude = to_degrees.transform(east, north)
        scale = Proj(CRS.from_user_input(self.crs)).get_factors(longitude, latitude).areal_scale
        plane = np.outer(np.diff(self.row_edges), np.diff(self.column_edges))
        return plane / scale

    def _row_areas(self) -> np.ndarray:
        from pyproj import Geod

        geod, width = Geod(ellps="WGS84"), float(np.diff(self.column_edges)[0])
        if not np.allclose(np.diff(self.column_edges), width, rtol=1e-3):
            msg = "column edges of a geographic grid must be evenly spaced."
            raise ValueError(msg)
        fine = np.linspace(0.0, width, 21)
        areas = []
        for south, north in zip(self.row_edges[:-1], self.row_edges[1:], strict=True):
            lon = np.concatenate([fine, fine[::-1]])
            lat = np.concatenate([np.full(21, south), np.full(21, north)])
            areas.append(abs(geod.polygon_area_perimeter(lon, lat)[0]))
        return np.array(areas)

    def project(self, longitude: Any, latitude: Any) -> tuple[Any, Any]:
        """Return (column coordinate, row coordinate) of places given in degrees (WGS 84)."""
        if self.geographic:
            return longitude, latitude
        return self._forward.transform(longitude, latitude)

    @cached_property
    def _forward(self) -> Any:
        from pyproj import Transformer

        return Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)

    def locate(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Return (row, column) of the cell that holds a place.

        Raises
        ------
        ValueError
            If the place lies outside the grid.
        """
        column, row = self.project(longitude, latitude)
        i = int(np.searchsorted(self.row_edges, row, side="right")) - 1
        j = int(np.searchsorted(self.column_edges, column, side="right")) - 1
        if not (0 <= i < self.shape[0] and 0 <= j < self.shape[1]):
            msg = f"place must lie inside the grid; got longitude {longitude}, latitude {latitude}."
            raise ValueError(msg)
        return i, j

    def coords(self) -> dict[str, Any]:
        """Return the coordinates and bounds that a dataset carries."""
        unit = ("degrees_north", "degrees_east") if self.geographic else ("m", "m")
        coords: dict[str, Any] = {}
        edges = (self.row_edges, self.column_edges)
        centres = (self.row_centres, self.column_centres)
        for dim, edge, centre, units in zip(self.dims, edges, centres, unit, strict=True):
            standard = dim if self.geographic else f"projection_{'y' if dim == 'northing' else 'x'}"
            name = standard if self.geographic else f"{standard}_coordinate"
            attrs = {"units": units, "standard_name": name, "bounds": f"{dim}_bounds"}
            coords[dim] = (dim, centre, attrs)
            coords[f"{dim}_bounds"] = ((dim, "bounds"), np.stack([edge[:-1], edge[1:]], axis=1))
        return coords

    def attributes(self) -> dict[str, str]:
        """Return the global attributes that a dataset carries."""
        return {"grid_crs": self.crs}

    @classmethod
    def from_dataset(cls, dataset: xr.Dataset) -> "Grid":
        """Return the grid that a dataset was written on."""
        if "grid_crs" not in dataset.attrs:
            msg = "dataset on a grid must have the attribute 'grid_crs'; got none."
            raise ValueError(msg)
        geographic = "latitude_bounds" in dataset
        dims = ("latitude", "longitude") if geographic else ("northing", "easting")
        edges = []
        for dim in dims:
            bounds = np.asarray(dataset[f"{dim}_bounds"], dtype=np.float64)
            edges.append(np.append(bounds[:, 0], bounds[-1, 1]))
        return cls(dataset.attrs["grid_crs"], *edges)

    def difference(self, other: "Grid") -> float:
        """Return the largest difference of edges in cells; infinite where CRS or shape differ."""
        if self.crs != other.crs or self.shape != other.shape:
            return float("inf")
        rows = np.abs(self.row_edges - other.row_edges).max() / np.diff(self.row_edges).min()
        columns = np.abs(self.column_edges - other.column_edges).max()
        return float(max(rows, columns / np.diff(self.column_edges).min()))

    def same_as(self, other: "Grid") -> bool:
        """Return whether both grids agree within a thousandth of a cell."""
        return self.difference(other) <= 1e-3


def grid_around(section: Any, regions: Any) -> Grid:
    """Return the projected grid of the settings that covers the regions and a margin.

    Edges lie on whole multiples of the cell size.
    """
    from pyproj import Transformer

    forward = Transformer.from_crs("EPSG:4326", section.crs, always_xy=True)
    corners = [np.asarray(part.exterior.coords) for part in regions.parts()]
    points = np.concatenate(corners)
    east, north = forward.transform(points[:, 0], points[:, 1])
    size, margin = section.cell_size_m, section.margin_km * 1000.0
    edges = []
    for values in (north, east):
        low = np.floor((values.min() - margin) / size)
        high = np.ceil((values.max() + margin) / size)
        edges.append(np.arange(low, high + 1) * size)
    return Grid(section.crs, *edges)


def grid_of_box(section: Any) -> Grid:
    """Return the geographic grid of the settings that starts at a corner.

    Edges lie on whole multiples of the cell size from the south-western corner.

    Examples
    --------
    >>> from contracts.settings.grid import GridSettings
    >>> corner = {"west_degrees": 10.0, "south_degrees": 50.0}
    >>> box = GridSettings(source="box", cell_size_degrees=0.5, columns=2, rows=1, **corner)
    >>> grid_of_box(box).column_edges.tolist()
    [10.0, 10.5, 11.0]
    """
    size = section.cell_size_degrees
    return Grid(
        section.crs,
        section.south_degrees + size * np.arange(section.rows + 1),
        section.west_degrees + size * np.arange(section.columns + 1),
    )
