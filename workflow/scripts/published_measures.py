"""In: the six datasets of a published problem. Out: the summary numbers its authors print, from the product's solution."""

from contracts.datasets import read_dataset
from contracts.files import write_csv
from inversion.cluster import open_cluster
from inversion.problem import DATASETS
from inversion.published import MEASURE_COLUMNS, published_measures
from inversion.solve import solve_problem
from workflow.job import Job


def main(snakemake):
    job = Job(
        snakemake,
        {
            "errors": "contracts.settings.errors:ErrorSettings",
            "gas": "contracts.settings.gas:GasSettings",
            "problem": "contracts.settings.problem:ProblemSettings",
            "solver": "contracts.settings.solver:SolverSettings",
            "time": "contracts.settings.time:TimeSettings",
        },
    )

    def rows_of(paths):
        datasets = {name: read_dataset(path, name) for name, path in paths.items()}
        return published_measures(job.problem, solve_problem(datasets, job), datasets)

    with open_cluster(snakemake.threads) as pool:
        (rows,) = pool.map(rows_of, [dict(zip(DATASETS, snakemake.input.problem, strict=True))])
    write_csv(snakemake.output[0], list(MEASURE_COLUMNS), rows)


main(snakemake)
