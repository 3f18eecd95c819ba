"""Footprints on cells come in; the same, known on blocks of cells alone, go out."""

from __future__ import annotations

import numpy as np
import xarray as xr


def footprints_by_block(footprints: xr.Dataset, cells: int) -> xr.Dataset:
    """Return footprints spread evenly over square blocks of cells: their reach, and no more.

    Parameters
    ----------
    footprints : Dataset ``footprints``
    cells : int
        Cells along each side of a block; 1 changes nothing.

    Returns
    -------
    Dataset ``footprints``
        On the same grid; the sum over each block, lag and observation is kept.

    Notes
    -----
    A transport run with few particles knows the sum over a block well and its cells badly. Prior
    and totals stay on the cells, so that only the reach is coarse: a source beside a receptor
    is seen too weakly, one a block away too strongly.
    """
    if cells == 1:
        return footprints
    shape = _shape(footprints)
    blocks = tuple(-(-size // cells) for size in shape)
    n, lags = footprints.sizes["obs"], footprints.sizes["lag"]
    obs = np.repeat(np.arange(n), footprints["row_size"].to_numpy())
    index = (
        obs,
        footprints["lag_index"].to_numpy(),
        footprints["row_index"].to_numpy() // cells,
        footprints["column_index"].to_numpy() // cells,
    )
    flat, place = np.unique(np.ravel_multi_index(index, (n, lags, *blocks)), return_inverse=True)
    total = np.bincount(place, weights=footprints["sensitivity"].to_numpy(), minlength=len(flat))
    owner, lag, row, column = np.unravel_index(flat, (n, lags, *blocks))
    rows, columns, inside = _cells_of(row, column, cells, shape)
    share = np.broadcast_to((total / inside.sum(axis=1))[:, None], inside.shape)[inside]
    times = inside.sum(axis=1)
    elements = {
        "lag_index": np.repeat(lag, times).astype(np.int32),
        "row_index": rows[inside].astype(np.int32),
        "column_index": columns[inside].astype(np.int32),
        "sensitivity": share,
    }
    sizes = np.bincount(np.repeat(owner, times), minlength=n).astype(np.int64)
    kept = footprints.drop_vars([*elements, "row_size"])
    made = {name: ("nonzero", values, footprints[name].attrs) for name, values in elements.items()}
    return kept.assign({**made, "row_size": ("obs", sizes, footprints["row_size"].attrs)})


def _shape(footprints: xr.Dataset) -> tuple[int, int]:
    """Return rows and columns of the footprints' grid."""
    names = ("latitude", "longitude") if "latitude" in footprints.sizes else ("northing", "easting")
    return footprints.sizes[names[0]], footprints.sizes[names[1]]


def _cells_of(
    row: np.ndarray, column: np.ndarray, cells: int, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows and columns of each block's cells, (k, cells^2), and which lie on the grid."""
    down, right = (part.ravel() for part in np.indices((cells, cells)))
    rows, columns = row[:, None] * cells + down, column[:, None] * cells + right
    return rows, columns, (rows < shape[0]) & (columns < shape[1])
