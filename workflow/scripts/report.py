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

PROBLEM = ("prior", "observations", "background", "mismatch")


def batch_of(name, paths, truth):
    problem = {part: read_dataset(paths["problem"][name, part], part) for part in PROBLEM}
    return Batch(
        name=name,
        posterior=read_dataset(paths["posterior"][name], "posterior"),
        inventory=optional(paths["problem"].get((name, "inventory")), "inventory"),
        reconciliation=read_dataset(paths["reconciliation"][name], "reconciliation"),
        diagnostics=read_json(paths["diagnostics"][name]),
        certificate=read_json(paths["certificate"][name]) if name in paths["certificate"] else None,
        truth=truth,
        **problem,
    )


def optional(path, name):
    return read_dataset(path, name) if path else None


def listed(source, name):
    value = source.get(name) or []
    return [value] if isinstance(value, str) else list(value)


def exchange_names(paths):
    files = [f for path in paths for f in (Path(path).iterdir() if Path(path).is_dir() else [path])]
    return sorted(Path(path).name for path in files)


def main(snakemake):
    job = Job(snakemake, {})
    out, source = snakemake.params.out, snakemake.input
    settings = Settings.model_validate(snakemake.params.everything)
    problem = [*listed(source, "problem"), *listed(source, "inventory")]
    paths = {"problem": {(Path(path).parent.name, Path(path).stem): path for path in problem}}
    for name in ("posterior", "reconciliation", "diagnostics", "certificate"):
        paths[name] = {Path(path).stem: path for path in listed(source, name)}
    truth = optional(source.get("truth"), "truth")
    batches = [batch_of(name, paths, truth) for name in snakemake.params.periods]
    records = [read_dataset(path, "station") for path in listed(source, "stations")]
    said = {
        language: [
            sentence
            for batch in batches
            for sentence in headline(verdict_rows(batch.reconciliation), language)
        ]
        for language in ("en", "zh")
    }
    names = ("posterior", "reconciliation", "stations", "status")
    files = sorted({*problem, *(path for name in names for path in listed(source, name))})
    provenance = job.provenance()
    inputs = ReportInputs(
        run=settings.run,
        settings=settings,
        batches=batches,
        network_status=optional(source.get("status"), "network_status"),
        stations={ds.attrs["station"]: ds for ds in records},
        regions=load_regions(settings.regions),
        headlines=said,
        run_json=read_json(source.run),
        provenance=ReportProvenance(
            {str(Path(path).relative_to(out)): file_hash(path) for path in files},
            provenance.settings,
            provenance.code,
        ),
        cache_dir=Path(out) / "cache",
        exchange=exchange_names(listed(source, "exchange")),
    )
    Path(snakemake.output.maps).mkdir(parents=True, exist_ok=True)  # also where there is no map
    write(build_report(inputs), Path(snakemake.output.page).parent)
    write_text(snakemake.output.summary, "".join(f"{line}\n" for line in summary_lines(inputs)))


main(snakemake)
