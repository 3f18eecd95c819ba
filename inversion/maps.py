"""A posterior comes in; the batch's mean flux of each cell with its uncertainty goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.aggregates import ALL, NET, cell_means

if TYPE_CHECKING:
    from inversion.aggregates import Layout
    from inversion.linalg.separable import Separable
    from inversion.posterior import Posterior


@dataclass(frozen=True)
class FluxMaps:
    """Mean flux of every place over the batch, by state sector, ``all`` and ``net``.

    Attributes
    ----------
    sectors : tuple of str, (s,)
    mean, mean_prior : ndarray, (s, r)
        [umol m-2 s-1], without fixed fluxes.
    prior_variance, reduction : ndarray, (s, r)
        w^T B w and w^T (B - P) w of every place [(umol m-2 s-1)^2].
    """

    sectors: tuple[str, ...]
    mean: np.ndarray
    mean_prior: np.ndarray
    prior_variance: np.ndarray
    reduction: np.ndarray


def flux_maps(posterior: Posterior, layout: Layout, places: Separable) -> FluxMaps:
    """Return the maps of mean flux with their exact variances.

    Parameters
    ----------
    posterior : Posterior
        Of a problem with n observations.
    layout : Layout
        g sectors, p periods, r places.
    places : Separable
        From `aggregates.every_place`: known to the posterior where it was swept with S.

    Returns
    -------
    FluxMaps

    Notes
    -----
    Each sector needs one triangular solve of an (n, r) block; sums of sectors add the solved
    blocks. Three such blocks and H B W of all sectors are the peak memory.
    """
    names = (*layout.sectors, ALL, NET)
    weights = {name: cell_means(layout, name) for name in names}
    r = len(layout.region_weights)
    reduction = np.zeros((len(names), r))
    inventory, net = np.zeros((0, r)), np.zeros((0, r))
    for index, white in enumerate(posterior.whitened_blocks(places, r)):
        reduction[index] = np.einsum("ij,ij->j", white, white)
        if index == 0:
            inventory, net = np.zeros_like(white), np.zeros_like(white)
        net += white
        if layout.is_inventory[index]:
            inventory += white
    reduction[-2] = np.einsum("ij,ij->j", inventory, inventory)
    reduction[-1] = np.einsum("ij,ij->j", net, net)
    prior = posterior.problem.prior[: posterior.problem.n_flux]
    return FluxMaps(
        names,
        np.array([weights[name].rmatvec(posterior.state_mean) for name in names]),
        np.array([weights[name].rmatvec(prior) for name in names]),
        np.array([posterior.prior_variance_of(weights[name]) for name in names]),
        reduction,
    )
