"""In: observations, footprints, the prior's space and profiles. Out: the Jacobian in compressed rows."""

from contracts.datasets import read_dataset, write_dataset
from inversion.jacobian import build_jacobian
from workflow.job import Job


def main(snakemake):
    job = Job(snakemake, {})
    result = build_jacobian(
        read_dataset(snakemake.input.observations, "observations"),
        [read_dataset(path, "footprints") for path in sorted(snakemake.input.footprints)],
        read_dataset(snakemake.input.prior, "prior"),
    )
    write_dataset(result, snakemake.output[0], "jacobian", job.provenance())


main(snakemake)
