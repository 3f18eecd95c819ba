"""In: observations of one station, meteorology or footprint files. Out: the station's footprints."""

from pathlib import Path

from contracts.datasets import read_dataset, write_dataset
from transport.footprints import build_footprints
from transport.receptors import of_receptor
from workflow.job import Job
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
    observations = read_dataset(snakemake.input.observations, "observations")
    weather = snakemake.input.get("meteorology")
    files = sorted(snakemake.input.get("files") or [])
    grid, _ = run_space(job, files)
    result = build_footprints(
        of_receptor(observations, snakemake.wildcards.station),
        read_dataset(weather, "meteorology") if weather else None,
        grid,
        job.transport,
        files,
        keep=Path(snakemake.output[0]).parent / "hours",
    )
    write_dataset(result, snakemake.output[0], "footprints", job.provenance())


main(snakemake)
