"""Small problems with factors of unequal size, and the six datasets of one; all from a seed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import scipy.sparse
import xarray as xr

from contracts.settings.errors import ErrorSettings
from contracts.settings.solver import SolverSettings
from inversion.linalg.dense import Dense
from inversion.linalg.in_time import exponential_in_time
from inversion.linalg.kernels import exponential
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import SparseMap
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.stationary import Stationary

SECTORS = ("power", "transport", "gpp")
KINDS = ("inventory", "inventory", "biosphere")
REGIONS = ("330102", "330105", "outside")
P, ROWS, COLUMNS = 4, 5, 6
G, R = len(SECTORS), ROWS * COLUMNS


def correlation(size: int, length: float) -> np.ndarray:
    """Return an exponential correlation of evenly spaced points."""
    return exponential(np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / length)


def sector_correlation() -> np.ndarray:
    """Return a correlation of three sectors."""
    return np.array([[1.0, 0.3, 0.0], [0.3, 1.0, -0.4], [0.0, -0.4, 1.0]])


def dense_space(length: float = 2500.0, step=(1000.0, 1500.0)) -> np.ndarray:
    """Return the exponential correlation of the grid's cells, from distances."""
    north, east = np.meshgrid(
        np.arange(ROWS) * step[0], np.arange(COLUMNS) * step[1], indexing="ij"
    )
    place = np.stack([north.ravel(), east.ravel()], axis=1)
    return np.exp(-np.linalg.norm(place[:, None] - place[None], axis=2) / length)


def scaled_kronecker(rng: np.random.Generator) -> tuple[ScaledKronecker, np.ndarray]:
    """Return a scaled Kronecker covariance and its dense matrix."""
    sigma = rng.uniform(0.5, 2.0, (G, P, R))
    space = Stationary((ROWS, COLUMNS), (1000.0, 1500.0), 2500.0)
    base = Kronecker(Dense(sector_correlation()), exponential_in_time(np.arange(P), 1.7), space)
    dense = np.kron(np.kron(sector_correlation(), correlation(P, 1.7)), dense_space())
    return ScaledKronecker(sigma, base), sigma.ravel()[:, None] * dense * sigma.ravel()


def sparse_jacobian(rng: np.random.Generator, n: int = 13) -> SparseMap:
    """Return non-negative sensitivities, each observation to two neighbouring periods."""
    matrix = np.zeros((n, G, P, R))
    for row in range(n):
        first = row % (P - 1)
        cells = rng.random((G, 2, R)) * (rng.random((G, 2, R)) < 0.5)
        matrix[row, :, first : first + 2] = cells
    sparse = scipy.sparse.csr_matrix(matrix.reshape(n, -1))
    sparse.sort_indices()
    return SparseMap(sparse)


def prior_dataset(rng: np.random.Generator) -> xr.Dataset:
    """Return a dataset ``prior``: one day of spin-up and three days of batch."""
    starts = np.datetime64("2025-05-31T16:00", "ns") + np.arange(P) * np.timedelta64(24, "h")
    bounds = np.stack([starts, starts + np.timedelta64(24, "h")], axis=1)
    flux = rng.uniform(0.5, 3.0, (G, P, ROWS, COLUMNS))
    flux[2] *= -1.0
    split = rng.random((2, ROWS, COLUMNS)) * 0.5
    split[:, :, 4:] = 0.0
    hours = bounds[0, 0] + np.arange(24 * P) * np.timedelta64(1, "h")
    dims, flat = ("sector", "period", "northing", "easting"), ("northing", "easting")
    unit = {"units": "umol m-2 s-1"}
    profile = np.tile(1.0 + 0.5 * np.sin(np.arange(24) / 24 * 2 * np.pi), P)
    return xr.Dataset(
        {
            "sector_kind": ("sector", np.array(KINDS, dtype=object)),
            "period_bounds": (("period", "bounds"), bounds),
            "period_in_batch": ("period", np.array([0, 1, 1, 1], dtype=np.int8)),
            "flux": (dims, flux, unit),
            "flux_standard_deviation": (dims, np.abs(flux), unit),
            "cell_area": (flat, np.full((ROWS, COLUMNS), 1.5e6), {"units": "m2"}),
            "region_name": ("region", np.array(REGIONS, dtype=object)),
            "region_name_local": ("region", np.array(REGIONS, dtype=object)),
            "region_fraction": (
                ("region", *flat),
                np.concatenate([split, 1.0 - split.sum(axis=0, keepdims=True)]),
                {"units": "1"},
            ),
            "hourly_profile": (("sector", "hour"), np.tile(profile, (G, 1)), {"units": "1"}),
            "fixed_flux": (flat, rng.uniform(0.1, 0.3, (ROWS, COLUMNS)), unit),
            "fixed_hourly_profile": ("hour", profile, {"units": "1"}),
        },
        coords={
            "sector": ("sector", np.array(SECTORS, dtype=object)),
            "region": ("region", np.array(REGIONS, dtype=object)),
            "northing": ("northing", np.arange(ROWS) * 1000.0, {"units": "m"}),
            "easting": ("easting", np.arange(COLUMNS) * 1500.0, {"units": "m"}),
            "northing_bounds": (
                ("northing", "bounds"),
                np.arange(ROWS)[:, None] * 1000.0 + np.array([-500.0, 500.0]),
            ),
            "easting_bounds": (
                ("easting", "bounds"),
                np.arange(COLUMNS)[:, None] * 1500.0 + np.array([-750.0, 750.0]),
            ),
            "hour": ("hour", hours),
        },
        attrs={
            "synthetic": "yes",
            "city_name": "Testville",
            "grid_crs": "EPSG:4549",
            "fixed_relative_standard_deviation": 0.1,
            "fixed_name": "human respiration",
        },
    )


