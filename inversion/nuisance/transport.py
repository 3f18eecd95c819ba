"""The modelled enhancement comes in; the states of the transport's scale go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.nuisance.days import local_days
from inversion.nuisance.states import Nuisance

if TYPE_CHECKING:
    from inversion.nuisance.kinds import Given


def transport_states(given: Given) -> Nuisance:
    """Return the relative errors of the enhancement, common to the batch and by local day.

    Parameters
    ----------
    given : Given

    Returns
    -------
    Nuisance
        ``transport:common`` and ``transport:<day>`` [1], independent of each other.

    Notes
    -----
    y = b + (1 + tau) H x, linearised about x_a: the column is H x_a (SCIENCE 2.4).
    """
    section, enhancement = given.section, given.enhancement
    names: list[str] = []
    columns = [np.zeros((len(enhancement), 0))]
    deviations: list[float] = []
    if section.transport_common_sd > 0.0:
        names.append("transport:common")
        columns.append(enhancement[:, None])
        deviations.append(section.transport_common_sd)
    if section.transport_daily_sd > 0.0:
        days, labels = local_days(given.datasets["observations"], given.datasets["prior"])
        columns.append(enhancement[:, None] * (days[:, None] == np.arange(len(labels))))
        names += [f"transport:{label}" for label in labels]
        deviations += [section.transport_daily_sd] * len(labels)
    return Nuisance(
        tuple(names),
        ("1",) * len(names),
        np.concatenate(columns, axis=1),
        np.array(deviations) ** 2,
    )
