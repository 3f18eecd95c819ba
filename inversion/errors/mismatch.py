"""In come observations, the Jacobian and the prior; out go the named terms of R, and R itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse
import xarray as xr

if TYPE_CHECKING:
    from contracts.settings.mismatch import (
        BackgroundTerm,
        MismatchSettings,
        RepresentationTerm,
        TransportTerm,
    )

logger = logging.getLogger(__name__)

HOUR_S = 3600.0


@dataclass(frozen=True)
class Term:
    """One named term of R.

    Attributes
    ----------
    name : str
    standard_deviation : ndarray, (obs,)
        [umol mol-1]
    correlation_time : float
        E-folding time [s]; 0 correlates only the same hour.
    cross_site : float
        Correlation between two receptors at the same hour, in [0, 1).
    """

    name: str
    standard_deviation: np.ndarray
    correlation_time: float
    cross_site: float


def build_mismatch(
    observations: xr.Dataset, jacobian: xr.Dataset, prior: xr.Dataset, section: MismatchSettings
) -> xr.Dataset:
    """Return the dataset ``mismatch``: what neither the fluxes nor the other states explain.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations, with ``instrument_error`` and, where known, ``spread`` [umol mol-1].
    jacobian : Dataset ``jacobian``
        For the modelled enhancement |H x_a + fixed| [umol mol-1].
    prior : Dataset ``prior``
        x_a [umol m-2 s-1].
    section : MismatchSettings
        The terms, what they are made of and how they correlate.

    Returns
    -------
    Dataset ``mismatch``
        ``standard_deviation(term, obs)`` [umol mol-1], ``correlation_time(term)`` [s],
        ``cross_site_correlation(term)``; attribute ``diagonal`` = "yes" only where asked for.

    Notes
    -----
    Terms after SCIENCE 2.5; the defaults are near those of the Salt Lake City code quoted there.
    """
    enhancement = np.abs(prior_enhancement(jacobian, prior))
    terms = [_instrument(observations, section)]
    if section.representation.enabled:
        terms.append(_representation(observations, section.representation))
    if section.transport.enabled:
        terms.append(_transport(enhancement, section.transport))
    if section.background.enabled:
        flat = np.full(observations.sizes["obs"], section.background.standard_deviation_umol_mol)
        terms.append(_term("background", flat, section.background))
    dataset = _assemble(observations, terms, diagonal=section.diagonal)
    if section.diagonal:
        logger.warning(
            "R is diagonal because errors.mismatch.diagonal is true: errors shared between hours "
            "and sites are dropped, and the intervals come out too narrow"
        )
    logger.info(
        "mismatch: %s ppm (mean standard deviation)",
        ", ".join(f"{term.name} {term.standard_deviation.mean():.3g}" for term in terms),
    )
    return dataset


def prior_enhancement(jacobian: xr.Dataset, prior: xr.Dataset) -> np.ndarray:
    """Return the modelled enhancement H x_a + fixed.

    Parameters
    ----------
    jacobian : Dataset ``jacobian``
        n rows of H.
    prior : Dataset ``prior``
        x_a [umol m-2 s-1].

    Returns
    -------
    ndarray, (n,)
        [umol mol-1]
    """
    flux = prior["flux"].to_numpy().ravel()
    rows = jacobian.sizes["obs"]
    parts = (jacobian[name].to_numpy() for name in ("sensitivity", "state_index", "row_start"))
    matrix = scipy.sparse.csr_matrix(tuple(parts), shape=(rows, len(flux)), copy=False)
    return matrix @ flux + jacobian["fixed_mole_fraction"].to_numpy()


def mismatch_covariance(mismatch: xr.Dataset, observations: xr.Dataset) -> np.ndarray:
    """Return the mismatch covariance R.

    Parameters
    ----------
    mismatch : Dataset ``mismatch``
        Terms for n observations.
    observations : Dataset ``observations``
        The same observations: their times and receptors.

    Returns
    -------
    ndarray, (n, n)
        [(umol mol-1)^2], symmetric and positive definite.

    Raises
    ------
    ValueError
        Where the two datasets do not hold the same observations in the same order.

    Notes
    -----
    Each term is sigma_i sigma_j exp(-|t_i - t_j| / tau) (1 if the receptors are equal, else c).
    The exponential is the covariance of a stationary Ornstein-Uhlenbeck process, so it is
    positive semidefinite (psd) for any times; its limit tau = 0 is one where the hours are equal
    and zero elsewhere, a block matrix of ones, psd too. The factor of the receptors is
    (1 - c) I + c 1 1^T, picked by receptor: psd for 0 <= c <= 1. An entrywise product of psd
    matrices is psd (Schur), scaling by sigma on both sides and summing keep it, and the
    instrument term, diagonal with sigma > 0, makes the sum positive definite.
    """
    if not np.array_equal(mismatch["obs_id"].to_numpy(), observations["obs_id"].to_numpy()):
        msg = (
            "mismatch and observations must hold the same observations in the same order; got "
            f"{mismatch.sizes['obs']} and {observations.sizes['obs']} in mismatch.nc. Build the "
            "mismatch again from these observations."
        )
        raise ValueError(msg)
    if "covariance" in mismatch:
        whole = mismatch["covariance"].to_numpy().astype(np.float64)
        return np.diag(np.diagonal(whole)) if mismatch.attrs.get("diagonal") == "yes" else whole
    time = observations["time"].to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9
    receptor = observations["receptor_index"].to_numpy()
    deviation = mismatch["standard_deviation"].to_numpy()
    if mismatch.attrs.get("diagonal") == "yes":
        return np.diag(np.sum(deviation**2, axis=0))
    apart = np.abs(time[:, None] - time[None, :])
    same = receptor[:, None] == receptor[None, :]
    covariance = np.zeros_like(apart)
    rules = zip(
        deviation,
        mismatch["correlation_time"].to_numpy(),
        mismatch["cross_site_correlation"].to_numpy(),
        strict=True,
    )
    for sigma, correlation_time, cross_site in rules:
        in_time = np.exp(-apart / correlation_time) if correlation_time > 0 else apart == 0.0
        covariance += np.outer(sigma, sigma) * in_time * np.where(same, 1.0, cross_site)
    return covariance


def _instrument(observations: xr.Dataset, section: MismatchSettings) -> Term:
    """Return the instrument's term, lifted to its floor where the record claims less."""
    reported = observations["instrument_error"].to_numpy()
    floor = section.instrument.floor_umol_mol
    lifted = int((reported < floor).sum())
    if lifted:
        logger.info("mismatch: %d instrument errors lifted to %g ppm", lifted, floor)
    return Term("instrument", np.maximum(reported, floor), 0.0, 0.0)


