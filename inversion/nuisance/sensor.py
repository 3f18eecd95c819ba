"""The receptors' classes of instrument come in; the states of their biases go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg

from inversion.nuisance.days import day_names, day_numbers
from inversion.nuisance.states import Nuisance

if TYPE_CHECKING:
    import xarray as xr

    from inversion.nuisance.kinds import Given

REFERENCE = "crds"


def sensor_states(given: Given) -> Nuisance:
    """Return the bias of each instrument that is no reference, by local day.

    Parameters
    ----------
    given : Given
        ``instrument_class(receptor)`` of the observations is read.

    Returns
    -------
    Nuisance
        ``sensor:<receptor>_<day>`` [umol mol-1], one for each local day with an observation of
        that receptor, or ``sensor:<receptor>_common`` where the bias does not walk.

    Raises
    ------
    ValueError
        Where the observations do not tell the classes.

    Notes
    -----
    The bias walks from day to day (SCIENCE 2.4, OBS-4): with d counted from the receptor's first
    day, cov(d, d') = start^2 + walk^2 min(d, d'). Days without an observation are passed over,
    which leaves the covariance of the others as it is.

    ASSUME: a bias is constant within a local day and independent between sensors; every class
    other than crds, an unknown one too, has one.
    """
    section = given.section
    n = len(given.enhancement)
    if not section.sensor_bias:
        return Nuisance((), (), np.zeros((n, 0)), np.zeros(0))
    observations = given.datasets["observations"]
    receptor = observations["receptor_index"].to_numpy()
    number = day_numbers(observations, given.datasets["prior"])
    names: list[str] = []
    columns, covariances = [np.zeros((n, 0))], []
    for index, name in _others(observations):
        mine = receptor == index
        if not mine.any():
            continue
        days = np.unique(number[mine])
        walk = section.sensor_bias_walk_sd_umol_mol_per_sqrt_day
        if walk == 0.0:
            names.append(f"sensor:{name}_common")
            columns.append(mine[:, None].astype(np.float64))
            covariances.append(np.array([[section.sensor_bias_start_sd_umol_mol**2]]))
            continue
        labels = day_names(days, given.datasets["prior"])
        names += [f"sensor:{name}_{label}" for label in labels]
        columns.append((mine[:, None] & (number[:, None] == days)).astype(np.float64))
        since = (days - days[0]).astype(np.float64)
        covariances.append(
            section.sensor_bias_start_sd_umol_mol**2 + walk**2 * np.minimum.outer(since, since)
        )
    covariance = scipy.linalg.block_diag(*covariances) if covariances else np.zeros(0)
    return Nuisance(
        tuple(names), ("umol mol-1",) * len(names), np.concatenate(columns, axis=1), covariance
    )


def _others(observations: xr.Dataset) -> list[tuple[int, str]]:
    """Return index and name of the receptors whose instrument is no reference."""
    if "instrument_class" not in observations:
        msg = (
            "a state of sensors' bias must come with the receptors' classes of instrument; got no "
            "instrument_class in observations.nc. State the classes in the registry and build the "
            "observations again, or set errors.nuisance.sensor_bias_start_sd_umol_mol to 0."
        )
        raise ValueError(msg)
    classes = observations["instrument_class"].to_numpy().astype(str).tolist()
    names = observations["receptor"].to_numpy().astype(str).tolist()
    return [
        (index, name)
        for index, (name, found) in enumerate(zip(names, classes, strict=True))
        if found != REFERENCE
    ]
