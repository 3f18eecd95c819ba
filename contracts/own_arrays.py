"""An array somebody brings, with its unit and axes, comes in; a finite float64 array in canonical units goes out."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np

from contracts.units import factor_to_canonical


def own_array(values: Any, axes: Mapping[str, int], name: str, where: str) -> np.ndarray:
    """Return an array of the user's as float64, its shape and every number checked.

    Parameters
    ----------
    values : array_like
        Of shape ``tuple(axes.values())``.
    axes : mapping of str to int
        Names of the axes in order, and their lengths.
    name, where : str
        Of the array and of the function it was given to, for the message.

    Returns
    -------
    ndarray, float64
        Not converted: see `own_quantity`.

    Raises
    ------
    ValueError
        Where the shape differs (a transposed array is told as such) or a number is not finite.

    Examples
    --------
    >>> own_array([[1, 2, 3]], {"obs": 1, "region": 3}, "sensitivity", "own_jacobian").shape
    (1, 3)
    """
    array = np.asarray(values, dtype=np.float64)
    wanted = tuple(axes.values())
    if array.shape != wanted:
        msg = (
            f"{name} must have the axes ({', '.join(axes)}) = {wanted}; got {array.shape} in "
            f"{where}. {_advice(array.shape, axes)}"
        )
        raise ValueError(msg)
    wrong = ~np.isfinite(array)
    if wrong.any():
        first = np.unravel_index(int(np.argmax(wrong)), array.shape)
        place = ", ".join(f"{axis} {at}" for axis, at in zip(axes, first, strict=True))
        msg = (
            f"{name} must hold finite numbers; got {int(wrong.sum())} that are not, the first "
            f"{array[first]} at {place or 'its one place'}, in {where}. Leave these rows out, or "
            "give their value."
        )
        raise ValueError(msg)
    return array


def own_quantity(
    values: Any, unit: str, quantity: str, axes: Mapping[str, int], labels: tuple[str, str]
) -> np.ndarray:
    """Return an array of the user's in the canonical unit of its quantity.

    Parameters
    ----------
    values : array_like
    unit : str
        The unit the numbers are in.
    quantity : str
        One of `contracts.units.CANONICAL`.
    axes : mapping of str to int
    labels : (name, where)
        As in `own_array`.

    Returns
    -------
    ndarray, float64

    Raises
    ------
    ValueError
        As `own_array`, and where the unit is none of the quantity.
    """
    name, where = labels
    try:
        factor = factor_to_canonical(unit, quantity)
    except ValueError as error:
        msg = f"{name}: {error} (in {where})"
        raise ValueError(msg) from None
    return factor * own_array(values, axes, name, where)


def _advice(shape: tuple[int, ...], axes: Mapping[str, int]) -> str:
    """Return what to do about a shape, from how it differs."""
    wanted = tuple(axes.values())
    if len(shape) != len(wanted):
        return f"Reshape it to {len(wanted)} axes in this order."
    for order in permutations(range(len(wanted))):
        if tuple(shape[at] for at in order) == wanted:
            return f"Its axes are in another order: use numpy.transpose(..., {order})."
    return "Give one value for each of them, in their order."
