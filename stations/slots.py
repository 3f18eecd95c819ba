"""Rows in UTC come in; slots on one calibration scale go out: the one place where scales are converted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stations.flags import FLAGS
from stations.reading.rows import Rows

NS = 1_000_000_000
HOUR_NS = 3600 * NS
LONGEST_S = 3 * 3600.0  # a flask that fills for an hour or two is still of its hour


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


def make_slots(rows: Rows) -> Slots:
    """Place rows on the time axis.

    Parameters
    ----------
    rows : Rows
        `stamp` the start of the slot [s since 1970 UTC], `seconds` its length, values in
        umol mol-1.

    Returns
    -------
    Slots

    Raises
    ------
    ValueError
        Where a slot is longer than three hours.
    """
    longest = float(rows.seconds.max(initial=0.0))
    if longest > LONGEST_S:
        message = (
            f"a slot must be at most {LONGEST_S / 3600:g} h long to be part of an hourly record; got "
            f"{longest / 3600:g} h in the files. Give hourly or finer files: a mean of days or "
            "months says nothing about an hour."
        )
        raise ValueError(message)
    start = _nanoseconds(rows.stamp)
    length = _nanoseconds(rows.seconds)
    return Slots(
        start=start,
        end=start + length,
        centre=start + length // 2,
        value=rows.value,
        stdev=rows.stdev,
        n=rows.n,
        flag=rows.flag,
    )


def _nanoseconds(seconds: np.ndarray) -> np.ndarray:
    """Return seconds, which are whole milliseconds, as nanoseconds."""
    return np.rint(np.asarray(seconds) * 1000).astype(np.int64) * (NS // 1000)


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
            "flag": slots.flag | FLAGS["scale_converted"],
        }
    )
