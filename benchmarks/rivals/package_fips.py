"""A small problem in one file comes in; what the package fips makes of it goes out.

Run by an interpreter that has fips and nothing of ours: package_fips.py PROBLEM.npz FOLDER. The
prior covariance is handed over ready made, as one matrix; building it is not counted.
"""

import importlib.metadata
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from fips import InverseProblem

METHOD = "bayesian"


def main(problem, folder):
    given = np.load(problem)
    rows = pd.MultiIndex.from_arrays([np.arange(len(given["y"]))], names=["datum"])
    states = pd.MultiIndex.from_arrays([np.arange(len(given["prior"]))], names=["unknown"])
    start, cpu = time.perf_counter(), time.process_time()
    solved = InverseProblem(
        obs=pd.Series(given["y"], index=rows, name="seen"),
        prior=pd.Series(given["prior"], index=states, name="state"),
        forward_operator=pd.DataFrame(given["H"], index=rows, columns=states),
        prior_error=pd.DataFrame(given["B"], index=states, columns=states),
        modeldata_mismatch=pd.DataFrame(given["R"], index=rows, columns=rows),
    ).solve(METHOD)
    mean = solved.estimator.x_hat
    covariance = given["W"].T @ solved.estimator.S_hat @ given["W"]
    seconds = {"wall_s": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}
    np.savez(Path(folder) / "answer.npz", mean=mean, covariance=covariance)
    facts = seconds | {"version": importlib.metadata.version("fips")}
    (Path(folder) / "facts.json").write_text(json.dumps(facts))


main(*sys.argv[1:])
