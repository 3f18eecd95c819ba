"""In: everything a run wrote. Out: the page, its maps, and the three sentences as text."""

from pathlib import Path

from contracts.datasets import read_dataset
from contracts.districts import load_regions
from contracts.files import file_hash, read_json, write_text
from contracts.settings.model import Settings
from reconcile.headline import headline
from reconcile.tables import verdict_rows
from report.build import build_report, write
from report.inputs import Batch, ReportInputs, ReportProvenance
from report.summary import summary_lines
from workflow.job import Job

PROBLEM = ("prior", "inventory", "observations", "background", "mismatch")


def batch_of(name, out, truth, certificates, diagnostics):
    problem = {part: read_dataset(f"{out}/problem/{name}/{part}.nc", part) for part in PROBLEM}
    return Batch(
        name=name,
        posterior=read_dataset(f"{out}/posterior/{name}.nc", "posterior"),
        reconciliation=read_dataset(f"{out}/reconciliation/{name}.nc", "reconciliation"),
        diagnostics=read_json(diagnostics[name]),
        certificate=read_json(certificates[name]) if name in certificates else None,
        truth=truth,
        **problem,
    )


def by_batch(paths):
    return {Path(path).stem: path for path in paths or []}


def main(snakemake):
    job = Job(snakemake, {})
    out, source = snakemake.params.out, snakemake.input
    settings = Settings.model_validate(snakemake.params.everything)
    truth = read_dataset(source.truth, "truth") if source.get("truth") else None
    certificates = by_batch(source.get("certificate"))
    diagnostics = by_batch(source.diagnostics)
    batches = [
        batch_of(name, out, truth, certificates, diagnostics) for name in snakemake.params.periods
    ]
    records = [read_dataset(path, "station") for path in source.stations]
    said = {
        language: [
            sentence
            for batch in batches
            for sentence in headline(verdict_rows(batch.reconciliation), language)
        ]
        for language in ("en", "zh")
    }
    files = [*source.problem, *source.posterior, *source.reconciliation, *source.stations]
    provenance = job.provenance()
    inputs = ReportInputs(
        run=settings.run,
        settings=settings,
        batches=batches,
        network_status=read_dataset(source.status, "network_status"),
        stations={ds.attrs["station"]: ds for ds in records},
        regions=load_regions(settings.regions),
        headlines=said,
        run_json=read_json(source.run),
        provenance=ReportProvenance(
            {
                str(Path(path).relative_to(out)): file_hash(path)
                for path in sorted({*files, source.status})
            },
            provenance.settings,
            provenance.code,
        ),
        cache_dir=Path(out) / "cache",
    )
    write(build_report(inputs), Path(snakemake.output.page).parent)
    write_text(snakemake.output.summary, "".join(f"{line}\n" for line in summary_lines(inputs)))


main(snakemake)
