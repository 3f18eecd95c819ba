"""In: the six datasets of a problem. Out: the posterior with the full covariance of its totals."""

from contracts.datasets import read_dataset, write_dataset
from inversion.cluster import open_cluster
from inversion.problem import DATASETS
from inversion.solve import solve_batch
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "errors": "contracts.settings.errors:ErrorSettings",
            "gas": "contracts.settings.gas:GasSettings",
            "solver": "contracts.settings.solver:SolverSettings",
            "time": "contracts.settings.time:TimeSettings",
        },
    )
    datasets = {name: read_dataset(snakemake.input[name], name) for name in DATASETS}
    with open_cluster(snakemake.threads) as pool:
        (posterior,) = pool.map(lambda batch: solve_batch(batch, job), [datasets])
    write_dataset(posterior, snakemake.output[0], "posterior", job.provenance())


main(snakemake)
