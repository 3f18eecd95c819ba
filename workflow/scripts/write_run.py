"""In: every dataset of a run. Out: run.json: versions, settings, input hashes, counts read, used and lost, fit."""

from contracts.files import write_json
from workflow.job import Job
from workflow.record import run_record


def main(snakemake):
    job = Job(snakemake, {})
    content = {
        **run_record(snakemake.input),
        "settings": snakemake.params.everything,
        "settings_hash": job.provenance().settings,
        "code_hash": str(snakemake.params.code),
    }
    write_json(snakemake.output[0], content)


main(snakemake)
