"""The fluxes of all batches come in; the limits and kinds of colour scales, shared by a run, go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

UPTAKE = ("gpp",)


@dataclass(frozen=True)
class Scale:
    """Limits shared by all maps of a run.

    Parameters
    ----------
    flux : (float, float)
        Ends of the logarithmic flux scale [umol m-2 s-1].
    threshold : float
        Information below which an area is not determined [1].
    signed : frozenset of str
        Sectors whose fluxes go both ways, drawn on a diverging scale.
    """

    flux: tuple[float, float]
    threshold: float
    signed: frozenset[str] = frozenset({"net"})


def round_limits(low: float, high: float) -> tuple[float, float]:
    """Return limits widened to 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> round_limits(0.03, 43.0)
    (0.02, 50.0)
    """
    steps = np.array([1.0, 2.0, 5.0, 10.0])

    def power(value: float):
        return 10.0 ** np.floor(np.log10(value))

    below = steps[steps <= low / power(low) * (1 + 1e-9)].max() * power(low)
    above = steps[steps >= high / power(high) * (1 - 1e-9)].min() * power(high)
    return float(f"{below:.6g}"), float(f"{above:.6g}")


def flux_limits(fluxes: np.ndarray) -> tuple[float, float]:
    """Return the ends of a log scale for positive fluxes [umol m-2 s-1], any shape."""
    positive = fluxes[fluxes > 0.0]
    if positive.size == 0:
        return 0.01, 100.0
    high = float(np.quantile(positive, 0.998))
    low = max(float(np.quantile(positive, 0.02)), high / 3000.0)
    low, high = round_limits(low, high)
    return (low, high) if low < high else (low / 10.0, high)


def signed_sectors(posteriors: Sequence[xr.Dataset]) -> frozenset[str]:
    """Return the sectors whose prior goes both ways in any batch, and ``net``.

    Notes
    -----
    Pure uptake has a scale of its own. The prior decides, because a posterior of normal errors may
    dip below zero in places without meaning a sink.
    """
    found = {"net"}
    for data in posteriors:
        names = data["map_sector"].values.astype(str).tolist()
        fields = data["mean_flux_prior"].transpose("map_sector", ...).values
        found.update(name for name, field in zip(names, fields, strict=True) if (field < 0.0).any())
    return frozenset(found.difference(UPTAKE))
