"""First and last hours of a network's records come in; the clock by which they were cut goes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import xarray as xr

from stations.evidence import NONE_SEEN, SUSPECTED, UNTOLD, Evidence

_ZONES = np.arange(-12.0, 14.5, 0.5)  # h, local time minus UTC
_NEAR = 1.5  # h by which a legal clock may differ from the sun


def window_edges(stations: Mapping[str, xr.Dataset]) -> Evidence:
    """Say whether the records span calendar months of a clock that is not the network's.

    Parameters
    ----------
    stations : mapping of str to Dataset
        Contract `station`.

    Returns
    -------
    Evidence
        suspected where most towers start and end at the turn of a month at UTC + z, z neither 0
        nor near the sun's time at the place; offset is what the stamps would be late if the
        window had been meant in the sun's time. The window alone cannot tell a wrong stamp from
        a request made by another clock.
    """
    towers = [ds for _, ds in sorted(stations.items()) if ds.attrs["role"] == "tower"]
    hour = np.timedelta64(1, "h").astype("timedelta64[ns]")
    spans = Counter((ds["time"].values[0], ds["time"].values[-1] + hour) for ds in towers)
    if not spans:
        return Evidence("window", "", UNTOLD)
    (start, end), count = max(spans.items(), key=lambda item: (item[1], -int(item[0][0])))
    zone = zone_of_months(start, end)
    if zone is None or 2 * count <= len(towers):
        return Evidence("window", "", UNTOLD)
    sun = float(np.median([ds.attrs["longitude"] for ds in towers])) / 15.0
    if zone == 0 or abs(zone - sun) <= _NEAR:
        return Evidence("window", "", NONE_SEEN)
    seconds = [np.datetime_as_string(edge, unit="m") for edge in (start, end)]
    note = f"{count}|{len(towers)}|{seconds[0]}Z|{seconds[1]}Z|{zone:g}|{round(sun)}"
    return Evidence("window", "", SUSPECTED, offset=round(sun) - zone, note=note)


def zone_of_months(start: np.datetime64, end: np.datetime64) -> float | None:
    """Return the offset from UTC at which an interval is made of whole calendar months.

    Parameters
    ----------
    start, end : datetime64
        UTC; the end is not included.

    Returns
    -------
    float or None, h

    Examples
    --------
    >>> zone_of_months(np.datetime64("2022-01-01T08"), np.datetime64("2022-02-01T08"))
    -8.0
    >>> zone_of_months(np.datetime64("2022-01-01T08"), np.datetime64("2022-02-01T07")) is None
    True
    """
    for zone in _ZONES:
        shift = np.timedelta64(round(zone * 3600), "s")
        edges = np.array([start, end]).astype("datetime64[s]") + shift
        if (edges == edges.astype("datetime64[M]").astype("datetime64[s]")).all():
            return float(zone)
    return None
