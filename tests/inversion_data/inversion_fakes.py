"""Small datasets that keep the contracts: observations, footprints and a prior of four cells."""

import json

import numpy as np
import xarray as xr

from contracts.grid import Grid
from contracts.settings.background import BackgroundSettings
from contracts.settings.mismatch import MismatchSettings
from inversion.boundary.background import build_background
from inversion.errors.mismatch import build_mismatch
from inversion.jacobian import build_jacobian

CRS = "EPSG:4549"
BIOSPHERE = ("gpp", "respiration")
SECTORS = ("power", "transport", "gpp")
START = np.datetime64("2025-06-01T16:00", "ns")
HOUR = np.timedelta64(1, "h").astype("timedelta64[ns]")
DAYS = 3
GRID = Grid(CRS, np.array([0.0, 1000.0, 2000.0]), np.array([5000.0, 6000.0, 7000.0, 8000.0]))


def observations(hours_by_receptor, error=0.2, spread=0.6):
    """Return observations at hours after START, by receptor name."""
    names = sorted(hours_by_receptor)
    index = [i for i, name in enumerate(names) for _ in hours_by_receptor[name]]
    hours = [hour for name in names for hour in sorted(hours_by_receptor[name])]
    time = START + np.array(hours) * HOUR
    obs_id = [f"{names[i]}_{hour}" for i, hour in zip(index, hours, strict=True)]
    n = len(hours)
    zeros = np.zeros(len(names))
    return xr.Dataset(
        {
            "obs_id": ("obs", np.array(obs_id, dtype=object)),
            "time": ("obs", time),
            "time_bounds": (("obs", "bounds"), np.stack([time, time + HOUR], axis=1)),
            "receptor_index": ("obs", np.array(index, dtype=np.int32)),
            "mole_fraction": ("obs", np.full(n, 430.0), {"units": "umol mol-1"}),
            "instrument_error": ("obs", np.full(n, error), {"units": "umol mol-1"}),
            "spread": ("obs", np.full(n, spread), {"units": "umol mol-1"}),
            "latitude": ("receptor", zeros + 30.0, {"units": "degrees_north"}),
            "longitude": ("receptor", zeros + 120.0, {"units": "degrees_east"}),
            "ground_height": ("receptor", zeros, {"units": "m"}),
            "inlet_height": ("receptor", zeros + 50.0, {"units": "m"}),
        },
        coords={"receptor": np.array(names, dtype=object)},
        attrs={"synthetic": "yes", "counts": json.dumps({"kept": n})},
    )


def footprints(obs, elements, lag_hours=6, grid=GRID, **attrs):
    """Return footprints: per observation a list of (lag, row, column, sensitivity)."""
    flat = [element for rows in elements for element in rows]
    lag, row, column, sensitivity = (np.array(part) for part in zip(*flat, strict=True))
    edges = np.arange(lag_hours + 1) * 3600.0
    n = len(elements)
    outside = np.full(n, 0.5)
    total = np.array([sum(e[3] for e in rows) for rows in elements]) + outside
    unit = {"units": "m2 s mol-1"}
    return xr.Dataset(
        {
            "obs_id": ("obs", obs["obs_id"].to_numpy()),
            "time": ("obs", obs["time"].to_numpy()),
            "row_size": ("obs", np.array([len(rows) for rows in elements], dtype=np.int64)),
            "lag_index": ("nonzero", lag.astype(np.int32)),
            "row_index": ("nonzero", row.astype(np.int32)),
            "column_index": ("nonzero", column.astype(np.int32)),
            "sensitivity": ("nonzero", sensitivity.astype(np.float64), unit),
            "lag_bounds": (
                ("lag", "bounds"),
                np.stack([edges[:-1], edges[1:]], axis=1),
                {"units": "s"},
            ),
            "sensitivity_total": ("obs", total, unit),
            "sensitivity_outside": ("obs", outside, unit),
        },
        coords=grid.coords(),
        attrs={**grid.attributes(), "synthetic": "yes", **attrs},
    )


