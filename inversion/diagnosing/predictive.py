"""Innovations come in; how often stated intervals of mole fractions hold them goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.stats

from inversion.diagnosing.leaving_out import SHARES, Foretold

if TYPE_CHECKING:
    from inversion.innovations import Innovations


def predictive_coverage(fit: Innovations, left_out: dict[str, Foretold]) -> list[dict[str, Any]]:
    """Return the coverage of 50, 80 and 95 % intervals, of every kind of prediction.

    Parameters
    ----------
    fit : Innovations
    left_out : dict of Foretold
        Predictions of what was left out, by what that was.

    Returns
    -------
    list of dict
        ``kind``, ``n``, ``coverage`` and ``expected``: what the shares would be where S is right.

    Notes
    -----
    ``prior``: d ~ N(0, S). ``replicate``: a new measurement of the same hour, N(H x^, H P H^T + R)
    with H P H^T = R - R S^-1 R, held against the very observation that was used, whose residual
    has the covariance R S^-1 R: it must cover more than its share, by the amount in ``expected``.
    ``residual``: the residual against its own deviation. Predictions of what was left out are the
    fair test.
    """
    R, white = fit.mismatch, fit.precision @ fit.mismatch
    spread = np.einsum("ij,ji->i", R, white)
    residual = R @ fit.weighted
    own = np.sqrt(spread)
    replicate = np.sqrt(2.0 * np.diagonal(R) - spread)
    every = np.sqrt(np.diagonal(fit.covariance))
    rows = [
        _row("prior", Foretold(fit.innovation, every)),
        _row("residual", Foretold(residual, own)),
        _row("replicate", Foretold(residual, replicate), own / replicate),
    ]
    return rows + [_row(f"without its {name}", one) for name, one in left_out.items()]


def _row(kind: str, foretold: Foretold, narrow: np.ndarray | None = None) -> dict[str, Any]:
    """Return one row; errors may have a smaller spread than the intervals are for."""
    expected = {str(share): share / 100.0 for share in SHARES}
    if narrow is not None:
        expected = {
            str(share): float(np.mean(2.0 * scipy.stats.norm.cdf(_quantile(share) / narrow) - 1.0))
            for share in SHARES
        }
    return {
        "kind": kind,
        "n": len(foretold.error),
        "coverage": foretold.coverage(),
        "expected": expected,
    }


def _quantile(share: float) -> float:
    """Return half the width of a central interval of N(0, 1), for a share in %."""
    return float(scipy.stats.norm.ppf(0.5 + share / 200.0))
