"""Small problems beside those of core_fakes: chosen observations, named regions, plain matrices."""

from __future__ import annotations

import numpy as np
import scipy.sparse
import xarray as xr

from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver

PPM, FOOTPRINT = {"units": "umol mol-1"}, {"units": "m2 s mol-1"}
DAY = np.timedelta64(24, "h")
START = np.datetime64("2025-06-01T16:00", "ns")


def spd(rng, size, least=0.05):
    """Return a random symmetric positive definite matrix."""
    root = rng.standard_normal((size, size + 3))
    return root @ root.T / (size + 3) + least * np.eye(size)


def parts(rng, n=7, m=12):
    """Return the arrays of a random dense problem."""
    return {
        "observations": rng.normal(430.0, 3.0, n),
        "background": np.full(n, 428.0),
        "jacobian": rng.random((n, m)),
        "prior": rng.standard_normal(m),
        "prior_covariance": spd(rng, m),
        "mismatch_covariance": spd(rng, n, 0.1),
    }


def posterior_of(arrays):
    """Return the posterior of such arrays."""
    return DualSolver().solve(LinearGaussianProblem(**arrays))


def moments(arrays):
    """Return posterior mean and covariance of all states."""
    posterior = posterior_of(arrays)
    return posterior.mean, posterior.covariance_of(np.eye(len(arrays["prior"])))


def jacobian_matrix(jacobian):
    """Return H of a dataset ``jacobian`` as a sparse matrix."""
    values = (jacobian[name].to_numpy() for name in ("sensitivity", "state_index", "row_start"))
    shape = (jacobian.sizes["obs"], int(jacobian.attrs["state_size"]))
    return scipy.sparse.csr_matrix(tuple(values), shape=shape)


def with_matrix(jacobian, matrix):
    """Return a dataset ``jacobian`` with the rows of another matrix."""
    matrix = scipy.sparse.csr_matrix(matrix)
    matrix.sort_indices()
    sectors = jacobian.sizes["sector"]
    dense, size = matrix.toarray(), matrix.shape[1] // sectors
    inside = dense.reshape(len(dense), sectors, size).sum(axis=2)
    gone = [name for name in ("sensitivity", "state_index", "row_start") if name in jacobian]
    return jacobian.drop_vars(gone).assign(
        row_start=("row_edge", matrix.indptr.astype(np.int64)),
        state_index=("nonzero", matrix.indices.astype(np.int32)),
        sensitivity=("nonzero", matrix.data, FOOTPRINT),
        sensitivity_inside=(("obs", "sector"), inside, FOOTPRINT),
    )


def kept(datasets, rows):
    """Return a problem with some of its observations; a row may be named twice."""
    rows = np.asarray(rows, dtype=int)
    jacobian = datasets["jacobian"]
    matrix = jacobian_matrix(jacobian)[rows]
    bare = jacobian.drop_vars(["sensitivity", "state_index", "row_start"]).isel(obs=rows)
    fewer = {name: datasets[name].isel(obs=rows) for name in ("observations", "background")}
    mismatch = datasets["mismatch"].isel(obs=rows)
    if "obs_2" in mismatch.dims:
        mismatch = mismatch.isel(obs_2=rows)
    return datasets | fewer | {"mismatch": mismatch, "jacobian": with_matrix(bare, matrix)}


def changed(datasets, name, variable, change):
    """Return a problem with one variable of one dataset changed by a function of its values."""
    dataset = datasets[name].copy()
    old = dataset[variable]
    dataset[variable] = (old.dims, change(old.to_numpy().copy()), old.attrs)
    return datasets | {name: dataset}


def whole_mismatch(datasets, matrix):
    """Return a problem with R given as one matrix."""
    units = {"units": "umol2 mol-2"}
    mismatch = datasets["mismatch"].assign(covariance=(("obs", "obs_2"), matrix, units))
    return datasets | {"mismatch": mismatch}


