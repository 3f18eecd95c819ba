"""In: settings of grid and regions, footprint files. Out: the one grid of a run, and its regions."""

from collections.abc import Sequence
from typing import Any

from contracts.districts import Regions, load_regions, whole_domain
from contracts.grid import Grid, grid_around
from transport.footprints import footprint_grid


def run_space(job: Any, files: Sequence[str]) -> tuple[Grid, Regions]:
    """Return the grid and the regions of a run."""
    regions = load_regions(job.regions)
    if job.grid.source == "footprints":
        grid = footprint_grid(files, job.transport)
        return grid, regions or whole_domain(grid, job.regions)
    return grid_around(job.grid, regions), regions
