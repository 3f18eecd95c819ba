"""A box of degrees: its cells, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pytest

from contracts.grid import grid_of_box
from contracts.settings.grid import GridSettings
from contracts.settings.regions import RegionSettings
from workflow.space import run_space

BOX = {
    "source": "box",
    "west_degrees": -112.3,
    "south_degrees": 40.4,
    "cell_size_degrees": 0.01,
    "columns": 78,
    "rows": 55,
}


def test_a_box_starts_at_its_corner():
    settings = GridSettings(**BOX)
    assert settings.crs == "EPSG:4326"
    grid = grid_of_box(settings)
    assert grid.shape == (55, 78)
    np.testing.assert_allclose(grid.column_centres[[0, -1]], [-112.295, -111.525], atol=1e-12)
    np.testing.assert_allclose(grid.row_centres[[0, -1]], [40.405, 40.945], atol=1e-12)
    # a degree of latitude is 111.0 km there, one of longitude 84.6 km: the box is 61.1 by 66.0 km
    np.testing.assert_allclose(grid.cell_area.sum(), 61.1e3 * 66.0e3, rtol=2e-3)


def test_a_box_needs_no_file_to_be_the_space_of_a_run():
    sections = SimpleNamespace(grid=GridSettings(**BOX), regions=RegionSettings(source="domain"))
    grid, regions = run_space(sections, [])
    assert regions is None
    assert grid.same_as(grid_of_box(sections.grid))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": None}, r"must be given for source: box and only there; got .*'columns'\]"),
        ({"source": "footprints"}, "with source: footprints in grid"),
        ({"crs": "EPSG:4549"}, "a box must lie on EPSG:4326; got 'EPSG:4549'"),
        ({"rows": 5000}, "a box must end at 90 degrees north; got 5000 rows"),
        ({"cell_size_degrees": 0.0}, "greater than 0"),
    ],
)
def test_a_box_that_is_none_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        GridSettings(**{**BOX, **change})
