"""A method and a size come in (one process for each, so that its peak of memory is its own); times and answer go out.

python -m benchmarks.one METHOD SIZE FOLDER [REPEATS]
"""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.city import make_city
from benchmarks.limits import work_of
from benchmarks.memory import peak_gib, start_peak
from benchmarks.methods import METHODS
from benchmarks.targets import seconds_of

PROFILE_LINES = 14


def main(method, size, folder, repeats="1"):
    """Run one method on one size; write answer.npz and facts.json into a folder."""
    city = make_city(size)
    built = peak_gib()
    start_peak()
    runs = []
    for _ in range(int(repeats)):
        cpu, wall = time.process_time(), time.perf_counter()
        answer, parts = METHODS[method](city)
        runs.append(
            {
                "wall_s": time.perf_counter() - wall,
                "cpu_s": time.process_time() - cpu,
                "parts": parts,
            }
        )
    runs = [run | {"method": method} for run in runs]
    facts = min(runs, key=seconds_of) | {
        "size": size,
        "repeats": len(runs),
        "peak_gib": peak_gib(),
        "peak_building_gib": built,
        "observations": len(city.observations),
        "unknowns": int(city.prior.size + len(city.nuisance_sd)),
        "nonzeros": int(city.jacobian.nnz),
        "work": work_of(city),
    }
    where = Path(folder)
    np.savez(where / "answer.npz", **answer)
    (where / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def profile(method, size):
    """Print where one run spends its time."""
    city = make_city(size)
    recorder = cProfile.Profile()
    recorder.runcall(METHODS[method], city)
    pstats.Stats(recorder).sort_stats("tottime").print_stats(PROFILE_LINES)


if __name__ == "__main__":
    main(*sys.argv[1:])
