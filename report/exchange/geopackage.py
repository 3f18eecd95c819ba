"""Rows of totals and outlines come in; one GeoPackage with the layers regions and totals goes out."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts.files import write_bytes
from report.exchange.libraries import library

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WGS_84 = "EPSG:4326"
NO_CLOCK = "1970-01-01T00:00:00.000Z"  # last_change of every layer: the same input, the same bytes
ROWS_WITH_GEOMETRY = 5000  # above it, totals are a table that is joined to regions by `region`
_TIMES = ("period_start", "period_end")


def write_geopackage(
    path: Path, rows: Sequence[dict[str, Any]], outlines: dict[str, Any], description: str
) -> int:
    """Write regions and their totals, EPSG:4326.

    Parameters
    ----------
    path : Path
    rows : sequence of dict
        Rows of totals; those of regions without an outline are not written here.
    outlines : dict of shapely geometry
        By code; at least one.
    description : str
        What both layers say of their origin.

    Returns
    -------
    int
        Number of rows in the layer ``totals``.

    Notes
    -----
    Layer ``regions``: one polygon a region. Layer ``totals``: one row for each region, sector and
    interval, its polygon repeated so that no join is needed.
    """
    kept = [row for row in rows if row["region"] in outlines]
    names = {row["region"]: row for row in kept}
    regions = [
        {"region": code, **{key: names[code][key] for key in ("region_name", "region_name_local")}}
        for code in outlines
    ]
    drawn = len(kept) <= ROWS_WITH_GEOMETRY
    with tempfile.TemporaryDirectory() as folder, _no_clock():
        made = Path(folder) / "made.gpkg"
        _write_layer(made, "regions", _frame(regions, outlines), description)
        _write_layer(made, "totals", _frame(kept, outlines if drawn else None), description)
        write_bytes(path, made.read_bytes())
    return len(kept)


def _frame(rows: list[dict[str, Any]], outlines: dict[str, Any] | None) -> Any:
    """Return rows as a frame, with the polygon of their region where outlines are given."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    for name in _TIMES:
        if name in frame:
            frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[ms, UTC]")
    if "information" in frame:
        frame["information"] = frame["information"].astype("float64")
    if outlines is None:
        return frame
    geometry = [outlines[row["region"]] for row in rows]
    return library("geopandas").GeoDataFrame(frame, geometry=geometry, crs=WGS_84)


def _write_layer(path: Path, layer: str, frame: Any, description: str) -> None:
    options = {"DESCRIPTION": description, "IDENTIFIER": layer}
    drawn = {"geometry_type": "MultiPolygon", "promote_to_multi": True}
    library("pyogrio").write_dataframe(
        frame,
        path,
        layer=layer,
        driver="GPKG",
        layer_options=options,
        **(drawn if "geometry" in frame else {}),
    )


@contextmanager
def _no_clock() -> Iterator[None]:
    """Let the writer put a fixed time where it would put that of the clock."""
    pyogrio, name = library("pyogrio"), "OGR_CURRENT_DATE"
    before = pyogrio.get_gdal_config_option(name)
    pyogrio.set_gdal_config_options({name: NO_CLOCK})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({name: before})
