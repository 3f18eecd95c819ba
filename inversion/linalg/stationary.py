"""A regular grid and an e-folding length come in; an exponential covariance by FFT goes out."""

from __future__ import annotations

import numpy as np
import scipy.fft

from inversion.linalg.covariance import Covariance

MAPS_AT_ONCE = 64
LARGEST_EMBEDDING = 8


class Stationary(Covariance):
    """Exponential correlation exp(-distance / e-folding length) on a regular grid.

    Parameters
    ----------
    grid_shape : tuple of int
        Rows and columns.
    spacing : tuple of float
        Distance of neighbouring rows and of neighbouring columns [m].
    efolding_length : float
        Distance at which the correlation is 1/e [m].

    Notes
    -----
    Zero padding to at least (2 rows - 1, 2 columns - 1) makes the circular convolution equal to
    the linear one, so the product is exact whatever the signs of the padded kernel's spectrum
    (SCIENCE 2.2). Positive definite because the exponential is, in every dimension.

    Examples
    --------
    >>> import numpy as np
    >>> space = Stationary((1, 3), (1000.0, 1000.0), 1000.0)
    >>> space.matvec(np.array([1.0, 0.0, 0.0])).round(3).tolist()
    [1.0, 0.368, 0.135]
    """

    def __init__(
        self, grid_shape: tuple[int, int], spacing: tuple[float, float], efolding_length: float
    ) -> None:
        if not (np.isfinite(efolding_length) and efolding_length > 0.0):
            msg = (
                f"the e-folding length must be finite and > 0; got {efolding_length} m in "
                "Stationary. Give a length in metres."
            )
            raise ValueError(msg)
        self.grid_shape = (int(grid_shape[0]), int(grid_shape[1]))
        self.spacing = (float(spacing[0]), float(spacing[1]))
        self.efolding_length = float(efolding_length)
        rows, columns = self.grid_shape
        self._padded = (
            scipy.fft.next_fast_len(2 * rows - 1, real=False),
            scipy.fft.next_fast_len(2 * columns - 1, real=True),
        )
        self._spectrum = self._kernel_spectrum(self._padded)
        super().__init__(rows * columns)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the correlation times a block, (cells, k) -> (cells, k)."""
        return self.apply_rows(np.asarray(block).T).T

    def apply_rows(self, rows: np.ndarray) -> np.ndarray:
        """Return the correlation applied to each row, (k, cells) -> (k, cells)."""
        n_row, n_column = self.grid_shape
        high, wide = self._padded
        result = np.empty(rows.shape)
        for start in range(0, len(rows), MAPS_AT_ONCE):
            part = slice(start, start + MAPS_AT_ONCE)
            maps = rows[part].reshape(-1, n_row, n_column)
            waves = scipy.fft.rfft(maps, n=wide, axis=2, workers=1)
            waves = scipy.fft.fft(waves, n=high, axis=1, workers=1, overwrite_x=True)
            waves *= self._spectrum
            waves = scipy.fft.ifft(waves, axis=1, workers=1, overwrite_x=True)[:, :n_row]
            maps = scipy.fft.irfft(waves, n=wide, axis=2, workers=1)[:, :, :n_column]
            result[part] = maps.reshape(len(maps), -1)
        return result

    def diagonal(self) -> np.ndarray:
        """Return ones: this is a correlation."""
        return np.ones(self.size)

    @property
    def root_size(self) -> int:
        """Number of columns of the root: the cells of the periodic grid that holds this one."""
        return int(np.prod(self._embedding()[0]))

    def root_matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the root times a block, (root_size, k) -> (cells, k).

        Raises
        ------
        MissingCapability
            Where no periodic grid up to eight times this one has a non-negative spectrum.

        Notes
        -----
        Circulant embedding (Dietrich and Newsam 1997): exact wherever it exists.
        """
        size, spectrum = self._embedding()
        maps = np.asarray(block).T.reshape(-1, *size)
        # F^-1 sqrt(lambda) F is the symmetric root of the circulant matrix.
        waves = scipy.fft.rfft2(maps, workers=1) * np.sqrt(spectrum)
        whole = scipy.fft.irfft2(waves, s=size, workers=1)
        return whole[:, : self.grid_shape[0], : self.grid_shape[1]].reshape(len(maps), -1).T

    def _embedding(self):
        """Return the smallest periodic grid with a non-negative spectrum, and that spectrum."""
        for factor in range(2, LARGEST_EMBEDDING + 1):
            size = tuple(
                scipy.fft.next_fast_len(max(1, factor * length - 1)) for length in self.grid_shape
            )
            spectrum = self._kernel_spectrum(size)
            if spectrum.min() >= 0.0:
                return size, spectrum
        raise self._missing(
            capability="root", advice="draw from a smaller state (regions) with dense factors"
        )

    def _kernel_spectrum(self, size: tuple[int, int]):
        """Return the real spectrum of the kernel, wrapped around a periodic grid of this size."""
        lags = [
            np.minimum(np.arange(length), length - np.arange(length)) * step
            for length, step in zip(size, self.spacing, strict=True)
        ]
        kernel = exponential(np.hypot(lags[0][:, None], lags[1][None, :]) / self.efolding_length)
        return scipy.fft.rfft2(kernel, workers=1).real


def exponential(scaled_distance: np.ndarray) -> np.ndarray:
    """Return the correlation exp(-d) of an exponential random field.

    Parameters
    ----------
    scaled_distance : ndarray, any shape
        Distance divided by the e-folding length (dimensionless, >= 0).

    Returns
    -------
    ndarray, same shape
        Correlation in (0, 1]; 1 exactly at zero distance.

    Notes
    -----
    Positive definite in every dimension. The length is the e-folding length; for this kernel,
    but not for others, it equals the integral scale.

    Examples
    --------
    >>> import numpy as np
    >>> exponential(np.array([0.0, 1.0])).round(3).tolist()
    [1.0, 0.368]
    """
    return np.exp(-scaled_distance)
