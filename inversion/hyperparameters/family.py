"""Parts of S, each with the parameter that scales it, come in; S and its derivatives at any parameters go out.

S is linear in the variances, so that its parts are computed once; a length moves S between parts
that were computed at the nodes of a small grid of lengths.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, product

import numpy as np
from scipy.linalg.blas import daxpy

MOST_LOG_SD = 6.0  # a factor of 400 on a standard deviation, either way


@dataclass(frozen=True)
class Part:
    """One part of S and what it gives the aggregates.

    Attributes
    ----------
    name : str
        Parameter whose squared factor multiplies it; "" for a part that no parameter moves.
    gram : ndarray, (n, n)
        Its share of S [(umol mol-1)^2].
    cross : ndarray, (n, k), or None
        Its share of H B W; None is zero.
    quadratic : ndarray, (k, k), or None
        Its share of W^T B W; None is zero.
    node : tuple of int
        Its place on the grid of lengths; empty where no length moves it.
    """

    name: str
    gram: np.ndarray
    cross: np.ndarray | None = None
    quadratic: np.ndarray | None = None
    node: tuple[int, ...] = ()


@dataclass(frozen=True)
class Axis:
    """One length as a parameter.

    Attributes
    ----------
    name : str
    factors : tuple of float
        On the configured length, ascending, at least two.
    """

    name: str
    factors: tuple[float, ...]

    @property
    def edges(self) -> np.ndarray:
        """Natural logarithms of the factors."""
        return np.log(np.array(self.factors))


@dataclass(frozen=True)
class Family:
    """S(theta) = sum_j exp(2 theta_j) P_j(lengths): parts, names and lengths.

    Attributes
    ----------
    parts : tuple of Part
    free : tuple of str
        Names of the parts whose standard deviation is a parameter.
    axes : tuple of Axis
        Lengths that are parameters.

    Notes
    -----
    theta holds the natural logarithms of factors on the configured values: of standard deviations
    for ``free``, then of lengths for ``axes``. Between two nodes P is interpolated linearly in the
    logarithm of the length: a mean of positive semidefinite matrices with weights >= 0 is one,
    and so is B itself, of which H B W and W^T B W are interpolated with the same weights.

    Examples
    --------
    >>> import numpy as np
    >>> white, common = Part("white", np.eye(2)), Part("common", np.ones((2, 2)))
    >>> Family((white, common), ("white",)).covariance(np.log([3.0])).round(9).tolist()
    [[10.0, 1.0], [1.0, 10.0]]
    """

    parts: tuple[Part, ...]
    free: tuple[str, ...]
    axes: tuple[Axis, ...] = field(default=())

    def __post_init__(self) -> None:
        known = {part.name for part in self.parts}
        missing = [name for name in self.free if name not in known]
        shapes = sorted({part.gram.shape for part in self.parts})
        torn = [part.node for part in self.parts if len(part.node) not in (0, len(self.axes))]
        if missing or torn or len(shapes) != 1 or len(set(self.names)) != len(self.names):
            msg = (
                f"parts must hold every free name once, share one size and lie on the grid of "
                f"{len(self.axes)} lengths; got none for {missing}, shapes {shapes} and nodes {torn} "
                f"with parameters {list(self.names)} in Family. Name parts after their parameters."
            )
            raise ValueError(msg)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters: standard deviations, then lengths."""
        return (*self.free, *(axis.name for axis in self.axes))

    @property
    def n(self) -> int:
        """Number of observations."""
        return len(self.parts[0].gram)

    @property
    def bounds(self) -> np.ndarray:
        """Least and greatest value of each parameter, (p, 2)."""
        sizes = [(-MOST_LOG_SD, MOST_LOG_SD)] * len(self.free)
        return np.array([*sizes, *((a.edges[0], a.edges[-1]) for a in self.axes)]).reshape(-1, 2)

    def cells(self) -> list[np.ndarray]:
        """Return the bounds within which S is smooth, one (p, 2) for each cell of the grid."""
        sizes = [(-MOST_LOG_SD, MOST_LOG_SD)] * len(self.free)
        between = [list(pairwise(axis.edges)) for axis in self.axes]
        return [np.array([*sizes, *cell]).reshape(-1, 2) for cell in product(*between)]

    @cached_property
    def _places(self) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return each part's parameter, or one past the last, and its node along each axis."""
        place = {name: j for j, name in enumerate(self.free)}
        column = np.array([place.get(part.name, len(self.free)) for part in self.parts])
        # a part on no node stands one past the last, where every weight is 1
        nodes = [
            np.array([part.node[a] if part.node else len(axis.factors) for part in self.parts])
            for a, axis in enumerate(self.axes)
        ]
        return column, nodes

    def factors(self, theta: np.ndarray) -> np.ndarray:
        """Return what each part is multiplied with, (parts,)."""
        return self._factors(np.asarray(theta, dtype=np.float64))[0]

    def coefficients(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what each part is multiplied with, (parts,), and its derivative, (parts, p)."""
        theta = np.asarray(theta, dtype=np.float64)
        value, size, weights, slopes = self._factors(theta)
        slope = np.zeros((len(value), len(theta)))
        moved = np.flatnonzero(self._places[0] < len(self.free))
        slope[moved, self._places[0][moved]] = 2.0 * value[moved]
        for a, one in enumerate(slopes):
            others = np.prod(weights[:a] + weights[a + 1 :], axis=0)
            slope[:, len(self.free) + a] = size * others * one
        return value, slope

    def _factors(self, theta: np.ndarray):
        """Return the factors, and what they are products of: sizes, and weights of the lengths."""
        column, nodes = self._places
        count = len(self.free)
        size = np.append(np.exp(2.0 * theta[:count]), 1.0)[column]
        hats = [_hat(axis.edges, at) for axis, at in zip(self.axes, theta[count:], strict=True)]
        pairs = list(zip(hats, nodes, strict=True))
        weights = [np.append(hat[0], 1.0)[at] for hat, at in pairs]
        slopes = [np.append(hat[1], 0.0)[at] for hat, at in pairs]
        value = size.copy()
        for one in weights:
            value *= one
        return value, size, weights, slopes

    def covariance(self, theta: np.ndarray) -> np.ndarray:
        """Return S, (n, n) [(umol mol-1)^2]."""
        return self.combined(self.factors(theta))

    def combined(self, coefficients: np.ndarray) -> np.ndarray:
        """Return the parts' combination, (n, n); parts with a coefficient of 0 cost nothing."""
        total = np.zeros(self.n * self.n)
        for part, factor in zip(self.parts, coefficients, strict=True):
            if factor != 0.0:
                total = daxpy(part.gram.reshape(-1), total, a=factor)
        return total.reshape(self.n, self.n)

    def derivatives(self, theta: np.ndarray) -> list[np.ndarray]:
        """Return dS / d theta_i of each parameter, (n, n) each."""
        slope = self.coefficients(theta)[1]
        return [self.combined(column) for column in slope.T]

    def cross(self, theta: np.ndarray) -> np.ndarray:
        """Return H B W at these parameters, (n, k)."""
        return self._summed("cross", theta)

    def quadratic(self, theta: np.ndarray) -> np.ndarray:
        """Return W^T B W at these parameters, (k, k)."""
        return self._summed("quadratic", theta)

    def _summed(self, kind: str, theta: np.ndarray):
        """Return the combination of what the parts give the aggregates."""
        value = self.factors(theta)
        given = [
            factor * getattr(part, kind)
            for part, factor in zip(self.parts, value, strict=True)
            if factor != 0.0 and getattr(part, kind) is not None
        ]
        if not given:
            msg = (
                f"totals must have a part with {kind}; got none among "
                f"{[part.name for part in self.parts]} in Family. Build the parts with aggregates."
            )
            raise ValueError(msg)
        return sum(given)


def with_fixed(parts: list[Part], free: tuple[str, ...], axes: tuple[Axis, ...] = ()) -> Family:
    """Return a family in which all parts that no parameter moves are summed into one.

    Parameters
    ----------
    parts : list of Part
        Each named after the parameter that would scale it.
    free : tuple of str
        The parameters that are.
    axes : tuple of Axis
    """
    moved = [part for part in parts if part.name in free or part.node]
    fixed = [part for part in parts if not (part.name in free or part.node)]
    if fixed:
        moved.append(
            Part(
                "",
                sum(part.gram for part in fixed),
                _total([part.cross for part in fixed]),
                _total([part.quadratic for part in fixed]),
            )
        )
    return Family(tuple(moved), free, axes)


def _total(given: list[np.ndarray | None]):
    """Return the sum of what is there, None where nothing is."""
    there = [one for one in given if one is not None]
    return sum(there) if there else None


def _hat(edges: np.ndarray, value: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of the nodes at a value, and their derivatives; those of its cell."""
    cell = int(np.clip(np.searchsorted(edges, value, side="right") - 1, 0, len(edges) - 2))
    width = edges[cell + 1] - edges[cell]
    weight, slope = np.zeros(len(edges)), np.zeros(len(edges))
    share = float(np.clip((value - edges[cell]) / width, 0.0, 1.0))
    weight[cell], weight[cell + 1] = 1.0 - share, share
    slope[cell], slope[cell + 1] = -1.0 / width, 1.0 / width
    return weight, slope
