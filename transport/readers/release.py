"""What a footprint file of any format says comes in; one description for all formats goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from contracts.grid import Grid

HOUR = np.timedelta64(3600, "s")


@dataclass(frozen=True)
class Release:
    """One footprint of a file.

    Attributes
    ----------
    hour : datetime64[ns]
        Start of the hour of the observation it belongs to, UTC.
    longitude, latitude : float
        Degrees.
    height : float
        Above ground [m].
    """

    hour: np.datetime64
    longitude: float
    latitude: float
    height: float


@dataclass(frozen=True)
class Slices:
    """The sensitivity of one footprint, by clock hour.

    Attributes
    ----------
    hour : ndarray (slice,), datetime64[ns]
        Starts of the hours of emission; of an integrated footprint the one of its observation.
    values : ndarray (slice, row, col), float64
        Sensitivity [m2 s mol-1].
    outside : float
        Sensitivity beyond the file's grid or hours, as far as the file says it [m2 s mol-1].
    counts : dict
        What was split, summed or left out.
    """

    hour: np.ndarray
    values: np.ndarray
    outside: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FootprintFile:
    """One file.

    Attributes
    ----------
    path : Path
    kind : str
        Name of its format.
    grid : contracts.grid.Grid
    releases : tuple of Release
    slices : callable
        Takes the position of a release and returns its `Slices`.
    integrated_hours : float or None
        Length of the history where it is integrated; None where it is told by the hour.
    basis : str
        Mole fraction per mole of "moist" or "dry" air, or "unknown".
    receptor_from : str
        What said the receptor's time, place and height.
    notes : tuple of str
        What the reader of the dataset must know.
    """

    path: Path
    kind: str
    grid: Grid
    releases: tuple[Release, ...]
    slices: Callable[[int], Slices]
    integrated_hours: float | None
    basis: str
    receptor_from: str
    notes: tuple[str, ...] = ()


def checked_values(values: np.ndarray, where: str) -> np.ndarray:
    """Return sensitivities as float64; refuse what is not finite or negative.

    Parameters
    ----------
    values : ndarray, any shape
        Sensitivity, any unit.
    where : str
        Variable and file, for the error.

    Returns
    -------
    ndarray, same shape, float64

    Raises
    ------
    ValueError
        With the numbers of values that break the rule.
    """
    values = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    bad = int((~np.isfinite(values)).sum()), int((values < 0).sum())
    if any(bad):
        msg = (
            f"a footprint must be finite and >= 0; got {bad[0]} non-finite and {bad[1]} negative "
            f"values in {where}. Leave this file out."
        )
        raise ValueError(msg)
    return values


def refuse_unit(unit: object, known: tuple[str, ...], where: str) -> None:
    """Raise where a unit is none of those known to be m2 s mol-1.

    Parameters
    ----------
    unit : object
        The attribute `units`, None where there is none.
    known : tuple of str
    where : str
        Variable and file, for the error.

    Raises
    ------
    ValueError
        With the known ones.
    """
    if unit not in known:
        choice = known[0] if len(known) == 1 else f"one of {'; '.join(known)}"
        msg = (
            f"the unit of {where.split(' of ', maxsplit=1)[0]} must be {choice}; got {unit!r} in "
            f"{where.rsplit(' of ', maxsplit=1)[-1]}. Convert the file, or correct its attribute."
        )
        raise ValueError(msg)
