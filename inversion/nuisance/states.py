"""Kinds of states that are not fluxes come in; one block of states with its own prior goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inversion.linalg.covariance import Covariance


@dataclass(frozen=True)
class Nuisance:
    """States that are not fluxes, each with one column of the Jacobian and prior mean zero.

    Attributes
    ----------
    names : tuple of str, (q,)
        ``kind:label``; the label ``common`` where one state holds for the whole batch.
    units : tuple of str, (q,)
    columns : ndarray, (n, q)
        Change of the modelled mole fraction [umol mol-1] for one unit of the state.
    covariance : ndarray, (q, q) or (q,)
        Prior covariance in those units; variances where it has one axis.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    columns: np.ndarray
    covariance: np.ndarray

    def __post_init__(self) -> None:
        matrix = np.asarray(self.covariance, dtype=np.float64)
        matrix = np.diag(matrix) if matrix.ndim == 1 else matrix
        object.__setattr__(self, "covariance", matrix)
        q = len(self.names)
        found = (len(self.units), np.shape(self.columns)[1], *matrix.shape)
        if found != (q, q, q, q):
            msg = (
                f"nuisance states must have one unit, column and variance each; got {q} names, "
                f"{found[0]} units, {found[1]} columns and a covariance of shape {matrix.shape} in "
                "Nuisance. Build all parts of a state together."
            )
            raise ValueError(msg)

    @property
    def standard_deviation(self) -> np.ndarray:
        """Prior standard deviations in the states' units, (q,)."""
        return np.sqrt(np.diagonal(self.covariance))

    @property
    def modelled_covariance(self) -> np.ndarray:
        """What the states' prior does at the receptors, G C G^T [(umol mol-1)^2], (n, n)."""
        return self.columns @ self.covariance @ self.columns.T

    @property
    def prior_covariance(self) -> Covariance:
        """Prior covariance as a block of B: diagonal where nothing is correlated."""
        variances = np.diagonal(self.covariance)
        if np.count_nonzero(self.covariance) == np.count_nonzero(variances):
            return Diagonal(variances)
        return Dense(self.covariance)

    def only(self, members: Sequence[int]) -> Nuisance:
        """Return some of the states, in the order asked for."""
        kept = list(members)
        return Nuisance(
            tuple(self.names[k] for k in kept),
            tuple(self.units[k] for k in kept),
            self.columns[:, kept],
            self.covariance[np.ix_(kept, kept)],
        )


def joined(parts: Sequence[Nuisance], n: int) -> Nuisance:
    """Return independent kinds of states as one.

    Parameters
    ----------
    parts : sequence of Nuisance
        In the order in which their states follow each other.
    n : int
        Number of observations, for the case without any state.

    Returns
    -------
    Nuisance

    Raises
    ------
    ValueError
        Where two states have one name.
    """
    names = tuple(name for part in parts for name in part.names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = (
            f"every nuisance state must have a name of its own; got {twice} more than once in the "
            "states of a problem. Rename the background's parameters."
        )
        raise ValueError(msg)
    return Nuisance(
        names,
        tuple(unit for part in parts for unit in part.units),
        np.concatenate([np.zeros((n, 0)), *(part.columns for part in parts)], axis=1),
        # block_diag() of nothing has the shape (1, 0)
        scipy.linalg.block_diag(*(part.covariance for part in parts if part.names))
        if names
        else np.zeros((0, 0)),
    )
