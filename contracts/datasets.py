"""In: an xarray dataset and the name of its contract. Out: a checked netCDF file (CF-1.11, same input same bytes), or all violations at once."""

from pathlib import Path

import numpy as np
import xarray as xr

from contracts.files import atomic_path
from contracts.provenance import Provenance
from contracts.registered import registered
from contracts.schema import Rule, Schema, Variable

_REGISTRY = {
    "background": "contracts.schemas.background:SCHEMA",
    "footprints": "contracts.schemas.footprints:SCHEMA",
    "inventory": "contracts.schemas.inventory:SCHEMA",
    "jacobian": "contracts.schemas.jacobian:SCHEMA",
    "meteorology": "contracts.schemas.meteorology:SCHEMA",
    "mismatch": "contracts.schemas.mismatch:SCHEMA",
    "network_status": "contracts.schemas.network_status:SCHEMA",
    "observations": "contracts.schemas.observations:SCHEMA",
    "posterior": "contracts.schemas.posterior:SCHEMA",
    "prior": "contracts.schemas.prior:SCHEMA",
    "prior_covariance": "contracts.schemas.prior_covariance:SCHEMA",
    "reconciliation": "contracts.schemas.reconciliation:SCHEMA",
    "station": "contracts.schemas.station:SCHEMA",
    "truth": "contracts.schemas.truth:SCHEMA",
    "truths": "contracts.schemas.truths:SCHEMA",
}
NAMES = tuple(sorted(_REGISTRY))
_GRIDS = (("northing", "easting"), ("latitude", "longitude"))
_KINDS = {"float": "f", "int": "iu", "text": "OUST", "time": "M"}


class ContractError(ValueError):
    """A dataset that breaks its contract, with every violation."""

    def __init__(self, name: str, where: str, violations: list[str]) -> None:
        self.violations = tuple(violations)
        lines = "\n".join(f"  {violation}" for violation in violations)
        super().__init__(
            f"dataset must keep the contract '{name}'; got {len(violations)} violation(s) "
            f"in {where or 'memory'}:\n{lines}"
        )


def schema_of(name: str) -> Schema:
    """Return the contract `name`."""
    if name not in NAMES:
        msg = f"contract must be one of {list(NAMES)}; got {name!r}."
        raise ValueError(msg)
    return registered(_REGISTRY[name])


def violations_of(ds: xr.Dataset, name: str) -> list[str]:
    """Return every broken rule as one sentence: variable, found, expected."""
    schema = schema_of(name)
    found = [
        f"attribute '{key}': expected a value; found none."
        for key in ("synthetic", *schema.attributes)
        if key not in ds.attrs
    ]
    if ds.attrs.get("synthetic", "no") not in {"yes", "no"}:
        found.append(f"attribute 'synthetic': expected yes or no; found {ds.attrs['synthetic']!r}.")
    broken = set()
    for variable in sorted(schema.variables):
        message = _variable(ds, variable, schema.variables[variable])
        if message:
            broken.add(variable)
            found.append(message)
    found.extend(message for rule in schema.rules if (message := _rule(ds, rule, broken)))
    return found


def _rule(ds: xr.Dataset, rule: Rule, broken: set[str]) -> str | None:
    if any(need not in ds.variables or need in broken for need in rule.needs):
        return None
    result = rule.test(ds)
    return result and f"variable '{rule.variable}': expected {rule.expected}; found {result}."


def _dims(dims: str) -> tuple[tuple[str, ...], ...]:
    options = []
    for row, column in _GRIDS:
        names = dims.replace("space", "row col").split()
        options.append(tuple({"row": row, "col": column}.get(part, part) for part in names))
    if "space" in dims.split():
        options.append(tuple("region" if part == "space" else part for part in dims.split()))
    return tuple(options)


