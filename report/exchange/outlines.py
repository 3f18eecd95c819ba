"""Outlines of districts, or those of a state of regions, come in; a polygon for each total's region goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from report.exchange.tables import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

OUTSIDE = "outside"


def outlines_of(batches: Sequence[Any], regions: Any | None) -> dict[str, Any]:
    """Return the outline of every region that has one, in the order of the totals.

    Parameters
    ----------
    batches : sequence of object
        ``name``, ``posterior`` and ``prior``.
    regions : Regions or None
        Districts of the run; a region that is not among them may have its outline in the prior's
        ``region_outline``.

    Returns
    -------
    dict of shapely geometry
        Polygon or MultiPolygon, longitude and latitude, WGS 84, by code. The whole, and groups of
        whole regions, are the union of their parts, where each part has an outline.

    Raises
    ------
    ValueError
        Where an outline is no polygon in degrees, or two batches draw one region differently.
    """
    found: dict[str, Any] = {}
    for batch in batches:
        single = _single(batch, regions)
        for code in dict.fromkeys(batch.posterior["total_region"].to_numpy().astype(str).tolist()):
            outline = single.get(code) or _union(batch.prior, code, single)
            if outline is None:
                continue
            if code in found and not found[code].equals(outline):
                msg = (
                    "a region must have one outline in all batches of a run; got another one for "
                    f"{code!r} in region_outline of prior {batch.name}. Give the region that "
                    "changed its own code."
                )
                raise ValueError(msg)
            found.setdefault(code, outline)
    return found


def _single(batch: Any, regions: Any | None) -> dict[str, Any]:
    """Return the outlines of the prior's own regions."""
    prior = batch.prior
    codes = prior["region"].to_numpy().astype(str).tolist()
    drawn = dict(zip(regions.codes, regions.polygons, strict=True)) if regions else {}
    found = {code: drawn[code] for code in codes if code in drawn}
    if "region_outline" in prior:
        for code, text in zip(codes, prior["region_outline"].to_numpy().astype(str), strict=True):
            if text and code not in found:
                found[code] = _polygon(text, code, batch.name)
    return found


def _polygon(text: str, code: str, batch: str) -> Any:
    """Return the polygon of a WKT text."""
    import shapely

    where = f"region_outline of {code!r} in prior {batch}"
    try:
        outline = shapely.from_wkt(text)
    except shapely.errors.ShapelyError as error:
        msg = (
            f"an outline must be WKT; got {text[:40]!r} in {where}. Write POLYGON ((...)): {error}"
        )
        raise ValueError(msg) from error
    if outline.geom_type not in ("Polygon", "MultiPolygon") or outline.is_empty:
        msg = (
            f"an outline must be a Polygon or MultiPolygon with an area; got {outline.geom_type} "
            f"in {where}. Close the line, or leave the text empty."
        )
        raise ValueError(msg)
    west, south, east, north = outline.bounds
    if not (west >= -180.0 and east <= 360.0 and south >= -90.0 and north <= 90.0):
        msg = (
            "an outline must be longitude and latitude in degrees (WGS 84); got "
            f"{west:.6g} .. {east:.6g}, {south:.6g} .. {north:.6g} in {where}. Project it back."
        )
        raise ValueError(msg)
    if not outline.is_valid:
        msg = (
            "an outline must be a valid polygon; got one that fails "
            f"({shapely.is_valid_reason(outline)}) in {where}. Repair it in the source."
        )
        raise ValueError(msg)
    return outline


def _union(prior: xr.Dataset, code: str, single: dict[str, Any]) -> Any | None:
    """Return the outline of a sum of regions; None where a part has none or counts by a share."""
    import shapely

    codes = prior["region"].to_numpy().astype(str)
    weights = _weights(prior, code, codes)
    if weights is None or not np.isin(weights, (0.0, 1.0)).all():
        return None
    parts = [str(part) for part in codes[weights == 1.0]]
    if not parts or any(part not in single for part in parts):
        return None
    return shapely.union_all([single[part] for part in parts])


def _weights(prior: xr.Dataset, code: str, codes: np.ndarray) -> np.ndarray | None:
    """Return the weights of the regions in the whole or in a group; None for any other code."""
    if code == ALL:
        if "region_inside" in prior:
            return (prior["region_inside"].to_numpy() != 0).astype(np.float64)
        return (codes != OUTSIDE).astype(np.float64)
    if "group" in prior.variables:
        groups = prior["group"].to_numpy().astype(str).tolist()
        if code in groups:
            return prior["group_weight"].to_numpy()[groups.index(code)]
    return None
