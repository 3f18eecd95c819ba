"""A solved problem and totals come in; where each total's estimate looks, as maps, goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from inversion.aggregates import Layout
    from inversion.linalg.maps import LinearMap
    from inversion.posterior import Posterior


def kernel_maps(posterior: Posterior, weights: LinearMap, layout: Layout) -> np.ndarray:
    """Return the averaging kernels of totals, summed over the periods.

    Parameters
    ----------
    posterior : Posterior
    weights : LinearMap, (fluxes, k)
    layout : Layout
        g sectors, p periods, r places.

    Returns
    -------
    ndarray, (k, g, r)
        Change of the estimate [kg s-1] where the true flux of a sector changes by
        1 umol m-2 s-1 in one place for the whole time.

    Notes
    -----
    W^T B H^T S^-1 H (SCIENCE 2.3); a perfect estimate would show the rate of each place inside
    the region, and zero outside.
    """
    gain = posterior.solve_observations(posterior.cross(weights))
    flux = posterior.problem.jacobian.rmatmat(gain)[: posterior.problem.n_flux]
    shape = (len(layout.sectors), len(layout.period_weights), len(layout.region_weights))
    return np.moveaxis(flux.reshape(*shape, -1).sum(axis=1), -1, 0)
