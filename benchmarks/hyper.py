"""Nothing comes in but a made problem; how much faster the sizes of its errors are drawn than by a public NUTS goes out.

python -m benchmarks.hyper                    both on one problem, in one run; results/hyper.json
python benchmarks/hyper.py SAMPLER P.npz F    one rival, by an interpreter that has CUQIpy

Three sizes are drawn: of the cells' errors, of the hourly errors and of a daily background. The
rival draws them as such systems usually do, together with all fluxes, in the parametrisation that
suits it best (whitened fluxes), and once more with the fluxes integrated out by our density and
gradient, which leaves only the difference of the samplers. The figure is seconds, warm-up and
preparation included, over effective draws of the worst parameter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
LATEST = ROOT / "benchmarks" / "results" / "hyper.json"
HOURS, SITES, CELLS, DAYS = 8, 5, 1500, 5
NAMES = ("white", "cells", "background")
TRUE = np.log([1.2, 1.5, 0.8])
SEED = 20250601
WARMUP, DRAWS, ACCEPTED = 500, 2000, 0.8
GOAL = 100.0


def made() -> dict[str, np.ndarray]:
    """Return H times the root of B (n, m), the days' pattern (n, days) and innovations (n,)."""
    rng = np.random.default_rng(SEED)
    n = DAYS * HOURS * SITES
    day = np.repeat(np.arange(DAYS), HOURS * SITES)
    sensitivity = rng.gamma(0.3, 1.0, (n, CELLS)) * (rng.random((n, CELLS)) < 0.3)
    place = rng.uniform(0.0, 30.0, (CELLS, 2))
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)
    root = np.linalg.cholesky(np.exp(-apart / 5.0) + 1e-10 * np.eye(CELLS))
    seen = sensitivity @ root
    seen *= 3.0 / np.sqrt(np.mean(np.sum(seen**2, axis=1)))
    pattern = (day[:, None] == np.arange(DAYS)).astype(np.float64)
    white, cells, background = np.exp(TRUE)
    innovation = cells * seen @ rng.normal(size=CELLS)
    innovation += background * pattern @ rng.normal(size=DAYS) + white * rng.normal(size=n)
    return {"seen": seen, "pattern": pattern, "innovation": innovation}


def target_of(given):
    """Return our log posterior density of the three sizes."""
    from inversion.hyperparameters.family import Part, with_fixed
    from inversion.hyperparameters.likelihood import Likelihood
    from inversion.hyperparameters.target import Target

    seen, pattern = given["seen"], given["pattern"]
    grams = (np.eye(len(seen)), seen @ seen.T, pattern @ pattern.T)
    family = with_fixed([Part(*pair) for pair in zip(NAMES, grams, strict=True)], NAMES)
    return Target(Likelihood(family, given["innovation"]), np.ones(len(NAMES)))


def ours(given, draws=2000):
    """Return draws (chains, draws, 3) and seconds of our sampler, preparation included."""
    from inversion.hyperparameters.metropolis import Schedule, sample
    from inversion.hyperparameters.optimum import maximise

    start = time.process_time()
    target = target_of(given)
    best = maximise(target)
    rng = np.random.default_rng(SEED)
    begin = best.theta, best.covariance
    chains = sample(target.value, NAMES, begin, Schedule(4, 300, draws), rng)
    return chains.theta, time.process_time() - start


def joint(given):
    """Return size, log density and gradient of the three sizes and all whitened fluxes and days."""
    seen, pattern, d = (given[name] for name in ("seen", "pattern", "innovation"))
    n, m = seen.shape

    def density_and_slope(state):
        theta, z, days = state[:3], state[3 : 3 + m], state[3 + m :]
        white, cells, background = np.exp(theta)
        flux, air = seen @ z, pattern @ days
        left = (d - cells * flux - background * air) / white
        value = -n * theta[0] - 0.5 * (left @ left + state @ state)
        pull = left / white
        slope = np.concatenate(
            [
                [-n + left @ left, cells * (pull @ flux), background * (pull @ air)],
                cells * (seen.T @ pull),
                background * (pattern.T @ pull),
            ]
        )
        return value, slope - state

    return 3 + m + pattern.shape[1], density_and_slope


def begun(given):
    """Return where our density is greatest and the root of its covariance: both rivals start there."""
    from inversion.hyperparameters.optimum import maximise

    best = maximise(target_of(given))
    return best.theta, np.linalg.cholesky(best.covariance)


