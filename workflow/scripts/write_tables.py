"""In: posteriors and reconciliations. Out: fluxes.csv, verdicts.csv, fit.csv."""

from contracts.datasets import read_dataset
from contracts.files import write_csv
from reconcile.tables import (
    FIT_COLUMNS,
    FLUX_COLUMNS,
    VERDICT_COLUMNS,
    fit_rows,
    flux_rows,
    verdict_rows,
)
from workflow.job import Job


def main(snakemake):
    job = Job(snakemake, {"gas": "contracts.settings.gas:GasSettings"})
    posteriors = [read_dataset(path, "posterior") for path in snakemake.input.posterior]
    verdicts = [read_dataset(path, "reconciliation") for path in snakemake.input.reconciliation]
    tables = (
        (snakemake.output.fluxes, FLUX_COLUMNS, flux_rows, posteriors),
        (snakemake.output.verdicts, VERDICT_COLUMNS, verdict_rows, verdicts),
    )
    for path, columns, rows_of, datasets in tables:
        rows = [row for ds in datasets for row in rows_of(ds)]
        write_csv(path, columns, [{name: row[name] for name in columns} for row in rows])
    observations = [read_dataset(path, "observations") for path in snakemake.input.observations]
    pairs = zip(posteriors, observations, strict=True)
    rows = [row for posterior, seen in pairs for row in fit_rows(posterior, seen, job.gas)]
    write_csv(snakemake.output.fit, FIT_COLUMNS, rows)


main(snakemake)
