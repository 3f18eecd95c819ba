"""A problem's datasets and settings come in; all its states that are not fluxes go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.registered import registered
from inversion.nuisance.states import Nuisance, joined

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from contracts.settings.nuisance import NuisanceSettings

# in the order in which they follow the fluxes
KINDS = {
    "background": "inversion.nuisance.background:background_states",
    "transport": "inversion.nuisance.transport:transport_states",
    "diurnal": "inversion.nuisance.diurnal:diurnal_states",
    "sensor": "inversion.nuisance.sensor:sensor_states",
}


@dataclass(frozen=True)
class Given:
    """What a kind of states may be made from.

    Attributes
    ----------
    datasets : dict of Dataset
        ``observations``, ``background``, ``jacobian`` and ``prior`` of one problem.
    enhancement : ndarray, (n,)
        H x_a with all fixed fluxes [umol mol-1].
    section : NuisanceSettings
    """

    datasets: dict[str, xr.Dataset]
    enhancement: np.ndarray
    section: NuisanceSettings


def nuisance_states(given: Given) -> Nuisance:
    """Return the states of every kind that is switched on, kind after kind.

    Parameters
    ----------
    given : Given

    Returns
    -------
    Nuisance
        q states, different kinds independent of each other.

    Notes
    -----
    A kind is a function from `Given` to `Nuisance`, without states where it is switched off; a
    new one costs one file and one line of ``KINDS``.
    """
    parts = [registered(place)(given) for place in KINDS.values()]
    return joined(parts, len(given.enhancement))
