"""In: hourly records, the network's state, hours with footprints. Out: the observations of one batch."""

from contracts.datasets import read_dataset, write_dataset
from contracts.periods import batch_period
from stations.assemble import build_observations
from transport.receptors import receptor_hours
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "stations": "contracts.settings.stations:StationSettings",
            "time": "contracts.settings.time:TimeSettings",
            "transport": "contracts.settings.transport:TransportSettings",
        },
    )
    records = [read_dataset(path, "station") for path in snakemake.input.stations]
    records = {ds.attrs["station"]: ds for ds in records}
    hours = None
    if job.transport is not None and job.transport.meteorology is None:
        hours = receptor_hours(records, list(snakemake.input.footprints), job.transport)
    observations = build_observations(
        records,
        read_dataset(snakemake.input.status, "network_status"),
        batch_period(job.time, snakemake.wildcards.period),
        job.stations,
        job.time.utc_offset_hours,
        only_times=hours,
    )
    write_dataset(observations, snakemake.output[0], "observations", job.provenance())


main(snakemake)
