"""In: a dataset the user brings. Out: the same dataset, checked, with where it came from."""

from contracts.datasets import read_dataset, write_dataset
from workflow.job import Job


def main(snakemake):
    job = Job(snakemake, {})
    name = snakemake.params.dataset
    write_dataset(
        read_dataset(snakemake.input.given, name), snakemake.output[0], name, job.provenance()
    )


main(snakemake)
