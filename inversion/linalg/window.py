"""A vector of the state over a window of periods comes in; the vector one period later goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Window:
    """The state while period t is the newest: w older periods, the newest in parts, and q others.

    Rows: w x b sums of the parts of each older period, then parts x b of the newest, then q. All
    in units of the standard deviations. A part fades from period to period and is renewed; older
    periods need no more than the sum, since what comes next depends on the newest alone.

    Attributes
    ----------
    older : int
        w.
    size : int
        b, fluxes of one period.
    feature : ndarray, (parts,)
        What each part gives to the newest period.
    """

    older: int
    size: int
    feature: np.ndarray

    @property
    def parts(self) -> slice:
        """Rows of the newest period's parts."""
        return slice(self.older * self.size, (self.older + len(self.feature)) * self.size)

    def fields(self, state: np.ndarray) -> np.ndarray:
        """Return the fluxes of the window's periods, ((w + 1) b, k)."""
        newest = np.tensordot(self.feature, self._split(state[self.parts]), axes=(0, 0))
        return np.concatenate([state[: self.parts.start], newest])

    def spread(self, fields: np.ndarray) -> np.ndarray:
        """Return the transposed product of `fields` without the other states, (rows, k)."""
        newest = fields[self.parts.start :]
        parts = self._join(self.feature[:, None, None] * newest[None])
        return np.concatenate([fields[: self.parts.start], parts])

    def advance(self, state: np.ndarray, decay: np.ndarray, dropped: int) -> np.ndarray:
        """Return the state expected one period later, its first ``dropped`` periods let go."""
        faded = self._join(decay[:, None, None] * self._split(state[self.parts]))
        kept = self.fields(state)[dropped * self.size :]
        rest = state[self.parts.stop :]
        return np.concatenate([kept, faded, rest])

    def retreat(self, later: np.ndarray, decay: np.ndarray, dropped: int) -> np.ndarray:
        """Return the transposed product of `advance`."""
        kept = (self.older + 1 - dropped) * self.size
        stop = kept + len(self.feature) * self.size
        fields = np.concatenate([np.zeros((dropped * self.size, later.shape[1])), later[:kept]])
        back = self.spread(fields)
        back[self.parts] += self._join(decay[:, None, None] * self._split(later[kept:stop]))
        return np.concatenate([back, later[stop:]])

    def _join(self, parts: np.ndarray) -> np.ndarray:
        """Return parts (parts, b, k) as rows."""
        return parts.reshape(len(self.feature) * self.size, parts.shape[2])

    def _split(self, parts: np.ndarray) -> np.ndarray:
        """Return rows of parts as (parts, b, k)."""
        return parts.reshape(len(self.feature), self.size, parts.shape[1])
