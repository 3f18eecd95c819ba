"""Settings come in; the files of a synthetic city with a known truth go out.

Raw station files, weather, proxies and an inventory table are of the same kinds as real ones.
The truth lies apart, in files that only the certificate and the report read.
"""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from contracts.code import code_hash
from contracts.datasets import write_dataset
from contracts.districts import load_regions
from contracts.files import atomic_path, canonical_hash, write_csv, write_text
from contracts.grid import grid_around
from contracts.periods import batch_period, state_periods
from contracts.provenance import Provenance
from synthetic import city as towns
from synthetic import tables
from synthetic.datasets import proxies_dataset, total_rates, truth_dataset, truths_dataset
from synthetic.formats import writer
from synthetic.hours import make_timeline
from synthetic.influence import Carrier
from synthetic.instruments import Fault, record
from synthetic.network import Station, read_network
from synthetic.noise import NoiseSource, air_at, background_air
from synthetic.profiles import profiles_of
from synthetic.rhythm import make_rhythm
from synthetic.signals import Scene, drawn_enhancements, enhancement
from synthetic.streams import stream
from synthetic.truth import Family
from synthetic.weather import make_weather, weather_dataset

logger = logging.getLogger(__name__)

WEATHER_LEAD_DAYS = 2  # days before the batch that the weather file shows
SECONDS_PER_30_DAYS = 30 * 86400.0


@dataclass(frozen=True)
class Plan:
    """All that is decided before anything is carried or written.

    Attributes
    ----------
    settings : Settings
    network : tuple of Station
        All stations, by name.
    city : City
    scene : Scene
        Its sites are the towers.
    totals : dict of (region, sector) to float, t
        The inventory.
    period_names : tuple of str
    dates : tuple of str
        Local dates of the batch's start and end.
    """

    settings: Any
    network: tuple[Station, ...]
    city: towns.City
    scene: Scene
    totals: dict[tuple[str, str], float]
    period_names: tuple[str, ...]
    dates: tuple[str, str]

    @property
    def family(self) -> Family:
        """The family of truths."""
        n_day = len(self.scene.timeline.day_start)
        return Family(self.city, self.scene.prior, self.settings.synthetic, n_day)


def plan_city(settings: Any) -> Plan:
    """Decide grid, people, weather, inventory and stations.

    Parameters
    ----------
    settings : Settings
        With a section `synthetic` and exactly one batch.

    Returns
    -------
    Plan
    """
    if settings.synthetic is None or len(settings.time.batches) != 1:
        msg = (
            "a synthetic city must have a section `synthetic` and one batch; got batches "
            f"{sorted(settings.time.batches)} in time.batches. Keep one batch per run."
        )
        raise ValueError(msg)
    made = settings.synthetic
    (name,) = settings.time.batches
    batch = batch_period(settings.time, name)
    names, bounds, in_batch = state_periods(settings.time, name)
    timeline = make_timeline(bounds, in_batch, made.lead_days, settings.time.utc_offset_hours)
    regions = load_regions(settings.regions)
    city = towns.make_city(grid_around(settings.grid, regions), regions, made)
    sectors = tuple(settings.inventories.sectors)
    days = batch.seconds / 86400.0
    totals = tables.district_totals(city, made, days)
    rhythm = make_rhythm(*profiles_of(settings.inventories, sectors), np.ones(24), timeline)
    carrier = Carrier(
        make_weather(len(timeline.day_start), made.seed),
        city.grid.row_edges,
        city.grid.column_edges,
        made.plume,
    )
    network = read_network(settings.stations.registry)
    sites = tuple(s.site(city.grid) for s in network if s.role == "tower")
    prior = tables.prior_maps(city, totals, sectors, days)
    offset = np.timedelta64(round(settings.time.utc_offset_hours * 3600), "s")
    first, last = ((t + offset).astype("datetime64[D]") for t in (batch.start, batch.end))
    scene = Scene(carrier, sites, timeline, rhythm, prior)
    return Plan(settings, network, city, scene, totals, names, (str(first), str(last)))


def make_city(settings: Any, out_dir: str | Path) -> list[Path]:
    """Write all files of the synthetic city.

    Parameters
    ----------
    settings : Settings
    out_dir : str or Path
        Usually ``results/<run>/synthetic``.

    Returns
    -------
    list of Path
        Written files, sorted. The same settings give the same bytes.
    """
    out = Path(out_dir)
    plan = plan_city(settings)
    written = [*_write_inputs(plan, out), *_write_stations(plan, out / "raw")]
    written += [_write_truth(plan, out), _write_truths(plan, out), _write_note(out)]
    logger.info("wrote %d files of the synthetic city", len(written))
    return sorted(written)


def _write_netcdf(dataset: xr.Dataset, path: Path) -> Path:
    """Write a file as a provider would: plain netCDF, no contract of ours."""
    coding = {"time": {"units": "hours since 2000-01-01", "dtype": "float64"}}
    used = {k: v for k, v in coding.items() if k in dataset.variables}
    with atomic_path(path) as temporary:
        dataset.to_netcdf(temporary, engine="netcdf4", encoding=used)
    return path


