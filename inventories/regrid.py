"""Fields on one regular longitude-latitude lattice come in; on another, sums conserved, go out."""

from __future__ import annotations

import numpy as np

FLATTENING = 1 / 298.257223563  # WGS 84
TOLERANCE_CELLS = 1e-3


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
    if not (step > 0 and np.abs(np.diff(centres) - step).max() <= TOLERANCE_CELLS * step):
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
) -> tuple[np.ndarray, str]:
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
    how : str
        "same lattice" where cells were only selected (edges within 1e-3 of a cell), "5 x 5 cells
        each, by conserved sums" where the source's cells nest in the target's, "regridded by
        conserved sums" elsewhere.

    Raises
    ------
    ValueError
        Where the source does not cover the target.

    Notes
    -----
    On an ellipsoid a cell's area is proportional to the difference of `equal_area_latitude` times
    that of longitude, so the overlap of two lattices is a product of two one-dimensional overlaps.
    """
    (rows, same_rows), (columns, same_columns) = (
        _axis_weights(first, second, where) for first, second in zip(source, target, strict=True)
    )
    if same_rows is not None and same_columns is not None:
        return fields[..., same_rows, :][..., same_columns], "same lattice"
    (latitude, down), (longitude, across) = _nested(source[0], rows), _nested(source[1], columns)
    row_weights = _overlap(equal_area_latitude(latitude), equal_area_latitude(rows))
    means = row_weights @ fields @ _overlap(longitude, columns).T
    how = f"{down} x {across} cells each, by" if down and across else "regridded by"
    return means, f"{how} conserved sums"


def equal_area_latitude(latitude: np.ndarray) -> np.ndarray:
    """Return what the area of a belt of the ellipsoid is proportional to.

    Parameters
    ----------
    latitude : ndarray (n,), degrees

    Returns
    -------
    ndarray (n,)
        The area between two parallels is 2 pi a^2 (1 / 2) times the difference, a the equatorial
        radius.

    Notes
    -----
    The quantity q of Snyder (1987), Map projections: a working manual, equation 3-12, WGS 84.

    Examples
    --------
    >>> equal_area_latitude(np.array([0.0, 90.0])).round(6).tolist()
    [0.0, 1.995531]
    """
    squared = FLATTENING * (2.0 - FLATTENING)
    eccentricity = np.sqrt(squared)
    sine = np.sin(np.deg2rad(np.asarray(latitude, dtype=float)))
    plain = sine / (1.0 - squared * sine**2)
    return (1.0 - squared) * (plain + np.arctanh(eccentricity * sine) / eccentricity)


def _nested(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the source's edges and how many of its cells make each target cell.

    Where edges coincide within 1e-3 of a source cell they are made equal, so that whole cells are
    summed (centres in float32 are off by up to 1e-4 of a cell); 0 cells where they do not.
    """
    source = np.asarray(source, float)
    step = float(np.diff(source).min())
    place = np.searchsorted(source, target + 0.5 * step) - 1
    count = np.unique(np.diff(place))
    if len(count) > 1 or np.abs(source[place] - target).max() > TOLERANCE_CELLS * step:
        return source, 0
    inner = np.arange(place[0], place[-1] + 1)
    source = source.copy()
    source[inner] = np.interp(inner, place, target)
    return source, int(count[0])


def _axis_weights(
    source: np.ndarray, target: np.ndarray, where: str
) -> tuple[np.ndarray, slice | None]:
    """Return the target's edges, held within the source's, and the slice where lattices agree."""
    source, target = np.asarray(source, float), np.asarray(target, float)
    slack = TOLERANCE_CELLS * np.diff(target).min()
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
