"""Small datasets that keep the contracts: observations, footprints and a prior of four cells."""

import json

import numpy as np
import xarray as xr

from contracts.grid import Grid

CRS = "EPSG:4549"
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
            "latitude": ("receptor", zeros + 30.0),
            "longitude": ("receptor", zeros + 120.0),
            "ground_height": ("receptor", zeros),
            "inlet_height": ("receptor", zeros + 50.0),
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
            "lag_bounds": (("lag", "bounds"), np.stack([edges[:-1], edges[1:]], axis=1)),
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
    return xr.Dataset(
        {
            "flux": (dims, flux, unit),
            "flux_standard_deviation": (dims, np.abs(flux) + 0.05, unit),
            "period_bounds": (("period", "bounds"), np.stack([start, start + 24 * HOUR], axis=1)),
            "period_in_batch": ("period", np.ones(days, dtype=np.int8)),
            "cell_area": (space, grid.cell_area, {"units": "m2"}),
            "hourly_profile": (("sector", "hour"), profile.reshape(len(sectors), -1)),
            "fixed_flux": (space, rng.uniform(0.0, 1.0, size=grid.shape), unit),
            "fixed_hourly_profile": ("hour", fixed.ravel()),
        },
        coords={
            "sector": np.array(sectors, dtype=object),
            "period": start,
            "hour": hours,
            **grid.coords(),
        },
        attrs={**grid.attributes(), "synthetic": "yes"},
    )
