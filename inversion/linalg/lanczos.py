"""Products with a covariance G and solves with a covariance R come in; the leading pairs of G against R go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from collections.abc import Callable

    from inversion.linalg.covariance import Covariance

# A vector whose part outside the basis is a smaller share than this lies in it, but for rounding.
INSIDE = 1e-10


@dataclass(frozen=True)
class Basis:
    """Vectors Q with Q^T R Q = I, and T = Q^T G Q.

    Attributes
    ----------
    vectors : ndarray, (k, n)
        Rows q of the basis.
    images : ndarray, (k, n)
        Rows R q.
    projected : ndarray, (k, k)
        T, symmetric.
    following : ndarray, (n,)
        The vector the next step would add; zeros where there is none.
    coupling : float
        beta of R^-1 G Q = Q T + beta q_next e_k^T; 0 where G leads nowhere else.
    start_norm : float
        Length of the start d in the norm of R^-1: Q^T d = start_norm e_1.
    complete : bool
        Nothing of G lies outside the basis: what is computed with it is exact.
    """

    vectors: np.ndarray
    images: np.ndarray
    projected: np.ndarray
    following: np.ndarray
    coupling: float
    start_norm: float
    complete: bool


def lanczos(
    product: Callable[[np.ndarray], np.ndarray],
    mismatch: Covariance,
    start: np.ndarray,
    pairs: int,
    rank: int,
) -> Basis:
    """Return the basis that repeated products with R^-1 G make from R^-1 d.

    Parameters
    ----------
    product : callable
        G times a vector, (n,) -> (n,); G symmetric positive semidefinite.
    mismatch : Covariance, (n, n)
        R, positive definite, able to solve.
    start : ndarray, (n,)
        d.
    pairs : int
        Most vectors, >= 1.
    rank : int
        Rank of G at most.

    Notes
    -----
    Lanczos' iteration in the inner product of R, every vector orthogonalised twice against all
    before it. Where G leads nowhere new, the basis goes on from the observation it represents
    worst, so that with n vectors it is complete whatever d was. One product and one solve a step.
    """
    made = _Growing(mismatch, min(pairs, len(start)), len(start))
    candidate = np.array(start, dtype=np.float64)
    length = made.propose(candidate)
    start_norm, complete = length, False
    while made.count < made.most:
        if length == 0.0:
            if made.holds(rank):
                complete = True
                break
            made.propose_worst_represented()
        image = product(made.accept())
        length = made.propose(image, project=True)
    complete = complete or made.count == len(start) or (length == 0.0 and made.holds(rank))
    return made.basis(0.0 if complete else length, start_norm, complete)


class _Growing:
    """A basis while it grows, and the vector proposed next."""

    def __init__(self, mismatch: Covariance, most: int, size: int) -> None:
        self.mismatch, self.most, self.count = mismatch, most, 0
        self.vectors = np.zeros((most, size))
        self.images = np.zeros((most, size))
        self.projected = np.zeros((most, most))
        self._variance = mismatch.diagonal()
        self._next = (np.zeros(size), np.zeros(size))

    def propose(self, image: np.ndarray, project: bool = False) -> float:
        """Take the part of R^-1 times an image that lies outside; return its length, or 0."""
        vectors, images = self.vectors[: self.count], self.images[: self.count]
        along = vectors @ image
        if project:
            self.projected[: self.count, self.count - 1] = along
            self.projected[self.count - 1, : self.count] = along
        outside = image - along @ images
        outside -= (vectors @ outside) @ images
        vector = self.mismatch.solve(outside[:, None])[:, 0]
        square = float(vector @ outside)
        length = float(np.sqrt(max(square, 0.0)))
        if length <= INSIDE * float(np.hypot(np.linalg.norm(along), length)):
            self._next = (np.zeros_like(vector), np.zeros_like(vector))
            return 0.0
        self._next = (vector / length, outside / length)
        return length

    def propose_worst_represented(self) -> None:
        """Propose the observation of which the basis holds least."""
        held = np.sum(self.images[: self.count] ** 2, axis=0) / self._variance
        for row in np.argsort(held, kind="stable"):
            unit = np.zeros(len(held))
            unit[row] = 1.0
            if self.propose(unit) > 0.0:
                return
        msg = (
            f"a basis of {self.count} vectors must leave room among {len(held)} observations; got "
            "none in lanczos. R and its inverse do not belong together: check R."
        )
        raise ValueError(msg)

    def accept(self) -> np.ndarray:
        """Make the proposed vector the next of the basis, and return it."""
        self.vectors[self.count], self.images[self.count] = self._next
        self.count += 1
        return self.vectors[self.count - 1]

    def holds(self, rank: int) -> bool:
        """Tell whether as many directions of G as there can be lie in the basis."""
        if not self.count:
            return rank == 0
        values = scipy.linalg.eigvalsh(self.projected[: self.count, : self.count])
        return int((values > INSIDE * values[-1]).sum()) >= rank

    def basis(self, coupling: float, start_norm: float, complete: bool) -> Basis:
        """Return what has grown."""
        k = self.count
        return Basis(
            self.vectors[:k],
            self.images[:k],
            self.projected[:k, :k],
            self._next[0],
            coupling,
            start_norm,
            complete,
        )
