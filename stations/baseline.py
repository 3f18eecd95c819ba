"""An hourly record comes in; the smooth air behind it, with its standard deviation, goes out.

One method: a rolling percentile of the station's own usable hours, smoothed by a
Gaussian. A low percentile of a tower follows the air that no nearby source has touched;
the median of a background station follows that station.
ASSUME: the cleanest hours of the window stand for the air that enters the domain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contracts.settings.stations import BaselineSettings

_HOUR = np.timedelta64(1, "h")
_NODES_PER_WINDOW = 16  # nodes per half window; the smoothing is wider than their distance
_MAD_TO_SD = 1.0 / 0.6745  # of a normal distribution


@dataclass(frozen=True)
class Baseline:
    """A baseline at every hour.

    Attributes
    ----------
    value, standard_deviation : ndarray (time,), umol mol-1
        Finite.
    extended_hours : int
        Hours whose window held too few usable hours: value between the nearest windows,
        standard deviation grown with the distance from them.
    """

    value: np.ndarray
    standard_deviation: np.ndarray
    extended_hours: int


def baseline(
    time: np.ndarray,
    value: np.ndarray,
    good: np.ndarray,
    longitude: float,
    settings: BaselineSettings,
) -> Baseline | None:
    """Return the rolling percentile baseline of a record.

    Parameters
    ----------
    time : ndarray (time,), datetime64[ns]
        Starts of consecutive hours, UTC.
    value : ndarray (time,), umol mol-1
    good : ndarray (time,), bool
        Usable hours.
    longitude : float, degrees east
        Solar time = UTC + longitude / 15, to the hour.
    settings : BaselineSettings

    Returns
    -------
    Baseline or None
        None if no window holds `minimum_hours` usable hours.

    Notes
    -----
    Percentile in windows of ± half_window_days at nodes, Gaussian-weighted mean of the
    nodes (sd smoothing_days), linear between nodes. Variance = floor² + scatter² + wander²:
    scatter is median(-r | r < 0) / 0.6745 of the residuals below the baseline in the window
    (the half-normal scale, as in robust baseline extraction, Ruckstuhl et al. 2012, Atmos.
    Meas. Tech. 5, 2613-2624); wander is the rms difference of raw and smoothed nodes.
    """
    hour = (time - time[0]) / _HOUR
    solar = ((time.astype("datetime64[h]").astype(np.int64)) + round(longitude / 15.0)) % 24
    first, after = settings.solar_hours
    at = np.flatnonzero(good & (solar >= first) & (solar < after))
    half = settings.half_window_days * 24.0
    spacing = max(1.0, half / _NODES_PER_WINDOW)
    nodes = np.arange(0.0, hour[-1] + spacing, spacing)
    level = _percentiles(hour[at], value[at], nodes, settings)
    held = np.isfinite(level)
    if not held.any():
        return None
    smooth = _smoothed(nodes[held], level[held], settings.smoothing_days * 24.0)
    middle = np.interp(hour, nodes[held], smooth)
    scatter = _scatter(hour[at], (value - middle)[at], nodes[held], half)
    wander = _rolling_rms(nodes[held], level[held] - smooth, half)
    distance = _distance(hour, nodes[held], spacing)
    variance = (
        settings.sd_floor_umol_mol**2
        + np.interp(hour, nodes[held], scatter) ** 2
        + np.interp(hour, nodes[held], wander) ** 2
        + settings.gap_growth_umol_mol**2 * distance / 24.0
    )
    return Baseline(middle, np.sqrt(variance), int(np.count_nonzero(distance)))


def _window(position: np.ndarray, node: float, half: float) -> slice:
    """Return the entries of a sorted array within `half` of a node."""
    return slice(
        int(np.searchsorted(position, node - half)),
        int(np.searchsorted(position, node + half, side="right")),
    )


def _percentiles(
    hour: np.ndarray, value: np.ndarray, nodes: np.ndarray, settings: BaselineSettings
) -> np.ndarray:
    """Return the percentile at each node, NaN where the window holds too few hours."""
    half = settings.half_window_days * 24.0
    level = np.full(nodes.size, np.nan)
    for k, node in enumerate(nodes):
        inside = value[_window(hour, node, half)]
        if inside.size >= settings.minimum_hours:
            level[k] = np.percentile(inside, settings.percentile)
    return level


def _smoothed(nodes: np.ndarray, level: np.ndarray, width: float) -> np.ndarray:
    """Return the Gaussian-weighted mean of the nodes around each node."""
    smooth = np.empty(nodes.size)
    for k, node in enumerate(nodes):
        near = _window(nodes, node, 4.0 * width)
        weight = np.exp(-0.5 * ((nodes[near] - node) / width) ** 2)
        smooth[k] = weight @ level[near] / weight.sum()
    return smooth


def _scatter(hour: np.ndarray, residual: np.ndarray, nodes: np.ndarray, half: float) -> np.ndarray:
    """Return the half-normal scale of the residuals below the baseline around each node."""
    scale = np.zeros(nodes.size)
    for k, node in enumerate(nodes):
        inside = residual[_window(hour, node, half)]
        below = inside[inside < 0]
        if below.size:
            scale[k] = np.median(-below) * _MAD_TO_SD
    return scale


def _rolling_rms(nodes: np.ndarray, difference: np.ndarray, half: float) -> np.ndarray:
    """Return the root mean square of the differences within `half` of each node."""
    return np.array(
        [np.sqrt(np.mean(difference[_window(nodes, node, half)] ** 2)) for node in nodes]
    )


def _distance(hour: np.ndarray, nodes: np.ndarray, spacing: float) -> np.ndarray:
    """Return the hours to the nearest node, 0 where it is one of the two around the hour."""
    right = np.clip(np.searchsorted(nodes, hour), 0, nodes.size - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.minimum(np.abs(hour - nodes[left]), np.abs(hour - nodes[right]))
    return np.where(nearest <= spacing, 0.0, nearest)
