"""Station records and the network's status come in; the observations of a batch go out."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.periods import HOUR, Period, to_ns
from contracts.settings.stations import StationSettings
from stations.flags import FLAGS, first_bad, usable
from stations.monitor import UNTRACEABLE
from stations.registry import NO_SCALE

_log = logging.getLogger(__name__)
_PPM = "umol mol-1"
UNKNOWN = "unknown"  # a record brought without the class of its instrument


@dataclass(frozen=True)
class Kept:
    """Hours of one receptor that enter the inversion.

    Attributes
    ----------
    time : ndarray (obs,), datetime64[ns]
    mole_fraction, instrument_error, spread : ndarray (obs,), umol mol-1
    straddling : int
        Hours whose slots reach over the hour's edge.
    dropped : Counter
        Reason -> hours.
    """

    time: np.ndarray
    mole_fraction: np.ndarray
    instrument_error: np.ndarray
    spread: np.ndarray
    straddling: int
    dropped: Counter


def build_observations(
    stations: Mapping[str, xr.Dataset],
    status: xr.Dataset,
    batch: Period,
    section: StationSettings,
    utc_offset_hours: float,
    only_times: Mapping[str, np.ndarray] | None = None,
) -> xr.Dataset:
    """Choose the hours of a batch that the inversion looks at.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`; background stations are left to the background.
    status : Dataset
        Contract `network_status`: who is excluded, and why.
    batch : Period
    section : StationSettings
        `local_hours` says which hours of a local day are candidates.
    utc_offset_hours : float
        Local time minus UTC.
    only_times : mapping of str to ndarray of datetime64, optional
        Per station, the hours (starts, UTC) that have a footprint; others are dropped as
        no_footprint. A station that is not in it has none.

    Returns
    -------
    Dataset
        Contract `observations`. Attribute counts (JSON): candidate = kept + all dropped.
        instrument_error² = (the registry's error)² + (standard error of the hour)².
    """
    towers = [name for name in sorted(stations) if stations[name].attrs["role"] == "tower"]
    untraceable = {name for name in towers if stations[name].attrs["calibration_scale"] == NO_SCALE}
    _one_scale({name: ds for name, ds in stations.items() if name not in untraceable})
    candidates = candidate_hours(batch, section.local_hours, utc_offset_hours)
    # also where a status brought by the user says nothing of scales
    excluded = dict.fromkeys(sorted(untraceable), UNTRACEABLE)
    excluded |= _excluded(status, sorted(stations))
    kept: dict[str, Kept] = {}
    dropped: Counter = Counter()
    for name in towers:
        if name in excluded:
            dropped["station_excluded"] += candidates.size
            continue
        times = None if only_times is None else to_ns(only_times.get(name, []))
        kept[name] = _select(stations[name], candidates, times)
        dropped += kept[name].dropped
    counts = {
        "candidate": candidates.size * len(towers),
        "kept": sum(item.time.size for item in kept.values()),
        "dropped": dict(sorted(dropped.items())),
        "kept_by_receptor": {name: int(item.time.size) for name, item in kept.items()},
        "kept_straddling": sum(item.straddling for item in kept.values()),
        "excluded": excluded,
    }
    _log.info("observations of %s: %s", batch.name, json.dumps(counts, sort_keys=True))
    used = {name: item for name, item in kept.items() if item.time.size}
    if not used:
        message = (
            f"batch must hold at least one usable hour; got none of {counts['candidate']} in "
            f"{batch.name} (dropped: {counts['dropped']}). Look at the network's status and at "
            "stations.local_hours."
        )
        raise ValueError(message)
    return _dataset(stations, used, counts)


def candidate_hours(
    batch: Period, local_hours: tuple[int, int], utc_offset_hours: float
) -> np.ndarray:
    """Return the hours of a batch that lie in the chosen part of the local day.

    Parameters
    ----------
    batch : Period
    local_hours : tuple of int
        First hour and hour after the last.
    utc_offset_hours : float
        Local time minus UTC.

    Returns
    -------
    ndarray (hour,), datetime64[ns]
        Starts, UTC, of whole hours inside the batch.
    """
    start, end = to_ns([batch.start, batch.end])
    first = (start + HOUR - np.timedelta64(1, "ns")).astype("datetime64[h]")
    hours = to_ns(np.arange(first, end.astype("datetime64[h]")))
    local = hours + np.timedelta64(round(utc_offset_hours * 3600), "s")
    hour_of_day = (local - local.astype("datetime64[D]")) // HOUR
    return hours[(hour_of_day >= local_hours[0]) & (hour_of_day < local_hours[1])]


def _one_scale(stations: Mapping[str, xr.Dataset]) -> None:
    """Refuse to mix calibration scales; background stations count too."""
    scales = {name: stations[name].attrs["calibration_scale"] for name in sorted(stations)}
    if len(set(scales.values())) > 1:
        message = (
            f"all stations must be on one calibration scale; got {scales} in the registry. "
            "Declare convert_to where the scale differs."
        )
        raise ValueError(message)


def _excluded(status: xr.Dataset, names: list[str]) -> dict[str, str]:
    """Return the reason of each excluded station."""
    listed = status["station"].values.tolist()
    unknown = [name for name in names if name not in listed]
    if unknown:
        message = (
            f"network status must judge every station; got nothing on {unknown} in "
            "network_status. Run the monitor on the same stations."
        )
        raise ValueError(message)
    out = zip(listed, status["excluded"].values, status["reason"].values, strict=True)
    return {name: str(reason) for name, bad, reason in out if bad and name in names}


def _select(station: xr.Dataset, candidates: np.ndarray, times: np.ndarray | None) -> Kept:
    """Choose hours of one station and count the others by reason."""
    dropped: Counter = Counter()
    wanted = candidates
    if times is not None:
        wanted = candidates[np.isin(candidates, times)]
        dropped["no_footprint"] += candidates.size - wanted.size
    inside = wanted[np.isin(wanted, station["time"].values)]
    dropped["outside_record"] += wanted.size - inside.size
    rows = np.searchsorted(station["time"].values, inside)
    flag = station["quality_flag"].values[rows].astype(np.int64)
    good = usable(flag)
    dropped.update(first_bad(int(word)) or "not_usable" for word in flag[~good])
    rows = rows[good]
    error = station["standard_error"].values[rows]
    value, spread = station["mole_fraction"].values[rows], station["spread"].values[rows]
    return Kept(
        time=to_ns(station["time"].values[rows]),
        mole_fraction=value,
        instrument_error=np.sqrt(_registry_error(station) ** 2 + error**2),
        spread=spread,
        straddling=int(np.count_nonzero(flag[good] & FLAGS["straddles"])),
        dropped=+dropped,
    )


def _registry_error(station: xr.Dataset) -> float:
    """Return the instrument's own error, umol mol-1."""
    error = float(station.attrs.get("instrument_error", np.nan))
    if not error > 0:
        message = (
            "station must have an attribute instrument_error > 0 (umol mol-1); got "
            f"{error} in {station.attrs['station']}. State the error of an hourly mean there."
        )
        raise ValueError(message)
    return error


def _inlet(station: xr.Dataset) -> float:
    """Return the one inlet height of a record, m."""
    heights = np.unique(station["inlet_height"].values)
    if heights.size != 1:
        message = (
            f"station must have one inlet height; got {heights.tolist()} m in "
            f"{station.attrs['station']}. Give each inlet a record of its own."
        )
        raise ValueError(message)
    return float(heights[0])


def _dataset(stations: Mapping[str, xr.Dataset], used: dict[str, Kept], counts: dict) -> xr.Dataset:
    """Return the contract's dataset."""
    receptors = list(used)
    sizes = [item.time.size for item in used.values()]
    time = np.concatenate([item.time for item in used.values()])
    names = np.repeat(receptors, sizes)
    stamps = np.char.replace(np.datetime_as_string(time, unit="h"), "-", "")
    facts = {name: stations[name].attrs for name in receptors}
    inlets = np.array([_inlet(stations[name]) for name in receptors])
    ppm = {"units": _PPM}

    def joined(field: str) -> np.ndarray:
        return np.concatenate([getattr(item, field) for item in used.values()])

    def fact(key: str, units: str) -> tuple:
        return (
            "receptor",
            np.array([float(facts[name][key]) for name in receptors]),
            {"units": units},
        )

    variables = {
        "obs_id": ("obs", np.char.add(np.char.add(names, "_"), stamps)),
        "time": ("obs", time),
        "time_bounds": (("obs", "bounds"), np.stack([time, to_ns(time + HOUR)], axis=1)),
        "receptor_index": ("obs", np.repeat(np.arange(len(receptors)), sizes).astype(np.int32)),
        "mole_fraction": ("obs", joined("mole_fraction"), ppm),
        "instrument_error": ("obs", joined("instrument_error"), ppm),
        "spread": ("obs", joined("spread"), ppm),
        "receptor": ("receptor", np.array(receptors)),
        "latitude": fact("latitude", "degrees_north"),
        "longitude": fact("longitude", "degrees_east"),
        "ground_height": fact("ground_height", "m"),
        "inlet_height": ("receptor", inlets, {"units": "m"}),
        "instrument_class": (
            "receptor",
            np.array([str(facts[name].get("instrument_class", UNKNOWN)) for name in receptors]),
        ),
    }
    synthetic = any(stations[name].attrs["synthetic"] == "yes" for name in receptors)
    attributes = {
        "synthetic": "yes" if synthetic else "no",
        "calibration_scale": str(facts[receptors[0]]["calibration_scale"]),
        "counts": json.dumps(counts, sort_keys=True),
    }
    return xr.Dataset(variables, attrs=attributes)
