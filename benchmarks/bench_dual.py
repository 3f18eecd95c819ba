"""A made problem at a city's full size: time and memory of the dual solution, and its rivals.

Run with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1:
python benchmarks/bench_dual.py [small|full]
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import scipy.sparse

from inversion.aggregates import Layout, batch_totals, daily_totals
from inversion.declared import Declaration
from inversion.errors.prior import with_declared
from inversion.linalg.blocks import BlockDiagonal
from inversion.linalg.covariance import Covariance
from inversion.linalg.dense import Dense
from inversion.linalg.diagonal import Diagonal
from inversion.linalg.kronecker import Kronecker
from inversion.linalg.maps import DenseMap, SparseMap, Stacked
from inversion.linalg.scaled_kronecker import ScaledKronecker
from inversion.linalg.stationary import Stationary, exponential
from inversion.maps import flux_maps
from inversion.problem import LinearGaussianProblem
from inversion.solvers.dual import DualSolver

G, DISTRICTS, ROWS_AT_ONCE = 7, 13, 192
SIZES = {  # observations, days, rows, columns
    "small": (200, 8, 40, 50),
    "full": (1650, 31, 87, 124),
}
DENSITY = 0.11  # share of the cells an hour's footprint of one day touches


def jacobian(rng, n, p, r):
    """Return random sensitivities: each observation to two or three days, 11 % of the cells."""
    chosen = int(DENSITY * r)
    counts = np.array([2 + (row % 2) for row in range(n)])
    per_row = G * counts * chosen
    start = np.concatenate([[0], np.cumsum(per_row)]).astype(np.int64)
    index, data = np.empty(start[-1], np.int32), np.empty(start[-1])
    for row in range(n):
        last = 3 + (row * (p - 2)) // n
        days = np.arange(last - counts[row], last)
        cells = np.sort(rng.choice(r, chosen, replace=False))
        slabs = (np.arange(G)[:, None] * p + days).ravel() * r
        index[start[row] : start[row + 1]] = (slabs[:, None] + cells).ravel()
        data[start[row] : start[row + 1]] = rng.random(per_row[row]) * 20.0 / chosen
    return SparseMap(scipy.sparse.csr_matrix((data, index, start), shape=(n, G * p * r)))


def covariance(rng, p, shape):
    """Return a scaled Kronecker covariance with two lengths and one correlated pair."""
    sectors = np.eye(G)
    sectors[5, 6] = sectors[6, 5] = -0.3
    near, far = (Stationary(shape, (2000.0, 2000.0), length) for length in (5e3, 3e4))
    days = np.arange(p)
    in_time = Dense(exponential(np.abs(days[:, None] - days) / 7.0))
    base = Kronecker(Dense(sectors), in_time, (near,) * 5 + (far,) * 2)
    return ScaledKronecker(rng.uniform(0.5, 2.0, (G, p, int(np.prod(shape)))), base)


def layout(p, shape):
    """Return thirteen stripes as districts, and a margin outside."""
    rows, columns = shape
    stripe = np.repeat(np.minimum(np.arange(rows) * (DISTRICTS + 1) // rows, DISTRICTS), columns)
    names = tuple(f"d{k:02d}" for k in range(DISTRICTS)) + ("outside",)
    weights = (stripe[:, None] == np.arange(DISTRICTS + 1)) * 0.176
    in_batch = np.append(0.0, np.full(p - 1, 1.0 / (p - 1)))
    kinds = np.array([True] * 5 + [False] * 2)
    return Layout(tuple(f"s{k}" for k in range(G)), kinds, names, weights, in_batch)


def declared(base, plan):
    """Return declared totals at twice what the correlation lengths alone would give."""
    totals = batch_totals(plan)
    spread = np.sqrt(np.diagonal(base.quadratic(totals.weights)))
    wanted = [(code, "all") for code in plan.districts] + [("all", s) for s in plan.sectors]
    found = {pair: 2.0 * spread[totals.index(*pair)] for pair in [*wanted, ("all", "all")]}
    return [Declaration(region, sector, value) for (region, sector), value in found.items()]


def timed(label, action):
    """Run, print seconds and the process's largest memory so far, return (result, CPU seconds)."""
    start, cpu = time.perf_counter(), time.process_time()
    result = action()
    wall, seconds = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"  {label:<34s} {seconds:8.2f} s CPU {wall:8.2f} s wall   peak {peak:5.2f} GiB", flush=True
    )
    return result, seconds


def dgemm_rate(g_r):
    """Return this core's rate of the panels' product [flop s-1]."""
    one = np.ones((133, g_r))
    one @ one.T
    start = time.process_time()
    one @ one.T
    return 2.0 * 133 * 133 * g_r / (time.process_time() - start)


def bench(name):
    """Build, solve and take every output of solve_batch at one size."""
    n, p, rows, columns = SIZES[name]
    rng = np.random.default_rng(1)
    H, base = jacobian(rng, n, p, rows * columns), covariance(rng, p, (rows, columns))
    plan = layout(p, (rows, columns))
    print(f"{name}: n = {n}, m = {H.shape[1]}, nonzeros = {H.matrix.nnz}")
    B, _ = timed("declared totals", lambda: with_declared(base, plan, declared(base, plan)))
    S_only, seconds = timed("gram K alone", lambda: base.gram(H, ROWS_AT_ONCE))
    active = sum(2 + (row % 2) for row in range(n))
    flops = active**2 * G * rows * columns
    limit = flops / dgemm_rate(G * rows * columns)
    print(f"  gram against the dgemm limit of {limit:.2f} s: ratio {seconds / limit:.2f}")
    if name == "small":
        rival, slow = timed("rival: rows of H through B", lambda: Covariance.gram(base, H, 16))
        error = np.abs(rival - S_only).max() / np.abs(rival).max()
        print(f"  rival / ours: {slow / seconds:.1f}; largest relative difference {error:.1e}")
    days = np.minimum(np.arange(n) * (p - 1) // n, p - 2)
    extra = np.hstack([days[:, None] == np.arange(p - 1), np.ones((n, 1))]).astype(float)
    problem = LinearGaussianProblem(
        rng.normal(0.0, 3.0, n),
        np.zeros(n),
        Stacked([H, DenseMap(extra)]),
        np.zeros(H.shape[1] + p),
        BlockDiagonal([B, Diagonal(np.full(p, 0.5))]),
        Diagonal(np.full(n, 1.0)),
        n_flux=H.shape[1],
    )
    start = time.process_time()
    posterior, _ = timed("solve: S and its Cholesky", lambda: DualSolver().solve(problem))
    timed("posterior mean", lambda: posterior.mean)
    timed("totals' covariance", lambda: posterior.covariance_of(batch_totals(plan).weights))
    series = daily_totals(plan).weights
    timed("daily series", lambda: (posterior.prior_variance_of(series), posterior.whitened(series)))
    timed("maps of standard deviation", lambda: flux_maps(posterior, plan))
    print(f"  everything after the declared totals: {time.process_time() - start:.1f} s CPU")


if __name__ == "__main__":
    bench(sys.argv[1] if len(sys.argv) > 1 else "small")