def regions_problem(rng, sectors=2, periods=2, regions=3, n=5, declared=()):
    """Return the six datasets of a problem whose places are named regions."""
    names = tuple(f"r{k}" for k in range(regions))
    shape = (sectors, periods, regions)
    starts = START + np.arange(periods) * DAY
    dims, unit = ("sector", "period", "region"), {"units": "umol m-2 s-1"}
    flux = rng.uniform(1.0, 3.0, shape)
    prior = xr.Dataset(
        {
            "sector_kind": ("sector", np.array(["inventory"] * sectors, dtype=object)),
            "period_bounds": (("period", "bounds"), np.stack([starts, starts + DAY], axis=1)),
            "period_in_batch": ("period", np.ones(periods, np.int8)),
            "flux": (dims, flux, unit),
            "flux_standard_deviation": (dims, rng.uniform(0.5, 1.5, shape), unit),
            "region_area": ("region", rng.uniform(1e8, 2e8, regions), {"units": "m2"}),
            "region_name": ("region", np.array(names, dtype=object)),
            "region_name_local": ("region", np.array(names, dtype=object)),
        },
        coords={
            "sector": ("sector", np.array([f"s{k}" for k in range(sectors)], dtype=object)),
            "region": ("region", np.array(names, dtype=object)),
        },
        attrs={"synthetic": "yes", "city_name": "Testville"},
    )
    unity = {"units": "1"}
    covariance = xr.Dataset(
        {
            "sector_correlation": (("sector", "sector_2"), _alike(sectors, 0.3), unity),
            "period_correlation": (("period", "period_2"), _alike(periods, 0.5), unity),
            "region_correlation": (("region", "region_2"), _alike(regions, 0.5), unity),
            "declared_region": ("declared", np.array([d[0] for d in declared], dtype="<U9")),
            "declared_sector": ("declared", np.array([d[1] for d in declared], dtype="<U9")),
            "declared_standard_deviation": (
                "declared",
                np.array([d[2] for d in declared], dtype=float),
                {"units": "kg s-1"},
            ),
        },
        attrs={"synthetic": "yes"},
    )
    bare = _observed(rng, n, sectors, starts, flux.size)
    matrix = rng.random((n, flux.size))
    bare["jacobian"] = with_matrix(bare["jacobian"], matrix)
    return bare | {"prior": prior, "prior_covariance": covariance}


def _alike(size, value):
    """Return a correlation matrix whose parts are all alike."""
    return np.full((size, size), value) + (1.0 - value) * np.eye(size)


def _observed(rng, n, sectors, starts, state_size):
    """Return the four datasets that have observations, H without rows."""
    times = starts[0] + np.arange(n) * np.timedelta64(1440 * len(starts) // max(n, 1), "m")
    obs_id = ("obs", np.array([f"a@{k}" for k in range(n)], dtype=object))
    attrs = {"synthetic": "yes"}
    return {
        "observations": xr.Dataset(
            {
                "obs_id": obs_id,
                "time": ("obs", times),
                "receptor_index": ("obs", np.zeros(n, np.int32)),
                "mole_fraction": ("obs", rng.normal(430.0, 5.0, n), PPM),
                "receptor": ("receptor", np.array(["a"], dtype=object)),
            },
            attrs=attrs,
        ),
        "background": xr.Dataset(
            {
                "obs_id": obs_id,
                "background": ("obs", np.full(n, 420.0), PPM),
                "background_standard_deviation": ("obs", np.full(n, 0.7), PPM),
                "background_pattern": (("obs", "parameter"), np.ones((n, 1)), {"units": "1"}),
                "parameter_standard_deviation": ("parameter", np.full(1, 0.7), PPM),
                "parameter": ("parameter", np.array(["offset"], dtype=object)),
            },
            attrs=attrs,
        ),
        "mismatch": xr.Dataset(
            {
                "obs_id": obs_id,
                "term": ("term", np.array(["instrument"], dtype=object)),
                "standard_deviation": (("term", "obs"), np.full((1, n), 0.5), PPM),
                "correlation_time": ("term", np.zeros(1), {"units": "s"}),
                "cross_site_correlation": ("term", np.zeros(1), {"units": "1"}),
            },
            attrs=attrs,
        ),
        "jacobian": xr.Dataset(
            {
                "obs_id": obs_id,
                "sector": ("sector", np.array([f"s{k}" for k in range(sectors)], dtype=object)),
                "sensitivity_outside": ("obs", np.zeros(n), FOOTPRINT),
                "fixed_mole_fraction": ("obs", np.zeros(n), PPM),
            },
            attrs=attrs | {"state_size": state_size},
        ),
    }
