"""In: posterior, inventory, certificate, network. Out: atmosphere-only totals and verdicts with their sentences."""

import numpy as np

from contracts.datasets import read_dataset, write_dataset
from contracts.files import read_json
from reconcile.context import Context
from reconcile.run import reconcile
from reconcile.sentences import sentence
from reconcile.tables import verdict_rows
from workflow.job import Job


def main(snakemake):
    job = Job(snakemake, {"reconcile": "contracts.settings.reconcile:ReconcileSettings"})
    certificate = snakemake.input.get("certificate")
    prior = read_dataset(snakemake.input.prior, "prior")
    status = read_dataset(snakemake.input.status, "network_status")
    observations = read_dataset(snakemake.input.observations, "observations")
    names = zip(
        prior["region"].values.astype(str),
        prior["region_name"].values.astype(str),
        prior["region_name_local"].values.astype(str),
        strict=True,
    )
    excluded = zip(
        status["station"].values.astype(str),
        status["excluded"].values,
        status["reason"].values.astype(str),
        strict=True,
    )
    context = Context(
        period_name=snakemake.wildcards.period,
        used_stations=tuple(observations["receptor"].values.astype(str)),
        excluded_stations={name: reason for name, out, reason in excluded if out},
        region_names={code: (english, local) for code, english, local in names},
    )
    result = reconcile(
        read_dataset(snakemake.input.posterior, "posterior"),
        read_dataset(snakemake.input.inventory, "inventory"),
        read_json(certificate) if certificate else None,
        job.reconcile,
        context,
    )
    rows = verdict_rows(result)
    spoken = {
        f"sentence_{language}": [sentence(row, language) for row in rows]
        for language in ("en", "zh")
    }
    result = result.assign({name: ("verdict_row", np.array(said)) for name, said in spoken.items()})
    write_dataset(result, snakemake.output[0], "reconciliation", job.provenance())


main(snakemake)
