"""Stress and fluxes at the ground come in; friction velocity, Obukhov length and profile functions go out.

Every flux here is positive upward, out of the ground; stress is a magnitude. The readers turn the
signs of their files (of ERA5: positive downward) before they come here.
"""

from __future__ import annotations

import numpy as np

from transport.meteorology.air import GRAVITY, HEAT_CAPACITY, VAPOUR_EXCESS

KARMAN = 0.4
GREATEST_INVERSE_LENGTH = 1.0  # m-1: no Obukhov length is nearer to zero than 1 m
LEAST_FRICTION_VELOCITY = 0.01  # m s-1


def friction_velocity(stress: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Return u* = sqrt(|tau| / rho).

    Parameters
    ----------
    stress : ndarray, N m-2
        Magnitude of the surface stress.
    density : ndarray, kg m-3

    Returns
    -------
    ndarray, m s-1

    Examples
    --------
    >>> float(friction_velocity(np.array(0.108), np.array(1.2)).round(6))
    0.3
    """
    return np.sqrt(stress / density)


def buoyancy_flux(
    heat_flux: np.ndarray,
    moisture_flux: np.ndarray,
    temperature: np.ndarray,
    humidity: np.ndarray,
    density: np.ndarray,
) -> np.ndarray:
    """Return the kinematic flux of virtual temperature, w'Tv'.

    Parameters
    ----------
    heat_flux : ndarray, W m-2
        Sensible heat, positive upward.
    moisture_flux : ndarray, kg m-2 s-1
        Vapour, positive upward; 0 where unknown.
    temperature, humidity, density : ndarray, K, 1, kg m-3
        Of air near the ground.

    Returns
    -------
    ndarray, K m s-1
        Positive over ground that is warmer than the air.

    Notes
    -----
    w'Tv' = w'T' (1 + 0.608 q) + 0.608 T w'q' (Stull 1988, Sec. 4.4).

    Examples
    --------
    >>> float(buoyancy_flux(*map(np.array, (120.561, 0.0, 300.0, 0.0, 1.2))).round(4))
    0.1
    """
    sensible = heat_flux / (density * HEAT_CAPACITY)
    vapour = moisture_flux / density
    return sensible * (1.0 + VAPOUR_EXCESS * humidity) + VAPOUR_EXCESS * temperature * vapour


def inverse_obukhov_length(
    flux: np.ndarray, velocity: np.ndarray, temperature: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return 1/L = -k g w'Tv' / (Tv u*^3), held within 1 m-1, and how many values were held.

    Parameters
    ----------
    flux : ndarray, K m s-1
        Kinematic flux of virtual temperature, positive upward.
    velocity : ndarray, m s-1
        Friction velocity, > 0.
    temperature : ndarray, K
        Virtual (potential) temperature near the ground.

    Returns
    -------
    inverse : ndarray, m-1
        Negative in unstable, positive in stable air.
    held : int

    Examples
    --------
    >>> arguments = np.array(0.1), np.array(0.3), np.array(300.0)
    >>> round(float(inverse_obukhov_length(*arguments)[0]), 5)
    -0.04843
    """
    inverse = -KARMAN * GRAVITY * flux / (temperature * velocity**3)
    beyond = np.abs(inverse) > GREATEST_INVERSE_LENGTH
    limit = GREATEST_INVERSE_LENGTH
    return np.clip(inverse, -limit, limit), int(beyond.sum())


def momentum_correction(stability: np.ndarray) -> np.ndarray:
    """Return psi_m(z/L), by which ln(z/z0) is lessened in the profile of wind.

    Parameters
    ----------
    stability : ndarray, 1
        z/L.

    Returns
    -------
    ndarray, 1

    Notes
    -----
    Paulson (1970) with the functions of Dyer (1974): phi_m = (1 - 16 z/L)^-1/4 and 1 + 5 z/L.
    """
    root = (1.0 - 16.0 * np.minimum(stability, 0.0)) ** 0.25
    unstable = (
        2.0 * np.log(0.5 * (1.0 + root))
        + np.log(0.5 * (1.0 + root**2))
        - 2.0 * np.arctan(root)
        + 0.5 * np.pi
    )
    return np.where(stability < 0.0, unstable, -5.0 * stability)


def heat_correction(stability: np.ndarray) -> np.ndarray:
    """Return psi_h(z/L), by which the logarithm is lessened in the profile of temperature.

    Parameters
    ----------
    stability : ndarray, 1
        z/L.

    Returns
    -------
    ndarray, 1

    Notes
    -----
    Paulson (1970) with the functions of Dyer (1974): phi_h = (1 - 16 z/L)^-1/2 and 1 + 5 z/L.
    """
    root = (1.0 - 16.0 * np.minimum(stability, 0.0)) ** 0.5
    return np.where(stability < 0.0, 2.0 * np.log(0.5 * (1.0 + root)), -5.0 * stability)


def log_law_share(height: np.ndarray, of: np.ndarray, roughness: np.ndarray) -> np.ndarray:
    """Return the neutral wind at a height over that at a greater one, ln(z/z0) / ln(z1/z0).

    Parameters
    ----------
    height, of : ndarray, m
        z and z1, above ground.
    roughness : ndarray, m
        z0; where z1 does not exceed it, the wind is taken to be nil below z1.

    Returns
    -------
    ndarray, 1
        In [0, 1]: nil up to the roughness length, 1 from z1 on.

    Examples
    --------
    >>> share = log_law_share(np.array([0.05, 1.0, 10.0]), np.array(10.0), np.array(0.1))
    >>> share.round(6).tolist()
    [0.0, 0.5, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.log(height / roughness) / np.log(of / roughness)
    rough = of <= roughness
    return np.where(height >= of, 1.0, np.where(rough, 0.0, np.clip(share, 0.0, 1.0)))
