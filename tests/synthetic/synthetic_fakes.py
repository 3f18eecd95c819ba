"""A plain grid and a weather that never changes."""

from dataclasses import dataclass

import numpy as np

from synthetic.air import Weather

SECTORS = ("power", "industry", "buildings", "transport", "waste", "gpp", "respiration")


@dataclass(frozen=True)
class PlainGrid:
    """Cells of 2 km around the origin."""

    row_edges: np.ndarray
    column_edges: np.ndarray
    row_dim: str = "northing"
    column_dim: str = "easting"

    @property
    def shape(self):
        return len(self.row_edges) - 1, len(self.column_edges) - 1

    @property
    def cell_area(self):
        return np.outer(np.diff(self.row_edges), np.diff(self.column_edges))

    def coords(self):
        middle = [0.5 * (e[1:] + e[:-1]) for e in (self.row_edges, self.column_edges)]
        return {"northing": middle[0], "easting": middle[1]}

    def attributes(self):
        return {"grid_crs": "EPSG:4549"}

    def project(self, longitude, latitude):
        return longitude, latitude


def steady_weather(speed=0.0, lid=1000.0, n_day=9, vertical=1.0, density=41.0):
    """Weather that never changes, wind towards the east."""
    count = 24 * n_day + 1
    full = np.full(count, 1.0)
    return Weather(
        time=3600.0 * np.arange(count),
        level=np.array([10.0, 100.0]),
        eastward=np.stack([speed * full, speed * full], axis=1),
        northward=np.zeros((count, 2)),
        mixing_height=lid * full,
        vertical_deviation=vertical * full,
        lateral_deviation=0.7 * full,
        molar_density=density,
    )
