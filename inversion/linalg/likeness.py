"""A correlation in space and features of its places come in; the correlation weighted by likeness goes out."""

from __future__ import annotations

import numpy as np

from inversion.linalg.covariance import Covariance

_ROUNDING = 1e-9


class Likeness(Covariance):
    """E o (A A^T) = sum over features k of diag(a_k) E diag(a_k), o elementwise.

    Parameters
    ----------
    space : Covariance, (r, r)
        E.
    features : ndarray, (r, features)
        A: what a place is made of, each row a vector of length 1.

    Notes
    -----
    Two places correlate as E says, times the cosine of the angle between their features: places
    of equal features as E, places that share none not at all. Positive semidefinite by Schur's
    product theorem; the diagonal is E's. A product costs one of E for each feature.

    Examples
    --------
    >>> import numpy as np
    >>> from inversion.linalg.dense import Dense
    >>> road_road_plant = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> Likeness(Dense(np.full((3, 3), 0.5) + 0.5 * np.eye(3)), road_road_plant).matvec(
    ...     np.array([1.0, 0.0, 0.0])
    ... ).tolist()
    [1.0, 0.5, 0.0]
    """

    def __init__(self, space: Covariance, features: np.ndarray) -> None:
        self.space, self.features = space, np.asarray(features)
        if self.features.ndim != 2 or len(self.features) != space.size:
            msg = (
                f"features must have one row for each of {space.size} places; got shape "
                f"{self.features.shape} in Likeness. Order both in the same way."
            )
            raise ValueError(msg)
        length = np.linalg.norm(self.features.astype(np.float64), axis=1)
        worst = float(np.max(np.abs(length - 1.0), initial=0.0))
        # float32 features miss 1 by their own rounding
        if not worst <= max(_ROUNDING, 8.0 * float(np.finfo(self.features.dtype).eps)):
            msg = (
                f"features of every place must be a vector of length 1; got one that misses it by "
                f"{worst:.3g} in Likeness. Divide each row by its length."
            )
            raise ValueError(msg)
        super().__init__(space.size)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the product with a block, (r, k) -> (r, k)."""
        total = None
        for feature in self.features.T:
            if not feature.any():
                continue
            part = self.space.matmat(feature[:, None] * block)
            part *= feature[:, None]
            total = part if total is None else np.add(total, part, out=total)
        return total

    def diagonal(self) -> np.ndarray:
        """Return the variances, E's own."""
        return self.space.diagonal()

    def in_precision(self, dtype: np.dtype) -> Covariance:
        """Return the same correlation with products in another precision."""
        space = self.space.in_precision(dtype)
        if space is self.space and self.features.dtype == np.dtype(dtype):
            return self
        return Likeness(space, self.features.astype(dtype))

    @property
    def root_size(self) -> int:
        """Number of columns of the root: E's for each feature."""
        return self.space.root_size * self.features.shape[1]

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return [D_1 L, D_2 L, ...] times a block, with L the root of E."""
        pieces = np.split(np.asarray(block), self.features.shape[1])
        return sum(
            feature[:, None] * self.space.root_matmat(piece)
            for feature, piece in zip(self.features.T, pieces, strict=True)
        )
