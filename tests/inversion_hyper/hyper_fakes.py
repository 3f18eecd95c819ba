"""Small families of S with planted sizes: white, fading, daily and cell errors of three sites."""

import numpy as np

from inversion.hyperparameters.family import Axis, Part, with_fixed

N, SITES = 90, 3
HOUR = np.arange(N) % (N // SITES)
SITE = np.arange(N) // (N // SITES)
TREND = np.stack([np.ones(N), HOUR - HOUR.mean()], axis=1)
NONE = np.zeros((0, 0))


def fading(hours):
    """Return an error that fades in time, independent between sites."""
    apart = np.abs(HOUR[:, None] - HOUR)
    return np.exp(-apart / hours) * (SITE[:, None] == SITE)


def white():
    return np.eye(N)


def daily():
    return (HOUR[:, None] // 5 == HOUR // 5).astype(float)


def cells(columns=12):
    """Return H B H^T of a few cells, and H B W, W^T B W of their sum and of the first."""
    h = np.random.default_rng(7).uniform(0.2, 2.0, (N, columns))
    b = 0.3 * np.exp(-np.abs(np.subtract.outer(range(columns), range(columns))) / 3.0)
    w = np.stack([np.ones(columns), np.eye(columns)[0]], axis=1)
    return h @ b @ h.T, h @ b @ w, w.T @ b @ w


def family(*free, fixed=()):
    """Return the family of some of white, red, day and cells."""
    gram, cross, quadratic = cells()
    known = {
        "white": Part("white", white()),
        "red": Part("red", fading(4.0)),
        "day": Part("day", daily()),
        "cells": Part("cells", gram, cross, quadratic),
    }
    return with_fixed([known[name] for name in (*free, *fixed)], free)


def with_length(factors=(0.25, 0.5, 1.0, 2.0, 4.0)):
    """Return white and fading errors, the second with its length as a parameter."""
    parts = [Part("white", white())]
    parts += [Part("red", fading(4.0 * one), node=(k,)) for k, one in enumerate(factors)]
    return with_fixed(parts, ("white", "red"), (Axis("length", factors),))


def drawn(family_, theta, rng, basis=NONE):
    """Return innovations drawn at some parameters, with strengths of a basis that are unknown."""
    d = np.linalg.cholesky(family_.covariance(theta)) @ rng.normal(size=family_.n)
    return d + basis @ np.array([3.0, 0.1]) if basis.size else d
