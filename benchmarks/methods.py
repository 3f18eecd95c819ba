"""A method's name and a made city come in; its answer, and the seconds of its parts, go out."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks import product
from benchmarks.rivals import dense, dual_cg, kronecker, row_by_row, spaces
from benchmarks.rivals.finish import finish
from inversion.linalg.covariance import Precision


def _ours(city, dtype=np.float32, reach=product.REACH, threads=1, **kinds):
    return product.solve(city, Precision(dtype, reach, threads), **kinds)


def _fourier_sweep(city, dtype):
    return _ours(city, dtype, space=spaces.FourierSpace(city))


def _rival(city, plain):
    return finish(city, plain(city)), {}


def _rows(city, correlation):
    return finish(city, row_by_row.plain(city, correlation(city))), {}


def _gradients(city):
    answer, iterations = dual_cg.solve(city)
    return answer, {"iterations": iterations}


METHODS = {
    "single": _ours,
    "double": partial(_ours, dtype=np.float64),
    "single, 2 threads": partial(_ours, threads=2),
    "single, reach 1e-4": partial(_ours, reach=1e-4),
    "single, bare": partial(_ours, bare=True),
    "double, bare": partial(_ours, dtype=np.float64, bare=True),
    "sweep with FFTs, single": partial(_fourier_sweep, dtype=np.float32),
    "dense": partial(_rival, plain=dense.plain),
    "Kronecker, literal": partial(_rival, plain=kronecker.plain),
    "Kronecker, products": partial(_rows, correlation=spaces.by_products),
    "rows by FFT": partial(_rows, correlation=spaces.by_fourier),
    "conjugate gradients": _gradients,
}
LABELS = {
    "single": "cityflux, single-precision sweep",
    "double": "cityflux, double precision",
    "single, 2 threads": "cityflux, single, two threads",
    "single, reach 1e-4": "cityflux, single, reach 1e-4",
    "single, bare": "cityflux, single, bare kernel",
    "double, bare": "cityflux, double, bare kernel",
    "sweep with FFTs, single": "the same sweep with padded FFTs",
    "dense": "one dense matrix",
    "Kronecker, literal": "block Kronecker, literal sums",
    "Kronecker, products": "Kronecker by rows, dense products",
    "rows by FFT": "Kronecker by rows, padded FFTs",
    "conjugate gradients": "conjugate gradients (mean only)",
}