def _variable(ds: xr.Dataset, name: str, rule: Variable) -> str | None:
    if name not in ds.variables:
        return None if rule.optional else f"variable '{name}': expected to be there; found nothing."
    array = ds[name]
    prefix = f"variable '{name}': expected"
    if array.dims not in _dims(rule.dims):
        return f"{prefix} dims ({rule.dims}); found {array.dims}."
    if array.dtype.kind not in _KINDS[rule.kind]:
        return f"{prefix} {rule.kind} numbers; found dtype {array.dtype}."
    if rule.unit and array.attrs.get("units") != rule.unit:
        return f"{prefix} unit '{rule.unit}'; found {array.attrs.get('units')!r}."
    if rule.kind == "time":
        missing = int(np.isnat(array.values).sum())
        return f"{prefix} times; found {missing} not-a-time." if missing else None
    if rule.kind == "text" and array.dtype.kind == "O":
        strange = [value for value in array.values.ravel() if not isinstance(value, str)]
        return f"{prefix} text; found {strange[0]!r}." if strange else None
    if rule.kind == "text" or array.size == 0:
        return None
    return _numbers(array.values, prefix, rule)


def _numbers(values: np.ndarray, prefix: str, rule: Variable) -> str | None:
    finite = np.isfinite(values)
    bad = ~finite & ~(np.isnan(values) if rule.missing else np.zeros_like(finite))
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        return (
            f"{prefix} finite numbers; found {int(bad.sum())} that are not, the first at {place}."
        )
    known = values[finite]
    if known.size and (known.min() < rule.low or known.max() > rule.high):
        return f"{prefix} values in [{rule.low}, {rule.high}]; found {known.min()}..{known.max()}."
    return None


def check_dataset(ds: xr.Dataset, name: str, where: str = "") -> None:
    """Check a dataset against its contract.

    Raises
    ------
    ContractError
        With every violation: file, variable, found, expected.
    """
    violations = violations_of(ds, name)
    if violations:
        raise ContractError(name, where, violations)


def write_dataset(ds: xr.Dataset, path: str | Path, name: str, provenance: Provenance) -> None:
    """Check `ds` and write it atomically; the same input gives the same bytes."""
    check_dataset(ds, name, str(path))
    schema = schema_of(name)
    out = ds.assign_attrs(
        Conventions="CF-1.11", cityflux_dataset=name, provenance=provenance.to_json()
    )
    out.attrs = dict(sorted(out.attrs.items()))
    ordered = {name: out[name].variable for name in sorted(str(v) for v in out.data_vars)}
    coords = {name: out[name].variable for name in sorted(str(c) for c in out.coords)}
    out = xr.Dataset(ordered, coords=coords, attrs=out.attrs)
    encoding = {}
    for variable in sorted(str(v) for v in out.variables):
        array = out[variable]
        array.encoding = {}
        encoding[variable] = _encoding(array, schema.variables.get(variable))
        if array.dtype.kind in "OU" and array.size == 0:
            out[variable] = array.astype("<U1")
    with atomic_path(path) as temporary:
        out.to_netcdf(temporary, engine="netcdf4", format="NETCDF4", encoding=encoding)


def _encoding(array: xr.DataArray, rule: Variable | None) -> dict:
    if array.dtype.kind == "M":
        return {"units": "seconds since 1970-01-01", "dtype": "int64", "_FillValue": None}
    if array.dtype.kind in "OUST":
        return {}
    options: dict = {"_FillValue": None}
    if array.dtype.kind == "f" and rule is not None and rule.missing:
        options["_FillValue"] = np.nan
    if array.size > 10_000:
        options |= {"zlib": True, "complevel": 1, "shuffle": True}
    return options


def read_dataset(path: str | Path, name: str) -> xr.Dataset:
    """Read and check a contract file, fully into memory, times as datetime64[ns].

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ContractError
        If it is not the dataset it should be.
    """
    if not Path(path).is_file():
        msg = f"dataset '{name}' must be a file; got nothing at {path}. Run the rule that makes it."
        raise FileNotFoundError(msg)
    with xr.open_dataset(path, engine="netcdf4") as opened:
        ds = opened.load()
    moved = [v for v in schema_of(name).variables if v in ds.coords and v not in ds.dims]
    ds = ds.reset_coords(moved) if moved else ds
    for variable in ds.variables:
        if ds[variable].dtype.kind == "M":
            ds[variable] = ds[variable].astype("datetime64[ns]")
    check_dataset(ds, name, str(path))
    return ds
