"""Station records come in; what sun, neighbours, incoming air and window say of their clocks goes out.

No evidence is proof: each says suspected, none seen or cannot be told, and which offsets it
would have missed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from contracts.settings.stations import ClockSettings
from stations.daily_cycle import daily_cycle
from stations.evidence import SUSPECTED, UNTOLD, Evidence, Limits, judge
from stations.lag import anomaly, lag_profile
from stations.offsets import Table, make_table
from stations.window import window_edges

# Chosen on months of real towers so that none of them is suspected: docs/cases/glasgow.md has counts.
_CYCLE = (0.5, 0.05, 0.1)  # least R², margins of a resampled and of the whole record
_LAG = (0.4, 0.05, 0.05)  # the same of a correlation
_OTHERS = 3  # towers a comparison needs: of two that part, nobody knows whose clock is wrong
_CLEAN = 10.0  # percentile of the towers that stands for the air behind the city


def clock_evidence(stations: Mapping[str, xr.Dataset], settings: ClockSettings) -> list[Evidence]:
    """Look at the clocks of a network from four sides.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`.
    settings : ClockSettings

    Returns
    -------
    list of Evidence
        window, daily_cycle, background (one for each background station), neighbours (one for
        each of at least three towers).
    """
    table = make_table(stations)
    places = [(stations[n].attrs["latitude"], stations[n].attrs["longitude"]) for n in table.names]
    latitude, longitude = np.median(np.array(places, dtype=np.float64), axis=0)
    found = [window_edges(stations)]
    found.append(_sun(table, (float(latitude), float(longitude)), settings))
    found += _incoming(table, settings)
    return found + _neighbours(table, settings)


def _sun(table: Table, place: tuple[float, float], settings: ClockSettings) -> Evidence:
    """Return what the daily cycle says of the network's clock."""
    got = daily_cycle(table, place, settings.block_days, (settings.draws, settings.seed))
    if got is None or got[1] < settings.minimum_days:
        return Evidence("daily_cycle", "", UNTOLD, note=f"{got[1] if got else 0}")
    limits = Limits(settings.tolerance_hours, settings.share, *_CYCLE)
    return judge(got[0], limits, "daily_cycle", "", f"{got[1]}")


def _incoming(table: Table, settings: ClockSettings) -> list[Evidence]:
    """Return what each background station says of the towers' clock."""
    towers = table.value[table.tower]
    if towers.shape[0] == 0:
        return []
    changes = np.stack([anomaly(value) for value in towers])
    known = np.isfinite(changes).any(axis=0)
    clean = np.where(known, np.nanpercentile(np.where(known, changes, 0.0), _CLEAN, axis=0), np.nan)
    return [
        _compared("background", table.names[k], clean, table.value[k], settings)
        for k in np.flatnonzero(~table.tower)
    ]


def _neighbours(table: Table, settings: ClockSettings) -> list[Evidence]:
    """Return what the other towers say of each tower's clock; the worst goes first, alone."""
    active = np.flatnonzero(table.tower).tolist()
    changes = {k: anomaly(table.value[k]) for k in active}
    apart: dict[int, Evidence] = {}
    now: dict[int, Evidence] = {}
    while len(active) >= _OTHERS:
        now = {k: _against_others(table.names[k], k, changes, active, settings) for k in active}
        suspected = [k for k in active if now[k].verdict == SUSPECTED]
        if not suspected:
            break
        worst = max(suspected, key=lambda k: (now[k].fit, -k))
        apart[worst] = now.pop(worst)
        active.remove(worst)
        now = {k: Evidence("neighbours", table.names[k], UNTOLD) for k in active}
    return [item for _, item in sorted({**now, **apart}.items())]


def _against_others(
    name: str, k: int, changes: dict[int, np.ndarray], active: list[int], settings: ClockSettings
) -> Evidence:
    """Compare one tower with the median of the other active ones."""
    others = np.stack([changes[j] for j in active if j != k])
    known = np.isfinite(others).any(axis=0)
    middle = np.where(known, np.nanmedian(np.where(known, others, 0.0), axis=0), np.nan)
    return _compared("neighbours", name, changes[k], middle, settings)


def _compared(
    kind: str, station: str, record: np.ndarray, other: np.ndarray, settings: ClockSettings
) -> Evidence:
    """Return what one record says of another's clock."""
    both = int((np.isfinite(record) & np.isfinite(other)).sum()) // 24
    weights = (settings.draws, settings.seed)
    profile = lag_profile(record, other, settings.block_days, weights)
    if profile is None or both < settings.minimum_days:
        return Evidence(kind, station, UNTOLD, note=f"{both}")
    limits = Limits(settings.tolerance_hours, settings.share, *_LAG)
    return judge(profile, limits, kind, station, f"{both}")
