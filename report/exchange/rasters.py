"""A posterior on a grid comes in; one GeoTIFF a sector, north up, equal to the netCDF, goes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from contracts.files import write_bytes
from contracts.grid import Grid
from report.exchange.index import Entry
from report.exchange.libraries import library
from report.exchange.origin import iso_time

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from report.exchange.origin import Origin

FLUX = "umol m-2 s-1"
SPACES = (("northing", "easting"), ("latitude", "longitude"))
EVEN = 1e-3  # share of a cell by which an edge may miss an even spacing, as for equal grids


@dataclass(frozen=True)
class Band:
    """One band of a GeoTIFF: its name, the posterior's variable, and the unit."""

    name: str
    variable: str
    unit: str


BANDS = (
    Band("prior", "mean_flux_prior", FLUX),
    Band("posterior", "mean_flux", FLUX),
    Band("posterior_standard_deviation", "mean_flux_standard_deviation", FLUX),
    Band("information", "information", "1"),
)


def write_rasters(posterior: xr.Dataset, origin: Origin, folder: Path) -> list[Entry]:
    """Write ``{batch}_{sector}.tif`` for every sector of a posterior's maps.

    Parameters
    ----------
    posterior : Dataset
        Contract `posterior`; a state of regions has no maps and gives no files.
    origin : Origin
    folder : Path

    Returns
    -------
    list of Entry
        The files written; or what was left out, and why: cells of unequal size have no GeoTIFF.
    """
    if posterior["mean_flux"].dims[1:] not in SPACES:
        return []
    grid = Grid.from_dataset(posterior)
    off = _unevenness(grid)
    if off > EVEN:
        what = (
            f"maps of batch {origin.batch}: a GeoTIFF needs cells of one size; edges miss an even "
            f"spacing by up to {off:.2g} cells. The posterior's netCDF holds them."
        )
        return [Entry.left_out(what)]
    entries = []
    for sector in posterior["map_sector"].to_numpy().astype(str).tolist():
        path = folder / f"{_safe(origin.batch)}_{_safe(sector)}.tif"
        fields = [_field(posterior, grid, band, sector) for band in BANDS]
        write_bytes(path, _encode(fields, grid, sector, _tags(posterior, origin, sector)))
        what = f"{origin.mark}mean flux of {origin.gas} over {origin.batch}, sector {sector}"
        names, units = ("; ".join(getattr(b, key) for b in BANDS) for key in ("name", "unit"))
        entries.append(Entry(path.name, "GeoTIFF", what, names, units))
    return entries


def _encode(fields: list[np.ndarray], grid: Grid, sector: str, tags: dict[str, str]) -> bytes:
    """Return the bytes of a GeoTIFF: float64, no clock in it, rows from north to south."""
    rasterio = library("rasterio")
    options = {
        "driver": "GTiff",
        "dtype": "float64",
        "count": len(fields),
        "height": grid.shape[0],
        "width": grid.shape[1],
        "crs": rasterio.crs.CRS.from_user_input(grid.crs),
        "transform": rasterio.Affine(*_north_up(grid)),
        "nodata": np.nan,
        "compress": "deflate",
        "interleave": "band",
    }
    mark = "SYNTHETIC " if tags["synthetic"] == "yes" else ""
    with rasterio.io.MemoryFile() as memory:
        with memory.open(**options) as target:
            for number, (band, field) in enumerate(zip(BANDS, fields, strict=True), start=1):
                target.write(field[::-1], number)
                target.set_band_description(number, f"{mark}{band.name}, {sector} [{band.unit}]")
                target.set_band_unit(number, band.unit)
                target.update_tags(number, name=band.name, synthetic=tags["synthetic"])
            target.update_tags(**tags)
        return memory.read()


def _field(posterior: xr.Dataset, grid: Grid, band: Band, sector: str) -> np.ndarray:
    """Return one map, (rows, columns), ascending as in the netCDF."""
    place = posterior["map_sector"].to_numpy().astype(str).tolist().index(sector)
    return posterior[band.variable].transpose("map_sector", *grid.dims).to_numpy()[place]


def _tags(posterior: xr.Dataset, origin: Origin, sector: str) -> dict[str, Any]:
    """Return what the file says of itself, as text."""
    return {
        "batch": origin.batch,
        "gas": origin.gas,
        "period_end": iso_time(origin.end),
        "period_start": iso_time(origin.start),
        "posterior": origin.posterior,
        "reduced_chi_square": repr(float(posterior.attrs["reduced_chi_square"])),
        "run": origin.run,
        "sector": sector,
        "synthetic": origin.yes_no,
        "unit": FLUX,
    }


def _north_up(grid: Grid) -> tuple[float, ...]:
    """Return the six numbers that lead from (column, row) of a picture to a place on the grid."""
    west, east = grid.column_edges[[0, -1]]
    south, north = grid.row_edges[[0, -1]]
    rows, columns = grid.shape
    return ((east - west) / columns, 0.0, west, 0.0, (south - north) / rows, north)


def _unevenness(grid: Grid) -> float:
    """Return the largest distance of an edge from an even spacing, in cells."""
    worst = 0.0
    for edges in (grid.row_edges, grid.column_edges):
        even = np.linspace(edges[0], edges[-1], edges.size)
        worst = max(worst, float(np.abs(edges - even).max() / (even[1] - even[0])))
    return worst


def _safe(name: str) -> str:
    """Return a name as part of a file name: what a file system may refuse as %XX.

    Examples
    --------
    >>> _safe("on-road"), _safe("on road/rail")
    ('on-road', 'on%20road%2Frail')
    """
    return re.sub(r"[^\w.\-]", lambda found: f"%{ord(found[0]):02X}", name)
