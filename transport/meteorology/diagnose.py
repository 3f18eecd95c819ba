"""Profiles of wind and temperature come in; mixing height, friction velocity and heat flux go out.

What a model would have said itself, worked out where its files do not say it. ASSUME: the surface
layer obeys similarity up to the lowest layer of the files; the roughness is known.
"""

from __future__ import annotations

import numpy as np

from transport.meteorology.air import GRAVITY
from transport.meteorology.surface_layer import KARMAN, heat_correction, momentum_correction

CRITICAL = 0.25
SCREEN_M = 2.0
STEEPEST = 0.5  # m-1: 1/L is sought between minus and plus this
HALVINGS = 48


def bulk_richardson(
    height: np.ndarray, speed: np.ndarray, theta: np.ndarray, surface_theta: np.ndarray
) -> np.ndarray:
    """Return the bulk Richardson number between the ground and each layer.

    Parameters
    ----------
    height, speed, theta : ndarray (layer, row, col)
        Above ground [m], wind speed [m s-1], virtual potential temperature [K].
    surface_theta : ndarray (row, col)
        Near the ground [K].

    Returns
    -------
    ndarray (layer, row, col), 1
    """
    shear = np.maximum(speed**2, 1e-2)
    return GRAVITY / surface_theta * (theta - surface_theta) * height / shear


def mixing_height(
    height: np.ndarray, richardson: np.ndarray, above: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return where the bulk Richardson number first reaches 0.25, and how many columns never do.

    Parameters
    ----------
    height, richardson : ndarray (layer, row, col)
        [m] above ground; see `bulk_richardson`.
    above : ndarray of bool (layer, row, col)
        Points above ground.

    Returns
    -------
    height : ndarray (row, col), m
        Linear between layers (from 0 at the ground); the uppermost layer where never reached.
    unreached : int

    Notes
    -----
    Seidel et al. (2012), J. Geophys. Res. 117, D17106, Eq. 1, without wind at the ground.
    """
    reached = above & (richardson >= CRITICAL)
    index = reached.argmax(axis=0)[None]
    never = ~reached.any(axis=0)
    below = np.maximum(index - 1, 0)

    def take(values: np.ndarray, at: np.ndarray) -> np.ndarray:
        return np.take_along_axis(values, at, axis=0)[0]

    grounded = (index[0] == 0) | ~take(above, below)
    low_height = np.where(grounded, 0.0, take(height, below))
    low = np.where(grounded, 0.0, np.minimum(take(richardson, below), CRITICAL))
    high_height, high = take(height, index), take(richardson, index)
    share = (CRITICAL - low) / np.where(never, 1.0, np.maximum(high - low, 1e-12))
    found = low_height + np.clip(share, 0.0, 1.0) * (high_height - low_height)
    return np.where(never, height[-1], found), int(never.sum())


def surface_layer(
    wind: tuple[np.ndarray, np.ndarray],
    layer: tuple[np.ndarray, np.ndarray],
    surface_theta: np.ndarray,
    roughness: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return friction velocity and kinematic flux of virtual temperature from two heights.

    Parameters
    ----------
    wind : (height, speed), ndarrays (row, col)
        Of the lowest wind [m, m s-1].
    layer : (height, theta), ndarrays (row, col)
        Of a temperature above 2 m [m, K], virtual potential.
    surface_theta : ndarray (row, col), K
        The same at 2 m.
    roughness : ndarray (row, col), m

    Returns
    -------
    velocity : ndarray (row, col), m s-1
    flux : ndarray (row, col), K m s-1
        Positive upward.
    held : int
        Points whose 1/L lies at the end of what is sought, +-0.5 m-1.

    Notes
    -----
    x = 1/L solves x F_h(x) / F_m(x)^2 = g (theta - theta_2) / (theta_2 U^2), whose left side
    grows with x, by halving; F are the integrated profiles (Dyer 1974, Paulson 1970), then
    u* = k U / F_m, theta* = k (theta - theta_2) / F_h and w'Tv' = -u* theta*.
    """
    wind_height, speed = wind
    speed = np.maximum(speed, 0.1)
    target = GRAVITY * (layer[1] - surface_theta) / (surface_theta * speed**2)

    def profiles(inverse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        momentum = (
            np.log(wind_height / roughness)
            - momentum_correction(wind_height * inverse)
            + momentum_correction(roughness * inverse)
        )
        heat = (
            np.log(layer[0] / SCREEN_M)
            - heat_correction(layer[0] * inverse)
            + heat_correction(SCREEN_M * inverse)
        )
        return momentum, heat

    low, high = np.full(target.shape, -STEEPEST), np.full(target.shape, STEEPEST)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        momentum, heat = profiles(middle)
        less = middle * heat / momentum**2 < target
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    inverse = 0.5 * (low + high)
    momentum, heat = profiles(inverse)
    velocity = KARMAN * speed / momentum
    flux = -velocity * KARMAN * (layer[1] - surface_theta) / heat
    return velocity, flux, int((np.abs(inverse) > 0.999 * STEEPEST).sum())
