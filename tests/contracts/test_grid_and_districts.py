"""True areas, conserved fractions, places in the right district, half-open periods."""

import numpy as np
import pytest

from contracts.districts import load_regions
from contracts.grid import Grid, grid_around
from contracts.periods import Period, batch_period, hour_starts, state_periods
from contracts.settings.grid import GridSettings
from contracts.settings.regions import RegionSettings
from contracts.settings.time import TimeSettings


@pytest.fixture(scope="module")
def regions():
    return load_regions(RegionSettings())


@pytest.fixture(scope="module")
def grid(regions):
    return grid_around(GridSettings(), regions)


def test_thirteen_districts_in_order(regions):
    assert len(regions.codes) == 13
    assert list(regions.codes) == sorted(regions.codes)


def test_areas_agree_with_the_ellipsoid(regions, grid):
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    exact = np.array([abs(geod.geometry_area_perimeter(p)[0]) for p in regions.polygons])
    ours = (regions.fractions(grid) * grid.cell_area).sum(axis=(1, 2))
    np.testing.assert_allclose(ours, exact, rtol=2e-4)
    assert 16_800e6 < ours.sum() < 16_950e6


def test_fractions_never_count_a_place_twice(regions, grid):
    total = regions.fractions(grid).sum(axis=0)
    assert total.max() <= 1 + 1e-9


def test_a_known_place_lies_in_its_district(regions):
    """Fails by a whole district where outlines are in GCJ-02: 300 m inside Xihu's east bank."""
    import shapely

    place = shapely.Point(120.1445, 30.2465)  # West Lake, Broken Bridge area
    inside = [c for c, p in zip(regions.codes, regions.polygons, strict=True) if p.contains(place)]
    assert inside == ["330106"]


def test_geographic_areas_sum_to_the_sphere_of_the_ellipsoid():
    grid = Grid("EPSG:4326", np.linspace(-90, 90, 19), np.linspace(-180, 180, 37))
    np.testing.assert_allclose(grid.cell_area.sum(), 5.10065621724e14, rtol=1e-4)


def test_grid_survives_a_file(grid):
    import xarray as xr

    ds = xr.Dataset(coords=grid.coords(), attrs=grid.attributes())
    again = Grid.from_dataset(ds)
    assert again.difference(grid) == 0
    moved = Grid(grid.crs, grid.row_edges + 3.0, grid.column_edges)
    assert not moved.same_as(grid)
    assert Grid(grid.crs, grid.row_edges + 1.0, grid.column_edges).same_as(grid)


def test_place_outside_is_refused(grid):
    with pytest.raises(ValueError, match="inside the grid"):
        grid.locate(100.0, 30.0)


def test_descending_edges_are_refused():
    with pytest.raises(ValueError, match="ascending"):
        Grid("EPSG:4326", np.array([1.0, 0.0]), np.array([0.0, 1.0]))


def test_a_grid_without_crs_is_refused():
    import xarray as xr

    with pytest.raises(ValueError, match="grid_crs"):
        Grid.from_dataset(xr.Dataset())


def test_unknown_city_is_refused():
    with pytest.raises(ValueError, match=r"regions\.city"):
        load_regions(RegionSettings(city="Atlantis"))


def test_month_is_local_and_half_open():
    section = TimeSettings(utc_offset_hours=8, batches={"2025-06": None}, spin_up_days=1)
    batch = batch_period(section, "2025-06")
    assert batch.start == np.datetime64("2025-05-31T16:00", "ns")
    assert batch.end == np.datetime64("2025-06-30T16:00", "ns")
    names, bounds, inside = state_periods(section, "2025-06")
    assert names[0] == "2025-05-31"
    assert names[-1] == "2025-06-30"
    assert inside.tolist() == [0] + [1] * 30
    assert (bounds[1:, 0] == bounds[:-1, 1]).all()
    assert len(hour_starts(bounds)) == 31 * 24
    assert hour_starts(bounds).dtype == "datetime64[ns]"
    assert batch.contains(np.array([batch.start, batch.end])).tolist() == [True, False]


def test_unknown_batch_and_reversed_period_are_refused():
    section = TimeSettings(batches={"2025-06": None})
    with pytest.raises(ValueError, match="batch must be one of"):
        batch_period(section, "2025-07")
    with pytest.raises(ValueError, match="start before it ends"):
        Period("a", np.datetime64("2025-01-02", "ns"), np.datetime64("2025-01-01", "ns"))
