"""Station records come in; inlets of one mast that look swapped go out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from contracts.settings.stations import DetectorSettings
from stations.findings import Finding
from stations.flags import usable
from stations.inlets import Inlet, Swap, find_swaps

_SHOWN = 5  # runs of nights of one pair written out; the others are counted
_SAME_PLACE_DEG = 0.002  # about 200 m: coordinates of one mast, rounded by different people


def inlet_findings(stations: Mapping[str, xr.Dataset], settings: DetectorSettings) -> list[Finding]:
    """Return a finding for each pair of inlets of one mast that look swapped.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`.
    settings : DetectorSettings

    Returns
    -------
    list of Finding
        Kind inlet_swap, under the name of the lower inlet.
    """
    found = []
    for mast in _masts(stations):
        inlets = [_inlet(name, stations[name]) for name in mast]
        longitude = float(stations[mast[0]].attrs["longitude"])
        pairs: dict[tuple[str, str], list[Swap]] = {}
        for swap in find_swaps(inlets, longitude, settings):
            pairs.setdefault((swap.low.name, swap.high.name), []).append(swap)
        found += [_finding(swaps) for swaps in pairs.values()]
    return found


def _masts(stations: Mapping[str, xr.Dataset]) -> list[list[str]]:
    """Return the names of stations with inlets that share a place, where two or more do."""
    masts: list[list[str]] = []
    for name in sorted(stations):
        here = stations[name].attrs
        if here["instrument_class"] == "column":
            continue
        for mast in masts:
            first = stations[mast[0]].attrs
            apart = [abs(here[axis] - first[axis]) for axis in ("latitude", "longitude")]
            if max(apart) <= _SAME_PLACE_DEG:
                mast.append(name)
                break
        else:
            masts.append([name])
    return [mast for mast in masts if len(mast) > 1]


def _inlet(name: str, data: xr.Dataset) -> Inlet:
    """Return a station's usable hours as the record of an inlet."""
    good = usable(data["quality_flag"].values)
    value = np.where(good, data["mole_fraction"].values, np.nan)
    return Inlet(float(data.attrs["inlet_height"]), data["time"].values, value, name)


def _finding(swaps: list[Swap]) -> Finding:
    """Return the sentences about one pair."""

    def night(hour: np.datetime64) -> str:
        return np.datetime_as_string(hour, unit="h") + "Z"

    low, high = swaps[0].low, swaps[0].high
    runs = [(swap.nights, night(swap.first), night(swap.last), swap.size) for swap in swaps]
    more = len(runs) - _SHOWN
    shown = "; ".join(f"{n} nights from {a} to {b} ({x:+.1f})" for n, a, b, x in runs[:_SHOWN])
    local = "；".join(f"{a} 至 {b} 共 {n} 夜（{x:+.1f}）" for n, a, b, x in runs[:_SHOWN])
    usual = swaps[0].usual
    known = np.isfinite(usual)
    text = (
        f"Inlets: at night {low.name} ({low.height:g} m) has less than {high.name} ({high.height:g} m), "
        f"umol mol-1: {shown}{f'; and {more} more' if more > 0 else ''}; "
        f"{f'on other nights {usual:+.1f}' if known else 'so it is in the whole record'}. "
        "A lower inlet should have more: look in the log whether the lines were swapped, and mark these "
        "nights in the manual flags."
    )
    text_local = (
        f"进气口：夜间 {low.name}（{low.height:g} 米）低于 {high.name}（{high.height:g} 米），umol mol-1："
        f"{local}{f'；另有 {more} 段' if more > 0 else ''}；"
        f"{f'其余夜晚为 {usual:+.1f}' if known else '整个记录都是如此'}。较低的进气口夜间应更高："
        "请查日志中管路是否接反，并在人工标记文件中标出这些夜晚。"
    )
    return Finding("inlet_swap", low.name, text, text_local)
