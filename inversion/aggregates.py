"""The prior's sectors, periods, regions and groups come in; weights of totals, series and map cells go out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from inversion.linalg.maps import LinearMap, Product
from inversion.linalg.separable import Separable

if TYPE_CHECKING:
    import xarray as xr

ALL, NET, OUTSIDE = "all", "net", "outside"
CO2_G_MOL = 44.0095
_MOL_PER_UMOL, _KG_PER_G = 1e-6, 1e-3
_SECOND = np.timedelta64(1, "s")


@dataclass(frozen=True)
class Interval:
    """A part of the batch made of whole periods.

    Attributes
    ----------
    bounds : ndarray of datetime64[ns], (2,)
        Start and end, UTC.
    weights : ndarray, (p,)
        Share of each period in the interval's mean, sum 1.
    """

    bounds: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Layout:
    """What an aggregate of the flux state is made of.

    Attributes
    ----------
    sectors : tuple of str, (g,)
    is_inventory : ndarray of bool, (g,)
        Sectors that ``all`` sums: those the inventory counts, or every sector where it counts none.
    regions : tuple of str, (c,)
        Regions of the prior: districts, then ``outside``.
    region_weights : ndarray, (r, c)
        Rate of a region for one unit of flux in a place [kg s-1 / (umol m-2 s-1)].
    period_weights : ndarray, (p,)
        Share of each period in the batch's mean; zero before the batch, sum 1.
    bounds : ndarray of datetime64[ns], (2,)
        Start and end of the batch, UTC.
    inside : ndarray of bool, (c,)
        Regions that ``all`` sums.
    groups : dict of ndarray, (c,)
        Weights of the regions in each further sum of regions, by name.
    intervals : dict of Interval
        Further intervals for which totals are told, by name.
    """

    sectors: tuple[str, ...]
    is_inventory: np.ndarray
    regions: tuple[str, ...]
    region_weights: np.ndarray
    period_weights: np.ndarray
    bounds: np.ndarray
    inside: np.ndarray
    groups: dict[str, np.ndarray] = field(default_factory=dict)
    intervals: dict[str, Interval] = field(default_factory=dict)

    @property
    def districts(self) -> tuple[str, ...]:
        """Codes of the regions that make up the whole."""
        return tuple(code for code, inside in zip(self.regions, self.inside, strict=True) if inside)

    @property
    def apart(self) -> tuple[str, ...]:
        """Names of totals that are no part of the whole: regions outside it, and groups."""
        return (*(code for code in self.regions if code not in self.districts), *self.groups)

    @property
    def city_weights(self) -> np.ndarray:
        """Rate of the city for one unit of flux in a place, (r,)."""
        return self.region_weights[:, self.inside].sum(axis=1)


@dataclass(frozen=True)
class Totals:
    """Mean rates over the batch or an interval of it, [kg s-1].

    Attributes
    ----------
    weights : LinearMap, (fluxes, k)
    regions : tuple of str, (k,)
    sectors : tuple of str, (k,)
    intervals : tuple of str, (k,)
        "" for the whole batch.
    bounds : ndarray of datetime64[ns], (k, 2)
    """

    weights: LinearMap
    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    intervals: tuple[str, ...]
    bounds: np.ndarray

    def index(self, region: str, sector: str) -> int:
        """Return the position of one total of the whole batch."""
        return list(zip(self.regions, self.sectors, strict=True)).index((region, sector))


def layout_of(
    prior: xr.Dataset, molar_mass_g_mol: float = CO2_G_MOL, intervals: Any = None
) -> Layout:
    """Return the layout of a prior's aggregates.

    Parameters
    ----------
    prior : Dataset ``prior``
    molar_mass_g_mol : float
        Molar mass of the gas [g mol-1].
    intervals : mapping of str to section with ``start`` and ``end``, optional
        Further intervals (``time.totals``); those outside this batch are another batch's.

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
    counted = prior["sector_kind"].to_numpy().astype(str) == "inventory"
    groups = {}
    if "group" in prior:
        names = prior["group"].to_numpy().astype(str).tolist()
        groups = dict(zip(names, prior["group_weight"].to_numpy(), strict=True))
    return Layout(
        sectors=tuple(prior["sector"].to_numpy().astype(str).tolist()),
        is_inventory=counted if counted.any() else np.ones_like(counted),
        regions=regions,
        region_weights=weights,
        period_weights=batch_weights(prior),
        bounds=batch_bounds(prior),
        inside=regions_inside(prior),
        groups=groups,
        intervals=intervals_of(prior, intervals or {}),
    )


def regions_inside(prior: xr.Dataset) -> np.ndarray:
    """Return which regions ``all`` sums, (c,): those said to, or all but ``outside``."""
    if "region_inside" in prior:
        return prior["region_inside"].to_numpy() != 0
    return prior["region"].to_numpy().astype(str) != OUTSIDE


def batch_bounds(prior: xr.Dataset) -> np.ndarray:
    """Return start and end of the batch, datetime64[ns] (2,), its spin-up left out."""
    inside = prior["period_in_batch"].to_numpy() != 0
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]")[inside]
    return np.array([bounds.min(), bounds.max()]) if inside.any() else bounds.reshape(-1)[:2]


