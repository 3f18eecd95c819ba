"""In: small, medium, large or full. Out: every benchmark's ratios, printed and in results/latest.json (`make bench`).

python -m benchmarks [small|medium|large|full]
python -m benchmarks profile METHOD SIZE    where one run spends its time
python -m benchmarks page                   latest.json into docs/benchmarks.md
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import scipy

from benchmarks.agreement import differences
from benchmarks.city import make_city
from benchmarks.limits import kernel_name, rates
from benchmarks.one import profile
from benchmarks.page import write_page
from benchmarks.plan import PLANS, ours_at, reference_of
from benchmarks.rivals.written_out import written_out
from benchmarks.run_one import ONE_THREAD, PACKAGES, run_method, run_package
from benchmarks.table import limit_lines, rates_line, row_line, size_lines, target_lines
from benchmarks.targets import seconds_of, targets

LATEST = Path(__file__).resolve().parent / "results" / "latest.json"


def machine() -> dict:
    """Return what decides the numbers: cores, libraries, and the processor products are made for."""
    return {
        "cores": os.cpu_count(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "products_made_for": kernel_name(),
        "forced": os.environ.get("OPENBLAS_CORETYPE", ""),
    }


def run(plan: list[tuple[str, str, int]]) -> list[dict]:
    """Run a plan row by row, each in a process of its own; print and return the rows."""
    rows, size_now, answers, ours = [], "", {}, None
    for size, method, repeats in plan:
        if size != size_now:
            size_now, answers, ours = size, {}, None
            print(size_lines(size), flush=True)
        facts, answer = one_row(size, method, repeats)
        answers[method] = answer
        if reference_of(method) in answers and reference_of(method) != method:
            facts |= differences(answer, answers[reference_of(method)])
        facts |= {"size": size, "method": method}
        if method == ours_at(size) and "failed" not in facts:
            ours = seconds_of(facts)
        rows.append(facts)
        print(row_line(facts, ours), flush=True)
    return rows


def one_row(size: str, method: str, repeats: int):
    """Return (facts, answer) of one row."""
    if method not in PACKAGES:
        return run_method(method, size, repeats)
    with tempfile.TemporaryDirectory() as folder:
        problem = Path(folder) / "problem.npz"
        np.savez(problem, **written_out(make_city(size)))
        return run_package(method, problem)


def best_of(one: dict, two: dict) -> dict:
    """Return the faster of two measurements of the rates."""
    return {name: max(one[name], two[name]) for name in one}


def keep(found: dict, reached: list) -> None:
    """Write latest.json: everything that was printed, and more."""
    found["targets"] = [asdict(one) | {"share": one.share} for one in reached]
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def bench(word: str) -> int:
    """Run a plan, print its table, write latest.json; return 1 where one of our own rows failed."""
    about, before = machine(), rates()
    print(
        f"one thread each; {about['cores']} cores, products made for {about['products_made_for']}"
    )
    print(rates_line(before))
    rows = run(PLANS[word])
    measured = best_of(before, rates())
    reached = targets(rows, measured)
    print("\n".join(limit_lines(rows, measured) + target_lines(reached)))
    keep({"plan": word, "machine": about, "rates": measured, "rows": rows}, reached)
    return int(any("failed" in row and row["method"] not in PACKAGES for row in rows))


if __name__ == "__main__":
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):
        # the libraries read these when they are loaded, so this process starts again
        again = [sys.executable, "-m", "benchmarks", *sys.argv[1:]]
        os.execve(sys.executable, again, os.environ | ONE_THREAD)
    if sys.argv[1:2] == ["profile"]:
        profile(*sys.argv[2:4])
    elif sys.argv[1:2] == ["page"]:
        write_page(LATEST)
    else:
        sys.exit(bench(sys.argv[1] if len(sys.argv) > 1 else "full"))