def prior(rng, days=DAYS, grid=GRID, sectors=SECTORS):
    """Return a prior of local days with profiles of mean 1 over each day."""
    start = START + np.arange(days) * 24 * HOUR
    hours = START + np.arange(24 * days) * HOUR
    profile = rng.uniform(0.2, 1.8, size=(len(sectors), days, 24))
    profile /= profile.mean(axis=2, keepdims=True)
    fixed = rng.uniform(0.5, 1.5, size=(days, 24))
    fixed /= fixed.mean(axis=1, keepdims=True)
    flux = rng.uniform(0.0, 5.0, size=(len(sectors), days, *grid.shape))
    flux[sectors.index("gpp")] *= -1.0
    dims = ("sector", "period", grid.row_dim, grid.column_dim)
    unit = {"units": "umol m-2 s-1"}
    space = dims[2:]
    # one district for each of the first columns, the last column lies outside
    n_column = grid.shape[1]
    districts = [f"{330102 + i}" for i in range(n_column - 1)]
    fraction = np.zeros((n_column, *grid.shape))
    fraction[np.arange(n_column), :, np.arange(n_column)] = 1.0
    return xr.Dataset(
        {
            "flux": (dims, flux, unit),
            "flux_standard_deviation": (dims, np.abs(flux) + 0.05, unit),
            "period_bounds": (("period", "bounds"), np.stack([start, start + 24 * HOUR], axis=1)),
            "period_in_batch": ("period", np.ones(days, dtype=np.int8)),
            "cell_area": (space, grid.cell_area, {"units": "m2"}),
            "hourly_profile": (
                ("sector", "hour"),
                profile.reshape(len(sectors), -1),
                {"units": "1"},
            ),
            "region_fraction": (("region", *space), fraction, {"units": "1"}),
            "region_name": ("region", np.array([*districts, "outside"], dtype=object)),
            "region_name_local": ("region", np.array([*districts, "outside"], dtype=object)),
            "sector_kind": (
                "sector",
                np.array(
                    ["biosphere" if name in BIOSPHERE else "inventory" for name in sectors],
                    dtype=object,
                ),
            ),
            "fixed_flux": (space, rng.uniform(0.0, 1.0, size=grid.shape), unit),
            "fixed_hourly_profile": ("hour", fixed.ravel(), {"units": "1"}),
        },
        coords={
            "sector": np.array(sectors, dtype=object),
            "period": start,
            "region": np.array([*districts, "outside"], dtype=object),
            "hour": hours,
            **grid.coords(),
        },
        attrs={**grid.attributes(), "synthetic": "yes", "city_name": "Nowhere"},
    )


def prior_covariance(before, **attrs):
    """Return the description of B: independent sectors, short lengths, no declared totals."""
    # an empty array of objects comes back from netCDF as numbers, one of text does not
    none = np.array([], dtype="<U1")
    return xr.Dataset(
        {
            "sector_correlation": (
                ("sector", "sector_2"),
                np.eye(before.sizes["sector"]),
                {"units": "1"},
            ),
            "declared_region": ("declared", none),
            "declared_sector": ("declared", none),
            "declared_standard_deviation": ("declared", np.zeros(0), {"units": "kg s-1"}),
        },
        attrs={
            "synthetic": "yes",
            "spatial_kernel": "exponential",
            "spatial_efolding_km": 2.0,
            "temporal_kernel": "exponential",
            "temporal_efolding_days": 5.0,
            **attrs,
        },
    )


def flat_station(before_hour=-48, after_hour=24 * DAYS + 24, baseline=415.0):
    """Return a record with a constant baseline."""
    hours = np.arange(before_hour, after_hour)
    unit = {"units": "umol mol-1"}
    return xr.Dataset(
        {
            "baseline": ("time", np.full(len(hours), baseline), unit),
            "baseline_standard_deviation": ("time", np.full(len(hours), 0.4), unit),
        },
        coords={"time": START + hours * HOUR},
        attrs={"synthetic": "yes"},
    )


def problem(seed=1, hours=range(28, 72, 2), receptors=("tower_a", "tower_b")):
    """Return the six datasets of a small problem that keeps every contract."""
    rng = np.random.default_rng(seed)
    obs = observations({name: tuple(hours) for name in receptors})
    made = []
    for receptor in range(len(receptors)):
        part = obs.isel(obs=obs["receptor_index"].to_numpy() == receptor)
        rows = [
            [
                (lag, row, column, rng.uniform())
                for lag in range(6)
                for row in range(2)
                for column in range(3)
            ]
            for _ in range(part.sizes["obs"])
        ]
        made.append(footprints(part, rows))
    before = prior(rng)
    jacobian = build_jacobian(obs, made, before)
    section = BackgroundSettings(stations=("hill",))
    return {
        "observations": obs,
        "background": build_background(obs, {"hill": flat_station()}, section, 8.0),
        "jacobian": jacobian,
        "prior": before,
        "prior_covariance": prior_covariance(before),
        "mismatch": build_mismatch(obs, jacobian, before, MismatchSettings()),
    }
