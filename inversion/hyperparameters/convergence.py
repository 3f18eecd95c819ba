"""Draws of several chains come in; how far they agree, and how many independent draws they are worth, go out."""

from __future__ import annotations

import numpy as np
import scipy.fft
import scipy.special

FEWEST = 4
RHAT_LIMIT = 1.01
ESS_LIMIT = 400.0


def rank_normalised_rhat(draws: np.ndarray) -> float:
    """Return the larger of the rank-normalised split R-hat of the draws and of their spread.

    Parameters
    ----------
    draws : ndarray, (chains, draws)
        Of one quantity.

    Returns
    -------
    float
        1 where the chains agree; above 1.01 they do not.

    Notes
    -----
    Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021), doi:10.1214/20-BA1221, section 4: each
    chain cut in halves, values replaced by normal scores of their ranks; the same for the distances
    from the median.
    """
    halves = _split(_checked(draws))
    folded = np.abs(halves - np.median(halves))
    return max(_rhat(_scores(halves)), _rhat(_scores(folded)))


def bulk_effective_size(draws: np.ndarray) -> float:
    """Return how many independent draws the middle of the distribution is worth.

    Notes
    -----
    As `rank_normalised_rhat`, section 4: the effective size of the split chains' normal scores.
    """
    return _effective_size(_scores(_split(_checked(draws))))


def tail_effective_size(draws: np.ndarray) -> float:
    """Return how many independent draws the 5 % and 95 % quantiles are worth, the smaller one.

    Notes
    -----
    As `rank_normalised_rhat`, section 4: of the indicators of lying below each quantile.
    """
    draws = _checked(draws)
    return min(
        _effective_size(_split((draws <= quantile).astype(np.float64)))
        for quantile in np.quantile(draws, [0.05, 0.95])
    )


def _checked(draws: np.ndarray) -> np.ndarray:
    """Return the draws, or refuse too few or such that are not finite."""
    draws = np.asarray(draws, dtype=np.float64)
    if draws.ndim != 2 or draws.shape[1] < FEWEST or not np.isfinite(draws).all():
        msg = (
            f"draws must be finite and have shape (chains, at least {FEWEST}); got shape "
            f"{draws.shape} in convergence. Give one row for each chain."
        )
        raise ValueError(msg)
    return draws


def _split(draws: np.ndarray) -> np.ndarray:
    """Return first and last halves as chains of their own; a middle draw is left out."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]])


def _scores(values: np.ndarray) -> np.ndarray:
    """Return normal scores of the ranks over all chains, equal values at their mean rank."""
    flat = values.ravel()
    _, place, count = np.unique(flat, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    rank = (last - 0.5 * (count - 1))[place]
    return scipy.special.ndtri((rank - 0.375) / (flat.size + 0.25)).reshape(values.shape)


def _rhat(chains: np.ndarray) -> float:
    """Return the root of the variance of all draws over that within chains."""
    length = chains.shape[1]
    within = float(chains.var(axis=1, ddof=1).mean())
    between = float(chains.mean(axis=1).var(ddof=1))
    if within == 0.0:
        return 1.0 if between == 0.0 else np.inf
    return float(np.sqrt((length - 1.0) / length + between / within))


def _effective_size(chains: np.ndarray) -> float:
    """Return the number of draws over their autocorrelation time (equations 10 to 13).

    Notes
    -----
    Geyer's initial monotone sequence: sums of neighbouring autocorrelations are taken while they
    are positive, each at most the one before. At most N log10 N: chains that alternate are not
    worth more. Constant chains are worth their number of draws.
    """
    count, length = chains.shape
    total = count * length
    covariance = _autocovariance(chains)
    within = covariance[:, 0].mean() * length / (length - 1.0)
    spread = within * (length - 1.0) / length
    if count > 1:
        spread += chains.mean(axis=1).var(ddof=1)
    if spread == 0.0:
        return float(total)
    rho = 1.0 - (within - covariance.mean(axis=0)) / spread
    rho[0] = 1.0
    pairs = rho[: length - length % 2].reshape(-1, 2).sum(axis=1)
    last = max((length - 3) // 2, 1)  # the longest lags are means over a few products
    ends = 1 + np.flatnonzero(pairs[1 : last + 1] <= 0.0)
    kept = int(ends[0]) if len(ends) else last
    tau = -1.0 + 2.0 * np.minimum.accumulate(pairs[:kept]).sum()
    tau += max(float(rho[2 * kept]), 0.0)  # what is left of the pair that ended it
    return float(total / max(tau, 1.0 / np.log10(total)))


def _autocovariance(chains: np.ndarray) -> np.ndarray:
    """Return the autocovariance of each chain by lag, over the chain's length, (chains, length)."""
    length = chains.shape[1]
    centred = chains - chains.mean(axis=1, keepdims=True)
    size = scipy.fft.next_fast_len(2 * length, real=True)
    waves = scipy.fft.rfft(centred, size, axis=1)
    return scipy.fft.irfft(np.abs(waves) ** 2, size, axis=1)[:, :length] / length
