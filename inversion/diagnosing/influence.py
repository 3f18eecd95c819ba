"""Innovations and what they say of a total come in; what the total owes to each observation and group goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from inversion.diagnosing.groups import Groups
    from inversion.innovations import Innovations


def influence_of_each(fit: Innovations, cross: np.ndarray, deviation: float) -> dict[str, Any]:
    """Return what the posterior would lose without each observation.

    Parameters
    ----------
    fit : Innovations
        n observations.
    cross : ndarray, (n,)
        H B w of the total [umol mol-1 kg s-1].
    deviation : float
        Posterior standard deviation of the total [kg s-1].

    Returns
    -------
    dict
        ``self_sensitivity``: the share of each modelled value that its own observation decides,
        diag(S^-1 H B H^T), whose sum is the degrees of freedom; ``shift``: the total minus that
        without the observation, in posterior standard deviations; both lists of n.

    Notes
    -----
    With g = S^-1 H B w, leaving i out moves the total by g_i [S^-1 d]_i / [S^-1]_ii: exact, as if
    it had been solved again.
    """
    gain = fit.precision @ cross
    inverse = np.diagonal(fit.precision)
    shift = gain * fit.weighted / inverse / deviation
    own = 1.0 - np.einsum("ij,ji->i", fit.precision, fit.mismatch)
    return {"self_sensitivity": own.tolist(), "shift": shift.tolist()}


def influence_of_groups(
    fit: Innovations, cross: np.ndarray, deviation: float, groups: Groups
) -> list[dict[str, Any]]:
    """Return what the total would be without each group.

    Returns
    -------
    list of dict
        ``name``, ``n``, ``shift`` (total minus that without the group, in posterior standard
        deviations), ``expected_shift`` (its standard deviation where S is right) and
        ``wider`` (posterior standard deviation without the group over that with it).

    Notes
    -----
    g_o^T [S^-1]_oo^-1 [S^-1 d]_o, and g_o^T [S^-1]_oo^-1 g_o for the variance, which is also what
    the shift itself should have.
    """
    gain = fit.precision @ cross
    rows = []
    for name, members in groups:
        block = fit.precision[np.ix_(members, members)]
        back = np.linalg.solve(block, gain[members])
        lost = float(gain[members] @ back)
        rows.append(
            {
                "name": name,
                "n": len(members),
                "shift": float(back @ fit.weighted[members]) / deviation,
                "expected_shift": float(np.sqrt(max(lost, 0.0))) / deviation,
                "wider": float(np.sqrt(1.0 + lost / deviation**2)),
            }
        )
    return rows
