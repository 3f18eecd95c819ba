"""How well each clock offset fits a record, and resampled records, come in; a verdict on the clock goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SUSPECTED, NONE_SEEN, UNTOLD = "suspected", "none seen", "cannot be told"
_ALL = 24  # whole hours of a clock


@dataclass(frozen=True)
class Evidence:
    """What one kind of evidence says of a clock.

    Attributes
    ----------
    kind : str
        daily_cycle, background, neighbours or window.
    station : str
        Station whose clock is judged; for background the station compared with; empty for the
        network.
    verdict : str
        suspected, none seen, cannot be told.
    offset, low, high : float, h
        Best offset and the interval of two thirds of the resampled records; positive where
        stamps are late. NaN where there is none.
    fit : float
        Share of variance or correlation at the best offset; NaN where there is none.
    unseen : tuple of int, h
        Offsets from -11 to 12 that this evidence would not have called suspected.
    note : str
        Facts for the sentence.
    """

    kind: str
    station: str
    verdict: str
    offset: float = np.nan
    low: float = np.nan
    high: float = np.nan
    fit: float = np.nan
    unseen: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Profile:
    """How well each offset fits.

    Attributes
    ----------
    lag : ndarray (lag,), h
        Ascending; positive where stamps are late.
    score : ndarray (lag,)
        Of the whole record; larger is better.
    draws : ndarray (draw, lag)
        Of the resampled records.
    periodic : bool
        True where 24 h later is the same.
    """

    lag: np.ndarray
    score: np.ndarray
    draws: np.ndarray
    periodic: bool


@dataclass(frozen=True)
class Limits:
    """What a verdict needs.

    Attributes
    ----------
    tolerance : float, h
        Offsets up to this are not told from none.
    share : float
        Share of the resampled records that must agree.
    least : float
        Score below which nothing can be told.
    margin_draw, margin : float
        How much better than every offset within the tolerance the best one must fit: each
        resampled record, the whole record.
    """

    tolerance: float
    share: float
    least: float
    margin_draw: float
    margin: float


def judge(profile: Profile, limits: Limits, kind: str, station: str, note: str = "") -> Evidence:
    """Turn a profile into evidence.

    Parameters
    ----------
    profile : Profile
    limits : Limits
    kind, station, note : str
        Go into the evidence.

    Returns
    -------
    Evidence
        `unseen` is exact for a periodic profile: a shifted record has a shifted profile.
    """
    best = int(np.argmax(profile.score))
    offset = float(profile.lag[best])
    drawn = profile.lag[np.argmax(profile.draws, axis=1)] - offset
    if profile.periodic:
        drawn = wrapped(drawn)
    low, high = offset + np.percentile(drawn, [16, 84])
    unseen = tuple(k for k in range(-11, 13) if _verdict(profile, limits, k) != SUSPECTED)
    verdict = _verdict(profile, limits, 0)
    if verdict == NONE_SEEN and len(unseen) == _ALL:
        verdict = UNTOLD  # who would have seen nothing in any case has nothing to say
    return Evidence(
        kind=kind,
        station=station,
        verdict=verdict,
        offset=offset,
        low=float(low),
        high=float(high),
        fit=float(profile.score[best]),
        unseen=unseen,
        note=note,
    )


def _verdict(profile: Profile, limits: Limits, shift: int) -> str:
    """Return the verdict, had all stamps been `shift` hours later than they are."""
    lag = profile.lag + shift
    near = np.abs(wrapped(lag) if profile.periodic else lag) <= limits.tolerance
    top = float(profile.score.max())
    at_edge = not profile.periodic and int(np.argmax(profile.score)) in (0, lag.size - 1)
    if top < limits.least or at_edge or not near.any():
        return UNTOLD
    gap = top - float(profile.score[near].max())
    away = profile.draws.max(axis=1) - profile.draws[:, near].max(axis=1) > limits.margin_draw
    share = float(away.mean())
    if share >= limits.share and gap >= limits.margin:
        return SUSPECTED
    return NONE_SEEN if share <= 1.0 - limits.share and gap < limits.margin else UNTOLD


def wrapped(hours: np.ndarray) -> np.ndarray:
    """Return hours between -12 and 12 of a 24 h clock.

    Parameters
    ----------
    hours : ndarray, h

    Returns
    -------
    ndarray, h

    Examples
    --------
    >>> wrapped(np.array([13.0, -20.0, 5.0])).tolist()
    [-11.0, 4.0, 5.0]
    """
    return (hours + 12.0) % 24.0 - 12.0


def block_weights(blocks: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return how often each block stands in each resampled record (bootstrap with blocks).

    Parameters
    ----------
    blocks, draws : int
    rng : Generator

    Returns
    -------
    ndarray (draw, block), float64
        Rows sum to `blocks`.
    """
    return rng.multinomial(blocks, np.full(blocks, 1.0 / blocks), draws).astype(np.float64)
