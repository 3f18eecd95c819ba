"""Settings and what is known of each hour come in; the named terms of R go out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

    from contracts.settings.mismatch import (
        BackgroundTerm,
        CorrelatedTerm,
        InstrumentTerm,
        MismatchSettings,
        MismatchTerm,
        RepresentationTerm,
        TransportTerm,
    )

logger = logging.getLogger(__name__)

HOUR_S = 3600.0
KM = 1000.0
FOREVER = float("nan")


@dataclass(frozen=True)
class Term:
    """One named term of R.

    Attributes
    ----------
    name : str
    standard_deviation : ndarray, (obs,)
        [umol mol-1]
    correlation_time : float
        E-folding time [s]; 0 correlates only the same hour, NaN does not fade.
    cross_site : float
        Correlation between two receptors at the same hour, in [0, 1].
    cross_site_efolding : float
        E-folding distance of that correlation [m]; NaN is the same at every distance.
    group : ndarray of int, (obs,), or None
        Observations of different groups have independent errors; None is one group.
    """

    name: str
    standard_deviation: np.ndarray
    correlation_time: float
    cross_site: float
    cross_site_efolding: float = float("nan")
    group: np.ndarray | None = None


@dataclass(frozen=True)
class Hours:
    """What errors depend on, for each of n observations.

    Attributes
    ----------
    local_day, local_hour : ndarray of int, (n,)
    instrument_class : ndarray of str, (n,)
    wind_sector : ndarray of int, (n,)
        Equal numbers mean air from the same sector.
    """

    local_day: np.ndarray
    local_hour: np.ndarray
    instrument_class: np.ndarray
    wind_sector: np.ndarray


def hours_of(observations: xr.Dataset, clock: tuple[np.ndarray, np.ndarray]) -> Hours:
    """Return what errors depend on.

    Parameters
    ----------
    observations : Dataset ``observations``
        ``instrument_class(receptor)`` and ``wind_sector(obs)`` are read where they are there;
        without them all receptors are ``crds`` and all air comes from one sector.
    clock : tuple
        Local day and local hour, (n,) each.
    """
    classes = np.full(observations.sizes["receptor"], "crds")
    if "instrument_class" in observations:
        classes = observations["instrument_class"].to_numpy().astype(str)
    sector = np.zeros(observations.sizes["obs"], dtype=np.int64)
    if "wind_sector" in observations:
        sector = observations["wind_sector"].to_numpy().astype(np.int64)
    return Hours(*clock, classes[observations["receptor_index"].to_numpy()], sector)


def factor(section: MismatchTerm, hours: Hours) -> np.ndarray:
    """Return what each standard deviation is multiplied with, (n,)."""
    by_class = section.by_class
    of_class = np.array([by_class.get(name, 1.0) for name in hours.instrument_class.tolist()])
    return np.array(section.hourly_factors())[hours.local_hour] * of_class


def terms_of(
    observations: xr.Dataset, enhancement: np.ndarray, section: MismatchSettings, hours: Hours
) -> list[Term]:
    """Return the terms that are switched on, the instrument's first.

    Parameters
    ----------
    observations : Dataset ``observations``
        n observations, with ``instrument_error`` and, where known, ``spread`` [umol mol-1].
    enhancement : ndarray, (n,)
        Modelled enhancement H x_a + fixed [umol mol-1].
    section : MismatchSettings
    hours : Hours
    """
    terms = [_instrument(observations, section.instrument, hours)]
    if section.representation.enabled:
        terms.append(_representation(observations, section.representation, hours))
    if section.transport.enabled:
        terms.append(_transport(enhancement, section.transport, hours))
    if section.background.enabled:
        terms.append(_background(section.background, hours))
    return terms


def lifted_to_floor(observations: xr.Dataset, section: InstrumentTerm, hours: Hours) -> int:
    """Return how many instrument errors are raised to the floor."""
    reported = observations["instrument_error"].to_numpy() * factor(section, hours)
    return int((reported < section.floor_umol_mol).sum())


def spread_of(observations: xr.Dataset) -> np.ndarray:
    """Return the spread within each hour [umol mol-1], NaN where there is none."""
    if "spread" in observations:
        return observations["spread"].to_numpy()
    return np.full(observations.sizes["obs"], np.nan)


def _instrument(observations: xr.Dataset, section: InstrumentTerm, hours: Hours) -> Term:
    """Return the instrument's term, lifted to its floor where the record claims less."""
    reported = observations["instrument_error"].to_numpy() * factor(section, hours)
    lifted = lifted_to_floor(observations, section, hours)
    if lifted:
        floor = section.floor_umol_mol
        logger.info("mismatch: %d instrument errors lifted to %g ppm", lifted, floor)
    return Term("instrument", np.maximum(reported, section.floor_umol_mol), 0.0, 0.0)


def _representation(observations: xr.Dataset, section: RepresentationTerm, hours: Hours) -> Term:
    """Return the representation's term from the spread within the hour.

    ASSUME: an hour without a spread has the root mean square of the spreads that are known, or
    none where none is known; such hours are counted in ``hours_without_spread``.
    """
    spread = spread_of(observations)
    known = spread[np.isfinite(spread)]
    typical = float(np.sqrt(np.mean(known**2))) if len(known) else 0.0
    spread = np.where(np.isfinite(spread), spread, typical)
    deviation = np.hypot(section.floor_umol_mol, section.spread_share * spread)
    return _fading("representation", deviation * factor(section, hours), section)


def _transport(enhancement: np.ndarray, section: TransportTerm, hours: Hours) -> Term:
    """Return the transport's term from the modelled enhancement."""
    deviation = np.hypot(section.floor_umol_mol, section.relative * np.abs(enhancement))
    return _fading("transport", deviation * factor(section, hours), section)


def _background(section: BackgroundTerm, hours: Hours) -> Term:
    """Return the background's term: fading, or one error a local day, or one a day and sector."""
    deviation = section.standard_deviation_umol_mol * factor(section, hours)
    if section.shared == "by_time":
        return _fading("background", deviation, section)
    sector = hours.wind_sector if section.shared == "local_day_and_wind_sector" else 0
    pairs = np.stack(np.broadcast_arrays(hours.local_day, sector), axis=1)
    group = np.unique(pairs, axis=0, return_inverse=True)[1].reshape(-1)
    efolding = _metres(section.cross_site_efolding_km)
    return Term("background", deviation, FOREVER, 1.0, efolding, group)


def _fading(name: str, deviation: np.ndarray, section: CorrelatedTerm) -> Term:
    """Return a term that fades in time, with the correlation its section states."""
    return Term(
        name,
        deviation,
        section.correlation_time_hours * HOUR_S,
        section.cross_site_correlation,
        _metres(section.cross_site_efolding_km),
    )


def _metres(kilometres: float | None) -> float:
    """Return a distance in metres; NaN where none is stated."""
    return float("nan") if kilometres is None else kilometres * KM
