"""Wind and mixing of one point come in; surface influence of a receptor hour goes out.

This is the TRUTH's transport. It shares no line with the transport of the inversion: the two
are compared by a test, which is only a witness while they stay apart.
ASSUME: wind, mixing height and turbulence are uniform over the grid in each hour.
ASSUME: emissions enter at the ground; no plume rise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

SECONDS_PER_HOUR = 3600.0
IMAGES = 5  # images at 2 j H; at sigma_z = 1.5 H the next one is below 1e-12
TRUNCATION = 3.0  # standard deviations of the horizontal kernel


@dataclass(frozen=True)
class Weather:
    """Hourly weather of the whole city.

    Attributes
    ----------
    time : ndarray (time,), float64
        Seconds since some origin, hourly instants.
    level : ndarray (level,), m above ground
    eastward, northward : ndarray (time, level), m s-1
    mixing_height : ndarray (time,), m
    vertical_deviation, lateral_deviation : ndarray (time,), m s-1
    molar_density : float, mol m-3
    """

    time: np.ndarray
    level: np.ndarray
    eastward: np.ndarray
    northward: np.ndarray
    mixing_height: np.ndarray
    vertical_deviation: np.ndarray
    lateral_deviation: np.ndarray
    molar_density: float


@dataclass(frozen=True)
class Ages:
    """Sub-steps back in time from the middle of the receptor hour.

    Attributes
    ----------
    edges : ndarray (step + 1,), s
    middle, length : ndarray (step,), s
    hour : ndarray (step,), int
        0 = emitted in the receptor hour itself, 1 = the clock hour before, ...
    """

    edges: np.ndarray
    middle: np.ndarray
    length: np.ndarray
    hour: np.ndarray


def ages(window_hours: int) -> Ages:
    """Cut the window into sub-steps of 30 s (10 min), 60 s (1 h) and 300 s.

    Parameters
    ----------
    window_hours : int
        Clock hours of emissions, the receptor hour included.

    Returns
    -------
    Ages

    Examples
    --------
    >>> cut = ages(24)
    >>> float(cut.edges[-1]), int(cut.hour[-1])
    (84600.0, 23)
    """
    end = (window_hours - 0.5) * SECONDS_PER_HOUR
    edges = np.concatenate(
        [np.arange(0, 600, 30), np.arange(600, 3600, 60), np.arange(3600, end + 1, 300)]
    ).astype(float)
    middle = 0.5 * (edges[1:] + edges[:-1])
    hour = np.floor((middle + 0.5 * SECONDS_PER_HOUR) / SECONDS_PER_HOUR).astype(int)
    return Ages(edges, middle, np.diff(edges), hour)


def dispersion(age: np.ndarray, velocity: float, timescale: float) -> np.ndarray:
    """Return the variance of displacement of particles released together.

    Parameters
    ----------
    age : ndarray (step,), s
    velocity : float, m s-1
        Standard deviation of the turbulent velocity.
    timescale : float, s
        Lagrangian integral time T.

    Returns
    -------
    ndarray (step,), m2
        2 v² T² (τ/T - 1 + exp(-τ/T)).

    Notes
    -----
    Taylor (1921), Diffusion by continuous movements, for an exponential
    velocity correlation. v²τ² for τ << T, 2 v² T τ for τ >> T.

    Examples
    --------
    >>> round(float(dispersion(np.array([0.2]), 1.0, 200.0)[0]), 4)
    0.04
    """
    ratio = age / timescale
    return 2.0 * velocity**2 * timescale**2 * (ratio + np.expm1(-ratio))


def _integral(time: np.ndarray, value: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the integral of a piecewise linear series from its first instant to `at`."""
    step = np.diff(time)
    knots = np.concatenate([[0.0], np.cumsum(0.5 * (value[1:] + value[:-1]) * step)])
    left = np.clip(np.searchsorted(time, at, side="right") - 1, 0, len(step) - 1)
    into = at - time[left]
    slope = (value[left + 1] - value[left]) / step[left]
    return knots[left] + value[left] * into + 0.5 * slope * into**2


def displacement(weather: Weather, release: float, cut: Ages, height: float) -> np.ndarray:
    """Return where the air came from: position minus receptor, for each age.

    Parameters
    ----------
    weather : Weather
    release : float, s
        Middle of the receptor hour, on the clock of `weather.time`.
    cut : Ages
    height : float, m above ground
        The wind of the nearest level is taken.

    Returns
    -------
    ndarray (2, step), m
        North and east. X(τ) = x_r - ∫ u dt.
    """
    level = int(np.argmin(np.abs(weather.level - height)))
    then = release - cut.middle
    now = np.array([release])
    return np.stack(
        [
            _integral(weather.time, wind[:, level], then)
            - _integral(weather.time, wind[:, level], now)
            for wind in (weather.northward, weather.eastward)
        ]
    )


def lid_height(weather: Weather, release: float, cut: Ages) -> np.ndarray:
    """Return the highest mixing height met between each age and the receptor.

    Parameters
    ----------
    weather : Weather
    release : float, s
    cut : Ages

    Returns
    -------
    ndarray (step,), m
        H(τ) = max of the mixing height over [t - τ, t]; hours are edges of the
        sub-steps, so the maximum of the piecewise linear series is exact.
    """
    at_edges = np.interp(release - cut.edges, weather.time, weather.mixing_height)
    at_middle = np.interp(release - cut.middle, weather.time, weather.mixing_height)
    return np.maximum(np.maximum.accumulate(at_edges)[:-1], at_middle)


def surface_density(height: float, lid: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the density at the ground of air that ends at the inlet.

    Parameters
    ----------
    height : float, m above ground
    lid : ndarray (..., step), m
        Mixing height H.
    variance : ndarray (step,), m2
        Vertical variance of displacement.

    Returns
    -------
    ndarray (..., step), m-1
        p = Σ_j 2/(√(2π) σ) exp(-(z + 2 j H)² / (2σ²)), reflection at ground and
        lid; 1/H once σ > 1.5 H.

    Notes
    -----
    Method of images, for example Seinfeld and Pandis, Atmospheric Chemistry
    and Physics, eq. 18.87. Its mean over 0 < z < H is 1/H.

    Examples
    --------
    >>> surface_density(50.0, np.array([1000.0]), np.array([4e6])).tolist()
    [0.001]
    """
    sigma = np.sqrt(variance)
    total = np.zeros(np.broadcast_shapes(lid.shape, sigma.shape))
    for image in range(-IMAGES, IMAGES + 1):
        total += np.exp(-((height + 2.0 * image * lid) ** 2) / (2.0 * variance))
    series = 2.0 / (np.sqrt(2.0 * np.pi) * sigma) * total
    return np.where(sigma > 1.5 * lid, 1.0 / lid, series)


def axis_mass(edges: np.ndarray, centre: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Return the mass of a truncated, renormalised Gaussian between edges.

    Parameters
    ----------
    edges : ndarray (cell + 1,), m
    centre, sigma : ndarray (step,), m

    Returns
    -------
    ndarray (step, cell)
        Sums to 1 over a line that holds all of the kernel.

    Examples
    --------
    >>> axis_mass(np.array([-9.0, 0.0, 9.0]), np.zeros(1), np.ones(1)).tolist()
    [[0.5, 0.5]]
    """
    scaled = (edges[None, :] - centre[:, None]) / sigma[:, None]
    cumulated = ndtr(np.clip(scaled, -TRUNCATION, TRUNCATION))
    return np.diff(cumulated, axis=1) / (ndtr(TRUNCATION) - ndtr(-TRUNCATION))
