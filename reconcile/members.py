"""Prior-removed totals of each ensemble member come in; one mixed estimate goes out."""

import numpy as np

from reconcile.removal import Removed


def mix_members(members: tuple[Removed, ...]) -> Removed:
    """Mix the members' prior-removed totals.

    Parameters
    ----------
    members : tuple of Removed
        At least one; the removal was done inside each member.

    Returns
    -------
    Removed
        Member mean; covariance = mean of the members' + covariance between members; largest null
        fraction; mean information. Unseen in one member is unseen in the mixture.

    Notes
    -----
    SCIENCE.md §2.15 (i). Spread put into V before the removal gives a test of size 7–78 %.
    """
    if not members:
        msg = "an ensemble must have at least one member; got 0 in reconcile. Give the posterior."
        raise ValueError(msg)
    if len(members) == 1:
        return members[0]
    totals = np.array([member.total for member in members])
    mean = totals.mean(axis=0)
    deviations = totals - mean
    between = deviations.T @ deviations / (len(members) - 1)
    within = np.mean([member.covariance for member in members], axis=0)
    covariance = within + between
    unseen = ~np.isfinite(mean)
    covariance[unseen, unseen] = np.inf
    return Removed(
        total=mean,
        covariance=covariance,
        null_fraction=np.max([member.null_fraction for member in members], axis=0),
        information=np.mean([member.information for member in members], axis=0),
    )


def count_agreeing(member_scores: np.ndarray, score: np.ndarray, limit: float) -> np.ndarray:
    """Count members that lie beyond the limit on the side of the mixture.

    Parameters
    ----------
    member_scores : ndarray (members, k)
        z of each member.
    score : ndarray (k,)
        z of the mixture.
    limit : float
        Smallest |z| that counts.

    Returns
    -------
    ndarray of int (k,)
        0 where there is no score.
    """
    return (np.sign(score) * member_scores >= limit).sum(axis=0)
