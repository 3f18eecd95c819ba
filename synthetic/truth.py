"""The prior maps and the family's settings come in; truths drawn from the family go out.

The family is stated in docs/decisions/0002-family-of-truths.md. Its mean is the prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from synthetic.city import City
from synthetic.streams import autoregressive, stream
from synthetic.tables import BIOSPHERE, Prior


@dataclass(frozen=True)
class Truth:
    """One drawn truth.

    Attributes
    ----------
    pattern : ndarray (sector, row, col), umol m-2 s-1
        Mean map before the factors of the days.
    daily : ndarray (sector, day)
        Factors of mean 1.
    human : float
        Factor of human respiration.
    mixing_height : float
        Factor of the weather file's mixing height.
    """

    pattern: np.ndarray
    daily: np.ndarray
    human: float
    mixing_height: float


@dataclass(frozen=True)
class Family:
    """What all draws share.

    Attributes
    ----------
    city : City
    prior : Prior
    settings : SyntheticSettings
    n_day : int
        Days of the timeline.
    """

    city: City
    prior: Prior
    settings: Any
    n_day: int

    def draw(self, *names: str | int) -> Truth:
        """Draw the truth that belongs to these names.

        Parameters
        ----------
        *names : str or int
            For example ``("draw", 17)``.

        Returns
        -------
        Truth
        """
        family = self.settings.family
        rng = stream(self.settings.seed, *names, "common")
        human = 1.0 + family.human_spread * bounded_normal(rng)
        height = 1.0 + family.mixing_height_spread * bounded_normal(rng)
        common = self._districts(rng, family.common_district)
        patterns, daily = [], []
        for sector, flux in zip(self.prior.sectors, self.prior.flux, strict=True):
            rng = stream(self.settings.seed, *names, "sector", sector)
            patterns.append(self._pattern(rng, sector, flux, common))
            series = autoregressive(rng, (self.n_day,), 1.0, family.daily_correlation_days)
            daily.append(lognormal(series, family.spreads[sector].daily))
        return Truth(np.stack(patterns), np.stack(daily), human, height)

    def _pattern(
        self, rng: np.random.Generator, sector: str, flux: np.ndarray, common: np.ndarray
    ) -> np.ndarray:
        """Return one sector's drawn map, (row, col)."""
        family, spread = self.settings.family, self.settings.family.spreads[sector]
        whole = lognormal(rng.standard_normal(), spread.sector)
        factor = self._districts(rng, spread.district)
        if spread.smooth > 0:
            length = family.smooth_length_km * 1000.0 / float(np.diff(self.city.grid.row_edges)[0])
            factor = factor * lognormal(smooth_field(rng, flux.shape, length), spread.smooth)
        if sector not in BIOSPHERE:
            factor = factor * common
        known, sites = self._missing_sites(rng, sector, flux)
        if sector == "power":
            factor = factor * self._plants(rng)
        return whole * (known * factor + sites)

    def _districts(self, rng: np.random.Generator, spread: float) -> np.ndarray:
        """Return log-normal factors of mean 1 per district, as a map by area fraction."""
        factors = lognormal(rng.standard_normal(len(self.city.fraction)), spread)
        return np.einsum("r,rij->ij", factors, self.city.fraction)

    def _plants(self, rng: np.random.Generator) -> np.ndarray:
        """Return factors of mean 1 in the cells of power plants: dead, or more or less."""
        family, count = self.settings.family, len(self.city.plants)
        alive = rng.random(count) >= family.plant_dead_probability
        output = lognormal(rng.standard_normal(count), family.plant_spread)
        result = np.ones(self.city.grid.shape)
        result[tuple(self.city.plants.T)] = alive * output / (1.0 - family.plant_dead_probability)
        return result

    def _missing_sites(
        self, rng: np.random.Generator, sector: str, flux: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Move a share of the sector from where the prior spreads it into a few cells.

        A cell is chosen with the probability with which the prior spreads the
        share, so the mean of all draws remains the prior. Of power, all that the
        prior spreads outside the plants' cells is moved.
        """
        family, area = self.settings.family, self.city.grid.cell_area
        movable = family.spreads[sector].missing_share * flux * area
        if sector == "power":
            movable = flux * area
            movable[tuple(self.city.plants.T)] = 0.0
        if not movable.any():
            return flux, np.zeros(flux.shape)
        count, total = family.missing_sites, movable.sum()
        cells = rng.choice(flux.size, size=count, p=(movable / total).ravel())
        sizes = total * rng.exponential(1.0 / count, count)
        sites = np.bincount(cells, weights=sizes, minlength=flux.size).reshape(flux.shape)
        return flux - movable / area, sites / area


def lognormal(standard: np.ndarray | float, spread: float) -> np.ndarray | float:
    """Return log-normal factors of mean 1 from standard normal numbers.

    Parameters
    ----------
    standard : float or ndarray
    spread : float
        Standard deviation of the log.

    Returns
    -------
    float or ndarray, the same shape

    Examples
    --------
    >>> lognormal(0.0, 0.0)
    np.float64(1.0)
    """
    return np.exp(spread * standard - 0.5 * spread**2)


def bounded_normal(rng: np.random.Generator, bound: float = 2.9) -> float:
    """Draw a standard normal number and draw again beyond the bound (0.4 % of draws).

    Parameters
    ----------
    rng : numpy.random.Generator
    bound : float
        Keeps mixing height factors between the nodes of the interpolation.

    Returns
    -------
    float
    """
    value = float(rng.standard_normal())
    while abs(value) > bound:
        value = float(rng.standard_normal())
    return value


def smooth_field(rng: np.random.Generator, shape: tuple[int, int], length: float) -> np.ndarray:
    """Draw a smooth Gaussian field of unit variance.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
    length : float, cells
        Distance at which the correlation has fallen to 1/e.

    Returns
    -------
    ndarray, `shape`
        White noise under a Gaussian filter of width length/2: the correlation is
        exp(-(h/length)²). The field is periodic over the grid.
    """
    impulse = np.zeros(shape)
    impulse[0, 0] = 1.0
    gain = gaussian_filter(impulse, length / 2.0, mode="wrap")
    field = gaussian_filter(rng.standard_normal(shape), length / 2.0, mode="wrap")
    return field / np.sqrt((gain**2).sum())
