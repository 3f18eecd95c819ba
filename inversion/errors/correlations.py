"""The terms of R with their correlation rules come in; the covariance matrix R goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inversion.linalg.positive import cholesky_of

if TYPE_CHECKING:
    import xarray as xr

EARTH_RADIUS = 6_371_008.8  # mean radius [m]
GIVEN = "the mismatch covariance given in mismatch.nc"
ADVICE = (
    "Leave out one of two hours that say the same, or give the instrument's variance of every hour "
    "on the diagonal."
)


def mismatch_covariance(mismatch: xr.Dataset, observations: xr.Dataset) -> np.ndarray:
    """Return the mismatch covariance R.

    Parameters
    ----------
    mismatch : Dataset ``mismatch``
        Terms for n observations, or the whole matrix.
    observations : Dataset ``observations``
        The same observations: their times and receptors, and the receptors' places where a
        correlation fades with distance.

    Returns
    -------
    ndarray, (n, n)
        [(umol mol-1)^2], symmetric and positive definite.

    Raises
    ------
    ValueError
        Where the two datasets do not hold the same observations in the same order, or a whole
        matrix is not positive definite: then with its smallest eigenvalue and the two observations
        most alike.

    Notes
    -----
    Each term is sigma_i sigma_j exp(-|t_i - t_j| / tau) (1 if the receptors are equal, else
    c exp(-d_ij / L)) (1 if the groups are equal, else 0). Every factor is a positive semidefinite
    (psd) matrix. In time it is the covariance of a stationary Ornstein-Uhlenbeck process; its limit
    tau = 0 is one where the hours are equal and zero elsewhere, a block matrix of ones, and one
    that does not fade is all ones. Between receptors it is (1 - c) I + c E, picked by receptor,
    with 0 <= c <= 1 and E(a, b) = exp(-d_ab / L), which is psd for distances along straight lines
    (chords of the Earth, which differ from arcs by 1e-5 at 100 km). Of the groups it is again a
    block matrix of ones. An entrywise product of psd matrices is psd (Schur), scaling by sigma on
    both sides and summing keep it, and the instrument term, diagonal with sigma > 0, makes the sum
    positive definite.
    """
    if not np.array_equal(
        mismatch["obs_id"].to_numpy().astype(str), observations["obs_id"].to_numpy().astype(str)
    ):
        msg = (
            "mismatch and observations must hold the same observations in the same order; got "
            f"{mismatch.sizes['obs']} and {observations.sizes['obs']} in mismatch.nc. Build the "
            "mismatch again from these observations."
        )
        raise ValueError(msg)
    diagonal = mismatch.attrs.get("diagonal") == "yes"
    if "covariance" in mismatch:
        whole = mismatch["covariance"].to_numpy().astype(np.float64)
        if diagonal:
            return np.diag(np.diagonal(whole))
        cholesky_of(whole, GIVEN, mismatch["obs_id"].to_numpy().astype(str).tolist(), ADVICE)
        return whole
    if diagonal:
        return np.diag(np.sum(mismatch["standard_deviation"].to_numpy() ** 2, axis=0))
    return _sum_of_terms(mismatch, observations)


def distances(observations: xr.Dataset) -> np.ndarray:
    """Return the straight distances between receptors, heights left out, (receptors, receptors) [m]."""
    latitude = np.deg2rad(observations["latitude"].to_numpy().astype(np.float64))
    longitude = np.deg2rad(observations["longitude"].to_numpy().astype(np.float64))
    place = EARTH_RADIUS * np.stack(
        [
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ],
        axis=1,
    )
    return np.sqrt(np.sum((place[:, None] - place[None, :]) ** 2, axis=2))


def _sum_of_terms(mismatch: xr.Dataset, observations: xr.Dataset) -> np.ndarray:
    """Return the sum of all terms, (n, n)."""
    time = observations["time"].to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9
    receptor = observations["receptor_index"].to_numpy()
    apart = np.abs(time[:, None] - time[None, :])
    covariance = np.zeros_like(apart)
    for number, sigma in enumerate(mismatch["standard_deviation"].to_numpy()):
        rule = mismatch.isel(term=number)
        tau = float(rule["correlation_time"])
        term = np.outer(sigma, sigma)
        if tau > 0.0:
            term *= np.exp(-apart / tau)
        elif tau == 0.0:
            term *= apart == 0.0
        term *= _between_receptors(rule, observations)[np.ix_(receptor, receptor)]
        if "error_group" in mismatch:
            group = rule["error_group"].to_numpy()
            term *= group[:, None] == group[None, :]
        covariance += term
    return covariance


def _between_receptors(rule: xr.Dataset, observations: xr.Dataset) -> np.ndarray:
    """Return the correlation of a term between receptors at the same hour, 1 at the same one."""
    count = observations.sizes["receptor"]
    between = np.full((count, count), float(rule["cross_site_correlation"]))
    efolding = float(rule["cross_site_efolding"]) if "cross_site_efolding" in rule else np.nan
    if np.isfinite(efolding):
        between *= np.exp(-distances(observations) / efolding)
    np.fill_diagonal(between, 1.0)
    return between
