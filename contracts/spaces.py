"""In: sectors, periods and the shape of space. Out: the one order of the state vector (sector slowest, then time, then space)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class StateSpace:
    """Order of the flux state.

    Attributes
    ----------
    sectors : tuple of str, length g
    periods : tuple of str, length p
    shape : tuple of int
        Shape of space: (rows, columns) of a grid or (regions,).
    """

    sectors: tuple[str, ...]
    periods: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def n_space(self) -> int:
        """Number of cells or regions, r."""
        return int(np.prod(self.shape))

    @property
    def size(self) -> int:
        """Number of unknowns, g p r."""
        return len(self.sectors) * len(self.periods) * self.n_space

    def index(self, sector: int, period: int, cell: int) -> int:
        """Return the position in the state vector.

        Examples
        --------
        >>> StateSpace(("a", "b"), ("d1", "d2", "d3"), (4,)).index(1, 2, 3)
        23
        """
        return (sector * len(self.periods) + period) * self.n_space + cell

    def reshape(self, vector: np.ndarray) -> np.ndarray:
        """Return a state vector (m,) as (sector, period, *shape)."""
        if vector.shape != (self.size,):
            msg = f"state vector must have shape ({self.size},); got {vector.shape}."
            raise ValueError(msg)
        return vector.reshape(len(self.sectors), len(self.periods), *self.shape)
