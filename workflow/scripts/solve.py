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

    def solve_files(paths):
        datasets = {name: read_dataset(path, name) for name, path in paths.items()}
        return solve_batch(datasets, job)

    with open_cluster(snakemake.threads) as pool:
        (posterior,) = pool.map(solve_files, [{name: snakemake.input[name] for name in DATASETS}])
    write_dataset(posterior, snakemake.output[0], "posterior", job.provenance())


main(snakemake)
