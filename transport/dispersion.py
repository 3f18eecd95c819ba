"""Turbulence and age of a puff come in; its widths and its density at the ground go out."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

IMAGES = 5  # reflections at 2 j H; at sigma = 1.5 H the sixth is below 1e-13
MIXED = 1.5  # a puff this many mixing heights wide is well mixed
TRUNCATION = 3.0  # standard deviations at which the horizontal kernel ends


def taylor_variance(age: np.ndarray, deviation: np.ndarray, timescale: float) -> np.ndarray:
    """Return the variance of displacement in homogeneous turbulence.

    Parameters
    ----------
    age : ndarray
        Travel time [s].
    deviation : ndarray
        Standard deviation of the velocity [m s-1].
    timescale : float
        Lagrangian timescale T [s].

    Returns
    -------
    ndarray
        2 s² T² (t/T - 1 + exp(-t/T)) [m2] (Taylor 1921).

    Notes
    -----
    Limits: s² t² for t << T, 2 s² T t for t >> T.

    Examples
    --------
    >>> float(taylor_variance(1e-3, 2.0, 100.0).round(10))
    4e-06
    """
    scaled = np.asarray(age) / timescale
    return 2.0 * np.square(deviation * timescale) * (scaled + np.expm1(-scaled))


def ground_density(variance: np.ndarray, inlet: np.ndarray, lid: np.ndarray) -> np.ndarray:
    """Return the probability per metre that air of the inlet was at the ground.

    Parameters
    ----------
    variance : ndarray
        Vertical variance [m2].
    inlet : ndarray
        Inlet height above ground z_r [m].
    lid : ndarray
        Mixing height H [m]; the three broadcast.

    Returns
    -------
    ndarray
        p(0) [m-1]: sum over j of 2/(sqrt(2 pi) s) exp(-(z_r + 2 j H)²/(2 s²)), and 1/H where
        s > 1.5 H.

    Notes
    -----
    A Gaussian reflected at the ground and at the lid (method of images).
    ASSUME: an inlet above the mixing height is folded back below it by the same images.

    Examples
    --------
    >>> ground_density(4e6, 50.0, 1000.0).round(6).tolist()
    0.001
    """
    variance, inlet, lid = np.broadcast_arrays(variance, inlet, lid)
    image = np.arange(-IMAGES, IMAGES + 1)
    distance = inlet[..., None] + 2.0 * lid[..., None] * image
    near = np.exp(-np.square(distance) / (2.0 * variance[..., None])).sum(axis=-1)
    density = 2.0 / np.sqrt(2.0 * np.pi * variance) * near
    return np.where(variance > np.square(MIXED * lid), 1.0 / lid, density)


def axis_share(edges: np.ndarray, centre: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return the mass of truncated Gaussians below each edge of one axis.

    Parameters
    ----------
    edges : ndarray (cell + 1,)
        Edges of the cells [m].
    centre, width : ndarray (step,)
        Centre and standard deviation of each Gaussian [m].

    Returns
    -------
    ndarray (step, cell + 1)
        From exactly 0 to exactly 1; differences are the masses of the cells. The kernel is cut at
        3 standard deviations and renormalised.
    """
    scaled = (edges - centre[:, None]) / width[:, None]
    below, whole = ndtr(-TRUNCATION), ndtr(TRUNCATION) - ndtr(-TRUNCATION)
    share = (scaled > 0.0).astype(float)
    within = np.abs(scaled) < TRUNCATION
    share[within] = (ndtr(scaled[within]) - below) / whole
    return share
