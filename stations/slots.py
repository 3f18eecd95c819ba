"""Rows and their declaration come in; slots in UTC, on one calibration scale, go out.

The one place where labels become starts and ends, and where scales are converted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stations.readers.rows import Row
from stations.readers.settings import ReaderSettings

NS = 1_000_000_000
HOUR_NS = 3600 * NS


@dataclass(frozen=True)
class Slots:
    """Averaging slots of one inlet, in the order of their stamps.

    Attributes
    ----------
    start, end, centre : ndarray (slot,), int64
        Nanoseconds since 1970-01-01 UTC.
    value : ndarray (slot,), umol mol-1
        NaN where missing.
    stdev : ndarray (slot,), umol mol-1
        NaN where unknown.
    n : ndarray (slot,), int64
    flag : ndarray (slot,), int64
    """

    start: np.ndarray
    end: np.ndarray
    centre: np.ndarray
    value: np.ndarray
    stdev: np.ndarray
    n: np.ndarray
    flag: np.ndarray


def centres(stamps: np.ndarray, settings: ReaderSettings) -> np.ndarray:
    """Return the centres of slots from their stamps.

    Parameters
    ----------
    stamps : ndarray (slot,), int64
        Seconds since 1970-01-01 UTC of the declared label.
    settings : ReaderSettings
        `label` and `slot_seconds`.

    Returns
    -------
    ndarray (slot,), int64
        Nanoseconds since 1970-01-01 UTC.
    """
    half = settings.slot_seconds * NS // 2
    shift = {"start": half, "centre": 0, "end": -half}[settings.label]
    return np.asarray(stamps, dtype=np.int64) * NS + shift


def make_slots(rows: Sequence[Row], settings: ReaderSettings) -> Slots:
    """Place rows on the time axis.

    Parameters
    ----------
    rows : sequence of Row
        Values in umol mol-1.
    settings : ReaderSettings

    Returns
    -------
    Slots
    """
    centre = centres(np.array([row.stamp for row in rows], dtype=np.int64), settings)
    half = settings.slot_seconds * NS // 2
    return Slots(
        start=centre - half,
        end=centre + half,
        centre=centre,
        value=np.array([row.value for row in rows], dtype=np.float64),
        stdev=np.array([row.stdev for row in rows], dtype=np.float64),
        n=np.array([row.n for row in rows], dtype=np.int64),
        flag=np.array([row.flag for row in rows], dtype=np.int64),
    )


def to_x2019(value: np.ndarray) -> np.ndarray:
    """Convert mole fractions from WMO-CO2-X2007 to WMO-CO2-X2019.

    Parameters
    ----------
    value : ndarray, umol mol-1

    Returns
    -------
    ndarray, umol mol-1
        1.00079 x - 0.142.

    Notes
    -----
    NOAA GML's published relation, after Hall et al. (2021), Atmos. Meas. Tech. 14,
    3015-3032. ASSUME: valid from 250 to 800 umol mol-1; +0.174 at 400.

    Examples
    --------
    >>> float(to_x2019(np.array([400.0])).round(3)[0])
    400.174
    """
    return 1.00079 * value - 0.142


def converted(slots: Slots, scale_from: str, scale_to: str) -> Slots:
    """Return slots on another calibration scale.

    Parameters
    ----------
    slots : Slots
    scale_from, scale_to : str
        Equal scales change nothing.

    Returns
    -------
    Slots
    """
    if scale_from == scale_to:
        return slots
    if (scale_from, scale_to) != ("WMO-CO2-X2007", "WMO-CO2-X2019"):
        message = (
            "scale conversion must be WMO-CO2-X2007 to WMO-CO2-X2019; got "
            f"{scale_from} to {scale_to} in the registry. No other conversion is known here."
        )
        raise ValueError(message)
    return Slots(
        **{
            **vars(slots),
            "value": to_x2019(slots.value),
            "stdev": 1.00079 * slots.stdev,
        }
    )
