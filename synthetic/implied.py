"""The family comes in; the standard deviations of totals that it implies go out.

These numbers are what the settings declare under `errors.prior`; they are written in
docs/decisions/0002-family-of-truths.md and a test keeps the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.signals import Scene
from synthetic.tables import BIOSPHERE, region_rates
from synthetic.truth import Family


@dataclass(frozen=True)
class Implied:
    """Totals of the prior and their relative spread over the family.

    Attributes
    ----------
    regions : tuple of str
        `all`, districts, `outside`.
    sectors : tuple of str
        State sectors, then `all` (inventory sectors).
    prior : ndarray (region, sector), kg s-1
        Mean over the batch.
    mean, relative : ndarray (region, sector)
        Mean and standard deviation of truth over prior; NaN where the prior is 0.
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    prior: np.ndarray
    mean: np.ndarray
    relative: np.ndarray

    def spread(self, region: str, sector: str) -> float:
        """Return the relative standard deviation of one total."""
        return float(self.relative[self.regions.index(region), self.sectors.index(sector)])


def implied_spread(family: Family, scene: Scene, draws: int) -> Implied:
    """Draw totals of truths that nobody else draws, and measure their spread.

    Parameters
    ----------
    family : Family
    scene : Scene
    draws : int

    Returns
    -------
    Implied
    """
    days = scene.timeline.in_batch
    prior = _with_all(region_rates(family.prior.flux, family.city), family.prior.sectors)
    totals = np.empty((draws, *prior.shape))
    for i in range(draws):
        truth = family.draw("implied", i)
        factor = (scene.rhythm.day[:, days] * truth.daily[:, days]).mean(axis=1)
        parts = region_rates(truth.pattern, family.city) * factor[:, None]
        totals[i] = _with_all(parts, family.prior.sectors)
    scale = np.where(prior == 0, np.nan, np.abs(prior))
    return Implied(
        regions=("all", *family.city.codes, "outside"),
        sectors=(*family.prior.sectors, "all"),
        prior=prior,
        mean=totals.mean(axis=0) / np.where(prior == 0, np.nan, prior),
        relative=totals.std(axis=0, ddof=1) / scale,
    )


def _with_all(parts: np.ndarray, sectors: tuple[str, ...]) -> np.ndarray:
    """Return (region, sector + 1): the last column sums the inventory's sectors."""
    counted = [i for i, sector in enumerate(sectors) if sector not in BIOSPHERE]
    return np.concatenate([parts, parts[counted].sum(axis=0, keepdims=True)]).T
