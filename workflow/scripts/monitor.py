"""In: hourly records of all stations, receptor files. Out: the state of the network, who is left out with which reason, what a person should look at."""

from contracts.datasets import read_dataset, write_dataset
from contracts.files import write_json
from stations.monitor import status_json
from stations.network import inspect_network
from stations.receptors import read_receptors
from workflow.job import Job


def main(snakemake):
    job = Job(snakemake, {"stations": "contracts.settings.stations:StationSettings"})
    records = [read_dataset(path, "station") for path in snakemake.input.stations]
    files = snakemake.input.get("receptors", [])
    receptors = read_receptors(files, job.stations.receptors) if files else None
    stations = {ds.attrs["station"]: ds for ds in records}
    status = inspect_network(stations, job.stations, receptors)
    write_dataset(status, snakemake.output.status, "network_status", job.provenance())
    write_json(snakemake.output.json, status_json(status))


main(snakemake)
