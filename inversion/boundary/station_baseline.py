"""In come reference stations' baselines; out goes the background at each observation hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.background import BackgroundSettings

VARIABLES = ("baseline", "baseline_standard_deviation")
HOUR_NS = 3_600_000_000_000


def station_baseline(
    observations: xr.Dataset, stations: dict[str, xr.Dataset], section: BackgroundSettings
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return the mean of the reference stations' baselines at each observation.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations.
    stations : dict of Dataset ``station``
        With ``baseline`` and ``baseline_standard_deviation`` [umol mol-1] where referred to.
    section : BackgroundSettings
        ``stations`` (names, or "own" for each receptor's own record) and ``max_gap_hours``.

    Returns
    -------
    mean, standard_deviation : ndarray, (n,)
        [umol mol-1]
    used : tuple of str
        Reference stations, sorted by name.

    Raises
    ------
    ValueError
        Where a station or its baseline is absent, or an hour lies outside its record or in a gap
        longer than ``max_gap_hours``.

    Notes
    -----
    Between two hours of a record both values are interpolated linearly.

    ASSUME: the errors of several baselines are fully correlated, so the standard deviation of
    their mean is the mean of their standard deviations.
    """
    times = observations["time"].to_numpy().astype("datetime64[ns]")
    if section.stations != "own":
        used = tuple(sorted(section.stations))
        records = [_interpolate(stations, name, times, section.max_gap_hours) for name in used]
        mean, standard_deviation = np.mean(records, axis=0)
        return mean, standard_deviation, used
    receptors = observations["receptor"].to_numpy().astype(str)
    index = observations["receptor_index"].to_numpy()
    values = np.empty((2, len(times)))
    present = np.unique(index)
    for number in present:
        rows = index == number
        name = str(receptors[number])
        values[:, rows] = _interpolate(stations, name, times[rows], section.max_gap_hours)
    return values[0], values[1], tuple(sorted(receptors[present].tolist()))


def _interpolate(
    stations: dict[str, xr.Dataset], name: str, times: np.ndarray, max_gap_hours: float
) -> np.ndarray:
    """Return baseline and standard deviation (2, k) of one station at k times."""
    record = _record(stations, name)
    hours = record["time"].to_numpy().astype("datetime64[ns]").astype(np.int64)
    wanted = times.astype(np.int64)
    after = np.searchsorted(hours, wanted)
    exact = hours[np.minimum(after, len(hours) - 1)] == wanted
    inside = (after > 0) & (after < len(hours))
    gap = np.zeros(len(wanted))
    gap[inside] = (hours[after[inside]] - hours[after[inside] - 1]) / HOUR_NS
    refused = ~exact & (~inside | (gap > max_gap_hours))
    if refused.any():
        shown = ", ".join(f"{time:%Y-%m-%dT%H:%MZ}" for time in _datetimes(times[refused][:5]))
        msg = (
            f"the baseline must cover every observation within {max_gap_hours:g} h gaps; got "
            f"{int(refused.sum())} hours without one ({shown}) in station {name}. Name another "
            "reference station, or raise background.max_gap_hours."
        )
        raise ValueError(msg)
    return np.array([np.interp(wanted, hours, record[variable]) for variable in VARIABLES])


def _record(stations: dict[str, xr.Dataset], name: str) -> xr.Dataset:
    """Return the record of a station, with a baseline, or refuse."""
    if name not in stations:
        msg = (
            f"background.stations must name stations of the registry; got {name!r}, which is not "
            f"among {sorted(stations)} in the station files. Correct the name or add the station."
        )
        raise ValueError(msg)
    record = stations[name]
    missing = [variable for variable in VARIABLES if variable not in record]
    if missing:
        msg = (
            f"a reference station must have a baseline; got a record without {missing} in station "
            f"{name}. Ask for a baseline in its settings, or name another reference station."
        )
        raise ValueError(msg)
    return record


def _datetimes(times: np.ndarray) -> list:
    """Return times as objects that know how to write themselves."""
    return times.astype("datetime64[s]").astype(object).tolist()
