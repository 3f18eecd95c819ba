"""The prior of a batch comes in; the names of its regions, groups and sectors, in two languages, go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import xarray as xr

from report.inputs import Batch
from report.wording import Pair, same, sector_name


@dataclass(frozen=True)
class Names:
    """Names of places and sectors as a page says them.

    Parameters
    ----------
    known : mapping of str to Pair
        Regions and groups of the prior.
    counted : bool
        True where an inventory counts at least one sector; ``all`` then sums only such sectors.
    of_regions : bool
        True for a state of regions, which is not a city with districts.
    """

    known: Mapping[str, Pair]
    counted: bool
    of_regions: bool

    @property
    def whole(self) -> Pair:
        """Return the name of the sum of all parts."""
        return Pair("The whole", "整体") if self.of_regions else Pair("Whole city", "全市")

    @property
    def column(self) -> Pair:
        """Return the head of a table's column of regions."""
        return Pair("Region", "区域") if self.of_regions else Pair("City, district", "全市与区县")

    @property
    def sectors_heading(self) -> Pair:
        """Return the heading of the table of sectors."""
        if self.of_regions:
            return Pair("Sectors of the whole", "整体各行业")
        return Pair("Sectors of the whole city", "全市各行业")

    def region(self, code: str) -> Pair:
        """Return the name of a region or group."""
        if code in self.known:
            return self.known[code]
        if code == "all":
            return self.whole
        if code == "outside":
            outside = Pair("Outside", "区域外")
            return outside if self.of_regions else Pair("Outside the city", "市外")
        return same(code)

    def sector(self, sector: str) -> Pair:
        """Return the name of a sector, ``all`` or ``net``."""
        if sector == "all" and not self.counted:
            return Pair("All sectors", "全部行业")
        return sector_name(sector)


def names_of(batch: Batch) -> Names:
    """Return the names that a batch's prior gives."""
    prior = batch.prior
    known = _pairs(prior, "region")
    known.pop("outside", None)
    if "group" in prior:
        known |= _pairs(prior, "group")
    kinds = prior["sector_kind"].values.astype(str)
    return Names(known, bool((kinds == "inventory").any()), is_of_regions(prior))


def is_of_regions(data: xr.Dataset) -> bool:
    """Tell whether the fluxes of a prior or posterior are those of regions, not of cells."""
    return "region" in data["flux"].dims


def _pairs(prior: xr.Dataset, dim: str) -> dict[str, Pair]:
    columns = [prior[name].values.astype(str) for name in (dim, f"{dim}_name", f"{dim}_name_local")]
    return {
        str(code): Pair(str(name), str(local) or str(name))
        for code, name, local in zip(*columns, strict=True)
    }
