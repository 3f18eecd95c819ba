"""A kernel's name and a length whose meaning is named come in; a correlation as a function of distance goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shape:
    """A correlation of scaled distance, and what its unit length means.

    Attributes
    ----------
    correlation : callable
        Of the distance over the kernel's own length; 1 at zero, positive definite in the plane.
    efolding : float
        Scaled distance at which it is 1/e.
    integral : float
        Its integral from zero to infinity over scaled distance.
    """

    correlation: Callable[[np.ndarray], np.ndarray]
    efolding: float
    integral: float


def exponential(scaled_distance: np.ndarray) -> np.ndarray:
    """Return exp(-d): rough fields, continuous but nowhere smooth.

    Examples
    --------
    >>> import numpy as np
    >>> exponential(np.array([0.0, 1.0])).round(3).tolist()
    [1.0, 0.368]
    """
    return np.exp(-np.asarray(scaled_distance))


def _matern32(scaled_distance: np.ndarray):
    """Return (1 + d) exp(-d): fields with one derivative."""
    return (1.0 + scaled_distance) * np.exp(-scaled_distance)


def _matern52(scaled_distance: np.ndarray):
    """Return (1 + d + d^2 / 3) exp(-d): fields with two derivatives."""
    return (1.0 + scaled_distance + scaled_distance**2 / 3.0) * np.exp(-scaled_distance)


def _gaussian(scaled_distance: np.ndarray):
    """Return exp(-d^2): fields with all derivatives."""
    return np.exp(-(scaled_distance**2))


SHAPES = {
    "exponential": Shape(exponential, 1.0, 1.0),
    "matern32": Shape(_matern32, 2.146193220620583, 2.0),
    "matern52": Shape(_matern52, 2.9046299750290149, 8.0 / 3.0),
    "gaussian": Shape(_gaussian, 1.0, 0.5 * float(np.sqrt(np.pi))),
}


def correlation(
    name: str, *, efolding_length: float | None = None, integral_length: float | None = None
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a correlation as a function of distance, in the unit of the length.

    Parameters
    ----------
    name : {"exponential", "matern32", "matern52", "gaussian"}
    efolding_length : float, optional
        Distance at which the correlation is 1/e. Give this or the next, not both.
    integral_length : float, optional
        Integral of the correlation over distance, from zero to infinity.

    Examples
    --------
    >>> import numpy as np
    >>> for kernel in SHAPES:
    ...     print(kernel, correlation(kernel, efolding_length=5.0)(np.array([5.0])).round(4))
    exponential [0.3679]
    matern32 [0.3679]
    matern52 [0.3679]
    gaussian [0.3679]
    """
    if name not in SHAPES:
        msg = f"a kernel must be one of {', '.join(SHAPES)}; got {name!r}. Name one of these."
        raise ValueError(msg)
    given = [length for length in (efolding_length, integral_length) if length is not None]
    if len(given) != 1 or not (np.isfinite(given[0]) and given[0] > 0.0):
        msg = (
            "a kernel must have one length, finite and > 0; got "
            f"efolding_length={efolding_length}, integral_length={integral_length}. Give one."
        )
        raise ValueError(msg)
    shape = SHAPES[name]
    unit = shape.integral if efolding_length is None else shape.efolding
    return lambda distance: shape.correlation(np.asarray(distance) * (unit / given[0]))
