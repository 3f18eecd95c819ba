"""The covariance of the sectors' totals comes in; the pairs that cannot be told apart go out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from report.inputs import Batch
from report.intervals import batch_seconds
from report.names import names_of
from report.numbers import Mass, MassOver, show


def strong_correlations(batch: Batch, unit: Mass, limit: float = 0.7) -> list[dict[str, Any]]:
    """Return pairs of sectors of the whole city that the air can hardly tell apart.

    Parameters
    ----------
    batch : Batch
        Its posterior's covariance of totals is used.
    unit : Mass
        In which sums are given.
    limit : float
        Absolute correlation above which the sum is given beside the parts (SCIENCE 2.16).

    Returns
    -------
    list of dict
        ``first``, ``second`` (Pair), ``correlation`` (str), ``total`` (Quantity of the sum).
    """
    data = batch.posterior
    state = [str(name) for name in data["sector"].values]
    regions = data["total_region"].values.astype(str)
    sectors = data["total_sector"].values.astype(str)
    whole = (regions == "all") & (data["total_interval"].values.astype(str) == "")
    place = [int(np.flatnonzero(whole & (sectors == name))[0]) for name in state]
    covariance = data["total_covariance"].values[np.ix_(place, place)]
    totals, mass = data["total"].values[place], MassOver(unit, batch_seconds(batch))
    names, found = names_of(batch), []
    for i, first in enumerate(state):
        for j in range(i + 1, len(state)):
            product = covariance[i, i] * covariance[j, j]
            correlation = covariance[i, j] / math.sqrt(product) if product > 0.0 else 0.0
            if abs(correlation) > limit:
                variance = covariance[i, i] + covariance[j, j] + 2.0 * covariance[i, j]
                found.append(
                    {
                        "first": names.sector(first),
                        "second": names.sector(state[j]),
                        "correlation": show(correlation, 2),
                        "total": mass.of(totals[i] + totals[j], math.sqrt(max(variance, 0.0))),
                    }
                )
    return found
