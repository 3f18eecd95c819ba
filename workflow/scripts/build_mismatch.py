"""In: observations, Jacobian, prior. Out: the named terms of the mismatch covariance."""

from contracts.datasets import read_dataset, write_dataset
from inversion.errors.mismatch import build_mismatch
from workflow.job import Job


def main(snakemake):
    sections = {
        "errors": "contracts.settings.errors:ErrorSettings",
        "time": "contracts.settings.time:TimeSettings",
    }
    job = Job(snakemake, sections)
    names = ("observations", "jacobian", "prior")
    parts = [read_dataset(snakemake.input[name], name) for name in names]
    result = build_mismatch(*parts, job.errors.mismatch, job.time.utc_offset_hours)
    write_dataset(result, snakemake.output[0], "mismatch", job.provenance())


main(snakemake)
