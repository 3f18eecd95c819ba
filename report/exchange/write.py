"""The batches of a run and the outlines of its regions come in; its folder of exchange files goes out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.files import write_csv
from report.exchange.geopackage import write_geopackage
from report.exchange.index import Entry, write_index
from report.exchange.origin import Origin, origin_of
from report.exchange.outlines import outlines_of
from report.exchange.rasters import write_rasters
from report.exchange.tables import SERIES_COLUMNS, TOTAL_COLUMNS, series_rows, total_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class ExchangeBatch:
    """What is written of one batch; any object with these fields will do.

    Attributes
    ----------
    name : str
    posterior, prior : Dataset
        Contracts of the same names.
    reconciliation : Dataset or None
        Contract of the same name; None where nothing was judged.
    """

    name: str
    posterior: xr.Dataset
    prior: xr.Dataset
    reconciliation: xr.Dataset | None = None


def write_exchange(
    batches: Sequence[Any], regions: Any | None, run: str, gas: Any, out_dir: str | Path
) -> list[Path]:
    """Write GeoTIFF, GeoPackage, tidy CSV and their index; the same input gives the same bytes.

    Parameters
    ----------
    batches : sequence of ExchangeBatch
        At least one, in the order of time.
    regions : Regions or None
        Districts of the run, longitude and latitude, WGS 84.
    run : str
        Name of the run and of its GeoPackage.
    gas : GasSettings
        ``name`` is read.
    out_dir : path
        Folder of the files; made where it is not there.

    Returns
    -------
    list of Path
        Files written, sorted by name.

    Raises
    ------
    ValueError
        Where there is no batch, or an outline is none.
    ImportError
        Where rasterio is missing for a grid, or geopandas for polygons.
    """
    if not batches:
        msg = (
            f"batches must hold at least one batch; got 0 in write_exchange of run {run}. Solve one "
            "period first."
        )
        raise ValueError(msg)
    folder = Path(out_dir)
    origins = [origin_of(batch, run, gas.name) for batch in batches]
    pairs = list(zip(batches, origins, strict=True))
    rows = [row for batch, origin in pairs for row in total_rows(batch, origin)]
    series = [row for batch, origin in pairs for row in series_rows(batch, origin)]
    entries = [
        entry for batch, origin in pairs for entry in write_rasters(batch.posterior, origin, folder)
    ]
    entries += _polygons(rows, outlines_of(batches, regions), origins, folder)
    mark = _mark(origins)
    for name, columns, table, what in (
        ("series.csv", SERIES_COLUMNS, series, "daily series of the whole, t in each time bin"),
        ("totals.csv", TOTAL_COLUMNS, rows, "totals by region, sector and interval"),
    ):
        write_csv(folder / name, columns, table)
        entries.append(
            Entry(name, "CSV", f"{mark}{what}; {len(table)} rows", unit=f"t of {gas.name}")
        )
    written = [folder / entry.file for entry in entries if entry.file]
    written.append(write_index(entries, folder))
    logger.info("exchange: %d files of %d batches in %s", len(written), len(batches), folder)
    return sorted(written)


def _polygons(
    rows: list[dict[str, Any]], outlines: dict[str, Any], origins: list[Origin], folder: Path
) -> list[Entry]:
    """Write the GeoPackage where there are outlines; say which regions have none."""
    codes = dict.fromkeys(row["region"] for row in rows)
    without = [code for code in codes if code not in outlines]
    entries = []
    if outlines:
        first = origins[0]
        path = folder / f"{first.run}.gpkg"
        made = "; ".join(f"{origin.batch} {origin.posterior}" for origin in origins)
        what = f"{_mark(origins)}totals of {first.gas} by region, sector and interval, in t"
        count = write_geopackage(
            path, rows, outlines, f"{what}. Run {first.run}. Posterior: {made}"
        )
        said = f"{what}; {len(outlines)} of {len(codes)} regions, {count} of {len(rows)} rows"
        entries.append(Entry(path.name, "GeoPackage", said, "regions; totals", f"t of {first.gas}"))
    if without:
        what = (
            f"outlines of {len(without)} of {len(codes)} regions, which are in totals.csv only: "
            f"{', '.join(without)}"
        )
        entries.append(Entry.left_out(what))
    return entries


def _mark(origins: list[Origin]) -> str:
    return "SYNTHETIC " if any(origin.synthetic for origin in origins) else ""
