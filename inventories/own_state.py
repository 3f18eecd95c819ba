"""Names of sectors, edges of periods and places of one's own come in; what every dataset says about them goes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from contracts.grid import Grid
from contracts.periods import hour_starts, to_ns
from contracts.settings.gas import GasSettings
from inventories.places import DOMAIN, OUTSIDE

KINDS = ("inventory", "biosphere")


@dataclass(frozen=True)
class OwnState:
    """The unknown fluxes: every sector in every period at every place, in this order.

    Attributes
    ----------
    sectors : mapping of str to str
        Name to kind: "inventory" (counted by an inventory) or "biosphere".
    period_bounds : array_like (period, 2) of UTC times
        Half-open, in order, without overlap; whole hours on a grid.
    places : mapping of str to float, or Grid
        Regions and their areas [m2], or a grid.
    gas : GasSettings
    city_name : str
        Of the whole.
    synthetic : bool
        Whether the numbers are made up.
    apart : sequence of str
        Regions that are no part of the whole.
    outlines : mapping of str to str
        Region to WKT, longitude and latitude WGS 84; regions without one have no map.
    groups : mapping of str to sequence of str
        Further sums of regions for which totals are told.
    fractions : mapping of str to array_like (row, col)
        On a grid: share of each cell in each region; the whole grid is one region without it.
    spin_up : int
        How many of the first periods lie before the batch.
    """

    sectors: Mapping[str, str]
    period_bounds: Any
    places: Mapping[str, float] | Grid
    gas: GasSettings
    city_name: str
    synthetic: bool
    apart: Sequence[str] = ()
    outlines: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fractions: Mapping[str, Any] = field(default_factory=dict)
    spin_up: int = 0

    def __post_init__(self) -> None:
        bounds = to_ns(self.period_bounds)
        if bounds.ndim != 2 or bounds.shape[1] != 2:
            msg = (
                f"period_bounds must have the axes (period, 2); got {bounds.shape} in OwnState. "
                "Give start and end of each period."
            )
            raise ValueError(msg)
        object.__setattr__(self, "period_bounds", bounds)
        wrong = {name: kind for name, kind in self.sectors.items() if kind not in KINDS}
        if wrong or not self.sectors:
            msg = (
                f"sectors must have a kind of {list(KINDS)}; got {wrong or 'none'} in OwnState. "
                "Write a mapping of names to kinds."
            )
            raise ValueError(msg)
        strangers = sorted(
            {*self.apart, *self.outlines, *(r for group in self.groups.values() for r in group)}
            - set(self.regions)
        )
        if strangers:
            msg = (
                f"apart, outlines and groups must name regions of the state; got {strangers} "
                f"beside {list(self.regions)} in OwnState. Correct the names."
            )
            raise ValueError(msg)
        if self.grid is not None and (bounds != bounds.astype("datetime64[h]")).any():
            msg = (
                "periods of a state on a grid must begin and end on whole hours; got others in "
                "OwnState.period_bounds. Round them, or use regions with a Jacobian of your own."
            )
            raise ValueError(msg)

    @property
    def grid(self) -> Grid | None:
        """The grid, None where places are regions."""
        return self.places if isinstance(self.places, Grid) else None

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions, in order."""
        if self.grid is None:
            return tuple(self.places)
        return tuple(self.fractions) or (DOMAIN,)

    @property
    def space_dims(self) -> tuple[str, ...]:
        """Names of the dimensions of places."""
        return ("region",) if self.grid is None else self.grid.dims

    def axes(self) -> dict[str, int]:
        """Return names and lengths of the axes of a flux."""
        shape = (len(self.regions),) if self.grid is None else self.grid.shape
        places = dict(zip(self.space_dims, shape, strict=True))
        return {"sector": len(self.sectors), "period": len(self.period_bounds), **places}

    def areas(self) -> np.ndarray:
        """Return the areas of places, (region,) or (row, col), m2."""
        if self.grid is not None:
            return np.asarray(self.grid.cell_area, dtype=np.float64)
        return np.array(list(self.places.values()), dtype=np.float64)

    def variables(self) -> dict[str, Any]:
        """Return the variables of a `prior` that are no fluxes."""
        in_batch = np.arange(len(self.period_bounds)) >= self.spin_up
        kinds = np.array(list(self.sectors.values()), dtype=str)
        shared = {
            "sector_kind": ("sector", kinds),
            "period_bounds": (("period", "bounds"), self.period_bounds),
            "period_in_batch": ("period", in_batch.astype(np.int8), {"units": "1"}),
        }
        return {**shared, **self._groups(), **self._places()}

    def coords(self) -> dict[str, Any]:
        """Return the coordinates of a `prior`."""
        names = np.datetime_as_string(self.period_bounds[:, 0], unit="m")
        grid = {} if self.grid is None else self.grid.coords()
        return {
            **grid,
            "sector": np.array(list(self.sectors), dtype=str),
            "period": np.array(names, dtype=str),
            "region": np.array(self._codes(), dtype=str),
        }

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of a `prior`."""
        return {
            **({} if self.grid is None else self.grid.attributes()),
            "synthetic": "yes" if self.synthetic else "no",
            "gas": self.gas.name,
            "molar_mass_g_mol": float(self.gas.molar_mass_g_mol),
            "city_name": self.city_name,
        }

    def _codes(self) -> tuple[str, ...]:
        """Return the regions of the prior; on a grid the rest of it comes last."""
        return self.regions if self.grid is None else (*self.regions, OUTSIDE)

    def _groups(self) -> dict[str, Any]:
        """Return the further sums of regions."""
        if not self.groups:
            return {}
        names, codes = np.array(list(self.groups), dtype=str), self._codes()
        weight = [[float(code in group) for code in codes] for group in self.groups.values()]
        return {
            "group": ("group", names),
            "group_name": ("group", names),
            "group_name_local": ("group", names),
            "group_weight": (("group", "region"), np.array(weight), {"units": "1"}),
        }

    def _places(self) -> dict[str, Any]:
        """Return names, areas and fractions of places, and on a grid the hours of the state."""
        codes = self._codes()
        names = np.array(codes, dtype=str)
        left_out = {*self.apart, OUTSIDE}
        inside = np.array([code not in left_out for code in codes], dtype=np.int8)
        found: dict[str, Any] = {
            "region_name": ("region", names),
            "region_name_local": ("region", names),
            "region_inside": ("region", inside, {"units": "1"}),
        }
        if self.outlines:
            texts = [self.outlines.get(code, "") for code in codes]
            found["region_outline"] = ("region", np.array(texts, dtype=str))
        if self.grid is None:
            return {**found, "region_area": ("region", self.areas(), {"units": "m2"})}
        return {**found, **self._cells()}

    def _cells(self) -> dict[str, Any]:
        """Return what a prior on a grid says beside its fluxes."""
        space, hours = self.space_dims, hour_starts(self.period_bounds)
        given = [np.asarray(f, dtype=np.float64) for f in self.fractions.values()]
        inside = np.stack(given or [np.ones(self.grid.shape)])
        fraction = np.concatenate([inside, 1.0 - inside.sum(axis=0, keepdims=True)])
        one = np.ones((len(self.sectors), len(hours)))
        return {
            "cell_area": (space, self.areas(), {"units": "m2"}),
            "region_fraction": (("region", *space), fraction, {"units": "1"}),
            "hour": ("hour", hours),
            "hourly_profile": (("sector", "hour"), one, {"units": "1"}),
            "fixed_flux": (space, np.zeros(self.grid.shape), {"units": "umol m-2 s-1"}),
            "fixed_hourly_profile": ("hour", one[0], {"units": "1"}),
        }
