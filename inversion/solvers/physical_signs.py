"""A prior's sectors come in; the signs that physics gives them, and the totals that have to keep them, go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import ALL, batch_totals, layout_of
from inversion.linalg.maps import LinearMap, Product

if TYPE_CHECKING:
    import xarray as xr

# of the sectors that an inventory does not count; all others may take either sign
BIOSPHERE = {"gpp": -1.0, "respiration": 1.0}


@dataclass(frozen=True)
class Constraints:
    """Totals that have to keep a sign.

    Attributes
    ----------
    names : tuple of str, (c,)
    weights : LinearMap, (n_flux, c)
    sign : ndarray, (c,)
        1: never below zero; -1: never above.
    """

    names: tuple[str, ...]
    weights: LinearMap
    sign: np.ndarray

    def __post_init__(self) -> None:
        sign = np.asarray(self.sign, dtype=np.float64)
        object.__setattr__(self, "sign", sign)
        if sign.shape != (self.weights.shape[1],) or len(self.names) != len(sign):
            msg = (
                f"constraints must have one name and one sign for each of {self.weights.shape[1]} "
                f"totals; got {len(self.names)} names and signs of shape {sign.shape} in "
                "Constraints. Give all three together."
            )
            raise ValueError(msg)
        if not np.isin(sign, (-1.0, 1.0)).all():
            msg = (
                f"a constraint's sign must be 1 or -1; got {sorted(set(sign.tolist()))} in "
                "Constraints. Leave totals out that may have either sign."
            )
            raise ValueError(msg)


def physical_signs(prior: xr.Dataset) -> np.ndarray:
    """Return the sign of each sector's fluxes, (g,); 0 where either is possible.

    Parameters
    ----------
    prior : Dataset ``prior``

    Notes
    -----
    What an inventory counts is emitted (1), respiration too, and uptake by plants, ``gpp``, is
    never positive (-1). Any other sector of the biosphere is a net exchange. Sums over sectors
    (``all``, ``net``) are never constrained (SCIENCE 2.7).
    """
    sectors = prior["sector"].to_numpy().astype(str).tolist()
    kinds = prior["sector_kind"].to_numpy().astype(str).tolist()
    return np.array(
        [
            1.0 if kind == "inventory" else BIOSPHERE.get(name, 0.0)
            for name, kind in zip(sectors, kinds, strict=True)
        ]
    )


def signed_totals(prior: xr.Dataset) -> Constraints:
    """Return the batch's total of each sector with a sign in each region of the prior.

    Parameters
    ----------
    prior : Dataset ``prior``

    Notes
    -----
    In kg of carbon dioxide per second whatever the gas: only the sign matters.
    """
    layout = layout_of(prior)
    totals = batch_totals(layout)
    by_sector = dict(zip(layout.sectors, physical_signs(prior), strict=True))
    summed = {ALL, *layout.groups}
    kept = [
        k
        for k, (region, sector) in enumerate(zip(totals.regions, totals.sectors, strict=True))
        if region not in summed and by_sector.get(sector, 0.0) != 0.0
    ]
    return Constraints(
        tuple(f"{totals.regions[k]} {totals.sectors[k]}" for k in kept),
        Product(totals.weights, np.eye(len(totals.regions))[:, kept]),
        np.array([by_sector[totals.sectors[k]] for k in kept]),
    )
