"""In: observations. Out: those of every few local days, whose footprints a preview is made from."""

from contracts.datasets import read_dataset, write_dataset
from inversion.previewing.days import every_few_days
from workflow.job import Job


def main(snakemake):
    sections = {
        "preview": "contracts.settings.preview:PreviewSettings",
        "time": "contracts.settings.time:TimeSettings",
    }
    job = Job(snakemake, sections)
    observations = read_dataset(snakemake.input[0], "observations")
    kept = every_few_days(observations, job.preview.every_days, job.time.utc_offset_hours)
    write_dataset(kept, snakemake.output[0], "observations", job.provenance())


main(snakemake)
