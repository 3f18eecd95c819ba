"""In: a preview. Out: a file that says a run may go on; a run that breaks a limit stops here."""

from contracts.files import read_json, write_text
from inversion.preview import require_answerable
from workflow.job import Job


def main(snakemake):
    Job(snakemake, {})
    require_answerable(read_json(snakemake.input[0]), snakemake.input[0])
    write_text(snakemake.output[0], "no limit of the settings is broken\n")


main(snakemake)