def covariance_dataset(declared: list[tuple[str, str, float]]) -> xr.Dataset:
    """Return a dataset ``prior_covariance`` with these declared totals [kg s-1]."""
    return xr.Dataset(
        {
            "sector_correlation": (("sector", "sector_2"), sector_correlation(), {"units": "1"}),
            "declared_region": ("declared", np.array([d[0] for d in declared], dtype=object)),
            "declared_sector": ("declared", np.array([d[1] for d in declared], dtype=object)),
            "declared_standard_deviation": (
                "declared",
                np.array([d[2] for d in declared], dtype=float),
                {"units": "kg s-1"},
            ),
        },
        attrs={
            "synthetic": "yes",
            "spatial_kernel": "exponential",
            "spatial_efolding_km": 2.5,
            "temporal_kernel": "exponential",
            "temporal_efolding_days": 1.7,
        },
    )


DECLARED = [
    ("330102", "all", 0.14),
    ("330105", "all", 0.17),
    ("all", "power", 0.16),
    ("all", "transport", 0.18),
    ("all", "gpp", 0.11),
    ("all", "all", 0.22),
]


def six_datasets(rng: np.random.Generator, declared=DECLARED, n_hours: int = 9) -> dict:
    """Return the six datasets of a problem with two receptors."""
    prior = prior_dataset(rng)
    n = 2 * n_hours
    start = prior["period_bounds"].to_numpy()[1, 0]
    times = np.tile(start + np.arange(n_hours) * np.timedelta64(8, "h"), 2)
    names = [f"{'ab'[k // n_hours]}@{np.datetime_as_string(times[k], 'h')}" for k in range(n)]
    obs_id = ("obs", np.array(names, dtype=object))
    ppm, attrs = {"units": "umol mol-1"}, {"synthetic": "yes"}
    jacobian = sparse_jacobian(rng, n).matrix
    footprint = {"units": "m2 s mol-1"}
    inside = jacobian.toarray().reshape(n, G, -1).sum(axis=2)
    day = ((times - times[0]) // np.timedelta64(24, "h"))[:, None] == np.arange(3)
    deviation = rng.uniform(0.5, 1.0, (2, n))
    return {
        "prior": prior,
        "prior_covariance": covariance_dataset(declared),
        "observations": xr.Dataset(
            {
                "obs_id": obs_id,
                "time": ("obs", times),
                "receptor_index": ("obs", np.repeat([0, 1], n_hours).astype(np.int32)),
                "mole_fraction": ("obs", rng.normal(450.0, 10.0, n), ppm),
                "receptor": ("receptor", np.array(["a", "b"], dtype=object)),
            },
            attrs=attrs,
        ),
        "background": xr.Dataset(
            {
                "obs_id": obs_id,
                "background": ("obs", np.full(n, 420.0), ppm),
                "background_standard_deviation": ("obs", np.full(n, 0.7), ppm),
                "background_pattern": (("obs", "parameter"), day.astype(float), {"units": "1"}),
                "parameter_standard_deviation": ("parameter", np.full(3, 0.7), ppm),
                "parameter": ("parameter", np.array(["d0", "d1", "d2"], dtype=object)),
            },
            attrs=attrs,
        ),
        "mismatch": xr.Dataset(
            {
                "obs_id": obs_id,
                "term": ("term", np.array(["instrument", "transport"], dtype=object)),
                "standard_deviation": (("term", "obs"), deviation, ppm),
                "correlation_time": ("term", np.array([0.0, 4.0e4]), {"units": "s"}),
                "cross_site_correlation": ("term", np.array([0.0, 0.3]), {"units": "1"}),
            },
            attrs=attrs,
        ),
        "jacobian": xr.Dataset(
            {
                "obs_id": obs_id,
                "sector": ("sector", np.array(SECTORS, dtype=object)),
                "row_start": ("row_edge", jacobian.indptr.astype(np.int64)),
                "state_index": ("nonzero", jacobian.indices),
                "sensitivity": ("nonzero", jacobian.data, footprint),
                "sensitivity_inside": (("obs", "sector"), inside, footprint),
                "sensitivity_outside": ("obs", np.zeros(n), footprint),
                "fixed_mole_fraction": ("obs", rng.uniform(0.0, 1.0, n), ppm),
            },
            attrs=attrs | {"state_size": G * P * R},
        ),
    }


def settings() -> SimpleNamespace:
    """Return the sections that solve_batch reads."""
    return SimpleNamespace(
        errors=ErrorSettings(),
        solver=SolverSettings(),
        gas=SimpleNamespace(name="CO2", molar_mass_g_mol=44.0095),
    )
