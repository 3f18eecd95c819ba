"""In: the files a run wrote. Out: its record: versions, settings, hashes, counts read, used and lost, fit."""

import json
import math
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import xarray as xr

from contracts.datasets import read_dataset
from contracts.files import file_hash, read_json

LIBRARIES = (
    "cartopy",
    "dask",
    "netCDF4",
    "numpy",
    "pyproj",
    "scipy",
    "shapely",
    "snakemake",
    "xarray",
)
FIT = ("reduced_chi_square", "dofs", "log_evidence", "n_observations", "n_state", "solver")


def run_record(inputs: Any) -> dict[str, Any]:
    """Return the record of a run, but for its settings.

    Parameters
    ----------
    inputs : object
        Paths by name, as Snakemake hands them over: `problem`, `posterior` and, where there
        are records, `stations`, `files`, `status`.
    """
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "versions": {name: version(name) for name in LIBRARIES},
        "stations": _stations(inputs.get("stations") or [], inputs.get("files") or []),
        "excluded_stations": _excluded(inputs.get("status")),
        **_datasets(sorted({*inputs.problem, *inputs.posterior})),
        "fit": {Path(path).stem: _fit(path) for path in inputs.posterior},
    }


def _counts(dataset: xr.Dataset) -> dict[str, Any]:
    text = dataset.attrs.get("counts")
    return json.loads(text) if text else {}


def _stations(records: Sequence[str], listings: Sequence[str]) -> dict[str, Any]:
    stations = {}
    by_station = {Path(listing).name.split(".")[0]: listing for listing in listings}
    for path in records:
        dataset = read_dataset(path, "station")
        listing = by_station.get(Path(path).stem)  # none where the record was brought
        rows = read_json(listing) if listing else []
        files = [{**row, "file": Path(row["file"]).name} for row in rows]
        stations[dataset.attrs["station"]] = {"counts": _counts(dataset), "files": files}
    return stations


def _excluded(path: str | None) -> dict[str, str]:
    if not path:
        return {}
    status = read_dataset(path, "network_status")
    names, out, why = (status[name].values for name in ("station", "excluded", "reason"))
    return {str(n): str(r) for n, x, r in zip(names, out, why, strict=True) if x}


def _datasets(paths: Sequence[str]) -> dict[str, Any]:
    datasets, provenance = {}, {}
    for path in paths:
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            name = f"{Path(path).parent.name}/{Path(path).name}"
            datasets[name] = {"sha256": file_hash(path), "counts": _counts(dataset)}
            provenance[name] = json.loads(dataset.attrs["provenance"])
    return {"datasets": datasets, "provenance": provenance}


def _fit(path: str) -> dict[str, Any]:
    attributes = read_dataset(path, "posterior").attrs
    values = {key: attributes[key] for key in FIT}
    plain = {k: v.item() if hasattr(v, "item") else v for k, v in values.items()}
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in plain.items()}
