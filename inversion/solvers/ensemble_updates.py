"""Whitened deviations of an ensemble at the observations come in; weights of its mean and its transform go out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Update:
    """What the observations make of an ensemble X' about the mean x_a.

    Attributes
    ----------
    weights : ndarray, (N,)
        The mean becomes x_a + X' w.
    transform : ndarray, (N, N)
        The deviations become X' T.
    """

    weights: np.ndarray
    transform: np.ndarray


def serial_update(seen: np.ndarray, innovation: np.ndarray) -> Update:
    """Take the observations in one after the other (EnSRF).

    Parameters
    ----------
    seen : ndarray, (n, N)
        L_R^-1 H X': rows of independent errors of variance 1.
    innovation : ndarray, (n,)
        L_R^-1 d.

    Notes
    -----
    SCIENCE 2.11: with h = row j, p = h h^T / (N - 1) and k = X' h^T / ((N - 1)(p + 1)), the mean
    moves by k (d_j - h w) and X' by -a k h, a = 1 / (1 + sqrt(1 / (p + 1))). The state never
    enters: both are combinations of the members, gathered in w and T.
    """
    n, members = seen.shape
    current, left = seen.copy(), innovation.astype(np.float64, copy=True)
    weights, transform = np.zeros(members), np.eye(members)
    for j in range(n):
        h = current[j].copy()
        spread = h @ h / (members - 1)
        gain = h / ((members - 1) * (spread + 1.0))
        share = 1.0 / (1.0 + np.sqrt(1.0 / (spread + 1.0)))
        later, moved = current[j + 1 :], transform @ gain
        reached = later @ gain
        weights += moved * left[j]
        left[j + 1 :] -= reached * left[j]
        later -= share * np.outer(reached, h)
        transform -= share * np.outer(moved, h)
    return Update(weights, transform)


def transform_update(seen: np.ndarray, innovation: np.ndarray) -> Update:
    """Take all observations in at once (ETKF; at each place, LETKF).

    Parameters
    ----------
    seen : ndarray, (n, N)
        L_R^-1 H X'.
    innovation : ndarray, (n,)
        L_R^-1 d.

    Notes
    -----
    SCIENCE 2.11 without inflation: C = [(N - 1) I + Y^T R^-1 Y]^-1, w = C Y^T R^-1 d, and T the
    symmetric root of (N - 1) C, which keeps the mean of the members.
    """
    members = seen.shape[1]
    values, vectors = np.linalg.eigh(seen.T @ seen / (members - 1))
    kept = 1.0 / (1.0 + np.maximum(values, 0.0))
    projected = vectors.T @ (seen.T @ innovation) / (members - 1)
    weights = vectors @ (kept * projected)
    return Update(weights, (vectors * np.sqrt(kept)) @ vectors.T)
