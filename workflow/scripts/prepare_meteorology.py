"""In: weather files. Out: the meteorology of one batch and the hours looked back from it."""

from contracts.datasets import write_dataset
from contracts.periods import batch_period
from transport.meteorology import prepare_meteorology
from workflow.job import Job
from workflow.space import run_space


def main(snakemake):
    job = Job(
        snakemake,
        {
            "grid": "contracts.settings.grid:GridSettings",
            "regions": "contracts.settings.regions:RegionSettings",
            "time": "contracts.settings.time:TimeSettings",
            "transport": "contracts.settings.transport:TransportSettings",
        },
    )
    batch = batch_period(job.time, snakemake.wildcards.period)
    grid, _ = run_space(job, [])
    files = sorted(snakemake.input.weather)
    result = prepare_meteorology(files, batch, job.transport, grid=grid)
    write_dataset(result, snakemake.output[0], "meteorology", job.provenance())


main(snakemake)
