"""Hourly records of the inlets of one mast come in; nights on which two of them look swapped go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from contracts.settings.stations import DetectorSettings

_NIGHT = (21, 8)  # solar hour at which a night begins, and its hours
_LEAST_HOURS = 4  # common hours of a night
_LEAST_NIGHTS = 10  # nights that tell, before anything is said
_LEAST_OTHERS = 5  # of them outside a run, so that there is a usual sign
_CLEAR = 2.0 / 3.0  # share of nights that makes a sign the usual one
_APART = np.timedelta64(10, "D")  # a run does not reach over a longer silence


@dataclass(frozen=True)
class Inlet:
    """Record of one inlet.

    Attributes
    ----------
    height : float, m above ground
    time : ndarray (time,), datetime64[ns]
        Start of each hour, UTC.
    value : ndarray (time,), umol mol-1
        NaN where not usable.
    name : str
        Of the station, where each inlet is one.
    """

    height: float
    time: np.ndarray
    value: np.ndarray
    name: str = ""


@dataclass(frozen=True)
class Swap:
    """Nights on which a lower inlet has less than a higher one.

    Attributes
    ----------
    low, high : Inlet
    first, last : datetime64[ns]
        Hours, UTC, with which the first and the last of these nights begin.
    nights : int
        Nights that tell, of this run.
    size, usual : float, umol mol-1
        Median of low less high over these nights, and over all others; usual is NaN where the
        whole record has this sign.
    """

    low: Inlet
    high: Inlet
    first: np.datetime64
    last: np.datetime64
    nights: int
    size: float
    usual: float


def find_swaps(inlets: Sequence[Inlet], longitude: float, settings: DetectorSettings) -> list[Swap]:
    """Return where the lines of a mast's inlets look swapped.

    Parameters
    ----------
    inlets : sequence of Inlet
        Of one mast, in any order.
    longitude : float, degrees east
        Sets the night; NaN where nobody knows it: then night is when the inlets differ most.
    settings : DetectorSettings

    Returns
    -------
    list of Swap
        In order of time. Of swaps of several pairs in the same nights only that of the pair
        furthest apart.

    Notes
    -----
    At night air near the ground is calm and gathers what soil, plants and people give off, so that
    a lower inlet has more carbon dioxide (and methane) than a higher one. A night (21 to 5 h of
    solar time, at least 4 common hours) tells where the two differ by `inlet_swap_umol_mol`;
    others neither lengthen nor end a run. A run of `inlet_swap_nights` telling nights with the
    other sign looks like swapped lines where two thirds of the nights outside it (at least five)
    have the usual one. Where two thirds of all (at least ten) have the other sign, the whole
    record does.

    Measured with the defaults on hourly CO2. Six pairs of Cabauw's 27, 67, 127, 207 m, 2005 to
    2023: 7 runs, none longer than 4 nights, 5 of them of the two highest; 2000 to 2004: 35, as long
    as 13 nights. Three pairs of Tacolneston's 54, 100, 185 m, 6 years: none. Lines swapped for 3,
    5, 7, 10 nights were found in 42 to 85, 72 to 98, 87 to 99, 92 to 100 % of cases, the more
    the further apart the inlets; windy nights, which tell nothing, hide the others.
    ASSUME: sources near the mast are below its lowest inlet.
    """
    ordered = sorted(inlets, key=lambda item: item.height)
    found: list[Swap] = []
    for k, low in enumerate(ordered):
        for high in ordered[k + 1 :]:
            if high.height > low.height:
                found += _of_pair(low, high, longitude, settings)
    kept: list[Swap] = []
    for swap in sorted(found, key=lambda item: item.low.height - item.high.height):
        if not any(swap.first <= item.last and item.first <= swap.last for item in kept):
            kept.append(swap)
    return sorted(kept, key=lambda item: (item.first, item.low.height))


def _of_pair(low: Inlet, high: Inlet, longitude: float, settings: DetectorSettings) -> list[Swap]:
    """Return the swaps of two inlets."""
    night, difference = nightly(low, high, longitude)
    tells = np.abs(difference) >= settings.inlet_swap_umol_mol
    night, difference = night[tells], difference[tells]
    if night.size < _LEAST_NIGHTS:
        return []
    odd = difference < 0
    breaks = np.flatnonzero((np.diff(odd.astype(int)) != 0) | (np.diff(night) > _APART)) + 1
    runs = [run for run in np.split(np.arange(night.size), breaks) if odd[run[0]]]
    swaps = []
    for run in runs:
        others = np.delete(difference, run)
        clear = others.size >= _LEAST_OTHERS and (others > 0).mean() >= _CLEAR
        if clear and run.size >= settings.inlet_swap_nights:
            size, usual = float(np.median(difference[run])), float(np.median(others))
            first, last = night[run[0]], night[run[-1]]
            swaps.append(Swap(low, high, first, last, int(run.size), size, usual))
    if not swaps and odd.mean() >= _CLEAR:
        first, last, size = night[0], night[-1], float(np.median(difference))
        return [Swap(low, high, first, last, int(odd.sum()), size, np.nan)]
    return swaps


def nightly(low: Inlet, high: Inlet, longitude: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how much more the lower inlet has, night by night.

    Parameters
    ----------
    low, high : Inlet
    longitude : float, degrees east
        NaN where nobody knows it.

    Returns
    -------
    start : ndarray (night,), datetime64[ns]
        First hour of each, UTC.
    difference : ndarray (night,), umol mol-1
        Median over its hours; only nights with enough of them.
    """
    time, at_low, at_high = np.intersect1d(
        low.time, high.time, assume_unique=True, return_indices=True
    )
    difference = low.value[at_low] - high.value[at_high]
    known = np.isfinite(difference)
    hour = time[known].astype("datetime64[h]").astype(np.int64)
    difference = difference[known]
    if hour.size == 0:
        return np.empty(0, dtype="datetime64[ns]"), np.empty(0)
    shift = longitude / 15.0 if np.isfinite(longitude) else _shift(hour, difference)
    into = hour + 0.5 + shift - _NIGHT[0]  # hours since a night began on 1970-01-01
    night, place = np.floor(into / 24.0).astype(np.int64), np.floor(into % 24.0).astype(np.int64)
    inside = place < _NIGHT[1]
    night, place, difference = night[inside], place[inside], difference[inside]
    listed, row = np.unique(night, return_inverse=True)
    table = np.full((listed.size, _NIGHT[1]), np.nan)
    table[row, place] = difference
    enough = np.isfinite(table).sum(axis=1) >= _LEAST_HOURS
    start = np.ceil(24.0 * listed[enough] + _NIGHT[0] - shift - 0.5).astype(np.int64)
    difference = np.nanmedian(table[enough], axis=1)
    return start.astype("datetime64[h]").astype("datetime64[ns]"), difference


def _shift(hour: np.ndarray, difference: np.ndarray) -> float:
    """Return hours from UTC to a clock by which the inlets differ most between 21 and 5 h."""
    size = np.array(
        [
            np.median(np.abs(difference[hour % 24 == k])) if (hour % 24 == k).any() else 0.0
            for k in range(24)
        ]
    )
    window = np.array([size[(start + np.arange(_NIGHT[1])) % 24].sum() for start in range(24)])
    return float(_NIGHT[0] - int(np.argmax(window)))
