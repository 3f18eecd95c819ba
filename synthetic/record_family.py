"""A prior and the stated family come in; truths drawn from it, and the sds it implies, go out.

Every factor is log-normal of mean 1, so the mean of all truths is the prior, in every cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
import xarray as xr

from synthetic.record_totals import batch_shares
from synthetic.streams import autoregressive, stream
from synthetic.truth import bounded_normal, lognormal

EARTH_RADIUS_KM = 6371.0
ORDERS = 25  # of the series of exp(sd² ρ); the last is below 1e-15 for sd up to 1


@dataclass(frozen=True)
class RecordTruth:
    """One drawn truth.

    Attributes
    ----------
    flux : ndarray (sector, period, row, col), umol m-2 s-1
    transport : float
        Factor of all its enhancements, unknown to the inversion.
    """

    flux: np.ndarray
    transport: float


@dataclass(frozen=True)
class RecordFamily:
    """What all draws share.

    Attributes
    ----------
    prior : Dataset `prior`
        Its mean.
    settings : SyntheticRecordsSettings
    correlations : tuple of ndarray (row, row), (col, col)
        exp(-(distance/length)²) along rows and along columns; their product is the field's.
    roots : tuple of ndarray
        Symmetric roots of both.
    """

    prior: xr.Dataset
    settings: Any
    correlations: tuple[np.ndarray, np.ndarray]
    roots: tuple[np.ndarray, np.ndarray]

    @property
    def flux(self) -> np.ndarray:
        """The mean of the family, (sector, period, row, col), umol m-2 s-1."""
        return self.prior["flux"].to_numpy()

    def draw(self, *names: str | int) -> RecordTruth:
        """Draw the truth that belongs to these names; a sector's does not depend on the others.

        Parameters
        ----------
        *names : str or int

        Returns
        -------
        RecordTruth
        """
        family, seed = self.settings.family, self.settings.seed
        rng = stream(seed, *names, "common")
        transport = 1.0 + self.settings.transport_common_relative * bounded_normal(rng)
        common = lognormal(rng.standard_normal(), family.common_log_sd)
        factors = np.empty(self.flux.shape)
        for number, sector in enumerate(self.prior["sector"].to_numpy().astype(str).tolist()):
            rng = stream(seed, *names, "sector", sector)
            whole = common * lognormal(rng.standard_normal(), family.sector_log_sd)
            white = rng.standard_normal(self.flux.shape[2:])
            field = lognormal(self.roots[0] @ white @ self.roots[1], family.smooth_log_sd)
            days = autoregressive(rng, self.flux.shape[1:2], 1.0, family.daily_correlation_days)
            daily = lognormal(days, family.daily_log_sd)
            factors[number] = whole * daily[:, None, None] * field
        return RecordTruth(self.flux * factors, transport)


def family_of(prior: xr.Dataset, settings: Any) -> RecordFamily:
    """Return the family of truths around a prior on a grid.

    Parameters
    ----------
    prior : Dataset `prior`
    settings : SyntheticRecordsSettings

    Returns
    -------
    RecordFamily

    Raises
    ------
    ValueError
        Where a flux of the prior is negative: a factor cannot then stand for its error.
    """
    lowest = float(prior["flux"].min())
    if lowest < 0.0:
        msg = (
            f"the prior of made records must be >= 0 everywhere; got {lowest} umol m-2 s-1 in "
            "prior.nc. Leave sectors that take up the gas out of this run."
        )
        raise ValueError(msg)
    length = settings.family.smooth_length_km
    distances = [np.subtract.outer(at, at) / length for at in _positions_km(prior)]
    along_rows, along_columns = (np.exp(-np.square(distance)) for distance in distances)
    return RecordFamily(
        prior, settings, (along_rows, along_columns), (_root(along_rows), _root(along_columns))
    )


def _positions_km(prior: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return centres of rows and of columns on a plane, km.

    ASSUME: over the grid a degree of longitude has one length, that of the mean cell.
    """
    row_dim, column_dim = prior["cell_area"].dims
    rows, columns = prior[row_dim].to_numpy(), prior[column_dim].to_numpy()
    if row_dim != "latitude":
        return rows / 1000.0, columns / 1000.0
    middle = np.cos(np.radians(rows.mean()))
    return (
        EARTH_RADIUS_KM * np.radians(rows),
        EARTH_RADIUS_KM * np.radians(columns) * middle,
    )


def _root(correlation: np.ndarray) -> np.ndarray:
    """Return the symmetric root of a correlation that is singular to rounding."""
    values, vectors = np.linalg.eigh(correlation)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


@dataclass(frozen=True)
class ImpliedSpread:
    """Relative standard deviations of the batch's totals of the whole city over the family.

    Attributes
    ----------
    sectors : dict of str to float
    whole : float
        Of the sum of all sectors.
    """

    sectors: dict[str, float]
    whole: float


def implied_spread(family: RecordFamily) -> ImpliedSpread:
    """Return what the family implies for totals, exactly, without a draw.

    Parameters
    ----------
    family : RecordFamily

    Returns
    -------
    ImpliedSpread

    Notes
    -----
    Log-normal factors of mean 1 whose logs have covariance c give E[XY] - 1 = exp(c) - 1. With m the
    emission of cell i in period p of one sector, the variance of its total is Σ m_ip m_jq
    (exp(s_common² + s_sector² + s_daily² r_pq + s_field² ρ_ij) - 1). The sum over cells is a series
    in ρ, whose powers are products of those along rows and along columns.
    """
    settings = family.settings.family
    emitted = family.flux * batch_shares(family.prior)
    n_period = emitted.shape[1]
    lag = np.abs(np.subtract.outer(np.arange(n_period), np.arange(n_period)))
    daily = settings.daily_log_sd**2 * np.exp(-lag / settings.daily_correlation_days)
    whole = settings.common_log_sd**2 + settings.sector_log_sd**2 + daily
    variance = np.array([_variance(part, whole, family) for part in emitted])
    total = emitted.sum(axis=(1, 2, 3))
    crossed = np.expm1(settings.common_log_sd**2) * (total.sum() ** 2 - (total**2).sum())
    names = family.prior["sector"].to_numpy().astype(str).tolist()
    relative = np.sqrt(variance) / np.where(total > 0.0, total, np.nan)
    return ImpliedSpread(
        dict(zip(names, relative.tolist(), strict=True)),
        float(np.sqrt(variance.sum() + crossed) / total.sum()),
    )


def _variance(emitted: np.ndarray, whole: np.ndarray, family: RecordFamily) -> float:
    """Return Σ m_ip m_jq (exp(whole_pq + s_field² ρ_ij) - 1) of one sector, (period, row, col)."""
    along_rows, along_columns = family.correlations
    cells = emitted.sum(axis=(1, 2))
    result = float(cells @ np.expm1(whole) @ cells)
    combined = np.einsum("pq,qij->pij", np.exp(whole), emitted)
    for order in range(1, ORDERS):
        weight = family.settings.family.smooth_log_sd ** (2 * order) / factorial(order)
        spread = along_rows**order @ combined @ along_columns**order
        result += weight * float(np.sum(emitted * spread))
    return result
