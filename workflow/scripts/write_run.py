"""In: every dataset of a run. Out: run.json: versions, settings, input hashes, counts read, used and lost, fit."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import xarray as xr

from contracts.datasets import read_dataset
from contracts.files import file_hash, read_json, write_json
from contracts.provenance import Provenance
from workflow.job import Job

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


def counts_of(dataset):
    text = dataset.attrs.get("counts")
    return json.loads(text) if text else {}


def plain(value):
    return value.item() if hasattr(value, "item") else value


def main(snakemake):
    job = Job(snakemake, {})
    stations = {}
    for path, listing in zip(snakemake.input.stations, snakemake.input.files, strict=True):
        dataset = read_dataset(path, "station")
        files = [{**row, "file": Path(row["file"]).name} for row in read_json(listing)]
        stations[dataset.attrs["station"]] = {"counts": counts_of(dataset), "files": files}
    status = read_dataset(snakemake.input.status, "network_status")
    names, out, why = (status[v].values for v in ("station", "excluded", "reason"))
    excluded = {str(n): str(r) for n, x, r in zip(names, out, why, strict=True) if x}
    problem = {}
    provenance = {}
    for path in sorted({*snakemake.input.problem, *snakemake.input.posterior}):
        with xr.open_dataset(path) as dataset:
            batch = f"{Path(path).parent.name}/{Path(path).name}"
            problem[batch] = {"sha256": file_hash(path), "counts": counts_of(dataset)}
            text = dataset.attrs["provenance"]
            provenance[batch] = json.loads(Provenance.from_attribute(text).to_json())
    fit = {}
    for path in snakemake.input.posterior:
        dataset = read_dataset(path, "posterior")
        fit[Path(path).stem] = {key: plain(dataset.attrs[key]) for key in FIT}
    content = {
        "settings": snakemake.params.everything,
        "python": ".".join(platform.python_version_tuple()[:2]),
        "versions": {name: version(name) for name in LIBRARIES},
        "stations": stations,
        "excluded_stations": excluded,
        "datasets": problem,
        "provenance": provenance,
        "fit": fit,
        "settings_hash": job.provenance().settings,
        "code_hash": str(snakemake.params.code),
    }
    write_json(snakemake.output[0], content)


main(snakemake)
