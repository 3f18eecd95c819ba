"""In: observations and reference records. Out: the background of every observation and the patterns of its error."""

from contracts.datasets import read_dataset, write_dataset
from inversion.boundary.background import build_background
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "background": "contracts.settings.background:BackgroundSettings",
            "time": "contracts.settings.time:TimeSettings",
        },
    )
    records = [read_dataset(path, "station") for path in snakemake.input.stations]
    result = build_background(
        read_dataset(snakemake.input.observations, "observations"),
        {ds.attrs["station"]: ds for ds in records},
        job.background,
        job.time.utc_offset_hours,
    )
    write_dataset(result, snakemake.output[0], "background", job.provenance())


main(snakemake)
