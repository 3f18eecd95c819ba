"""The name of a contract comes in; a small dataset that keeps it goes out, drawn from the schema and mended by hand."""

from functools import cache

import numpy as np
import xarray as xr

from contracts.datasets import schema_of
from contracts.schema import Variable

SIZES = {"bounds": 2, "row_edge": 4, "northing": 2, "easting": 2, "nonzero": 4}
GRID = {"row": "northing", "col": "easting", "space": "northing easting"}
START = np.datetime64("2025-06-01", "ns")
HOUR = np.timedelta64(3_600_000_000_000, "ns")


def dims_of(variable):
    """Return the dims of a variable on a projected grid."""
    return tuple(" ".join(GRID.get(part, part) for part in variable.dims.split()).split())


def values_of(name, variable: Variable):
    """Return values that are all different where the range allows it, and inside that range."""
    dims = dims_of(variable)
    shape = tuple(SIZES.get(dim, 3) for dim in dims)
    if dims[-1] == "bounds":
        edges = np.arange(shape[0])[:, None] + np.array([0, 1])
        return START + edges * HOUR if variable.kind == "time" else edges * 3600.0
    count = np.arange(np.prod(shape)).reshape(shape)
    if variable.kind == "text":
        return np.array([f"{name}_{i}" for i in count.ravel()], dtype=object).reshape(shape)
    if variable.kind == "time":
        return START + count * HOUR
    if variable.kind == "int":
        return np.zeros(shape, dtype=np.int32)
    low = max(variable.low, -5.0)
    high = min(variable.high, low + 100.0)
    return low + (high - low) * (count + 1) / (count.size + 1) / 3.0


@cache
def _sample(name):
    schema = schema_of(name)
    variables = {}
    for key, variable in schema.variables.items():
        attrs = {"units": variable.unit} if variable.unit else {}
        variables[key] = (dims_of(variable), values_of(key, variable), attrs)
    attrs = {key: f"the {key}" for key in schema.attributes} | {"synthetic": "yes"}
    ds = xr.Dataset(variables, attrs=attrs)
    return _MENDED[name](ds) if name in _MENDED else ds


def sample(name):
    """Return a fresh dataset that keeps the contract `name`."""
    return _sample(name).copy(deep=True)


def with_values(ds, **values):
    """Return the dataset with other values of some variables; dims and attributes stay."""
    new = {key: (ds[key].dims, np.asarray(value), ds[key].attrs) for key, value in values.items()}
    return ds.drop_vars(list(new)).assign(new)


def _footprints(ds):
    sensitivity = np.array([1.0, 2.0, 3.0, 4.0])
    return with_values(
        ds,
        row_size=np.array([2, 0, 2]),
        aloft_row_size=np.array([1, 0, 2]),
        sensitivity=sensitivity,
        sensitivity_outside=np.array([0.5, 0.0, 1.0]),
        sensitivity_total=np.array([3.5, 0.0, 8.0]),
    )


def _jacobian(ds):
    inside = np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 7.0]])
    return with_values(
        ds,
        row_start=np.array([0, 2, 2, 4]),
        state_index=np.array([0, 4, 10, 11]),
        sensitivity=np.array([1.0, 2.0, 3.0, 4.0]),
        sensitivity_inside=inside,
    ).assign_attrs(state_size=12)


def _observations(ds):
    return with_values(ds, receptor_index=np.array([0, 0, 2]), instrument_error=[0.1, 0.2, 0.3])


def _posterior(ds):
    matrix = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 1.0], [0.0, 1.0, 2.0]])
    return with_values(ds, total_covariance=matrix, total_prior_covariance=2.0 * matrix)


def _prior(ds):
    shares = np.full((3, 2, 2), 0.25)
    shares[0] = 0.5
    return with_values(ds, region_fraction=shares)


def _prior_covariance(ds):
    matrix = np.eye(3) + 0.5 * (1.0 - np.eye(3))
    names = ("sector_correlation", "region_correlation", "period_correlation", "covariance")
    return with_values(ds, **dict.fromkeys(names, matrix))


def _mismatch(ds):
    return with_values(ds, covariance=np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 1.0], [0.0, 1.0, 2.0]]))


def _station(ds):
    values = ds["mole_fraction"].values.copy()
    values[1] = np.nan
    return with_values(ds, mole_fraction=values, quality_flag=np.array([0, 4, 0], np.int32))


_MENDED = {
    "footprints": _footprints,
    "jacobian": _jacobian,
    "mismatch": _mismatch,
    "observations": _observations,
    "posterior": _posterior,
    "prior": _prior,
    "prior_covariance": _prior_covariance,
    "station": _station,
}
