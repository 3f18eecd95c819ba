"""In comes this machine; out goes how fast it does what an inversion is made of, measured in seconds of work."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

if TYPE_CHECKING:
    from collections.abc import Callable

    from inversion.linalg.covariance import Covariance

ENOUGH_S = 0.05
_COLUMNS = 96
_SEED = 20260101


@dataclass(frozen=True)
class Rates:
    """Seconds for one unit of each kind of work, on one core.

    Attributes
    ----------
    product, product_single : float
        One multiplication with its addition, in products of large matrices.
    triangular : float
        The same, in triangular solves of many columns.
    cholesky : float
        The same, in factorisations.
    element : float
        One number read, changed and written in passes over arrays beyond the cache.
    map : float
        One map correlated in space.
    packed_byte, unpacked_byte : float
        One byte of numbers compressed as files are, and read back.
    packed_share : float
        What a byte of such numbers is after compression.
    """

    product: float
    product_single: float
    triangular: float
    cholesky: float
    element: float
    map: float
    packed_byte: float
    unpacked_byte: float
    packed_share: float


def measured_rates(space: Covariance, sample: np.ndarray) -> Rates:
    """Return the rates of this machine, the median of a few repetitions each.

    Parameters
    ----------
    space : Covariance, (r, r)
        Correlation of places.
    sample : ndarray
        Some of the numbers that will be written: their compression is measured.

    Notes
    -----
    Processor time, so that other work on the machine disturbs little.
    """
    rng = np.random.default_rng(_SEED)
    packed = _shuffled(sample)
    short = zlib.compress(packed, 1)
    size = max(len(packed), 1)
    triangular, cholesky = _factors(rng)
    return Rates(
        product=_product(rng, np.float64),
        product_single=_product(rng, np.float32),
        triangular=triangular,
        cholesky=cholesky,
        element=_element(rng),
        map=_map(rng, space),
        packed_byte=_seconds(lambda: zlib.compress(packed, 1)) / size,
        unpacked_byte=_seconds(lambda: zlib.decompress(short)) / size,
        packed_share=len(short) / size,
    )


def _seconds(task: Callable[[], object]) -> float:
    """Return the median processor time of a task, repeated until enough time is spent."""
    took: list[float] = []
    while sum(took) < ENOUGH_S:
        begin = time.process_time()
        task()
        took.append(max(time.process_time() - begin, 1e-7))
    return float(np.median(took))


def _product(rng: np.random.Generator, dtype: type) -> float:
    """Return the time of a multiplication and addition in a tall product, as the sweep has them."""
    tall = rng.standard_normal((20_000, _COLUMNS)).astype(dtype)
    wide = rng.standard_normal((20_000, 2 * _COLUMNS)).astype(dtype)
    return _seconds(lambda: tall.T @ wide) / (tall.size * wide.shape[1])


def _factors(rng: np.random.Generator) -> tuple[float, float]:
    """Return the time of a multiplication and addition in triangular solves and Cholesky."""
    n, columns = 600, 1200
    half = rng.standard_normal((n, n))
    whole = half @ half.T + n * np.eye(n)
    factor = np.linalg.cholesky(whole)
    block = rng.standard_normal((n, columns))
    solve = _seconds(
        lambda: scipy.linalg.solve_triangular(factor, block, lower=True, check_finite=False)
    )
    cholesky = _seconds(lambda: np.linalg.cholesky(whole))
    return 2.0 * solve / (n * n * columns), 6.0 * cholesky / n**3


def _element(rng: np.random.Generator) -> float:
    """Return the time of one number in a pass over an array that does not fit the cache."""
    large = rng.standard_normal(4_000_000)
    other = large.copy()

    def work() -> None:
        np.add(large, 0.5 * other, out=other)

    return _seconds(work) / (2 * large.size)


def _map(rng: np.random.Generator, space: Covariance) -> float:
    """Return the time of one map correlated in space."""
    maps = rng.standard_normal((space.size, _COLUMNS))
    space.matmat(maps)  # what it prepares once is not counted
    return _seconds(lambda: space.matmat(maps)) / _COLUMNS


def _shuffled(sample: np.ndarray) -> bytes:
    """Return the bytes of some numbers in the order in which files hold them."""
    flat = np.ascontiguousarray(sample).ravel()
    return flat.view(np.uint8).reshape(len(flat), -1).T.tobytes()
