"""Priors of any periods, and descriptions of their errors; with B written out from first principles."""

from __future__ import annotations

import numpy as np
import xarray as xr

SECTORS = ("power", "transport", "gpp")
KINDS = ("inventory", "inventory", "biosphere")
REGIONS = ("330102", "330105", "outside")
ROWS, COLUMNS, STEP = 3, 4, (1000.0, 1500.0)
START = np.datetime64("2025-05-31T16:00", "ns")
KERNELS = {
    "exponential": lambda d: np.exp(-d),
    "matern32": lambda d: (1 + 2.146193220620583 * d) * np.exp(-2.146193220620583 * d),
    "matern52": lambda d: (
        (1 + 2.904629975029 * d + 2.904629975029**2 * d**2 / 3) * np.exp(-2.904629975029 * d)
    ),
    "gaussian": lambda d: np.exp(-(d**2)),
}


def bounds_of(hours, count):
    """Return consecutive periods of so many hours from local midnight."""
    starts = START + np.arange(count) * np.timedelta64(hours, "h")
    return np.stack([starts, starts + np.timedelta64(hours, "h")], axis=1)


def prior_of(rng, bounds, spin_up=0):
    """Return a dataset ``prior`` with these periods; one cell is without any flux."""
    p = len(bounds)
    flux = rng.uniform(0.5, 3.0, (3, p, ROWS, COLUMNS)) * (rng.random((3, 1, ROWS, COLUMNS)) < 0.7)
    flux[0, :, 0, 0] = 1.0
    flux[:2, :, 1, 1] = 0.0
    flux[2] = -rng.uniform(0.5, 1.0, (p, ROWS, COLUMNS))
    split = rng.random((2, ROWS, COLUMNS)) * 0.5
    dims, flat = ("sector", "period", "northing", "easting"), ("northing", "easting")
    unit = {"units": "umol m-2 s-1"}
    return xr.Dataset(
        {
            "sector_kind": ("sector", np.array(KINDS, dtype=object)),
            "period_bounds": (("period", "bounds"), bounds),
            "period_in_batch": ("period", (np.arange(p) >= spin_up).astype(np.int8)),
            "flux": (dims, flux, unit),
            "flux_standard_deviation": (dims, np.hypot(0.6 * flux, 0.2), unit),
            "cell_area": (flat, np.full((ROWS, COLUMNS), 1.5e6), {"units": "m2"}),
            "region_fraction": (
                ("region", *flat),
                np.concatenate([split, 1.0 - split.sum(axis=0, keepdims=True)]),
                {"units": "1"},
            ),
        },
        coords={
            "sector": ("sector", np.array(SECTORS, dtype=object)),
            "region": ("region", np.array(REGIONS, dtype=object)),
            "northing": ("northing", np.arange(ROWS) * STEP[0], {"units": "m"}),
            "easting": ("easting", np.arange(COLUMNS) * STEP[1], {"units": "m"}),
        },
        attrs={"synthetic": "yes", "city_name": "Testville"},
    )


def description_of(declared=(), daily=(), **attrs):
    """Return a dataset ``prior_covariance``."""
    rows = list(declared)
    dataset = xr.Dataset(
        {
            "sector_correlation": (
                ("sector", "sector_2"),
                np.array([[1.0, 0.3, 0.0], [0.3, 1.0, 0.0], [0.0, 0.0, 1.0]]),
                {"units": "1"},
            ),
            "declared_region": ("declared", np.array([row[0] for row in rows], dtype=object)),
            "declared_sector": ("declared", np.array([row[1] for row in rows], dtype=object)),
            "declared_standard_deviation": (
                "declared",
                np.array([row[2] for row in rows], dtype=float),
                {"units": "kg s-1"},
            ),
        },
        attrs={
            "synthetic": "yes",
            "spatial_kernel": "exponential",
            "spatial_efolding_km": 2.5,
            "temporal_kernel": "exponential",
            "temporal_efolding_days": 1.7,
            **attrs,
        },
    )
    if len(daily):
        dataset["daily_sector_standard_deviation"] = ("sector", np.array(daily), {"units": "1"})
    return dataset


