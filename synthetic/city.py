"""A grid, districts and settings come in; gridded proxies of the synthetic city go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq

from synthetic import places
from synthetic.streams import stream

FOREST_SHARE = 0.65  # of the city's area (SCIENCE 5.2)
CEMENT_SHARE = 0.35  # of industry: cement plants; the rest lies in industrial parks
WASTE_SITE_SHARE = 0.7  # of waste: sites; the rest goes with people


@dataclass(frozen=True)
class City:
    """Where things are.

    Attributes
    ----------
    grid : contracts.grid.Grid
    codes : tuple of str
        Districts, sorted as in the regions.
    fraction : ndarray (region, row, col)
        Area fractions of the districts, then of `outside`.
    proxies : dict of str to ndarray (row, col)
        Extensive ones per cell (persons, weights), fractions for land cover.
    plants : ndarray (plant, 2), int
        Row and column of the cells that hold power plants.
    """

    grid: Any
    codes: tuple[str, ...]
    fraction: np.ndarray
    proxies: dict[str, np.ndarray]
    plants: np.ndarray


def region_fractions(regions: Any, grid: Any) -> np.ndarray:
    """Return the area fraction of each district and of what lies beyond them.

    Parameters
    ----------
    regions : contracts.districts.Regions
    grid : contracts.grid.Grid

    Returns
    -------
    ndarray (region + 1, row, col)
        The last one, `outside`, is one minus the sum.
    """
    inside = np.asarray(regions.fractions(grid), float)
    return np.concatenate([inside, np.clip(1.0 - inside.sum(axis=0), 0.0, 1.0)[None]])


def _distance_squared(grid: Any, easting: float, northing: float) -> np.ndarray:
    """Return the squared distance of each cell centre to a point, (row, col), km2."""
    north = (grid.row_centres - northing)[:, None] / 1000.0
    east = (grid.column_centres - easting)[None, :] / 1000.0
    return north**2 + east**2


def _projected(grid: Any, spots: tuple[places.Spot, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return easting and northing of spots, in one call: making a projection is slow."""
    lon_lat = np.array([(spot.longitude, spot.latitude) for spot in spots])
    return grid.project(*lon_lat.T)


def _bumps(grid: Any, spots: tuple[places.Spot, ...]) -> np.ndarray:
    """Return the sum of the spots' Gaussians, each with its weight as sum over all space."""
    area = grid.cell_area / 1e6
    total = np.zeros(grid.shape)
    for spot, *point in zip(spots, *_projected(grid, spots), strict=True):
        width = spot.radius_km**2
        far = _distance_squared(grid, *point)
        total += spot.weight * np.exp(-far / (2.0 * width)) / (2.0 * np.pi * width) * area
    return total


def _points(grid: Any, spots: tuple[places.Spot, ...]) -> np.ndarray:
    """Return the spots' weights in the cells that hold them; others are zero."""
    easting, northing = _projected(grid, spots)
    rows = np.searchsorted(grid.row_edges, northing, side="right") - 1
    columns = np.searchsorted(grid.column_edges, easting, side="right") - 1
    inside = (rows >= 0) & (rows < grid.shape[0]) & (columns >= 0) & (columns < grid.shape[1])
    if not inside.all():
        where = [(s.longitude, s.latitude) for s, ok in zip(spots, inside, strict=True) if not ok]
        msg = (
            f"the grid must hold all places of the synthetic city; got {where} outside it. "
            "Use the regions of Hangzhou and a margin of 10 km."
        )
        raise ValueError(msg)
    total = np.zeros(grid.shape)
    np.add.at(total, (rows, columns), [spot.weight for spot in spots])
    return total


def _motorways(grid: Any) -> np.ndarray:
    """Return the density of motorways, (row, col): 1 on one, falling over 1.5 km."""
    density = np.zeros(grid.shape)
    share = np.linspace(0.0, 1.0, 60)
    for chain in places.ROADS:
        east, north = grid.project(*np.array(chain).T)
        for k in range(len(chain) - 1):
            along = zip(
                east[k] + share * (east[k + 1] - east[k]),
                north[k] + share * (north[k + 1] - north[k]),
                strict=True,
            )
            for point in along:
                near = np.exp(-_distance_squared(grid, *point) / (2.0 * 1.5**2))
                density = np.maximum(density, near)
    return density


def _forest(grid: Any, inside: np.ndarray, people: np.ndarray, seed: int) -> np.ndarray:
    """Return the forest fraction, (row, col); its mean over the city is `FOREST_SHARE`."""
    rough = gaussian_filter(stream(seed, "forest").standard_normal(grid.shape), 4.0, mode="wrap")
    west = (120.15, 30.27)
    easting, northing = grid.project(*west)
    inland = -(grid.column_centres - easting)[None, :] - (grid.row_centres - northing)[:, None]
    score = np.tanh(inland / 40_000.0) + rough / rough.std() * 0.6
    score = score - 2.5 * np.log1p(people / grid.cell_area * 1e6 / 800.0)
    weight = inside * grid.cell_area

    def surplus(shift: float) -> float:
        cover = 0.95 / (1.0 + np.exp(-3.0 * (score + shift)))
        return float((cover * weight).sum() / weight.sum() - FOREST_SHARE)

    return 0.95 / (1.0 + np.exp(-3.0 * (score + brentq(surplus, -20.0, 20.0))))


def make_city(grid: Any, regions: Any, settings: Any) -> City:
    """Make land cover, people, roads, parks and plants on the grid.

    Parameters
    ----------
    grid : contracts.grid.Grid
    regions : contracts.districts.Regions
    settings : SyntheticSettings

    Returns
    -------
    City
        The same for the same seed, on any machine.
    """
    fraction = region_fractions(regions, grid)
    inside = 1.0 - fraction[-1]
    rural = 0.015 * _share(grid.cell_area)
    people = _bumps(grid, places.TOWNS) + rural * sum(s.weight for s in places.TOWNS)
    people *= settings.population_million * 1e6 / float((people * inside).sum())
    parks = _bumps(grid, places.PARKS)
    cement, plants = _points(grid, places.CEMENT), _points(grid, places.POWER_PLANTS)
    waste = _points(grid, places.WASTE_SITES)
    forest = _forest(grid, inside, people, settings.seed)
    urban = 1.0 - np.exp(-people / grid.cell_area * 1e6 / 3000.0)
    diffuse = settings.family.spreads["power"].missing_share
    proxies = {
        "population": people,
        "roads": np.sqrt(people / grid.cell_area * 1e6) / 60.0 + _motorways(grid),
        "industrial_area": parks,
        "industry": (1.0 - CEMENT_SHARE) * _share(parks) + CEMENT_SHARE * _share(cement),
        "power_plants": (1.0 - diffuse) * _share(plants) + diffuse * _share(parks),
        "waste_sites": WASTE_SITE_SHARE * _share(waste) + (1.0 - WASTE_SITE_SHARE) * _share(people),
        "forest_fraction": forest,
        "cropland_fraction": 0.6 * (1.0 - forest) * (1.0 - urban),
    }
    return City(grid, tuple(regions.codes), fraction, proxies, np.argwhere(plants > 0))


def _share(field: np.ndarray) -> np.ndarray:
    """Return a field divided by its sum."""
    return field / field.sum()