def rival(sampler, problem, folder):
    """Draw with CUQIpy's NUTS; write draws.npz.

    Its steps are the same in every direction: the sizes are whitened for it by our estimate of
    their covariance, whose seconds are not charged to it, and its step is tuned after every step of
    the warm-up (by default it is at every tenth of the warm-up alone, ten times in all).
    """
    import cuqi

    sys.path.insert(0, str(ROOT))
    with np.load(problem) as file:
        given = dict(file)
    centre, root = begun(given)
    np.random.seed(SEED)  # noqa: NPY002 - the package draws from the global state
    start = time.process_time()
    if sampler == "joint":
        size, plain = joint(given)
    else:
        size, plain = len(NAMES), target_of(given).gradient
    kept = {}

    def asked(state):
        # NUTS asks for the density and the gradient of one point in turn: computed once for both
        key = state.tobytes()
        if kept.get("key") != key:
            moved = np.array(state, dtype=np.float64)
            moved[:3] = centre + root @ moved[:3]
            value, slope = plain(moved)
            slope = slope.copy()
            slope[:3] = root.T @ slope[:3]
            kept["key"], kept["answer"] = key, (value, slope)
        return kept["answer"]

    distribution = cuqi.distribution.UserDefinedDistribution(
        dim=size, logpdf_func=lambda x: asked(x)[0], gradient_func=lambda x: asked(x)[1]
    )
    nuts = cuqi.sampler.NUTS(distribution, initial_point=np.zeros(size), opt_acc_rate=ACCEPTED)
    nuts.warmup(WARMUP, tune_freq=1.0 / WARMUP)
    nuts.sample(DRAWS)
    seconds = time.process_time() - start
    theta = centre + nuts.get_samples().samples[:3, -DRAWS:].T @ root.T
    points = float(np.mean(nuts.num_tree_node_list[-DRAWS:]))
    np.savez(Path(folder) / "draws.npz", theta=theta[None], seconds=seconds, points=points)


def row(name, theta, seconds, **more):
    """Return one row: seconds over effective draws of the worst parameter."""
    from inversion.hyperparameters.convergence import bulk_effective_size, rank_normalised_rhat

    effective = min(bulk_effective_size(theta[:, :, k]) for k in range(3))
    return {
        "method": name,
        "seconds": seconds,
        "draws": int(theta.shape[0] * theta.shape[1]),
        "effective": effective,
        "rhat": max(rank_normalised_rhat(theta[:, :, k]) for k in range(3)),
        "ms_per_effective_draw": 1e3 * seconds / effective,
        "mean": theta.mean(axis=(0, 1)).round(4).tolist(),
        "sd": theta.std(axis=(0, 1)).round(4).tolist(),
    } | more


def agrees(one, reference):
    """Tell whether two rows are of one posterior: means within 4 standard errors, R-hat below 1.02."""
    error = np.hypot(
        np.array(one["sd"]) / np.sqrt(one["effective"]),
        np.array(reference["sd"]) / np.sqrt(reference["effective"]),
    )
    apart = np.abs(np.array(one["mean"]) - reference["mean"]) / error
    return bool((apart < 4.0).all() and one["rhat"] < 1.02)


def bench():
    """Run both on one problem, print and write the ratios; return 1 where the goal is missed."""
    from benchmarks.run_one import interpreter_with

    given = made()
    print(
        f"{len(given['innovation'])} observations, {CELLS} fluxes, {DAYS} days, 3 sizes; one thread"
    )
    rows = [row("ours, fluxes integrated out", *ours(given))]
    python = interpreter_with("cuqi")
    if python is None:
        print("cuqi is not installed; docs/benchmarks.md says how")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        problem = Path(folder) / "problem.npz"
        np.savez(problem, **given)
        for sampler, name in (("joint", "NUTS, fluxes drawn too"), ("alone", "NUTS, our density")):
            command = [str(python), __file__, sampler, str(problem), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name}: {(done.stderr.strip() or 'failed').splitlines()[-1]}")
                continue
            with np.load(Path(folder) / "draws.npz") as kept:
                more = {"tree_nodes_a_draw": float(kept["points"])}
                rows.append(row(name, kept["theta"], float(kept["seconds"]), **more))
    for one in rows:
        one["ratio"] = one["ms_per_effective_draw"] / rows[0]["ms_per_effective_draw"]
        one["agrees"] = agrees(one, rows[0])
        print(
            f"{one['method']:<30}{one['seconds']:8.1f} s {one['effective']:8.0f} effective"
            f"{one['ms_per_effective_draw']:10.3f} ms each  x {one['ratio']:8.1f}"
            f"  R-hat {one['rhat']:.3f}  mean {one['mean']} sd {one['sd']}"
            f"{'' if one['agrees'] else '  NOT THE SAME POSTERIOR'}"
        )
    LATEST.parent.mkdir(exist_ok=True)
    found = {"goal": GOAL, "observations": len(given["innovation"]), "fluxes": CELLS, "rows": rows}
    LATEST.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(len(rows) > 1 and not (rows[1]["agrees"] and rows[1]["ratio"] >= GOAL))


if __name__ == "__main__":
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    if any(os.environ.get(name) != "1" for name in threads):
        again = [sys.executable, *(["-m", "benchmarks.hyper"] if len(sys.argv) == 1 else sys.argv)]
        os.execve(sys.executable, again, os.environ | dict.fromkeys(threads, "1"))
    if len(sys.argv) == 4:
        rival(*sys.argv[1:])
    else:
        sys.exit(bench())
