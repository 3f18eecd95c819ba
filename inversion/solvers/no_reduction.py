"""Weights of aggregates come in; a refusal goes out, where prior and posterior do not differ by a square."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from inversion.posterior import Posterior

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from inversion.linalg.covariance import MissingCapability
    from inversion.linalg.maps import LinearMap

REDUCTION = "a reduction of a prior covariance, by which verdicts remove the prior"


class NoReduction(Posterior):
    """A posterior whose W^T (B - P) W does not exist, or need not be positive semidefinite."""

    def reduction_of(self, weights: LinearMap | np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Refuse, with the reason."""
        raise self._missing(what=REDUCTION)

    def whitened(self, weights: LinearMap | np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Refuse, with the reason."""
        raise self._missing(what=REDUCTION)

    def whitened_blocks(self, weights: LinearMap, width: int) -> Iterator[np.ndarray]:  # noqa: ARG002
        """Refuse, with the reason."""
        raise self._missing(what=REDUCTION)

    @abstractmethod
    def _missing(self, what: str) -> MissingCapability:
        """Return the exception for what this posterior does not have."""
