"""A receptor and the background stations come in; a background of another time, or of another value, goes out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from contracts.settings.stations import ReceptorSettings
from stations.findings import Finding
from stations.flags import usable
from stations.receptors import Receptor, minute

SAME = 1e-4  # of a mole fraction: what float32 and a few printed digits may move it
_HOUR = 3600.0


@dataclass(frozen=True)
class Reading:
    """A station's hour.

    Attributes
    ----------
    station : str
    time : datetime64
    value, sd : float, umol mol-1
    last : bool
        True if it is the last hour of the record.
    """

    station: str
    time: np.datetime64
    value: float
    sd: float
    last: bool


def reading_at(name: str, station: xr.Dataset, time: np.datetime64) -> Reading | None:
    """Return the usable value of the hour that holds an instant.

    Parameters
    ----------
    name : str
    station : Dataset
        Contract `station`.
    time : datetime64

    Returns
    -------
    Reading or None
        sd² = (standard error of the hour)² + (the instrument's own)².
    """
    hour = time.astype("datetime64[h]").astype("datetime64[ns]")
    times = station["time"].values
    k = int(np.searchsorted(times, hour))
    if k >= times.size or times[k] != hour:
        return None
    if not usable(station["quality_flag"].values[k : k + 1].astype(np.int64))[0]:
        return None
    error = float(np.nan_to_num(station["standard_error"].values[k]))
    sd = math.hypot(error, float(station.attrs["instrument_error"]))
    value = float(station["mole_fraction"].values[k])
    return Reading(name, hour, value, sd, last=k == times.size - 1)


def background_at(time: np.datetime64, stations: Mapping[str, xr.Dataset]) -> Reading | None:
    """Return the first background station that has a usable value at an hour.

    Parameters
    ----------
    time : datetime64
    stations : mapping of str to Dataset
        Contract `station`.

    Returns
    -------
    Reading or None
    """
    for name in sorted(stations):
        if stations[name].attrs["role"] == "background":
            reading = reading_at(name, stations[name], time)
            if reading is not None:
                return reading
    return None


def carried_background(
    row: Receptor,
    station: str,
    stations: Mapping[str, xr.Dataset],
    settings: ReceptorSettings,
) -> list[Finding]:
    """Compare the background that a receptor carries with the record.

    Parameters
    ----------
    row : Receptor
    station : str
        Tower at the receptor's place, or empty.
    stations : mapping of str to Dataset
        Contract `station`.
    settings : ReceptorSettings

    Returns
    -------
    list of Finding
        One, of kind carried_background, if its stamp is later than the observation or older
        than the longest travel; or if its value differs from the record by more than so many
        standard deviations: at the stamp where that is possible, else at the observation.
    """
    if not math.isfinite(row.background):
        return []
    hours = None if row.stamp is None else (row.stamp - row.time) / np.timedelta64(1, "h")
    slack = 1.0 + row.rounding_seconds / _HOUR
    possible = hours is not None and -settings.longest_travel_hours - slack <= hours <= slack
    said = [] if hours is None or possible else [_of_another_time(row.stamp, hours)]
    reading = background_at(row.stamp, stations) if possible else None
    reading = reading or background_at(row.time, stations)
    if reading is not None:
        said += _of_another_value(row, reading, settings.standard_errors)
    if not said:
        return []
    origin = _origin(row, stations)
    name, name_local = row.names
    text = (
        f"{name} carries the background {row.background:.2f} umol mol-1, "
        f"{'; '.join(english for english, _ in said)}.{origin[0]} Look the background up again, at "
        "the time of the observation; nothing of this file enters the run."
    )
    text_local = (
        f"{name_local}自带背景值 {row.background:.2f} umol mol-1，"
        f"{'；'.join(chinese for _, chinese in said)}。{origin[1]}"
        "请按观测时间重新查取背景值；该文件的内容不进入本次运行。"
    )
    return [Finding("carried_background", station, text, text_local)]


def _of_another_time(stamp: np.datetime64, hours: float) -> tuple[str, str]:
    """Say that a stamp cannot be the time of the incoming air."""
    side, side_local = ("after", "之后") if hours > 0 else ("before", "之前")
    return (
        f"stamped {minute(stamp)}, {abs(hours):.0f} h {side} the observation",
        f"其时间标记为 {minute(stamp)}，在观测{side_local} {abs(hours):.0f} 小时",
    )


def _of_another_value(row: Receptor, reading: Reading, ratio: float) -> list[tuple[str, str]]:
    """Say that the record holds another value."""
    known = row.background_sd if math.isfinite(row.background_sd) else 0.0
    sd = math.hypot(reading.sd, known)
    difference = row.background - reading.value
    if abs(difference) <= max(ratio * sd, SAME * reading.value):
        return []
    sds = f"{abs(difference) / sd:.0f}" if sd > 0 else "∞"
    facts = f"{reading.value:.2f} ± {reading.sd:.2f} umol mol-1"
    return [
        (
            f"where station {reading.station} reads {facts} at {minute(reading.time)}: "
            f"{difference:+.2f}, {sds} standard deviations",
            f"而背景站 {reading.station} 在 {minute(reading.time)} 为 {facts}：相差 "
            f"{difference:+.2f}，即 {sds} 个标准差",
        )
    ]


def _origin(row: Receptor, stations: Mapping[str, xr.Dataset]) -> tuple[str, str]:
    """Say where in the background record the carried value stands, if at its own stamp."""
    found = None if row.stamp is None else background_at(row.stamp, stations)
    if found is None or abs(found.value - row.background) > SAME * abs(found.value):
        return "", ""
    last, last_local = (", its last hour", "（其最后一小时）") if found.last else ("", "")
    return (
        f" It is what {found.station} reads at {minute(found.time)}{last}.",
        f"该值正是 {found.station} 在 {minute(found.time)}{last_local}的读数。",
    )
