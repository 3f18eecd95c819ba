"""In: posterior, inventory, certificate, network. Out: atmosphere-only totals and verdicts with their sentences."""

import numpy as np

from contracts.datasets import read_dataset, write_dataset
from contracts.files import read_json
from reconcile.context import Context
from reconcile.run import reconcile
from reconcile.sentences import sentence
from reconcile.tables import verdict_rows
from workflow.job import Job


def names_of(prior, kind):
    if kind not in prior:
        return {}
    columns = (
        prior[name].values.astype(str) for name in (kind, f"{kind}_name", f"{kind}_name_local")
    )
    return {code: (english, local) for code, english, local in zip(*columns, strict=True)}


def excluded_stations(path):
    if not path:
        return {}
    status = read_dataset(path, "network_status")
    columns = (status[name].values for name in ("station", "excluded", "reason"))
    return {str(name): str(reason) for name, out, reason in zip(*columns, strict=True) if out}


def main(snakemake):
    job = Job(snakemake, {"reconcile": "contracts.settings.reconcile:ReconcileSettings"})
    certificate = snakemake.input.get("certificate")
    inventory = snakemake.input.get("inventory")
    prior = read_dataset(snakemake.input.prior, "prior")
    observations = read_dataset(snakemake.input.observations, "observations")
    context = Context(
        period_name=snakemake.wildcards.period,
        used_stations=tuple(observations["receptor"].values.astype(str)),
        excluded_stations=excluded_stations(snakemake.input.get("status")),
        region_names={**names_of(prior, "region"), **names_of(prior, "group")},
    )
    result = reconcile(
        read_dataset(snakemake.input.posterior, "posterior"),
        read_dataset(inventory, "inventory") if inventory else None,
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
