"""In: the files of a published inversion. Out: the six datasets of its problem."""

from contracts.datasets import write_dataset
from contracts.periods import batch_period
from inversion.problem import DATASETS
from inversion.published import folder_of, read_problem, require_batch
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "problem": "contracts.settings.problem:ProblemSettings",
            "time": "contracts.settings.time:TimeSettings",
        },
    )
    datasets = read_problem(job.problem, folder_of(job.problem, snakemake.input.files))
    require_batch(datasets, batch_period(job.time, snakemake.wildcards.period))
    for name in DATASETS:
        write_dataset(datasets[name], snakemake.output[name], name, job.provenance())


main(snakemake)
