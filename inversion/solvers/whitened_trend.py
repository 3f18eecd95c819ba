"""Columns of a trend as the observations see them come in; what each adds to the others, or which are one, goes out."""

from __future__ import annotations

import numpy as np

UNSEEN = 1e-7


def unexplained_share(white: np.ndarray) -> np.ndarray:
    """Return how much of each column the columns before it leave unexplained, (p,), in [0, 1].

    Parameters
    ----------
    white : ndarray, (n, p)
        L^-1 H X.
    """
    norms = np.linalg.norm(white, axis=0)
    triangle = np.abs(np.diagonal(np.linalg.qr(white, mode="r")))
    share = np.zeros(len(norms))
    known = norms > 0.0
    share[: len(triangle)] = triangle
    share[known] /= norms[known]
    return share


def require_told_apart(white: np.ndarray, names: tuple[str, ...]) -> None:
    """Refuse columns whose strengths the observations cannot tell.

    Raises
    ------
    ValueError
        Where there are not more observations than columns, a column is not seen, or is a
        combination of the columns before it.
    """
    n, p = white.shape
    if n <= p:
        msg = (
            f"a flat trend must have fewer columns than observations; got {p} columns "
            f"({', '.join(names)}) and {n} observations in GeostatisticalSolver. Offer fewer "
            "columns, or use the dual solver, which has a prior."
        )
        raise ValueError(msg)
    share = unexplained_share(white)
    wrong = [name for name, value in zip(names, share, strict=True) if value < UNSEEN]
    if wrong:
        msg = (
            "each column of a flat trend must be seen by itself; got a share of "
            f"{share.min():.3g} that no other column explains for {', '.join(wrong)} in "
            "GeostatisticalSolver. Join columns that look alike (solver.trend: kind_maps), leave "
            "out what no footprint reaches, or set solver.select_trend."
        )
        raise ValueError(msg)
