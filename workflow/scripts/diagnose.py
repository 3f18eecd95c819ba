"""In: the six datasets of a problem. Out: how well its errors explain its innovations."""

from contracts.datasets import read_dataset
from contracts.files import write_json
from inversion.diagnostics import diagnose
from inversion.problem import DATASETS
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "errors": "contracts.settings.errors:ErrorSettings",
            "gas": "contracts.settings.gas:GasSettings",
            "solver": "contracts.settings.solver:SolverSettings",
            "time": "contracts.settings.time:TimeSettings",
        },
    )
    datasets = {name: read_dataset(snakemake.input[name], name) for name in DATASETS}
    weather = snakemake.input.get("meteorology")
    meteorology = read_dataset(weather, "meteorology") if weather else None
    found = diagnose(
        datasets, job.errors, job.solver, job.gas, meteorology, job.time.utc_offset_hours
    )
    write_json(snakemake.output[0], found)


main(snakemake)
