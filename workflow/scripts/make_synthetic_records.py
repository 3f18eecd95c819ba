"""In: real footprints and a prior. Out: SYNTHETIC raw records, the truth behind them, and drawn truths."""

from dataclasses import asdict
from pathlib import Path

from contracts.datasets import read_dataset, write_dataset
from contracts.files import write_text
from synthetic.network import read_network
from synthetic.records import make_records
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "synthetic_records": ("contracts.settings.synthetic_records:SyntheticRecordsSettings"),
            "time": "contracts.settings.time:TimeSettings",
        },
    )
    network = read_network(snakemake.input.registry)
    made = make_records(
        [read_dataset(path, "footprints") for path in snakemake.input.footprints],
        read_dataset(snakemake.input.prior, "prior"),
        network,
        job.synthetic_records,
        job.time.utc_offset_hours,
    )
    for path in snakemake.output.raw:
        write_text(Path(path), made.texts[Path(path).name])
    provenance = job.provenance(registry=[asdict(station) for station in network])
    write_dataset(made.truth, snakemake.output.truth, "truth", provenance)
    write_dataset(made.truths, snakemake.output.truths, "truths", provenance)


main(snakemake)
