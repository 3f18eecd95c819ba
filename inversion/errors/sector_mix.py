"""A prior comes in; what each of its places is made of, as vectors of length 1, goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import batch_weights

if TYPE_CHECKING:
    import xarray as xr


def sector_mix(prior: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return the direction of each place's mix of inventory sectors.

    Parameters
    ----------
    prior : Dataset ``prior``

    Returns
    -------
    mix : ndarray, (r, inventory sectors + 1)
        Rows of length 1 along the shares of the sectors' mean absolute fluxes over the batch; the
        last direction is that of places without any flux.
    inventory : ndarray of bool, (g,)
        Which sectors of the state are the inventory's.

    Notes
    -----
    ASSUME: where the prior has the mix wrong, its errors are correlated as if it were right.
    """
    inventory = prior["sector_kind"].to_numpy().astype(str) == "inventory"
    if not inventory.any():
        msg = (
            "a likeness of sector mix must have sectors of an inventory; got none in prior.nc. "
            "Set likeness_of_sector_mix to no."
        )
        raise ValueError(msg)
    flux = np.abs(prior["flux"].to_numpy().astype(np.float64, copy=False)[inventory])
    mean = np.tensordot(batch_weights(prior), flux, axes=(0, 1)).reshape(len(flux), -1)
    empty = mean.sum(axis=0) == 0.0
    parts = np.vstack([mean, empty[None].astype(np.float64)])
    return (parts / np.linalg.norm(parts, axis=0)).T, inventory
