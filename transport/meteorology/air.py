"""Pressure, temperature and humidity of air come in; density and virtual temperatures go out."""

from __future__ import annotations

import numpy as np

GRAVITY = 9.80665  # m s-2
GAS_CONSTANT = 287.05  # J kg-1 K-1, dry air
HEAT_CAPACITY = 1004.675  # J kg-1 K-1, dry air at constant pressure: 7/2 of the gas constant
KAPPA = GAS_CONSTANT / HEAT_CAPACITY
VAPOUR_EXCESS = 0.608  # ratio of the gas constants of vapour and dry air, less 1
VAPOUR_RATIO = 0.622
REFERENCE_PA = 1e5


def virtual_temperature(temperature: np.ndarray, humidity: np.ndarray) -> np.ndarray:
    """Return the temperature of dry air as dense as this air.

    Parameters
    ----------
    temperature : ndarray, K
    humidity : ndarray, 1
        Specific humidity.

    Returns
    -------
    ndarray, K

    Examples
    --------
    >>> round(float(virtual_temperature(np.array(300.0), np.array(0.018))), 2)
    303.28
    """
    return temperature * (1.0 + VAPOUR_EXCESS * humidity)


def density(pressure: np.ndarray, temperature: np.ndarray, humidity: np.ndarray) -> np.ndarray:
    """Return the density of moist air, p / (R Tv).

    Parameters
    ----------
    pressure : ndarray, Pa
    temperature : ndarray, K
    humidity : ndarray, 1
        Specific humidity.

    Returns
    -------
    ndarray, kg m-3

    Examples
    --------
    >>> round(float(density(np.array(101325.0), np.array(288.15), np.array(0.0))), 3)
    1.225
    """
    return pressure / (GAS_CONSTANT * virtual_temperature(temperature, humidity))


def potential_temperature(temperature: np.ndarray, pressure: np.ndarray) -> np.ndarray:
    """Return the temperature that air would have at 1000 hPa.

    Parameters
    ----------
    temperature : ndarray, K
    pressure : ndarray, Pa

    Returns
    -------
    ndarray, K

    Examples
    --------
    >>> round(float(potential_temperature(np.array(280.0), np.array(85000.0))), 2)
    293.31
    """
    return temperature * (REFERENCE_PA / pressure) ** KAPPA


def temperature_of_potential(potential: np.ndarray, pressure: np.ndarray) -> np.ndarray:
    """Return the temperature at a pressure of air with a potential temperature.

    Parameters
    ----------
    potential : ndarray, K
    pressure : ndarray, Pa

    Returns
    -------
    ndarray, K
    """
    return potential * (pressure / REFERENCE_PA) ** KAPPA


def humidity_of_mixing_ratio(mixing_ratio: np.ndarray) -> np.ndarray:
    """Return kg of vapour per kg of moist air, from kg of vapour per kg of dry air.

    Parameters
    ----------
    mixing_ratio : ndarray, kg kg-1

    Returns
    -------
    ndarray, 1
    """
    return mixing_ratio / (1.0 + mixing_ratio)


def humidity_of_dewpoint(dewpoint: np.ndarray, pressure: np.ndarray) -> np.ndarray:
    """Return the specific humidity of air with a dew point.

    Parameters
    ----------
    dewpoint : ndarray, K
    pressure : ndarray, Pa

    Returns
    -------
    ndarray, 1

    Notes
    -----
    Saturation pressure over water after Bolton (1980), Mon. Wea. Rev. 108, Eq. 10: within 0.3 %
    from -35 to 35 degrees Celsius.

    Examples
    --------
    >>> round(float(humidity_of_dewpoint(np.array(283.15), np.array(101325.0))), 5)
    0.00757
    """
    celsius = dewpoint - 273.15
    vapour = 611.2 * np.exp(17.67 * celsius / (celsius + 243.5))
    return VAPOUR_RATIO * vapour / (pressure - (1.0 - VAPOUR_RATIO) * vapour)
