"""A seed and names come in; random streams that do not depend on any order go out."""

from __future__ import annotations

import zlib

import numpy as np
from scipy.signal import lfilter


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to these names, whoever asked first.

    Parameters
    ----------
    seed : int
        The city's seed.
    *names : str or int
        What is drawn and for whom, for example ``("noise", "XHU")``.

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> float(stream(1, "a").normal()) == float(stream(1, "a").normal())
    True
    >>> float(stream(1, "a").normal()) == float(stream(1, "b").normal())
    False
    """
    words = [n if isinstance(n, int) else zlib.crc32(n.encode()) for n in names]
    return np.random.default_rng(np.random.SeedSequence([seed, *words]))


def autoregressive(
    rng: np.random.Generator, shape: tuple[int, ...], step: float, efolding: float
) -> np.ndarray:
    """Draw stationary AR(1) series of unit variance along the last axis.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        Last entry: number of steps.
    step, efolding : float
        Time between steps and e-folding time, the same unit; an e-folding
        time far below the step gives white noise.

    Returns
    -------
    ndarray, `shape`
        Correlation exp(-|i - j| step / efolding), mean 0, variance 1.

    Examples
    --------
    >>> autoregressive(np.random.default_rng(0), (2, 3), 1.0, 5.0).shape
    (2, 3)
    """
    white = rng.standard_normal(shape)
    persistence = np.exp(-step / efolding)
    white[..., 1:] *= np.sqrt(1.0 - persistence**2)
    return lfilter([1.0], [1.0, -persistence], white, axis=-1)
