"""A small problem in one file comes in; what the package CUQIpy makes of it goes out: the mean only.

Run by an interpreter that has CUQIpy and nothing of ours: package_cuqi.py PROBLEM.npz FOLDER. Its
closed form for a Gaussian problem gives no covariance; its samplers would, to a few per cent.
"""

import importlib.metadata
import json
import sys
import time
from pathlib import Path

import numpy as np
from cuqi import config
from cuqi.distribution import Gaussian
from cuqi.model import LinearModel
from cuqi.problem import BayesianProblem


def main(problem, folder):
    given = np.load(problem)
    config.MAX_DIM_INV = len(given["prior"])
    start, cpu = time.perf_counter(), time.process_time()
    model = LinearModel(given["H"])
    x = Gaussian(given["prior"], cov=given["B"])
    y = Gaussian(model(x), cov=given["R"])
    mean = np.asarray(BayesianProblem(y, x, y=given["y"]).MAP(disp=False))
    seconds = {"wall_s": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}
    np.savez(Path(folder) / "answer.npz", mean=mean)
    facts = seconds | {"version": importlib.metadata.version("cuqipy")}
    (Path(folder) / "facts.json").write_text(json.dumps(facts))


main(*sys.argv[1:])