def _representation(observations: xr.Dataset, section: RepresentationTerm) -> Term:
    """Return the representation's term from the spread within the hour.

    ASSUME: an hour without a spread has the root mean square of the spreads that are known, or
    none where none is known; such hours are counted in ``hours_without_spread``.
    """
    spread = _spread(observations)
    known = spread[np.isfinite(spread)]
    typical = float(np.sqrt(np.mean(known**2))) if len(known) else 0.0
    spread = np.where(np.isfinite(spread), spread, typical)
    deviation = np.hypot(section.floor_umol_mol, section.spread_share * spread)
    return _term("representation", deviation, section)


def _spread(observations: xr.Dataset) -> np.ndarray:
    """Return the spread within each hour [umol mol-1], NaN where there is none."""
    if "spread" in observations:
        return observations["spread"].to_numpy()
    return np.full(observations.sizes["obs"], np.nan)


def _transport(enhancement: np.ndarray, section: TransportTerm) -> Term:
    """Return the transport's term from the modelled enhancement."""
    deviation = np.hypot(section.floor_umol_mol, section.relative * enhancement)
    return _term("transport", deviation, section)


def _term(
    name: str, deviation: np.ndarray, section: RepresentationTerm | TransportTerm | BackgroundTerm
) -> Term:
    """Return a term with the correlation its section states."""
    correlation_time = section.correlation_time_hours * HOUR_S
    return Term(name, deviation, correlation_time, section.cross_site_correlation)


def _assemble(observations: xr.Dataset, terms: list[Term], *, diagonal: bool) -> xr.Dataset:
    """Return the terms as a dataset."""
    keep = 0.0 if diagonal else 1.0
    unit = {"units": "umol mol-1"}
    lifted = terms[0].standard_deviation > observations["instrument_error"].to_numpy()
    attrs = {
        "title": "standard deviations and correlation rules of the terms of R",
        "synthetic": str(observations.attrs["synthetic"]),
        "instrument_errors_lifted_to_floor": int(lifted.sum()),
        "hours_without_spread": int(np.isnan(_spread(observations)).sum()),
    }
    if diagonal:
        attrs["diagonal"] = "yes"
    return xr.Dataset(
        {
            "obs_id": ("obs", observations["obs_id"].to_numpy()),
            "standard_deviation": (
                ("term", "obs"),
                np.array([term.standard_deviation for term in terms]),
                unit,
            ),
            "correlation_time": (
                "term",
                np.array([keep * term.correlation_time for term in terms]),
                {"units": "s"},
            ),
            "cross_site_correlation": (
                "term",
                np.array([keep * term.cross_site for term in terms]),
                {"units": "1"},
            ),
        },
        coords={"term": np.array([term.name for term in terms], dtype=object)},
        attrs=attrs,
    )
