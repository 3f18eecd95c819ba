"""A factorised S and the columns of a trend as they are seen come in; every subset with its BIC goes out."""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inversion.solvers.whitened_trend import UNSEEN, unexplained_share

if TYPE_CHECKING:
    from inversion.posterior import Posterior

logger = logging.getLogger(__name__)

MOST_COLUMNS = 12


@dataclass(frozen=True)
class Candidate:
    """A subset of the columns.

    Attributes
    ----------
    members : tuple of int
    names : tuple of str
    bic : float
        -2 ln L + p ln n, L the likelihood at the best b.
    """

    members: tuple[int, ...]
    names: tuple[str, ...]
    bic: float


def candidates(base: Posterior, names: tuple[str, ...], seen: np.ndarray) -> tuple[Candidate, ...]:
    """Return every subset of the columns that the observations tell apart, best first.

    Parameters
    ----------
    base : Posterior
        Of the problem without a trend: S = L L^T and d.
    names : tuple of str, (p,)
    seen : ndarray, (n, p)
        H X.

    Raises
    ------
    ValueError
        Where there are more than 12 columns, or no subset can be used.

    Notes
    -----
    BIC = n ln 2 pi + ln|S| + |L^-1 (d - H X b)|^2 + p ln n. One factor of S serves all. The
    smallest BIC is a choice among what was offered, no evidence that the trend is right.
    """
    n, p = seen.shape
    if p > MOST_COLUMNS:
        msg = (
            f"a trend to select from must have at most {MOST_COLUMNS} columns; got {p} in "
            "candidates, whose subsets are too many. Offer fewer, or switch solver.select_trend off."
        )
        raise ValueError(msg)
    white, data = base.whiten(seen), base.whiten(base.innovation[:, None])[:, 0]
    constant = n * np.log(2.0 * np.pi) + base.log_determinant
    found, skipped = [], 0
    for size in range(1, min(p, n - 1) + 1):
        for members in itertools.combinations(range(p), size):
            part = white[:, members]
            if unexplained_share(part).min() < UNSEEN:
                skipped += 1
                continue
            left = data - part @ np.linalg.lstsq(part, data, rcond=None)[0]
            bic = float(constant + left @ left + size * np.log(n))
            found.append(Candidate(members, tuple(names[k] for k in members), bic))
    if not found:
        msg = (
            f"at least one column of the trend must be seen; got none of {list(names)} in {n} "
            "observations. Give columns where the footprints reach."
        )
        raise ValueError(msg)
    found.sort(key=lambda one: (one.bic, one.members))
    logger.info(
        "geostatistical: %d subsets of %d columns, %d skipped as not told apart; the best are %s",
        len(found),
        p,
        skipped,
        "; ".join(f"{' + '.join(one.names)} (BIC {one.bic:.1f})" for one in found[:3]),
    )
    return tuple(found)
