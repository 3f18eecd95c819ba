"""Footprints on the cells of their files come in; the same mass, shared by area, on the run's cells goes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.sparse import csr_array

from contracts.grid import Grid
from transport.ragged import Ragged, footprint_dataset

_PER_EDGE = 5  # points along an edge, which is no straight line on another map
_NEAR = 1.05  # source cells within this much of the target's extent are looked at


def shares(source: Grid, target: Grid) -> csr_array:
    """Return which share of each source cell's area lies in each target cell.

    Parameters
    ----------
    source, target : contracts.grid.Grid
        Any two coordinate reference systems.

    Returns
    -------
    csr_array (source cell, target cell)
        Cells in row-major order; a row sums to 1 where the source cell lies inside the target.

    Notes
    -----
    Areas are those of polygons on the target's map, edges with five points; the map's scale
    is taken to be constant within a source cell.

    Examples
    --------
    >>> coarse, fine = (Grid("EPSG:4326", *np.array(e)) for e in ([[0.0, 2.0]] * 2, [[0.0, 1, 2]] * 2))
    >>> shares(coarse, fine).toarray().tolist()
    [[0.25, 0.25, 0.25, 0.25]]
    """
    import shapely

    near = _near(source, target)
    rings = _rings(source, target, near)
    cells = shapely.polygons(rings)
    boxes = _boxes(target)
    mine, theirs = shapely.STRtree(boxes).query(cells, predicate="intersects")
    area = shapely.area(shapely.intersection(cells[mine], boxes[theirs]))
    share = area / shapely.area(cells)[mine]
    kept = share > 0.0
    shape = (int(np.prod(source.shape)), int(np.prod(target.shape)))
    found = csr_array((share[kept], (near[mine[kept]], theirs[kept])), shape=shape)
    return found.tocsr()


def _transformer(source: Grid, target: Grid) -> Any:
    """Return what takes places of one map to the other."""
    from pyproj import Transformer

    return Transformer.from_crs(source.crs, target.crs, always_xy=True)


def _near(source: Grid, target: Grid) -> np.ndarray:
    """Return the source cells that may meet the target."""
    column, row = np.meshgrid(source.column_centres, source.row_centres)
    x, y = _transformer(source, target).transform(column.ravel(), row.ravel())
    reach = []
    for values, edges in ((x, target.column_edges), (y, target.row_edges)):
        middle, half = 0.5 * (edges[0] + edges[-1]), 0.5 * (edges[-1] - edges[0])
        width = _width(values.reshape(source.shape))
        reach.append(np.abs(values - middle) <= _NEAR * half + width)
    return np.flatnonzero(reach[0] & reach[1])


def _width(values: np.ndarray) -> float:
    """Return the largest step between neighbouring cells on the target's map."""
    steps = [np.abs(np.diff(values, axis=axis)) for axis in (0, 1) if values.shape[axis] > 1]
    finite = np.concatenate([step[np.isfinite(step)] for step in steps] or [np.zeros(1)])
    return float(finite.max(initial=0.0)) if steps else np.inf


def _rings(source: Grid, target: Grid, near: np.ndarray) -> np.ndarray:
    """Return the outlines of source cells on the target's map, (cell, point, 2)."""
    row, column = np.unravel_index(near, source.shape)
    south, north = source.row_edges[row], source.row_edges[row + 1]
    west, east = source.column_edges[column], source.column_edges[column + 1]
    along = np.linspace(0.0, 1.0, _PER_EDGE, endpoint=False)
    still, back = np.zeros_like(along), along[::-1] + (1.0 / _PER_EDGE)
    x_share = np.concatenate([along, still + 1.0, back, still])
    y_share = np.concatenate([still, along, still + 1.0, back])
    x = west[:, None] + (east - west)[:, None] * x_share
    y = south[:, None] + (north - south)[:, None] * y_share
    mapped = _transformer(source, target).transform(x.ravel(), y.ravel())
    points = np.stack([np.asarray(values).reshape(x.shape) for values in mapped], axis=-1)
    return np.concatenate([points, points[:, :1]], axis=1)


def _boxes(target: Grid) -> np.ndarray:
    """Return the target's cells as polygons, row-major."""
    import shapely

    west, south = np.meshgrid(target.column_edges[:-1], target.row_edges[:-1])
    east, north = np.meshgrid(target.column_edges[1:], target.row_edges[1:])
    return shapely.box(west.ravel(), south.ravel(), east.ravel(), north.ravel())


def onto_grid(
    footprints: xr.Dataset, observations: xr.Dataset, source: Grid, target: Grid
) -> xr.Dataset:
    """Return footprints on other cells.

    Parameters
    ----------
    footprints : Dataset `footprints`
        On `source`.
    observations : Dataset `observations`
        Of the same rows.
    source, target : contracts.grid.Grid

    Returns
    -------
    xarray.Dataset
        `footprints` on `target`: each source cell's sensitivity [m2 s mol-1], which is that to a
        flux over the cell, is shared among target cells by area; what lies beyond is counted in
        `sensitivity_outside`. Totals stay.
    """
    share = shares(source, target)
    inside_share = np.asarray(share.sum(axis=1)).ravel()
    size = footprints["row_size"].to_numpy()
    ends = np.cumsum(size)
    flat = footprints["row_index"].to_numpy().astype(np.int64) * source.shape[1]
    flat += footprints["column_index"].to_numpy()
    lag, value = footprints["lag_index"].to_numpy(), footprints["sensitivity"].to_numpy()
    total = footprints["sensitivity_total"].to_numpy()
    outside = footprints["sensitivity_outside"].to_numpy()
    parts = []
    for k, (first, last) in enumerate(zip(ends - size, ends, strict=True)):
        one = slice(int(first), int(last))
        entries = _shared(flat[one], lag[one], value[one], (share, target.shape))
        lost = float((value[one] * (1.0 - inside_share[flat[one]])).sum())
        parts.append({**entries, "total": float(total[k]), "outside": float(outside[k]) + lost})
    attrs = {
        **footprints.attrs,
        "regridded_from": f"{source.crs}, {source.shape[0]} x {source.shape[1]} cells",
    }
    bounds = footprints["lag_bounds"].to_numpy()
    result = footprint_dataset(observations, Ragged.join(parts, bounds), target, attrs)
    return result.assign(_of_rows(footprints, result))


def _shared(
    cell: np.ndarray, lag: np.ndarray, value: np.ndarray, onto: tuple[csr_array, tuple[int, int]]
) -> dict[str, np.ndarray]:
    """Return one footprint's entries on the target, each cell and hour once."""
    share, shape = onto
    lags = np.unique(lag)
    found: dict[str, list[np.ndarray]] = {"lag": [], "row": [], "column": [], "value": []}
    for hour in lags:
        here = lag == hour
        spread = share[cell[here]].T @ value[here]
        target = np.flatnonzero(spread)
        row, column = np.unravel_index(target, shape)
        found["lag"].append(np.full(target.size, hour))
        found["row"].append(row)
        found["column"].append(column)
        found["value"].append(spread[target])
    return {name: np.concatenate([np.zeros(0), *listed]) for name, listed in found.items()}


def _of_rows(footprints: xr.Dataset, result: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the variables that belong to observations, not to cells."""
    return {
        str(name): variable
        for name, variable in footprints.data_vars.items()
        if name not in result and variable.dims[:1] == ("obs",)
    }
