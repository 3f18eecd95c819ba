"""A made city comes in; its correlation in space, as a dense matrix or by padded FFTs, goes out."""

from __future__ import annotations

import numpy as np
import scipy.fft

from benchmarks.city import LENGTH
from inversion.linalg.covariance import Covariance


def distances_correlation(city) -> np.ndarray:
    """Return E, (r, r), from the distances of all pairs of cells."""
    place = np.stack(np.divmod(np.arange(city.side**2), city.side), axis=1).astype(float)
    squares = (place**2).sum(axis=1)
    apart = squares[:, None] + squares - 2.0 * place @ place.T
    return np.exp(-np.sqrt(np.maximum(apart, 0.0)) / LENGTH)


def by_products(city):
    """Return a function that multiplies rows (k, r) with E, a matrix in memory."""
    E = distances_correlation(city)
    return lambda rows: rows @ E


def by_fourier(city, dtype=np.float64, at_once=64):
    """Return a function that convolves rows (k, r) with the kernel by FFTs padded to twice the side."""
    side, size = city.side, scipy.fft.next_fast_len(2 * city.side - 1, real=True)
    lag = np.minimum(np.arange(size), size - np.arange(size))
    kernel = np.exp(-np.hypot(lag[:, None], lag) / LENGTH).astype(dtype)
    waves = scipy.fft.rfft2(kernel, workers=1).real

    def correlate(rows):
        result = np.empty(rows.shape, dtype)
        for start in range(0, len(rows), at_once):
            maps = rows[start : start + at_once].reshape(-1, side, side).astype(dtype, copy=False)
            spectrum = scipy.fft.rfft2(maps, s=(size, size), workers=1)
            spectrum *= waves
            wide = scipy.fft.irfft2(spectrum, s=(size, size), workers=1)
            result[start : start + at_once] = wide[:, :side, :side].reshape(len(maps), -1)
        return result

    return correlate


class FourierSpace(Covariance):
    """The padded FFT in the place of the product's own convolution, inside its sweep."""

    def __init__(self, city, dtype=np.float64):
        super().__init__(city.side**2)
        self.city, self.correlate = city, by_fourier(city, dtype)

    def matmat(self, block):
        return self.correlate(np.ascontiguousarray(block.T)).T

    def apply_rows(self, rows):
        return self.correlate(rows)

    def diagonal(self):
        return np.ones(self.size)

    def in_precision(self, dtype):
        return FourierSpace(self.city, dtype)
