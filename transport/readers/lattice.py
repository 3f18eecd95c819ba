"""Centres of a file's cells come in; their grid goes out, and the part of it that is the run's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contracts.grid import Grid

TOLERANCE_CELLS = 1e-3


def grid_of_centres(latitude: np.ndarray, longitude: np.ndarray, where: str) -> Grid:
    """Return a geographic grid from the centres of its cells.

    Parameters
    ----------
    latitude, longitude : ndarray (row,), (col,)
        Centres, degrees, evenly spaced within 1e-3 of a cell (float32 noise).
    where : str
        For the error.

    Returns
    -------
    contracts.grid.Grid
        EPSG:4326; edges midway between centres of the even lattice fitted to first and last.

    Raises
    ------
    ValueError
        Where centres do not ascend evenly.
    """
    return Grid(
        "EPSG:4326",
        _edges(latitude, f"lat of {where}"),
        _edges(longitude, f"lon of {where}"),
    )


def one_grid(grids: Sequence[tuple[Grid, object]], kind: str) -> Grid:
    """Return the grid that all files of a run lie on.

    Parameters
    ----------
    grids : sequence of (contracts.grid.Grid, path or name)
        Of each file; the first one's counts.
    kind : str
        What the files are, for the error.

    Returns
    -------
    contracts.grid.Grid

    Raises
    ------
    ValueError
        Where a file lies on another grid than the first.
    """
    first, path = grids[0]
    for grid, other in grids[1:]:
        if not grid.same_as(first):
            msg = (
                f"{kind} of one run must share a grid; got another one in {other} than in {path}. "
                "Give files of one grid."
            )
            raise ValueError(msg)
    return first


def _edges(centres: np.ndarray, where: str) -> np.ndarray:
    """Return the edges of one axis."""
    centres = np.asarray(centres, dtype=np.float64)
    step = (centres[-1] - centres[0]) / (len(centres) - 1) if len(centres) > 1 else np.nan
    even = centres[0] + step * np.arange(len(centres))
    if not (step > 0 and np.abs(centres - even).max() <= TOLERANCE_CELLS * step):
        msg = (
            f"cell centres must ascend evenly within 1e-3 of a cell; got {centres[:3].tolist()} "
            f"in {where}. Regrid the file."
        )
        raise ValueError(msg)
    return centres[0] + step * (np.arange(len(centres) + 1) - 0.5)


def window(whole: Grid, part: Grid, where: str) -> tuple[slice, slice]:
    """Return the rows and columns of a file's grid that are the run's grid.

    Parameters
    ----------
    whole : contracts.grid.Grid
        The file's.
    part : contracts.grid.Grid
        The run's.
    where : str
        For the error.

    Returns
    -------
    rows, columns : slice
        Of `whole`.

    Raises
    ------
    ValueError
        Where the run's cells are not cells of the file within 1e-3 of a cell.

    Examples
    --------
    >>> whole = Grid("EPSG:4326", np.arange(4.0), np.arange(6.0))
    >>> window(whole, Grid("EPSG:4326", np.arange(1.0, 3.0), np.arange(3.0)), "here")
    (slice(1, 2, None), slice(0, 2, None))
    """
    rows = _part(whole.row_edges, part.row_edges)
    columns = _part(whole.column_edges, part.column_edges)
    if whole.crs != part.crs or rows is None or columns is None:
        msg = (
            "cells of the run's grid must be cells of the footprint files within 1e-3 of a cell; "
            f"got {_words(part)} in the run for {_words(whole)} in {where}. Set grid.source to "
            "footprints, or to box with edges that are the files'."
        )
        raise ValueError(msg)
    return rows, columns


def _part(whole: np.ndarray, part: np.ndarray) -> slice | None:
    """Return the cells of one axis, or None where the edges do not coincide."""
    first = int(np.argmin(np.abs(whole - part[0])))
    found = whole[first : first + len(part)]
    tolerance = TOLERANCE_CELLS * float(np.diff(part).min())
    if len(found) != len(part) or not np.abs(found - part).max() <= tolerance:
        return None
    return slice(first, first + len(part) - 1)


def _words(grid: Grid) -> str:
    """Return a grid in words: system, shape and extent."""
    rows, columns = grid.row_edges, grid.column_edges
    return (
        f"{grid.crs} {grid.shape}, rows {rows[0]:.6g} to {rows[-1]:.6g}, columns "
        f"{columns[0]:.6g} to {columns[-1]:.6g}"
    )


def cut_out(cells: np.ndarray, cut: tuple[slice, slice]) -> dict[str, np.ndarray | float]:
    """Return the entries of one footprint inside a window, and its sum beyond it.

    Parameters
    ----------
    cells : ndarray (lag, row, col)
        Sensitivity on the file's grid [m2 s mol-1].
    cut : pair of slice
        Rows and columns of the window.

    Returns
    -------
    dict
        `lag`, `row`, `column` (of the window) and `value` of entries that are not zero, in the
        order of lag, row and column; the sum `outside` of the window, and `total`.
    """
    inside = cells[:, cut[0], cut[1]]
    lag, row, column = np.nonzero(inside)
    value = inside[lag, row, column]
    beyond = cells.copy()
    beyond[:, cut[0], cut[1]] = 0.0
    outside = float(beyond.sum())
    return {
        "lag": lag,
        "row": row,
        "column": column,
        "value": value,
        "total": float(value.sum()) + outside,
        "outside": outside,
    }