def intervals_of(prior: xr.Dataset, declared: Any) -> dict[str, Interval]:
    """Return the declared intervals that lie in this batch.

    Raises
    ------
    ValueError
        Where an interval cuts a period of the state, or reaches over the batch's edge.
    """
    batch = batch_bounds(prior)
    periods = prior["period_bounds"].to_numpy().astype("datetime64[ns]")
    found = {}
    for name in declared:
        ends = (np.datetime64(declared[name].start, "ns"), np.datetime64(declared[name].end, "ns"))
        start, end = ends
        if end <= batch[0] or start >= batch[1]:
            continue
        within = (periods[:, 0] >= start) & (periods[:, 1] <= end)
        duration = (periods[:, 1] - periods[:, 0]) / np.timedelta64(1, "s") * within
        if start < batch[0] or end > batch[1] or duration.sum() != (end - start) / _SECOND:
            msg = (
                "an interval of time.totals must lie in one batch and be made of whole periods; "
                f"got {start} .. {end} for {name!r}, whose whole periods hold "
                f"{duration.sum() / 86400.0:.6g} days of a batch {batch[0]} .. {batch[1]}. Move "
                "its start and end to edges of periods."
            )
            raise ValueError(msg)
        found[name] = Interval(np.array(ends), duration / duration.sum())
    return found


def batch_weights(prior: xr.Dataset) -> np.ndarray:
    """Return each period's share of the batch by duration, (p,); zero for the spin-up."""
    bounds = prior["period_bounds"].to_numpy().astype("datetime64[ns]")
    duration = (bounds[:, 1] - bounds[:, 0]) / _SECOND
    inside = duration * (prior["period_in_batch"].to_numpy() != 0)
    if not inside.sum() > 0.0:
        msg = (
            f"a batch must hold at least one period; got {len(inside)} periods, none of them in "
            "the batch, in prior.nc. Check period_in_batch."
        )
        raise ValueError(msg)
    return inside / inside.sum()


def batch_totals(layout: Layout) -> Totals:
    """Return the mean rate of every region and sector, with their sums, by interval.

    Notes
    -----
    Intervals: the batch, then those declared. Regions: districts, ``all`` (their sum), and what
    else the prior has (``outside``, groups). Sectors: the state's, ``all`` (inventory) and ``net``
    (every state sector; fixed fluxes are added to its value by the caller). Order: interval
    slowest, then region.
    """
    parts = {"": Interval(layout.bounds, layout.period_weights), **layout.intervals}
    times = np.stack([part.weights for part in parts.values()], axis=1)
    base = Separable(np.eye(len(layout.sectors)), times, layout.region_weights)
    regions = (*layout.districts, ALL, *layout.apart)
    by_region = np.array([region_weights(layout, name) for name in regions]).T
    sectors = (*layout.sectors, ALL, NET)
    by_sector = np.array([sector_weights(layout, name) for name in sectors]).T
    each = np.eye(len(parts))
    mix = np.einsum("sS,iI,rR->sirIRS", by_sector, each, by_region).reshape(base.shape[1], -1)
    one = len(regions) * len(sectors)
    return Totals(
        Product(base, mix),
        tuple(name for name in regions for _ in sectors) * len(parts),
        sectors * len(regions) * len(parts),
        tuple(name for name in parts for _ in range(one)),
        np.repeat(np.stack([part.bounds for part in parts.values()]), one, axis=0),
    )


def daily_totals(layout: Layout) -> Totals:
    """Return the city's mean rate in each period, ``all`` then ``net``, [kg s-1]."""
    periods = len(layout.period_weights)
    by_sector = np.array([sector_weights(layout, name) for name in (ALL, NET)]).T
    weights = Separable(by_sector, np.eye(periods), layout.city_weights[:, None])
    return Totals(
        weights,
        (ALL,) * (2 * periods),
        (ALL,) * periods + (NET,) * periods,
        ("",) * (2 * periods),
        np.tile(layout.bounds, (2 * periods, 1)),
    )


def cell_means(layout: Layout, sector: str) -> Separable:
    """Return the batch's mean flux of every place for one sector, ``all`` or ``net``."""
    return Separable(
        sector_weights(layout, sector)[:, None],
        layout.period_weights[:, None],
        len(layout.region_weights),
    )


def every_place(layout: Layout) -> Separable:
    """Return the batch's mean flux of every sector and place, (fluxes, g r)."""
    sectors = np.eye(len(layout.sectors))
    return Separable(sectors, layout.period_weights[:, None], len(layout.region_weights))


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
    return np.outer(sector_weights(layout, sector), region_weights(layout, region)).ravel()


def region_weights(layout: Layout, region: str) -> np.ndarray:
    """Return which regions of the prior make up a region, ``all`` or a group, (c,)."""
    if region == ALL:
        return layout.inside.astype(np.float64)
    if region in layout.groups:
        return np.asarray(layout.groups[region], dtype=np.float64)
    if region not in layout.regions:
        msg = (
            f"a region must be one of {[*layout.regions, ALL]}; got {region!r} in the aggregates. "
            "Use a code of the prior."
        )
        raise ValueError(msg)
    return (np.array(layout.regions) == region).astype(np.float64)
