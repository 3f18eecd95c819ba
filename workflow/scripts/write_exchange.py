"""In: posteriors, priors and reconciliations of a run. Out: its folder of GeoTIFF, GeoPackage and tidy CSV."""

from contracts.datasets import read_dataset
from contracts.districts import load_regions
from contracts.settings.model import Settings
from report.exchange import ExchangeBatch, write_exchange
from workflow.job import Job


def main(snakemake):
    Job(snakemake, {})
    source = snakemake.input
    settings = Settings.model_validate(snakemake.params.everything)
    judged = source.get("reconciliation") or [None] * len(source.posterior)
    batches = [
        ExchangeBatch(
            name=name,
            posterior=read_dataset(posterior, "posterior"),
            prior=read_dataset(prior, "prior"),
            reconciliation=read_dataset(verdicts, "reconciliation") if verdicts else None,
        )
        for name, posterior, prior, verdicts in zip(
            snakemake.params.periods, source.posterior, source.prior, judged, strict=True
        )
    ]
    regions = load_regions(settings.regions)
    write_exchange(batches, regions, settings.run, settings.gas, snakemake.output[0])


main(snakemake)
