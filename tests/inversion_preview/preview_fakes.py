"""A small city under a wind that turns from day to day: plumes, towers and a prior of two districts."""

from types import SimpleNamespace

import numpy as np
from inversion_fakes import CRS, START, flat_station, footprints, observations, prior
from inversion_fakes import prior_covariance as described

from contracts.grid import Grid
from contracts.settings.background import BackgroundSettings
from contracts.settings.errors import ErrorSettings
from contracts.settings.gas import GasSettings
from contracts.settings.solver import SolverSettings
from inversion.boundary.background import build_background
from inversion.errors.mismatch import build_mismatch
from inversion.jacobian import build_jacobian

SETTINGS = SimpleNamespace(
    gas=GasSettings(),
    errors=ErrorSettings(),
    solver=SolverSettings(precision="double"),
    time=SimpleNamespace(utc_offset_hours=8.0, totals={}),
)
HOURS_A_DAY = (12, 14, 16)


def grid_of(cells):
    """Return a square grid of so many cells of 1 km."""
    edges = 1000.0 * np.arange(cells + 1)
    return Grid(CRS, edges, edges)


def plume(row, column, toward, cells, lags=6):
    """Return elements (lag, row, column, sensitivity) of air that came from one direction."""
    rows, columns = np.indices((cells, cells))
    north, east = rows - row, columns - column
    along = north * np.cos(toward) + east * np.sin(toward)
    across = -north * np.sin(toward) + east * np.cos(toward)
    width = 0.7 + 0.25 * np.maximum(along, 0.0)
    seen = np.exp(-0.5 * (across / width) ** 2) / width * (along > -0.5)
    step = cells / lags
    lag = np.clip((along / step).astype(int), 0, lags - 1)
    keep = seen > 0.02
    return list(zip(lag[keep], rows[keep], columns[keep], 0.08 * seen[keep], strict=True))


def city(rng, cells=16, days=12, towers=4):
    """Return the six datasets of a problem, and its footprints, one dataset for each tower."""
    names = [f"tower_{k}" for k in range(towers)]
    hours = [24 * day + hour for day in range(1, days) for hour in HOURS_A_DAY]
    obs = observations({name: tuple(hours) for name in names})
    wind = np.cumsum(rng.normal(0.0, 0.7, days))
    places = rng.integers(cells // 4, 3 * cells // 4, size=(towers, 2))
    made = []
    for tower, (row, column) in enumerate(places):
        part = obs.isel(obs=obs["receptor_index"].to_numpy() == tower)
        rows = [
            plume(row, column, wind[hour // 24] + 0.06 * (hour % 24 - 14), cells) for hour in hours
        ]
        made.append(footprints(part, rows, grid=grid_of(cells)))
    before = smooth_prior(rng, cells, days)
    jacobian = build_jacobian(obs, made, before)
    background = build_background(
        obs,
        {"hill": flat_station(after_hour=24 * days + 24)},
        BackgroundSettings(stations=("hill",)),
        8.0,
    )
    datasets = {
        "observations": obs,
        "background": background,
        "jacobian": jacobian,
        "prior": before,
        "prior_covariance": described(before, spatial_efolding_km=6.0, temporal_efolding_days=20.0),
        "mismatch": build_mismatch(obs, jacobian, before, SETTINGS.errors.mismatch, 8.0),
    }
    return datasets, made


def smooth_prior(rng, cells, days):
    """Return a prior on a grid whose western half is one district and eastern half the other."""
    before = prior(rng, days=days, grid=grid_of(cells), sectors=("transport", "gpp"))
    columns = np.arange(cells)
    west = np.broadcast_to((columns < cells // 2)[None, :], (cells, cells)).astype(float)
    fraction = np.stack([west, 1.0 - west, np.zeros_like(west)])
    space = before["cell_area"].dims
    kept = before.drop_dims("region")
    names = np.array(["330102", "330105", "outside"], dtype=object)
    return kept.assign(
        region_fraction=(("region", *space), fraction, {"units": "1"}),
        region_name=("region", names),
        region_name_local=("region", names),
    ).assign_coords(region=names)


def days_of(obs):
    """Return the local day of each observation, counted from the first day of the prior."""
    return ((obs["time"].to_numpy() - START) // np.timedelta64(24, "h")).astype(int)


def thinned(made, keep):
    """Return the footprints of some observations, by name."""
    kept = []
    for one in made:
        mask = np.isin(one["obs_id"].to_numpy().astype(str), keep)
        elements = np.repeat(mask, one["row_size"].to_numpy())
        kept.append(one.isel(obs=mask, nonzero=elements))
    return kept


def before_only(datasets):
    """Return what is there before any footprint."""
    names = ("observations", "background", "prior", "prior_covariance")
    return {name: datasets[name] for name in names}
