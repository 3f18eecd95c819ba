"""A regular grid, a kernel and its length come in; a stationary covariance with exact products goes out."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import scipy.fft

from inversion.linalg.convolution import GridConvolution
from inversion.linalg.covariance import Covariance
from inversion.linalg.kernels import correlation

LARGEST_EMBEDDING = 8
# A spectrum this little below zero, as a share of its largest value, is rounding.
_ROUNDING = 1e-12


class Stationary(Covariance):
    """Correlation that depends on distance alone, on a regular grid.

    Parameters
    ----------
    grid_shape : tuple of int
        Rows and columns.
    spacing : tuple of float
        Distance of neighbouring rows and of neighbouring columns [m].
    efolding_length : float
        Distance at which the correlation is 1/e [m], whatever the kernel.
    kernel : {"exponential", "matern32", "matern52", "gaussian"}
    dtype : dtype
        Of the products.

    Notes
    -----
    Products are linear convolutions, without wrap-around (SCIENCE 2.2). Positive semidefinite
    because each kernel is, in the plane.

    Examples
    --------
    >>> import numpy as np
    >>> space = Stationary((1, 3), (1000.0, 1000.0), 1000.0)
    >>> space.matvec(np.array([1.0, 0.0, 0.0])).round(3).tolist()
    [1.0, 0.368, 0.135]
    """

    def __init__(
        self,
        grid_shape: tuple[int, int],
        spacing: tuple[float, float],
        efolding_length: float,
        kernel: str = "exponential",
        dtype: type | np.dtype = np.float64,
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
        self.kernel, self.dtype = kernel, np.dtype(dtype)
        self._correlation = correlation(kernel, efolding_length=efolding_length)
        super().__init__(self.grid_shape[0] * self.grid_shape[1])

    def of_lags(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the correlation of cells that lie so many rows and columns apart."""
        return self._correlation(np.hypot(rows * self.spacing[0], columns * self.spacing[1]))

    @cached_property
    def _convolution(self):
        return GridConvolution(self.grid_shape, self.of_lags, self.dtype)

    def in_precision(self, dtype: np.dtype) -> Stationary:
        """Return the same correlation with products in another precision."""
        if np.dtype(dtype) == self.dtype:
            return self
        return Stationary(self.grid_shape, self.spacing, self.efolding_length, self.kernel, dtype)

    def matmat(self, block: np.ndarray) -> np.ndarray:
        """Return the correlation times a block, (cells, k) -> (cells, k)."""
        return self._convolution.apply(block)

    def diagonal(self) -> np.ndarray:
        """Return ones: this is a correlation."""
        return np.ones(self.size)

    @property
    def root_size(self) -> int:
        """Number of columns of the root: the cells of the periodic grid that holds this one."""
        return int(np.prod(self._embedding[0]))

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
        size, spectrum = self._embedding
        maps = np.asarray(block).T.reshape(-1, *size)
        # F^-1 sqrt(lambda) F is the symmetric root of the circulant matrix.
        waves = scipy.fft.rfft2(maps, workers=1) * np.sqrt(np.maximum(spectrum, 0.0))
        whole = scipy.fft.irfft2(waves, s=size, workers=1)
        return whole[:, : self.grid_shape[0], : self.grid_shape[1]].reshape(len(maps), -1).T

    @cached_property
    def _embedding(self):
        """Return the smallest periodic grid with a non-negative spectrum, and that spectrum."""
        for factor in range(2, LARGEST_EMBEDDING + 1):
            size = tuple(
                scipy.fft.next_fast_len(max(1, factor * length - 1)) for length in self.grid_shape
            )
            spectrum = self._spectrum(size)
            if spectrum.min() >= -_ROUNDING * spectrum.max():
                return size, spectrum
        raise self._missing(
            capability="root", advice="draw from a smaller state (regions) with dense factors"
        )

    def _spectrum(self, size: tuple[int, int]):
        """Return the real spectrum of the kernel, wrapped around a periodic grid of this size."""
        rows, columns = (np.minimum(np.arange(n), n - np.arange(n)) for n in size)
        kernel = self.of_lags(rows[:, None], columns[None, :])
        return scipy.fft.rfft2(kernel, workers=1).real
