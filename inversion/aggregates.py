"""The prior's sectors, periods and regions come in; weights of totals, series and map cells go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.maps import LinearMap, Product
from inversion.linalg.separable import Separable

if TYPE_CHECKING:
    import xarray as xr

ALL, NET, OUTSIDE = "all", "net", "outside"
CO2_G_MOL = 44.0095
_MOL_PER_UMOL, _KG_PER_G = 1e-6, 1e-3


@dataclass(frozen=True)
class Layout:
    """What an aggregate of the flux state is made of.

    Attributes
    ----------
    sectors : tuple of str, (g,)
    is_inventory : ndarray of bool, (g,)
    regions : tuple of str, (c,)
        Regions of the prior: districts, then ``outside``.
    region_weights : ndarray, (r, c)
        Rate of a region for one unit of flux in a place [kg s-1 / (umol m-2 s-1)].
    period_weights : ndarray, (p,)
        Share of each period in the batch's mean; zero before the batch, sum 1.
    """

    sectors: tuple[str, ...]
    is_inventory: np.ndarray
    regions: tuple[str, ...]
    region_weights: np.ndarray
    period_weights: np.ndarray

    @property
    def districts(self) -> tuple[str, ...]:
        """Codes of the districts, without ``outside``."""
        return tuple(code for code in self.regions if code != OUTSIDE)

    @property
    def city_weights(self) -> np.ndarray:
        """Rate of the city for one unit of flux in a place, (r,)."""
        inside = np.array([code != OUTSIDE for code in self.regions])
        return self.region_weights[:, inside].sum(axis=1)


@dataclass(frozen=True)
class Totals:
    """Mean rates over the batch, [kg s-1].

    Attributes
    ----------
    weights : LinearMap, (fluxes, k)
    regions : tuple of str, (k,)
    sectors : tuple of str, (k,)
    """

    weights: LinearMap
    regions: tuple[str, ...]
    sectors: tuple[str, ...]

    def index(self, region: str, sector: str) -> int:
        """Return the position of one total."""
        return list(zip(self.regions, self.sectors, strict=True)).index((region, sector))


def layout_of(prior: xr.Dataset, molar_mass_g_mol: float = CO2_G_MOL) -> Layout:
    """Return the layout of a prior's aggregates.

    Parameters
    ----------
    prior : Dataset ``prior``
    molar_mass_g_mol : float
        Molar mass of the gas [g mol-1].

    Returns
    -------
    Layout
    """
    per_area = _MOL_PER_UMOL * molar_mass_g_mol * _KG_PER_G
    regions = tuple(prior["region"].to_numpy().astype(str).tolist())
    if "cell_area" in prior:
        area = prior["cell_area"].to_numpy().ravel()
        fraction = prior["region_fraction"].to_numpy().reshape(len(regions), -1)
        weights = (fraction * area).T * per_area
    else:
        weights = np.diag(prior["region_area"].to_numpy()) * per_area
    return Layout(
        sectors=tuple(prior["sector"].to_numpy().astype(str).tolist()),
        is_inventory=prior["sector_kind"].to_numpy().astype(str) == "inventory",
        regions=regions,
        region_weights=weights,
        period_weights=batch_weights(prior),
    )


def batch_weights(prior: xr.Dataset) -> np.ndarray:
    """Return each period's share of the batch by duration, (p,); zero for the spin-up."""
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]")
    duration = (bounds[:, 1] - bounds[:, 0]) / np.timedelta64(1, "s")
    inside = duration * (prior["period_in_batch"].to_numpy() != 0)
    if not inside.sum() > 0.0:
        msg = (
            f"a batch must hold at least one period; got {len(inside)} periods, none of them in "
            "the batch, in prior.nc. Check period_in_batch."
        )
        raise ValueError(msg)
    return inside / inside.sum()


def batch_totals(layout: Layout) -> Totals:
    """Return the batch's mean rate of every region and sector, with their sums.

    Notes
    -----
    Regions: districts, ``all`` (their sum), and what else the prior has (``outside``). Sectors:
    the state's, ``all`` (inventory) and ``net`` (every state sector; fixed fluxes are added to
    its value by the caller). Order: region slowest.
    """
    base = Separable(
        np.eye(len(layout.sectors)), layout.period_weights[:, None], layout.region_weights
    )
    districts = layout.districts
    others = tuple(code for code in layout.regions if code not in districts)
    regions = (*districts, ALL, *others)
    by_region = np.array([_one_region(layout, name) for name in regions]).T
    sectors = (*layout.sectors, ALL, NET)
    by_sector = np.array([sector_weights(layout, name) for name in sectors]).T
    mix = np.einsum("sS,rR->srRS", by_sector, by_region).reshape(base.shape[1], -1)
    return Totals(
        Product(base, mix),
        tuple(name for name in regions for _ in sectors),
        sectors * len(regions),
    )


def daily_totals(layout: Layout) -> Totals:
    """Return the city's mean rate in each period, ``all`` then ``net``, [kg s-1]."""
    periods = len(layout.period_weights)
    by_sector = np.array([sector_weights(layout, name) for name in (ALL, NET)]).T
    weights = Separable(by_sector, np.eye(periods), layout.city_weights[:, None])
    return Totals(weights, (ALL,) * (2 * periods), (ALL,) * periods + (NET,) * periods)


def cell_means(layout: Layout, sector: str) -> Separable:
    """Return the batch's mean flux of every place for one sector, ``all`` or ``net``."""
    return Separable(
        sector_weights(layout, sector)[:, None],
        layout.period_weights[:, None],
        len(layout.region_weights),
    )


def sector_weights(layout: Layout, sector: str) -> np.ndarray:
    """Return which state sectors make up a sector, ``all`` or ``net``, (g,)."""
    if sector == ALL:
        return layout.is_inventory.astype(np.float64)
    if sector == NET:
        return np.ones(len(layout.sectors))
    if sector not in layout.sectors:
        msg = (
            f"a sector must be one of {[*layout.sectors, ALL, NET]}; got {sector!r} in the "
            "aggregates. Use a name of the prior."
        )
        raise ValueError(msg)
    return (np.array(layout.sectors) == sector).astype(np.float64)


def region_sector_mix(layout: Layout, region: str, sector: str) -> np.ndarray:
    """Return one total as a combination of the state sectors' totals by region, (g c,)."""
    return np.outer(sector_weights(layout, sector), _one_region(layout, region)).ravel()


def _one_region(layout: Layout, region: str):
    """Return which regions of the prior make up a region, (c,)."""
    if region == ALL:
        return np.array([code != OUTSIDE for code in layout.regions], dtype=np.float64)
    if region not in layout.regions:
        msg = (
            f"a region must be one of {[*layout.regions, ALL]}; got {region!r} in the aggregates. "
            "Use a code of the prior."
        )
        raise ValueError(msg)
    return (np.array(layout.regions) == region).astype(np.float64)
