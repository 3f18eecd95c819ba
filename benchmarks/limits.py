"""A made city comes in; the operations and bytes no order of the same steps avoids go out, and this machine's rates.

What is counted, for n observations of L periods each, g sectors, p periods, r cells, c districts:
one convolution for each observation, period of its window and sector, 6 r^1.5 operations each (the
cheapest exact one known for grids of 60 to 200 cells a side); the same for the totals' own
covariance and one product B H^T w; the products of windows that overlap and of windows that do
not; the Cholesky factor. Bytes: the open windows' memory, read and written once a period.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path

import numpy as np
import scipy.linalg

from benchmarks.city import EFOLDING_HOURS, HOURS, City
from benchmarks.product import REACH
from inversion.linalg.convolution import MAPS_AT_ONCE

SQUARE, STREAM, TRIES = 1536, 2**24, 7


def work_of(city: City) -> dict[str, float]:
    """Return operations by step and bytes of the whole answer in single precision."""
    g, p, r = city.prior.shape
    n, c = len(city.observations), city.districts.shape[1]
    one = 6.0 * r**1.5
    seen = float((city.last - city.first + 1).sum())
    periods = np.arange(p)
    open_now = ((city.first <= periods[:, None]) & (city.last >= periods[:, None])).sum(axis=1)
    gap = (city.first[None, :] - city.last[:, None]) * HOURS / EFOLDING_HOURS
    pairs = float(((gap > 0.0) & (np.exp(-np.maximum(gap, 0.0)) >= REACH)).sum())
    return {
        "convolutions of observations": seen * g * one,
        "convolutions of totals": float(p * g * c) * one,
        "convolutions of the mean": float(p * g) * one,
        "overlapping windows": 2.0 * r * float((open_now.astype(float) ** 2).sum()),
        "windows apart": 2.0 * g * r * pairs,
        "totals seen": 2.0 * g * r * seen,
        "factor in double": n**3 / 3.0,
        "bytes": 4.0 * r * seen * (6.0 * g + 4.0),
    }


def seconds_at(work: dict[str, float], rates: dict[str, float]) -> float:
    """Return the least seconds for some work at the best rates measured."""
    product = max(rates["sgemm"], rates["sgemm_blocks"])
    single = sum(v for k, v in work.items() if k not in {"factor in double", "bytes"})
    return (
        single / (1e9 * product)
        + work["factor in double"] / (1e9 * rates["dgemm"])
        + work["bytes"] / (1e9 * rates["stream"])
    )


def rates() -> dict[str, float]:
    """Return this core's rates: products [Gflop/s] and memory [GB/s], each the best of several, by the processor's clock."""
    found = {}
    for name, dtype in (("sgemm", np.float32), ("dgemm", np.float64)):
        square = np.ones((SQUARE, SQUARE), dtype)
        found[name] = 2.0 * SQUARE**3 / _best(lambda a=square: a @ a) / 1e9
    wave = np.ones((120, 60), np.float32)
    maps = np.ones((60, 60, MAPS_AT_ONCE), np.float32)
    flop = 2.0 * 120 * 60 * 60 * MAPS_AT_ONCE
    found["sgemm_blocks"] = flop / _best(lambda: np.matmul(wave, maps)) / 1e9
    one, two = np.ones(STREAM, np.float32), np.ones(STREAM, np.float32)
    triad = _best(lambda: scipy.linalg.blas.saxpy(one, two, a=0.5))
    found["stream"] = 3.0 * one.nbytes / triad / 1e9
    return found


def _best(action):
    action()
    times = []
    for _ in range(TRIES):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def kernel_name() -> str:
    """Return the processor for which numpy's OpenBLAS chose its products, where that can be told."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return "unknown"
    for path in sorted({line.split()[-1] for line in lines if "openblas" in line}):
        library = ctypes.CDLL(path)
        for symbol in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename"):
            if hasattr(library, symbol):
                function = getattr(library, symbol)
                function.restype = ctypes.c_char_p
                return function().decode()
    return "unknown"