def total_weights(prior, region, sector):
    """Return the weights of one total over the batch [kg s-1], (states,), written out."""
    fraction = prior["region_fraction"].to_numpy().reshape(3, -1)
    place = fraction[:2].sum(axis=0) if region == "all" else fraction[REGIONS.index(region)]
    chosen = [float(sector == name or (sector == "all" and name != "gpp")) for name in SECTORS]
    length = np.diff(prior["period_bounds"].to_numpy().astype(np.int64), axis=1)[:, 0].astype(float)
    length *= prior["period_in_batch"].to_numpy()
    area = prior["cell_area"].to_numpy().ravel() * 44.0095e-9
    return np.kron(np.kron(chosen, length / length.sum()), place * area)


def written_out(prior, description, offset_hours=8.0):
    """Return B before the declared totals, entry by entry, from the words of its parts."""
    attrs = description.attrs
    g, p = prior["flux"].shape[:2]
    flux = prior["flux"].to_numpy().reshape(g, p, -1)
    sigma = prior["flux_standard_deviation"].to_numpy().reshape(g, p, -1)
    place = np.array([(i * STEP[0], j * STEP[1]) for i in range(ROWS) for j in range(COLUMNS)])
    apart = np.sqrt(((place[:, None] - place[None]) ** 2).sum(axis=2))
    E = KERNELS[attrs["spatial_kernel"]](apart / (1000.0 * attrs["spatial_efolding_km"]))
    spaces = [E, E, E]
    if attrs.get("likeness_of_sector_mix") == "yes":
        mean = np.abs(flux[:2]).mean(axis=1).T
        alike = np.zeros_like(E)
        for i, one in enumerate(mean):
            for j, two in enumerate(mean):
                if one.any() and two.any():
                    alike[i, j] = one @ two / np.sqrt((one @ one) * (two @ two))
                else:
                    alike[i, j] = float(one.any() == two.any())
        spaces = [E * alike, E * alike, E]
    hours = prior["period_bounds"].to_numpy().astype("datetime64[h]").astype(float).mean(axis=1)
    local = hours + offset_hours
    shares = [attrs.get(f"temporal_{n}_share", 0.0) for n in ("day_to_day", "same_hour")]
    D = np.empty((p, p))
    for i in range(p):
        for j in range(p):
            days = abs(local[i] // 24 - local[j] // 24)
            D[i, j] = (1 - sum(shares)) * np.exp(
                -abs(hours[i] - hours[j]) / 24 / attrs["temporal_efolding_days"]
            )
            if shares[0]:
                length = attrs["temporal_day_to_day_efolding_days"]
                D[i, j] += shares[0] * np.exp(-days / length)
            if shares[1] and (local[i] - local[j]) % 24 == 0:
                length = attrs["temporal_same_hour_efolding_days"]
                D[i, j] += shares[1] * np.exp(-days / length)
    C = description["sector_correlation"].to_numpy()
    r = len(E)
    B = np.zeros((g, p, r, g, p, r))
    daily = (
        description["daily_sector_standard_deviation"].to_numpy()
        if "daily_sector_standard_deviation" in description
        else np.zeros(g)
    )
    day = local // 24
    for k in range(g):
        for m in range(g):
            block = C[k, m] * D[:, None, :, None] * spaces[k][None, :, None, :]
            B[k, :, :, m] = block * sigma[k][:, :, None, None] * sigma[m][None, None]
        if daily[k]:
            fade = np.exp(
                -np.abs(np.subtract.outer(day, day)) / attrs["daily_sector_efolding_days"]
            )
            modes = daily[k] ** 2 * fade[:, None, :, None]
            B[k, :, :, k] += modes * flux[k][:, :, None, None] * flux[k][None, None]
    return B.reshape(g * p * r, g * p * r)
