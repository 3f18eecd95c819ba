"""What the profile of the day does at the receptors comes in; the states of its amplitude go out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from inversion.nuisance.states import Nuisance

if TYPE_CHECKING:
    from inversion.nuisance.kinds import Given

logger = logging.getLogger(__name__)

ROUNDING = 1e-9


def diurnal_states(given: Given) -> Nuisance:
    """Return the relative error of each sector's amplitude over the day, common to the batch.

    Parameters
    ----------
    given : Given
        ``diurnal_mole_fraction(obs, sector)`` of the Jacobian is read.

    Returns
    -------
    Nuisance
        ``diurnal:<sector>`` [1], independent of each other.

    Raises
    ------
    ValueError
        Where the Jacobian does not tell what the profiles do, or a sector is unknown.

    Notes
    -----
    Emissions of sector k are m + (1 + a_k) (e - m), with e the prior's emission of the hour and m
    the mean of its local day. Daily and monthly totals do not change with a_k, by construction;
    what changes is how the hours that are seen speak for those that are not (SCIENCE 2.15.1).
    A sector whose profile is flat has no such state; the log names it.

    ASSUME: the error of a profile is one of its amplitude, equal on all days and in all cells,
    not one of its phase or its shape.
    """
    section = given.section
    sectors = given.datasets["prior"]["sector"].to_numpy().astype(str).tolist()
    exceptions = section.diurnal_amplitude_sd_by_sector
    unknown = sorted(set(exceptions) - set(sectors))
    if unknown:
        msg = (
            f"diurnal_amplitude_sd_by_sector must name state sectors; got {unknown} beside the "
            f"sectors {sectors} in errors.nuisance. Correct the names."
        )
        raise ValueError(msg)
    deviations = np.array([exceptions.get(name, section.diurnal_amplitude_sd) for name in sectors])
    columns = np.zeros((len(given.enhancement), len(sectors)))
    if deviations.any():
        columns = _effect(given)
    # a flat profile leaves what rounding leaves of the difference of two sums
    seen = np.abs(columns).max(axis=0, initial=0.0) > ROUNDING * np.abs(given.enhancement).max(
        initial=0.0
    )
    kept = np.flatnonzero((deviations > 0.0) & seen)
    without = [sectors[k] for k in np.flatnonzero((deviations > 0.0) & ~seen)]
    if without:
        logger.info("no diurnal state for sectors with a flat profile: %s", ", ".join(without))
    return Nuisance(
        tuple(f"diurnal:{sectors[k]}" for k in kept),
        ("1",) * len(kept),
        columns[:, kept],
        deviations[kept] ** 2,
    )


def _effect(given: Given) -> np.ndarray:
    """Return the mole fraction that the profiles' deviation from their mean makes, (n, g)."""
    jacobian = given.datasets["jacobian"]
    if "diurnal_mole_fraction" not in jacobian:
        msg = (
            "a state of the diurnal amplitude must come with what the profile does at the "
            "receptors; got no diurnal_mole_fraction in jacobian.nc. Build the Jacobian from "
            "footprints that are resolved in time, or switch errors.nuisance.diurnal_amplitude_sd off."
        )
        raise ValueError(msg)
    return jacobian["diurnal_mole_fraction"].to_numpy()
