"""In: sections grid, regions and transport, footprint files. Out: the one grid of a run, and its regions."""

from collections.abc import Sequence
from typing import Any

from contracts.districts import Regions, load_regions
from contracts.grid import Grid, grid_around, grid_of_box
from transport.footprints import footprint_grid


def run_space(sections: Any, files: Sequence[str]) -> tuple[Grid, Regions | None]:
    """Return the grid and the regions (None: the domain is one region) of a run."""
    regions = load_regions(sections.regions)
    if sections.grid.source == "footprints":
        return footprint_grid(files, sections.transport), regions
    if sections.grid.source == "box":
        return grid_of_box(sections.grid), regions
    return grid_around(sections.grid, regions), regions
