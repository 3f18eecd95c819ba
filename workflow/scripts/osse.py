"""In: a problem and drawn truths. Out: the certificate: how often intervals of this network hold the truth."""

from contracts.datasets import read_dataset
from contracts.files import write_json, write_text
from inversion.coverage import table
from inversion.osse import OsseSections, certify
from inversion.problem import DATASETS
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "errors": "contracts.settings.errors:ErrorSettings",
            "gas": "contracts.settings.gas:GasSettings",
            "osse": "contracts.settings.osse:OsseSettings",
            "solver": "contracts.settings.solver:SolverSettings",
        },
    )
    datasets = {name: read_dataset(snakemake.input[name], name) for name in DATASETS}
    certificate = certify(
        datasets,
        read_dataset(snakemake.input.posterior, "posterior"),
        read_dataset(snakemake.input.truths, "truths"),
        OsseSections(job.errors, job.solver, job.osse, job.gas),
        snakemake.threads,
    )
    write_json(snakemake.output.json, certificate)
    write_text(snakemake.output.table, table(certificate) + "\n")


main(snakemake)
