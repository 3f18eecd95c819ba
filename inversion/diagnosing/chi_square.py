"""Innovations and groups of them come in; the chi square of each group goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg
import scipy.stats

if TYPE_CHECKING:
    from inversion.diagnosing.groups import Groups
    from inversion.innovations import Innovations


def chi_square_by(fit: Innovations, groups: Groups) -> list[dict[str, Any]]:
    """Return d_o^T S_oo^-1 d_o / n_o of each group, 1 on average where S is right (SCIENCE 2.12).

    Returns
    -------
    list of dict
        ``name``, ``n``, ``reduced_chi_square``, ``limit`` (2 sqrt(2 / n): amber outside 1 ± it,
        SCIENCE 2.6) and ``p`` (two-sided).
    """
    rows = []
    for name, members in groups:
        part, n = fit.innovation[members], len(members)
        block = fit.covariance[np.ix_(members, members)]
        value = float(part @ scipy.linalg.solve(block, part, assume_a="pos"))
        tail = min(scipy.stats.chi2.sf(value, n), scipy.stats.chi2.cdf(value, n))
        rows.append(
            {
                "name": name,
                "n": n,
                "reduced_chi_square": value / n,
                "limit": 2.0 * float(np.sqrt(2.0 / n)),
                "p": min(1.0, 2.0 * float(tail)),
            }
        )
    return rows
