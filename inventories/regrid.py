"""Fields on one regular longitude-latitude lattice come in; on another, sums conserved, go out."""

from __future__ import annotations

import numpy as np


def edges_of_centres(centres: np.ndarray, where: str) -> np.ndarray:
    """Return the edges midway between evenly spaced centres (float32 noise is allowed).

    Parameters
    ----------
    centres : ndarray (n,), degrees
    where : str
        For the error.

    Returns
    -------
    ndarray (n + 1,), degrees

    Raises
    ------
    ValueError
        Where centres do not ascend evenly within 1e-3 of a cell.

    Examples
    --------
    >>> edges_of_centres(np.array([0.5, 1.5]), "here").tolist()
    [0.0, 1.0, 2.0]
    """
    centres = np.asarray(centres, dtype=np.float64)
    step = (centres[-1] - centres[0]) / (len(centres) - 1) if len(centres) > 1 else np.nan
    if not (step > 0 and np.abs(np.diff(centres) - step).max() <= 1e-3 * step):
        msg = (
            f"cell centres must ascend evenly within 1e-3 of a cell; got {centres[:3].tolist()} "
            f"in {where}. Regrid the file."
        )
        raise ValueError(msg)
    return centres[0] + step * (np.arange(len(centres) + 1) - 0.5)


def overlap_means(
    fields: np.ndarray,
    source: tuple[np.ndarray, np.ndarray],
    target: tuple[np.ndarray, np.ndarray],
    where: str,
) -> tuple[np.ndarray, bool]:
    """Return area means of fields over the target's cells.

    Parameters
    ----------
    fields : ndarray (..., row, col)
        Per area, on the source.
    source, target : pair of ndarray
        Edges of latitude and longitude, degrees.
    where : str
        For the error.

    Returns
    -------
    means : ndarray (..., row, col)
        On the target.
    same : bool
        Whether both share their lattice within 1e-3 of a cell, so that cells were only selected.

    Raises
    ------
    ValueError
        Where the source does not cover the target.

    Notes
    -----
    On the sphere a cell's area is proportional to the difference of sin(latitude) times that of
    longitude, so the overlap of two lattices is a product of two one-dimensional overlaps.
    """
    (rows, same_rows), (columns, same_columns) = (
        _axis_weights(first, second, where) for first, second in zip(source, target, strict=True)
    )
    if same_rows is not None and same_columns is not None:
        return fields[..., same_rows, :][..., same_columns], True
    row_weights = _overlap(np.sin(np.deg2rad(source[0])), np.sin(np.deg2rad(rows)))
    column_weights = _overlap(np.asarray(source[1]), columns)
    return np.einsum("ir,...rc,jc->...ij", row_weights, fields, column_weights), False


def _axis_weights(
    source: np.ndarray, target: np.ndarray, where: str
) -> tuple[np.ndarray, slice | None]:
    """Return the target's edges, held within the source's, and the slice where lattices agree."""
    source, target = np.asarray(source, float), np.asarray(target, float)
    slack = 1e-3 * np.diff(target).min()
    if target[0] < source[0] - slack or target[-1] > source[-1] + slack:
        msg = (
            f"a gridded flux must cover the run's grid; got {source[0]:.3f} to {source[-1]:.3f} "
            f"for {target[0]:.3f} to {target[-1]:.3f} degrees in {where}. Give a larger file."
        )
        raise ValueError(msg)
    first = int(np.argmin(np.abs(source - target[0])))
    part = source[first : first + len(target)]
    agrees = len(part) == len(target) and np.abs(part - target).max() <= slack
    held = np.clip(target, source[0], source[-1])
    return held, slice(first, first + len(target) - 1) if agrees else None


def _overlap(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the share of each target interval in each source interval, (target, source)."""
    high = np.minimum(target[1:, None], source[None, 1:])
    low = np.maximum(target[:-1, None], source[None, :-1])
    return np.maximum(high - low, 0.0) / np.diff(target)[:, None]
