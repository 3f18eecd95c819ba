"""In: weather files. Out: the meteorology of one batch and the hours looked back from it."""

from contracts.datasets import write_dataset
from contracts.periods import batch_period
from transport.meteorology import prepare_meteorology
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "time": "contracts.settings.time:TimeSettings",
            "transport": "contracts.settings.transport:TransportSettings",
        },
    )
    batch = batch_period(job.time, snakemake.wildcards.period)
    result = prepare_meteorology(sorted(snakemake.input.weather), batch, job.transport)
    write_dataset(result, snakemake.output[0], "meteorology", job.provenance())


main(snakemake)
