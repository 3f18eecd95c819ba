"""In: hourly records of all stations. Out: the state of the network, and who is left out with which reason."""

from contracts.datasets import read_dataset, write_dataset
from contracts.files import write_json
from stations.monitor import network_status, status_json
from workflow.job import Job


def main(snakemake):
    job = Job(snakemake, {"stations": "contracts.settings.stations:StationSettings"})
    records = [read_dataset(path, "station") for path in snakemake.input.stations]
    status = network_status({ds.attrs["station"]: ds for ds in records}, job.stations)
    write_dataset(status, snakemake.output.status, "network_status", job.provenance())
    write_json(snakemake.output.json, status_json(status))


main(snakemake)
