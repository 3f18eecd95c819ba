"""A number of days comes in; the six datasets of a toy city with eight sites in their wind go out.

Footprints are plumes of one wind a day, so that a lag of hours stands for a distance; the fluxes
lie around a centre, the biosphere around the city. Nothing is random: what a planted error does to
a total is the gain times that error.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import xarray as xr
from inversion_fakes import HOUR, START, flat_station, footprints, prior_covariance

from contracts.grid import Grid
from contracts.settings.background import BackgroundSettings
from contracts.settings.errors import ErrorSettings
from inversion.aggregates import batch_totals, layout_of
from inversion.boundary.background import build_background
from inversion.errors.mismatch import build_mismatch
from inversion.jacobian import build_jacobian
from inversion.problem import assemble_problem
from inversion.solvers.dual import DualSolver

SECTORS = ("transport", "buildings", "gpp", "respiration")
STEP_M, CELLS = 6000.0, 14
EDGES = (np.arange(CELLS + 1) - CELLS / 2) * STEP_M
GRID = Grid("EPSG:4549", EDGES + 3_350_000.0, EDGES + 500_000.0)
CENTRE = (EDGES[:-1] + EDGES[1:]) / 2
# (east, north) [km]: a ring outside, some inside, one far to each side
SITES = {
    "s1": (-5.0, -6.0),
    "s2": (8.0, 3.0),
    "s3": (-12.0, 9.0),
    "s4": (3.0, 16.0),
    "s5": (15.0, -12.0),
    "s6": (-20.0, -10.0),
    "s7": (24.0, 8.0),
    "s8": (-3.0, -24.0),
}
MIDCOST = "s1"
LAGS, WIND_M_S = 8, 3.0
HOURS_OF_DAY = range(12, 17)
M_PER_DEGREE = np.deg2rad(1.0) * 6_371_000.0


def wind(day: int) -> float:
    """Return the direction the air goes to on a day [rad]: a season of easterlies."""
    return np.pi + 1.1 * np.sin(2.1 * day)


def _observations(days: int) -> xr.Dataset:
    names = sorted(SITES)
    hours = np.array([24 * day + hour for day in range(days) for hour in HOURS_OF_DAY])
    time = START + np.tile(hours, len(names)) * HOUR
    n = len(time)
    place = np.array([SITES[name] for name in names]) * 1000.0
    ids = [f"{name}_{hour}" for name in names for hour in hours]
    classes = ["midcost" if name == MIDCOST else "crds" for name in names]
    ppm = {"units": "umol mol-1"}
    zeros = np.zeros(len(names))
    return xr.Dataset(
        {
            "obs_id": ("obs", np.array(ids, dtype=object)),
            "time": ("obs", time),
            "time_bounds": (("obs", "bounds"), np.stack([time, time + HOUR], axis=1)),
            "receptor_index": ("obs", np.repeat(np.arange(len(names)), len(hours)).astype("i4")),
            "mole_fraction": ("obs", np.zeros(n), ppm),
            "instrument_error": ("obs", np.full(n, 0.15), ppm),
            "latitude": ("receptor", place[:, 1] / M_PER_DEGREE, {"units": "degrees_north"}),
            "longitude": ("receptor", place[:, 0] / M_PER_DEGREE, {"units": "degrees_east"}),
            "ground_height": ("receptor", zeros, {"units": "m"}),
            "inlet_height": ("receptor", zeros + 50.0, {"units": "m"}),
            "instrument_class": ("receptor", np.array(classes, dtype=object)),
        },
        coords={"receptor": np.array(names, dtype=object)},
        attrs={"synthetic": "yes", "counts": "{}"},
    )


def plumes(obs: xr.Dataset) -> list[xr.Dataset]:
    """Return plumes against the wind of the day, a lag of hours for each distance."""
    names = obs["receptor"].to_numpy().astype(str)
    day = ((obs["time"].to_numpy() - START) / HOUR).astype(int) // 24
    north, east = (part.ravel() for part in np.meshgrid(CENTRE, CENTRE, indexing="ij"))
    made = []
    for index, name in enumerate(names):
        rows = np.flatnonzero(obs["receptor_index"].to_numpy() == index)
        elements = []
        for row in rows:
            angle = wind(int(day[row])) + 0.05 * (row % len(HOURS_OF_DAY))
            from_east = SITES[name][0] * 1000.0 - east
            from_north = SITES[name][1] * 1000.0 - north
            along = from_east * np.cos(angle) + from_north * np.sin(angle)
            across = from_north * np.cos(angle) - from_east * np.sin(angle)
            width = 2500.0 + 0.25 * np.maximum(along, 0.0)
            value = np.where(along > -STEP_M / 2, np.exp(-0.5 * (across / width) ** 2) / width, 0.0)
            value *= 0.03 * STEP_M
            lag = np.minimum((np.maximum(along, 0.0) / (WIND_M_S * 3600.0)).astype(int), LAGS - 1)
            kept = np.flatnonzero(value > 1e-4)
            elements.append([(lag[k], k // CELLS, k % CELLS, value[k]) for k in kept])
        made.append(footprints(obs.isel(obs=rows), elements, LAGS, GRID))
    return made


def _prior(days: int) -> xr.Dataset:
    """Return fluxes around the centre; all cells within 30 km are the city."""
    north, east = np.meshgrid(CENTRE, CENTRE, indexing="ij")
    far = np.hypot(north, east)
    fields = {
        "transport": 14.0 * np.exp(-((far / 16_000.0) ** 2)) + 0.3,
        "buildings": 18.0 * np.exp(-((far / 10_000.0) ** 2)) + 0.1,
        "gpp": -1.5 * (1.0 - np.exp(-((far / 18_000.0) ** 2))),
        "respiration": 1.6 * (1.0 - 0.5 * np.exp(-((far / 18_000.0) ** 2))),
    }
    clock = np.arange(24)
    profiles = {
        "transport": 1.0 + 0.6 * np.cos((clock - 15.0) / 24.0 * 2.0 * np.pi),
        "buildings": 1.0 + 0.4 * np.cos((clock - 19.0) / 24.0 * 2.0 * np.pi),
        "gpp": np.maximum(np.cos((clock - 12.5) / 24.0 * 2.0 * np.pi), 0.0),
        "respiration": np.ones(24),
    }
    profile = np.stack([profiles[name] / profiles[name].mean() for name in SECTORS])
    flux = np.stack([fields[name] for name in SECTORS])[:, None].repeat(days, axis=1)
    start = START + np.arange(days) * 24 * HOUR
    unit, dims = {"units": "umol m-2 s-1"}, ("sector", "period", "northing", "easting")
    city = (far < 30_000.0).astype(float)
    kinds = ["biosphere" if name in ("gpp", "respiration") else "inventory" for name in SECTORS]
    regions = np.array(["330102", "outside"], dtype=object)
    return xr.Dataset(
        {
            "flux": (dims, flux, unit),
            "flux_standard_deviation": (dims, 0.8 * np.abs(flux) + 0.05, unit),
            "period_bounds": (("period", "bounds"), np.stack([start, start + 24 * HOUR], axis=1)),
            "period_in_batch": ("period", np.ones(days, dtype=np.int8)),
            "cell_area": (dims[2:], GRID.cell_area, {"units": "m2"}),
            "hourly_profile": (("sector", "hour"), np.tile(profile, days), {"units": "1"}),
            "region_fraction": (
                ("region", *dims[2:]),
                np.stack([city, 1.0 - city]),
                {"units": "1"},
            ),
            "region_name": ("region", regions),
            "region_name_local": ("region", regions),
            "sector_kind": ("sector", np.array(kinds, dtype=object)),
            "fixed_flux": (dims[2:], np.zeros_like(far), unit),
            "fixed_hourly_profile": ("hour", np.ones(24 * days), {"units": "1"}),
        },
        coords={
            "sector": np.array(SECTORS, dtype=object),
            "period": start,
            "region": regions,
            "hour": START + np.arange(24 * days) * HOUR,
            **GRID.coords(),
        },
        attrs={**GRID.attributes(), "synthetic": "yes", "city_name": "Toytown"},
    )


def _declared(before: xr.Dataset) -> xr.Dataset:
    """Return the description of B: the city total known within 20 %."""
    totals = batch_totals(layout_of(before))
    city = totals.weights.rmatvec(before["flux"].to_numpy().ravel())[totals.index("all", "all")]
    made = prior_covariance(before, spatial_efolding_km=12.0, temporal_efolding_days=30.0)
    return made.drop_vars([name for name in made if name.startswith("declared")]).assign(
        declared_region=("declared", np.array(["all"], dtype=object)),
        declared_sector=("declared", np.array(["all"], dtype=object)),
        declared_standard_deviation=("declared", np.array([0.2 * city]), {"units": "kg s-1"}),
    )


def errors(**nuisance) -> ErrorSettings:
    """Return error settings with some states; none where nothing is said."""
    stated = {"transport_common_sd": 0.0, "transport_daily_sd": 0.0, **nuisance}
    return ErrorSettings(nuisance=stated)


@lru_cache(maxsize=2)
def _parts(days: int):
    obs, before = _observations(days), _prior(days)
    jacobian = build_jacobian(obs, plumes(obs), before)
    return {
        "observations": obs,
        "jacobian": jacobian,
        "prior": before,
        "prior_covariance": _declared(before),
        "mismatch": build_mismatch(obs, jacobian, before, ErrorSettings().mismatch),
    }


def city(days: int = 12, **background) -> dict[str, xr.Dataset]:
    """Return the six datasets; words are of the section background."""
    section = BackgroundSettings(stations=("hill",), **background)
    parts = _parts(days)
    record = flat_station(after_hour=24 * days + 24)
    made = build_background(parts["observations"], {"hill": record}, section, 8.0)
    return {**parts, "background": made}


def solved(datasets: dict, section: ErrorSettings) -> SimpleNamespace:
    """Return the posterior and what goes from an error of the observations to the city total."""
    problem = assemble_problem(datasets, section)
    totals = batch_totals(layout_of(datasets["prior"]))
    posterior = DualSolver().solve(problem, [totals.weights])
    column = totals.index("all", "all")
    prior = totals.weights.rmatvec(problem.prior[: problem.n_flux])
    gain = posterior.solve_observations(posterior.cross(totals.weights)).T
    covariance = posterior.covariance_of(totals.weights)
    return SimpleNamespace(
        problem=problem,
        posterior=posterior,
        totals=totals,
        gain=gain,
        prior=prior,
        city=prior[column],
        shift=lambda planted: float(gain[column] @ planted / prior[column]),
        sd=np.sqrt(np.diagonal(covariance)),
        city_sd=float(np.sqrt(covariance[column, column]) / prior[column]),
    )


def nuisance_gain(found: SimpleNamespace, planted: np.ndarray) -> dict[str, float]:
    """Return the posterior mean of each nuisance state for a planted error of the observations."""
    states = found.problem.nuisance
    weights = found.posterior.solve_observations(np.asarray(planted)[:, None])[:, 0]
    values = states.covariance @ (states.columns.T @ weights)
    return dict(zip(states.names, values.tolist(), strict=True))
