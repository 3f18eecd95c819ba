"""Real footprints, a prior and settings come in; made raw records, their truth and drawn truths go out."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter1d

from synthetic.forward import Forward, forward_of
from synthetic.network import Station
from synthetic.noise import Noise, NoiseSource, air_at
from synthetic.record_family import RecordFamily, RecordTruth, family_of, implied_spread
from synthetic.record_text import record_text
from synthetic.record_totals import true_totals
from synthetic.record_truths import truth_dataset, truths_dataset
from synthetic.streams import stream

logger = logging.getLogger(__name__)

HOUR = np.timedelta64(1, "h")


@dataclass(frozen=True)
class Scene:
    """What all truths share: how hours see the ground, and the days around them.

    Attributes
    ----------
    family : RecordFamily
    forward : Forward
        n recorded hours.
    first : numpy.datetime64
        Local midnight at which the timeline begins, UTC.
    n_day : int
        Local days of the timeline.
    """

    family: RecordFamily
    forward: Forward
    first: np.datetime64
    n_day: int

    @property
    def settings(self) -> Any:
        """The section `synthetic_records`."""
        return self.family.settings

    @property
    def towers(self) -> tuple[str, ...]:
        """Stations with footprints, sorted."""
        return tuple(np.unique(self.forward.station).tolist())

    @property
    def hour(self) -> np.ndarray:
        """Place of each recorded hour on the timeline, (n,)."""
        return ((self.forward.time - self.first) // HOUR).astype(int)

    def inflow(self) -> np.ndarray:
        """Return the incoming air of the timeline, (24 n_day,), umol mol-1; of all truths.

        White noise under a Gaussian filter, scaled by the filter's own gain, so that a few days
        have the stated standard deviation as well as a month.
        """
        section, count = self.settings.background, 24 * self.n_day
        impulse = np.zeros(count)
        impulse[0] = 1.0
        white = stream(self.settings.seed, "background").standard_normal(count)
        smooth, response = (
            gaussian_filter1d(series, 24.0 * section.synoptic_days / 2.0, mode="wrap")
            for series in (white, impulse)
        )
        return section.mean_ppm + section.synoptic_ppm * smooth / np.sqrt((response**2).sum())

    def errors(self, *names: str | int) -> Noise:
        """Draw the errors of the recorded hours, each array (n,)."""
        source = NoiseSource(self.settings.seed, self.settings.noise, self.towers, self.n_day)
        drawn, hour = source.draw(*names), self.hour
        site = np.searchsorted(self.towers, self.forward.station)
        return Noise(
            transport=drawn.transport[site, hour],
            local=drawn.local[site, hour],
            instrument=drawn.instrument[site, hour],
            common=drawn.common[hour],
        )

    def recorded(self, truth: RecordTruth, *names: str | int) -> np.ndarray:
        """Return what the towers record of a truth, all errors included, (n,) umol mol-1."""
        errors = self.errors(*names)
        enhancement = truth.transport * self.forward.enhancement(truth.flux)
        return air_at(errors, self.inflow()[self.hour], enhancement) + errors.instrument


@dataclass(frozen=True)
class Records:
    """All that is made.

    Attributes
    ----------
    texts : dict of str to str
        Name of each raw file to its text.
    truth : Dataset `truth`
    truths : Dataset `truths`
    """

    texts: dict[str, str]
    truth: xr.Dataset
    truths: xr.Dataset


def plan_scene(
    footprints: Sequence[xr.Dataset], prior: xr.Dataset, settings: Any, utc_offset_hours: float
) -> Scene:
    """Return what all truths share.

    Parameters
    ----------
    footprints : sequence of Dataset `footprints`
        One per tower, for every hour that shall be recorded.
    prior : Dataset `prior`
        Of the one batch.
    settings : SyntheticRecordsSettings
    utc_offset_hours : float
        Local time minus UTC: the error of the inflow changes from local day to local day.

    Returns
    -------
    Scene
    """
    forward = forward_of(footprints, prior)
    offset = np.timedelta64(round(utc_offset_hours * 3600), "s")
    days = (forward.time + offset).astype("datetime64[D]")
    around = np.timedelta64(settings.days_around, "D")
    first = days.min() - around
    n_day = int((days.max() + around - first) / np.timedelta64(1, "D")) + 1
    return Scene(
        family_of(prior, settings), forward, first.astype("datetime64[ns]") - offset, n_day
    )


def make_records(
    footprints: Sequence[xr.Dataset],
    prior: xr.Dataset,
    network: Sequence[Station],
    settings: Any,
    utc_offset_hours: float,
) -> Records:
    """Make the raw records of a network whose footprints are real, and truths for a certificate.

    Parameters
    ----------
    footprints : sequence of Dataset `footprints`
        One per tower of the network, for every hour that shall be recorded.
    prior : Dataset `prior`
        Mean of the family of truths.
    network : sequence of Station
        Towers, and the background stations that see the inflow.
    settings : SyntheticRecordsSettings
    utc_offset_hours : float

    Returns
    -------
    Records
        The same input gives the same bytes.

    Raises
    ------
    ValueError
        Where towers and footprints are not of the same stations.
    """
    scene = plan_scene(footprints, prior, settings, utc_offset_hours)
    towers = tuple(sorted(station.name for station in network if station.role == "tower"))
    if towers != scene.towers:
        msg = (
            f"made records must have footprints of every tower; got footprints of "
            f"{', '.join(scene.towers)} for the towers {', '.join(towers)} in stations.registry. "
            "Correct places and inlet heights, or leave the tower out."
        )
        raise ValueError(msg)
    one = scene.family.draw("truth")
    truths, records = [], np.empty((settings.draws, len(scene.forward.time)))
    totals = []
    for number in range(settings.draws):
        drawn = scene.family.draw("draw", number)
        records[number] = scene.recorded(drawn, "draw", number)
        totals.append(true_totals(drawn.flux, prior))
        truths.append(drawn.transport)
    logger.info("made %d hours of %d towers, %d truths", len(scene.hour), len(towers), len(truths))
    drawn = truths_dataset(scene.forward, prior, records, np.stack(totals), np.array(truths))
    return Records(
        texts={station.file: _text(station, scene, one) for station in network},
        truth=truth_dataset(one, prior).assign_attrs(family=family_text(settings)),
        truths=drawn.assign_attrs(family=family_text(settings), **_facts(scene)),
    )


def _facts(scene: Scene) -> dict[str, str | float]:
    """Return what the family implies for totals, and what the footprints see of emissions."""
    spread, forward = implied_spread(scene.family), scene.forward
    share = forward.inside / (forward.inside + forward.beyond + forward.before)
    return {
        "implied_relative_sd": json.dumps({"all": spread.whole, **spread.sectors}),
        "inside_share_minimum": float(share.min()),
        "inside_share_median": float(np.median(share)),
        "inside_share_maximum": float(share.max()),
        "hours_that_reach_before_the_periods": int((forward.before > 0).sum()),
    }


def _text(station: Station, scene: Scene, truth: RecordTruth) -> str:
    """Return the raw file of one station."""
    rng = stream(scene.settings.seed, "file", station.name)
    if station.role == "tower":
        mine = scene.forward.station == station.name
        return record_text(
            station.name, scene.forward.time[mine], scene.recorded(truth, "truth")[mine], rng
        )
    inflow = scene.inflow()
    noise = scene.settings.background.station_noise_ppm * rng.standard_normal(len(inflow))
    time = scene.first + np.arange(len(inflow)) * HOUR
    return record_text(station.name, time, inflow + noise, rng)


def family_text(settings: Any) -> str:
    """Return the family of truths in one line.

    Parameters
    ----------
    settings : SyntheticRecordsSettings

    Returns
    -------
    str
    """
    family, noise = settings.family, settings.noise
    return (
        f"log-normal factors around the prior, log sd: all sectors {family.common_log_sd:g}, sector "
        f"{family.sector_log_sd:g}, smooth field {family.smooth_log_sd:g} "
        f"({family.smooth_length_km:g} km), day {family.daily_log_sd:g}; transport: common "
        f"{settings.transport_common_relative:g}, hourly {noise.transport_relative:g} of the "
        "enhancement; emissions and sensitivity outside the grid: none"
    )
