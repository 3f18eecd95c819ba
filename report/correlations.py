"""The covariance of the sectors' totals comes in; the pairs that cannot be told apart go out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from report.inputs import Batch
from report.numbers import megatonnes, show
from report.rows import batch_seconds
from report.wording import sector_name


def strong_correlations(batch: Batch, limit: float = 0.7) -> list[dict[str, Any]]:
    """Return pairs of sectors of the whole city that the air can hardly tell apart.

    Parameters
    ----------
    batch : Batch
        Its posterior's covariance of totals is used.
    limit : float
        Absolute correlation above which the sum is given beside the parts (SCIENCE 2.16).

    Returns
    -------
    list of dict
        ``first``, ``second`` (Pair), ``correlation`` (str), ``total`` (Quantity of the sum, Mt).
    """
    data = batch.posterior
    state = [str(name) for name in data["sector"].values]
    regions = data["total_region"].values.astype(str)
    sectors = data["total_sector"].values.astype(str)
    place = [int(np.flatnonzero((regions == "all") & (sectors == name))[0]) for name in state]
    covariance = data["total_covariance"].values[np.ix_(place, place)]
    totals, seconds = data["total"].values[place], batch_seconds(batch)
    found = []
    for i, first in enumerate(state):
        for j in range(i + 1, len(state)):
            product = covariance[i, i] * covariance[j, j]
            correlation = covariance[i, j] / math.sqrt(product) if product > 0.0 else 0.0
            if abs(correlation) > limit:
                variance = covariance[i, i] + covariance[j, j] + 2.0 * covariance[i, j]
                found.append(
                    {
                        "first": sector_name(first),
                        "second": sector_name(state[j]),
                        "correlation": show(correlation, 2),
                        "total": megatonnes(
                            totals[i] + totals[j], math.sqrt(max(variance, 0.0)), seconds
                        ),
                    }
                )
    return found
