"""In: footprint files and the registry. Out: footprints of every tower, for all hours that the files hold."""

from contracts.datasets import write_dataset
from stations.registry import load_registry
from transport.footprints import build_footprints
from workflow.job import Job
from workflow.releases import released_hours
from workflow.space import run_space


def main(snakemake):
    job = Job(
        snakemake,
        {
            "grid": "contracts.settings.grid:GridSettings",
            "regions": "contracts.settings.regions:RegionSettings",
            "transport": "contracts.settings.transport:TransportSettings",
        },
    )
    files = sorted(snakemake.input.files)
    grid, _ = run_space(job, files)
    registry = load_registry(snakemake.input.registry)
    for name, path in zip(snakemake.params.towers, snakemake.output, strict=True):
        hours = released_hours(registry.stations[name], files, job.transport)
        result = build_footprints(hours, None, grid, job.transport, files)
        write_dataset(result, path, "footprints", job.provenance())


main(snakemake)
