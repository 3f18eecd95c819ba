"""Observations, meteorology and a grid come in; footprints of the particle model go out.

ASSUME: emissions enter at the ground, or in the elevated layers that the settings name.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.progress import Progress
from transport.particles.air import HOUR, Weather, air_between, checked
from transport.particles.cells import Lines, empty_sums
from transport.particles.doors import lines_of, refuse_uncovered, refuse_unfit, site_of
from transport.particles.flight import Releases, fly
from transport.particles.kept import Kept
from transport.particles.model import model_of
from transport.particles.normals import key_of, uniforms
from transport.particles.product import Flown, dataset_of, flown_of
from transport.particles.wind import Air, instant, surface_at

logger = logging.getLogger(__name__)
DAY = np.timedelta64(1, "D")
HOUR_S = 3600.0


@dataclass(frozen=True)
class Site:
    """One receptor.

    Attributes
    ----------
    name : str
    row, column : float
        Place on the grid's CRS [m].
    inlet : float
        Height above ground [m].
    """

    name: str
    row: float
    column: float
    inlet: float


def read_footprints(
    observations: xr.Dataset,
    meteorology: xr.Dataset | None,
    grid: Any,
    section: Any,
    files: Sequence[str | Path],
    keep: Path | None = None,
) -> xr.Dataset:
    """Return the footprints of one station's observations.

    Parameters
    ----------
    observations : Dataset `observations`
        Rows of one receptor, each an hour that starts on the clock.
    meteorology : Dataset `meteorology`
        With what `transport.particles.air` needs.
    grid : contracts.grid.Grid
        A projected one with evenly spaced cells, metres.
    section : TransportSettings
        `hours_back` and `particles` (ParticleSettings).
    files : sequence of path
        Not used: footprints are computed.
    keep : Path, optional
        Folder of hours that were computed before; each new one is written there at once.

    Returns
    -------
    xarray.Dataset
        `footprints` with hourly lag bins; sensitivity to emissions [m2 s mol-1] of the mole
        fraction in dry air, its noise, exit points and elevated layers.

    Raises
    ------
    ValueError
        Where the meteorology lacks something, lies on another CRS or does not cover the window.

    Notes
    -----
    Particles start evenly over the observation hour; lag j holds what was emitted in the clock
    hour j before it. Each hour flies with random numbers of its own (seed, receptor, hour), so
    the result does not depend on threads, on order or on what else is computed.
    Memory: the weather of one day and its windows (16 bytes for each instant, level and point), and
    for each thread 16 bytes for each lag and cell, 8 more for each elevated layer.
    ASSUME: the inlet is as high above the displacement height as above ground less the latter.
    """
    del files
    refuse_unfit(meteorology, grid)
    weather = checked(meteorology)
    site = Site(*site_of(observations, grid))
    time = observations["time"].to_numpy().astype("datetime64[ns]")
    refuse_uncovered(weather, time, section.hours_back, site)
    lines = lines_of(grid, section.particles.layer_edges_m)
    kept = _kept(keep, weather, site, section, grid) if keep is not None else None
    flown: list[Flown | None] = [kept.load(hour) if kept else None for hour in time]
    missing = np.flatnonzero([one is None for one in flown])
    if kept and kept.found:
        logger.info("footprints of %s: %d hours found on disk", site.name, kept.found)
    progress, done = Progress(f"footprints of {site.name}", max(len(missing), 1)), count(1)
    with ThreadPoolExecutor(section.particles.threads) as pool:
        for part, air, first in _days(weather, time[missing], section.hours_back):
            rows = missing[part]
            fly_hour = partial(_fly_hour, air, first, site=site, section=section, lines=lines)
            for row, one in zip(rows, pool.map(fly_hour, time[rows]), strict=True):
                flown[row] = one
                if kept:
                    kept.save(time[row], one)
                progress.done(next(done))
    result = dataset_of(observations, flown, grid, section, weather)
    logger.info("footprints: %d rows; %s", len(time), result.attrs["counts"])
    return result


def _kept(keep: Path, weather: Weather, site: Site, section: Any, grid: Any) -> Kept:
    """Return the hours on disk, each under the hash of all that decides it."""
    settings = section.particles.model_dump(mode="json")
    settings.pop("threads")  # decides nothing but the time it takes
    about = {
        "particles": settings,
        "hours_back": section.hours_back,
        "site": asdict(site),
        "crs": grid.crs,
        "rows": grid.row_edges.tolist(),
        "columns": grid.column_edges.tolist(),
    }
    return Kept(keep, about, weather, section.hours_back)


def _days(
    weather: Weather, time: np.ndarray, hours: int
) -> Iterator[tuple[np.ndarray, Air, np.datetime64]]:
    """Yield the rows of a day and the weather of its windows: no more of it is unpacked at once."""
    day = time.astype("datetime64[D]")
    for one in np.unique(day):
        rows = np.flatnonzero(day == one)
        start, end = time[rows].min() - (hours - 1) * HOUR, time[rows].max() + HOUR
        yield (rows, *air_between(weather, start, end))


def _fly_hour(
    air: Air, first: np.datetime64, time: np.datetime64, *, site: Site, section: Any, lines: Lines
) -> Flown:
    """Return what the particles of one observation hour did."""
    settings = section.particles
    air = air._replace(hour=int((first - time) // HOUR))
    half = instant(air, 0, 0.5 * HOUR_S)
    lid, _, _, _, displacement, _ = surface_at(air, half, site.row, site.column)
    height = site.inlet - displacement
    if not 0.0 < height < air.level[-1] - displacement:
        msg = (
            "the inlet must lie above the displacement height and below the highest level; got "
            f"{site.inlet} m beside {displacement:.1f} m and {air.level[-1]:.0f} m at {site.name}, "
            f"{time}. Correct the inlet's height or the meteorology."
        )
        raise ValueError(msg)
    releases = releases_of(settings, site, height, time)
    model = model_of(settings, section.hours_back, height)
    sums = empty_sums(section.hours_back, lines, settings.number)
    fly(air, model, lines, releases, sums)
    return flown_of(sums, releases, bool(site.inlet > lid))


def releases_of(settings: Any, site: Site, height: float, time: np.datetime64) -> Releases:
    """Return particles that start evenly over the observation hour.

    Parameters
    ----------
    settings : ParticleSettings
    site : Site
    height : float
        Above the displacement height [m].
    time : datetime64[ns]
        Start of the hour.

    Returns
    -------
    Releases
        Particle i of n starts at a random time of the i-th n-th of the hour.
    """
    number = settings.number
    key = key_of(settings.seed, site.name, time)
    # stream `number` is no particle's: it draws the moments of release
    elapsed = (np.arange(number) + uniforms(key, number, number)) / number * HOUR_S
    return Releases(
        key=key,
        elapsed=elapsed,
        row=np.full(number, site.row),
        column=np.full(number, site.column),
        height=np.full(number, float(height)),
    )
