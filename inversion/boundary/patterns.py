"""Times and places of observations come in; the patterns in which the background may err go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.background import BackgroundSettings

EARTH_RADIUS_M = 6_371_000.0
UNIT_M = 100_000.0
_EPOCH = np.datetime64("1970-01-01", "h")
_DAY_HOURS = 24
DIRECTIONS = ("west_east", "south_north")


@dataclass(frozen=True)
class Pattern:
    """Parameters of one kind, each with one column.

    Attributes
    ----------
    kind : str
        ``background`` (an offset) or ``gradient``.
    names : tuple of str, (k,)
        ``<kind>_<label>``.
    columns : ndarray, (n, k)
        Change of the background per unit of the parameter [1].
    standard_deviation : float
        Of each parameter [umol mol-1]; for a gradient, over 100 km.
    """

    kind: str
    names: tuple[str, ...]
    columns: np.ndarray
    standard_deviation: float


def patterns_of(
    observations: xr.Dataset, section: BackgroundSettings, utc_offset_hours: float
) -> list[Pattern]:
    """Return the patterns of the background's error that are switched on.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations with their times and the places of their receptors.
    section : BackgroundSettings
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    list of Pattern
        Offsets by period, then gradients by period, then gradients common to the batch.

    Notes
    -----
    SCIENCE 2.4 and 2.15.1: the error of the inflow is linear in space, beta_0 + beta_1 east +
    beta_2 north, anew in each period, plus a gradient that lasts the whole batch.
    """
    labels, member = periods_of(
        observations["time"].to_numpy(), section.offset_period_hours, utc_offset_hours
    )
    distance = dict(zip(DIRECTIONS, distances(observations).T / UNIT_M, strict=True))
    gradient = section.gradient
    found = [_by_period("background_offset", labels, member, section.daily_offset_sd_umol_mol)]
    for direction in DIRECTIONS:
        deviation = getattr(gradient, f"{direction}_sd_umol_mol_per_100km")
        columns = member * distance[direction][:, None]
        found.append(_by_period(f"gradient_{direction}", labels, columns, deviation))
    for direction in DIRECTIONS:
        deviation = getattr(gradient, f"common_{direction}_sd_umol_mol_per_100km")
        column = distance[direction][:, None]
        found.append(_by_period(f"gradient_{direction}", ["common"], column, deviation))
    return [pattern for pattern in found if pattern.standard_deviation > 0.0]


def _by_period(stem: str, labels: list[str], columns: np.ndarray, standard_deviation: float):
    """Return one parameter for each label; the first word of the stem is the kind."""
    kind = stem.split("_", 1)[0]
    return Pattern(kind, tuple(f"{stem}_{label}" for label in labels), columns, standard_deviation)


def periods_of(
    times: np.ndarray, period_hours: int, utc_offset_hours: float
) -> tuple[list[str], np.ndarray]:
    """Return the periods that hold an observation, and which holds which.

    Parameters
    ----------
    times : ndarray of datetime64, (n,)
        UTC.
    period_hours : int
        Divides 24 or is a multiple of it.
    utc_offset_hours : float
        Local time minus UTC [h].

    Returns
    -------
    labels : list of str, (k,)
        Local start of each period, ascending: a date, with the hour where periods are shorter.
    member : ndarray, (n, k)
        1 where the period holds the observation, else 0.

    Notes
    -----
    Periods are counted from local midnight of 1 January 1970, so that they do not depend on which
    hours were observed, and neighbouring batches share them.
    """
    offset = np.timedelta64(round(utc_offset_hours * 3600), "s")
    local = (times.astype("datetime64[ns]") + offset).astype("datetime64[h]")
    number, index = np.unique(
        (local - _EPOCH).astype(np.int64) // period_hours, return_inverse=True
    )
    starts = _EPOCH + number * period_hours
    if period_hours % _DAY_HOURS == 0:
        starts = starts.astype("datetime64[D]")
    labels = np.datetime_as_string(starts).tolist()
    return labels, (index[:, None] == np.arange(len(labels))).astype(np.float64)


def distances(observations: xr.Dataset) -> np.ndarray:
    """Return how far east and north of the network's centre each observation was made.

    Parameters
    ----------
    observations : Dataset ``observations``
        ``latitude`` and ``longitude`` of r receptors.

    Returns
    -------
    ndarray, (n, 2)
        East and north [m] of the receptors' mean place, on the plane that touches the Earth there.

    Notes
    -----
    A network of some hundred kilometres is flat enough: at 45 degrees, 200 km from the centre,
    the plane is off by about 3 %, which is less than a gradient is linear.
    """
    latitude, longitude = (
        np.deg2rad(observations[name].to_numpy()) for name in ("latitude", "longitude")
    )
    north = EARTH_RADIUS_M * (latitude - latitude.mean())
    # a network may lie across the 180th meridian
    turned = np.angle(np.exp(1j * (longitude - longitude[0])))
    east = EARTH_RADIUS_M * np.cos(latitude.mean()) * (turned - turned.mean())
    return np.stack([east, north], axis=1)[observations["receptor_index"].to_numpy()]
