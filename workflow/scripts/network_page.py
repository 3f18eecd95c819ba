"""In: records, file lists and status of a network. Out: its page, and the opening sentences as text."""

from pathlib import Path

from contracts.datasets import read_dataset
from contracts.files import file_hash, read_json, write_text
from contracts.settings.model import Settings
from report.build import build_report, write
from report.inputs import ReportInputs, ReportProvenance
from report.network import network_headline
from report.summary import summary_lines
from workflow.job import Job


def main(snakemake):
    job = Job(snakemake, {})
    source, out = snakemake.input, Path(snakemake.output.page).parent.parent
    settings = Settings.model_validate(snakemake.params.everything)
    records = [read_dataset(path, "station") for path in source.stations]
    stations = {ds.attrs["station"]: ds for ds in records}
    status = read_dataset(source.status, "network_status")
    provenance = job.provenance()
    inputs = ReportInputs(
        run=settings.run,
        settings=settings,
        batches=(),
        network_status=status,
        stations=stations,
        regions=None,
        headlines=network_headline(status, stations),
        run_json=read_json(source.run) if source.get("run") else {},
        provenance=ReportProvenance(
            {
                str(Path(path).relative_to(out)): file_hash(path)
                for path in sorted({*source.stations, source.status})
            },
            provenance.settings,
            provenance.code,
        ),
        files={
            Path(path).name.removesuffix(".files.json"): read_json(path) for path in source.files
        },
    )
    write(build_report(inputs), out / "report")
    write_text(snakemake.output.summary, "".join(f"{line}\n" for line in summary_lines(inputs)))


main(snakemake)
