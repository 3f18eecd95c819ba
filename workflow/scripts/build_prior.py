"""In: inventory table or gridded fluxes, proxies, regions. Out: prior, its covariance, and the inventory's totals."""

from pathlib import Path

from contracts.datasets import write_dataset
from contracts.periods import batch_period
from inventories.prior import PriorInputs, build_prior
from workflow.job import Job
from workflow.space import run_space


def main(snakemake):
    job = Job(
        snakemake,
        {
            "errors": "contracts.settings.errors:ErrorSettings",
            "gas": "contracts.settings.gas:GasSettings",
            "grid": "contracts.settings.grid:GridSettings",
            "inventories": "contracts.settings.inventories:InventorySettings",
            "regions": "contracts.settings.regions:RegionSettings",
            "time": "contracts.settings.time:TimeSettings",
            "transport": "contracts.settings.transport:TransportSettings",
        },
    )
    files = {
        name: Path(path)
        for name, path in snakemake.input.items()
        if isinstance(path, str) and name != "footprints"
    }
    grid, regions = run_space(job, sorted(snakemake.input.get("footprints") or []))
    batch = batch_period(job.time, snakemake.wildcards.period)
    inputs = PriorInputs(
        grid=grid,
        regions=regions,
        place=job.regions,
        batch=batch,
        time=job.time,
        section=job.inventories,
        gas=job.gas,
        errors_prior=job.errors.prior,
        files=files,
    )
    result = build_prior(inputs)
    city = {"city_name": job.regions.name, "city_name_local": job.regions.name_local}
    provenance = job.provenance()
    for name in ("prior", "prior_covariance", "inventory"):
        dataset = getattr(result, name).assign_attrs(
            city, regions_source=regions.source if regions else "the grid itself"
        )
        write_dataset(dataset, snakemake.output[name], name, provenance)


main(snakemake)
