"""A posterior's totals come in; families of totals that are judged together go out."""

import json
from dataclasses import dataclass

import numpy as np
import xarray as xr

from reconcile.removal import Totals

CITY = "all"
SUMMED = ("all", "net")


@dataclass(frozen=True)
class Family:
    """A name and the (region, sector) pairs of its k totals."""

    name: str
    pairs: tuple[tuple[str, str], ...]


def list_families(posterior: xr.Dataset, inventory_sectors: tuple[str, ...]) -> tuple[Family, ...]:
    """List the families of a posterior in their fixed order.

    Parameters
    ----------
    posterior : Dataset
        Contract `posterior`: `total_region(total)`, `total_sector(total)`, `total_interval(total)`;
        attribute `regions_apart` names regions outside the city and sums of regions.
    inventory_sectors : tuple of str
        Sectors for which the inventory gives a number.

    Returns
    -------
    tuple of Family
        city (scalar), districts (`all` of each), sectors (inventory sectors of the city) and
        biosphere (what the inventory does not count), all of the whole batch; empty ones are left
        out.

    Notes
    -----
    Totals are removed jointly inside a family: one by one, correct neighbours of wrong districts
    are flagged 14–21 % of the time (SCIENCE.md §2.15 b). Families are never pooled.
    """
    pairs = [
        pair
        for pair, whole in zip(total_pairs(posterior), in_batch(posterior), strict=True)
        if whole
    ]
    apart = {CITY, *json.loads(posterior.attrs["regions_apart"])}
    districts = [pair for pair in pairs if pair[1] == "all" and pair[0] not in apart]
    single = [pair for pair in pairs if pair[0] == CITY and pair[1] not in SUMMED]
    found = (
        Family("city", tuple(pair for pair in pairs if pair == (CITY, "all"))),
        Family("districts", tuple(districts)),
        Family("sectors", tuple(pair for pair in single if pair[1] in inventory_sectors)),
        Family("biosphere", tuple(pair for pair in single if pair[1] not in inventory_sectors)),
    )
    return tuple(family for family in found if family.pairs)


def total_pairs(posterior: xr.Dataset) -> list[tuple[str, str]]:
    """Return (region, sector) of each total, in the order of the file."""
    regions, sectors = posterior["total_region"].values, posterior["total_sector"].values
    return [(str(region), str(sector)) for region, sector in zip(regions, sectors, strict=True)]


def in_batch(posterior: xr.Dataset) -> list[bool]:
    """Return which totals are of the whole batch, and not of a further interval."""
    return [not str(name) for name in posterior["total_interval"].values]


def pick_totals(posterior: xr.Dataset, family: Family) -> Totals:
    """Pick the totals of a family with their covariances.

    Parameters
    ----------
    posterior : Dataset
        Contract `posterior`.
    family : Family
        k pairs, all of them in the posterior.

    Returns
    -------
    Totals
        kg s-1.
    """
    pairs = total_pairs(posterior)
    missing = [pair for pair in family.pairs if pair not in pairs]
    if missing:
        msg = (
            f"every member must hold the totals of the family {family.name}; "
            f"got none for {missing} in a posterior. Solve all members with the same regions."
        )
        raise ValueError(msg)
    index = np.array([pairs.index(pair) for pair in family.pairs])
    block = np.ix_(index, index)
    return Totals(
        prior=posterior["total_prior"].values[index].astype(float),
        posterior=posterior["total"].values[index].astype(float),
        prior_covariance=posterior["total_prior_covariance"].values[block].astype(float),
        reduction=posterior["total_covariance_reduction"].values[block].astype(float),
        tolerance=float(posterior.attrs.get("solver_tolerance", 0.0)),
    )
