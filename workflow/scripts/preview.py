"""In: a problem, or its reach. Out: what its inversion would know of every total, and what it takes."""

from contracts.datasets import read_dataset
from contracts.files import write_json, write_text
from inversion.preview import preview
from inversion.previewing.beside import beside_of
from inversion.previewing.table import table
from inversion.problem import DATASETS
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "errors": "contracts.settings.errors:ErrorSettings",
            "gas": "contracts.settings.gas:GasSettings",
            "preview": "contracts.settings.preview:PreviewSettings",
            "solver": "contracts.settings.solver:SolverSettings",
            "time": "contracts.settings.time:TimeSettings",
        },
    )
    names = [name for name in DATASETS if snakemake.input.get(name)]
    datasets = {name: read_dataset(snakemake.input[name], name) for name in names}
    paths = snakemake.input.get("footprints") or []
    footprints = [read_dataset(path, "footprints") for path in paths]
    beside = beside_of(
        snakemake.input.get("times") or [],
        footprints,
        datasets["observations"],
        jobs=snakemake.params.jobs,
        certificate_sweeps=snakemake.params.sweeps,
    )
    found = preview(datasets, job, footprints or None, beside)
    write_json(snakemake.output.json, found)
    write_text(snakemake.output.table, table(found) + "\n")


main(snakemake)
