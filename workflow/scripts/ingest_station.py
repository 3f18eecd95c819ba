"""In: raw files of one station. Out: its hourly record, quarantined lines and what was read of every file."""

import json
from pathlib import Path

from contracts.datasets import write_dataset
from contracts.files import write_json, write_text
from stations.ingest import ingest_station
from stations.registry import load_registry
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "gas": "contracts.settings.gas:GasSettings",
            "stations": "contracts.settings.stations:StationSettings",
        },
    )
    row = load_registry(snakemake.input.registry).stations[snakemake.wildcards.station]
    manual = Path(snakemake.input.manual[0]) if snakemake.input.get("manual") else None
    raw = [Path(path) for path in sorted(snakemake.input.raw)]
    result = ingest_station(row, raw, manual, job.stations, job.gas)
    provenance = job.provenance(registry=row.model_dump(mode="json"))
    write_dataset(result.dataset, snakemake.output.station, "station", provenance)
    lines = [json.dumps(item, sort_keys=True, ensure_ascii=False) for item in result.quarantine]
    write_text(snakemake.output.quarantine, "".join(f"{line}\n" for line in lines))
    write_json(snakemake.output.files, result.files)


main(snakemake)
