"""Heights of nodes in each column come in; the way from them to fixed levels goes out."""

from __future__ import annotations

import numpy as np


def settle(height: np.ndarray, kept: np.ndarray, ground: float) -> np.ndarray:
    """Return heights in which left-out points lie on the ground node, under the points kept.

    Parameters
    ----------
    height : ndarray (layer, row, col), m
    kept : ndarray of bool (layer, row, col)
        False only for the lowest layers of a column.
    ground : float, m
        Height of the node that replaces them.

    Returns
    -------
    ndarray (layer, row, col), m
        Not descending in the first axis.
    """
    return np.where(kept, height, ground)


class ToLevels:
    """Interpolation from nodes (node, row, col) to levels (level, row, col).

    Below the lowest node its value holds, above the uppermost node that one's. Nodes at the same
    height (see `settle`) are one: the last of them counts.
    """

    def __init__(self, nodes: np.ndarray, levels: np.ndarray, *, logarithmic: bool = False) -> None:
        """Find the nodes around each level.

        Parameters
        ----------
        nodes : ndarray (node, row, col), m
            Above ground, not descending; above 0 where logarithmic.
        levels : ndarray (level,), m
        logarithmic : bool
            Linear in the logarithm of height, as a neutral wind is, instead of in height.
        """
        height = np.asarray(levels, dtype=float)[:, None, None]
        passed = np.stack([(nodes <= level).sum(axis=0) for level in height[:, 0, 0]])
        self.low = np.clip(passed - 1, 0, len(nodes) - 2)
        under, over = (np.take_along_axis(nodes, self.low + step, axis=0) for step in (0, 1))
        if logarithmic:
            under, over, height = np.log(under), np.log(over), np.log(height)
        width = over - under
        apart = np.where(width > 0.0, width, 1.0)
        self.share = np.where(width > 0.0, np.clip((height - under) / apart, 0.0, 1.0), 0.0)

    def at(self, values: np.ndarray) -> np.ndarray:
        """Return a field (node, row, col) on the levels."""
        under, over = (np.take_along_axis(values, self.low + step, axis=0) for step in (0, 1))
        return under + self.share * (over - under)