def _write_inputs(plan: Plan, out: Path) -> list[Path]:
    """Write weather, proxies and the inventory table."""
    timeline, grid = plan.scene.timeline, plan.city.grid
    first = int(np.flatnonzero(timeline.in_batch)[0]) - WEATHER_LEAD_DAYS
    weather = weather_dataset(plan.scene.carrier.weather, timeline.day_start[0], first, grid)
    table = out / "inventory.csv"
    write_csv(table, tables.COLUMNS, tables.inventory_rows(plan.totals, *plan.dates))
    return [
        _write_netcdf(weather, out / "weather.nc"),
        _write_netcdf(proxies_dataset(plan.city, plan.scene.prior), out / "proxies.nc"),
        table,
    ]


def _one_truth(plan: Plan):
    """Return the truth of the demonstration, with the mixing height of the settings."""
    height = plan.settings.synthetic.truth_mixing_height_factor
    return dataclasses.replace(plan.family.draw("truth"), mixing_height=height)


def _write_stations(plan: Plan, raw: Path) -> list[Path]:
    """Write what every station recorded of the one truth."""
    made, timeline = plan.settings.synthetic, plan.scene.timeline
    hours = slice(24 * timeline.raw.start, 24 * timeline.raw.stop)
    n_day = len(timeline.day_start)
    towers = [s for s in plan.network if s.role == "tower"]
    source = NoiseSource(made.seed, made.noise, tuple(s.name for s in towers), n_day)
    noise = source.draw("truth").at(hours)
    inflow = background_air(n_day, made.seed, made.background)[hours]
    at_towers = air_at(noise, inflow, enhancement(_one_truth(plan), plan.scene))
    air = {s.name: series for s, series in zip(towers, at_towers, strict=True)}
    start = timeline.hour_start[hours]
    written = []
    for station in plan.network:
        rng = stream(made.seed, "instrument", station.name)
        slots = record(air.get(station.name, inflow), start, _fault(plan, station), rng)
        write = writer(station.reader, plan.settings.time.utc_offset_hours)
        write_text(raw / station.file, write(slots, station.name, rng))
        written.append(raw / station.file)
    return written


def _fault(plan: Plan, station: Station) -> Fault:
    """Return how a station's instrument departs from the air."""
    made = plan.settings.synthetic
    begin = plan.scene.timeline.day_start[plan.scene.timeline.in_batch][0]
    if station.name in made.drifting:
        drift = made.drifting[station.name]
        return Fault(drift.noise_ppm, drift.ppm_per_30_days / SECONDS_PER_30_DAYS, begin)
    background = station.role == "background"
    noise = made.background.station_noise_ppm if background else made.noise.instrument_ppm
    return Fault(noise, 0.0, begin)


def _provenance(plan: Plan) -> Provenance:
    """Return where the truth comes from."""
    names = ("synthetic", "grid", "regions", "time", "stations", "inventories")
    network = [dataclasses.asdict(station) for station in plan.network]
    settings = canonical_hash({"sections": plan.settings.sections(*names), "network": network})
    return Provenance(inputs={}, settings=settings, code=code_hash("synthetic.build"))


def _write_truth(plan: Plan, out: Path) -> Path:
    """Write the one truth."""
    dataset = truth_dataset(_one_truth(plan), plan.city, plan.scene, plan.period_names)
    write_dataset(dataset, out / "truth.nc", "truth", _provenance(plan))
    return out / "truth.nc"


def _write_truths(plan: Plan, out: Path) -> Path:
    """Write the drawn truths and their records at the healthy towers."""
    made, timeline = plan.settings.synthetic, plan.scene.timeline
    sites = tuple(s for s in plan.scene.sites if s.name not in made.drifting)
    scene = dataclasses.replace(plan.scene, sites=sites)
    local = range(*plan.settings.stations.local_hours)
    truths = [plan.family.draw("draw", i) for i in range(made.draws)]
    enhanced = drawn_enhancements(truths, scene, local)
    days = np.flatnonzero(timeline.in_batch)
    hours = (24 * days[:, None] + np.asarray(local)).ravel()
    inflow = background_air(len(timeline.day_start), made.seed, made.background)[hours]
    names = tuple(s.name for s in sites)
    source = NoiseSource(made.seed, made.noise, names, len(timeline.day_start))
    records = np.empty_like(enhanced)
    for i in range(made.draws):
        noise = source.draw("draw", i).at(hours)
        records[i] = air_at(noise, inflow, enhanced[i]) + noise.instrument
    totals = np.stack([total_rates(t, plan.city, scene) for t in truths])
    labels = {
        "receptor": list(names),
        "time": timeline.hour_start[hours].astype("datetime64[ns]"),
        "region": ["all", *plan.city.codes, "outside"],
        "sector": [*scene.prior.sectors, "all", "net"],
    }
    dataset = truths_dataset(records, totals, truths, labels)
    write_dataset(dataset, out / "truths.nc", "truths", _provenance(plan))
    return out / "truths.nc"


def _write_note(out: Path) -> Path:
    """Write what these files are."""
    path = out / "SYNTHETIC_README.txt"
    write_text(path, NOTE)
    return path


NOTE = """SYNTHETIC: everything in this folder is made up; no number describes a real place.
raw/            station files as loggers write them, with gaps, tank gas and broken lines
weather.nc      hourly weather
proxies.nc      people, roads, parks, plants and land cover on the grid
inventory.csv   a made inventory by district and sector
truth.nc        the truth behind the station files (not read by the inversion)
truths.nc       truths drawn from docs/decisions/0002-family-of-truths.md (certificate only)
"""
