"""A size's name comes in; a made month of a city, as plain arrays that every method can take, goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

LAGS = 16  # three-hour bins an observation looks back
FILL = 0.06  # share of the cells that one bin of a footprint touches
SITES, BINS_A_DAY, HOURS = 13, 8, 3.0
DISTRICTS_A_SIDE = 4
LENGTH, EFOLDING_HOURS, SECTOR_CORRELATION = 5.0, 168.0, 0.2  # cells, hours
CITY_SHARE, DISTRICT_SHARE, SECTOR_SHARE = 0.15, 0.40, 0.25  # declared 1 sigma
BACKGROUND_SD, COMMON_SD, DAILY_SD = 0.7, 0.10, 0.20  # ppm, 1, 1


@dataclass(frozen=True)
class Size:
    """Observations, cells a side, three-hour bins and sectors of a made city."""

    observations: int
    side: int
    periods: int
    sectors: int


SIZES = {
    "least": Size(60, 8, 24, 2),
    "tiny": Size(60, 12, 24, 2),
    "small": Size(250, 24, 58, 3),
    "medium": Size(1000, 60, 124, 3),
    "large": Size(2000, 120, 248, 3),
    "month": Size(1000, 60, 248, 3),
    "four_months": Size(4000, 60, 992, 3),
}


@dataclass(frozen=True)
class City:
    """y = H x + U z + e with x ~ N(x_a, K*), z ~ N(0, diag(s^2)), e ~ N(0, R).

    Attributes
    ----------
    side : int
        Cells along each edge of the square grid, one length unit apart; r = side^2.
    jacobian : csr_matrix, (n, g p r)
        H; the same sensitivities for every sector.
    first, last : ndarray of int, (n,)
        Periods that each observation sees.
    prior, sigma : ndarray, (g, p, r)
        x_a and its standard deviations.
    sector_correlation : ndarray, (g, g)
    districts : ndarray, (r, c)
        1 / r where a cell is in a district.
    observations : ndarray, (n,)
    mismatch : ndarray, (n, n)
        R.
    columns, nuisance_sd : ndarray, (n, q) and (q,)
        U and s: an offset of the background a day, the transport's scale, common and a day.
    declared : ndarray, (c + g + 1,)
        1 sigma that K* must have for each district, each sector and the city.
    """

    side: int
    jacobian: scipy.sparse.csr_matrix
    first: np.ndarray
    last: np.ndarray
    prior: np.ndarray
    sigma: np.ndarray
    sector_correlation: np.ndarray
    districts: np.ndarray
    observations: np.ndarray
    mismatch: np.ndarray
    columns: np.ndarray
    nuisance_sd: np.ndarray
    declared: np.ndarray

    @property
    def hours(self) -> np.ndarray:
        """Centres of the periods, (p,)."""
        return (np.arange(self.prior.shape[1]) + 0.5) * HOURS

    @property
    def period_correlation(self) -> np.ndarray:
        """D, (p, p)."""
        return np.exp(-np.abs(self.hours[:, None] - self.hours) / EFOLDING_HOURS)

    @property
    def innovation(self) -> np.ndarray:
        """d = y - H x_a, (n,)."""
        return self.observations - self.jacobian @ self.prior.ravel()


def make_city(name: str, seed: int = 1) -> City:
    """Return the made city of a size; the same one on every call."""
    size = SIZES[name]
    rng = np.random.default_rng(seed)
    n, side, p, g = size.observations, size.side, size.periods, size.sectors
    r = side**2
    last = LAGS - 1 + np.arange(n) * (p - LAGS) // max(n - 1, 1)
    jacobian = footprints(rng, last, side, (g, p))
    day = np.sin(2.0 * np.pi * np.arange(p) / BINS_A_DAY)
    profile = 1.0 + 0.4 * np.arange(g)[:, None] / g * day
    prior = rng.lognormal(0.5, 0.8, (g, 1, r)) * profile[:, :, None]
    sigma = prior * rng.uniform(0.5, 1.0, (g, p, r))
    place = np.arange(r)
    step = side // DISTRICTS_A_SIDE
    district = place // side // step * DISTRICTS_A_SIDE + place % side // step
    districts = (district[:, None] == np.arange(DISTRICTS_A_SIDE**2)) / r
    seen = jacobian @ prior.ravel()
    mismatch = mismatch_of(last, np.arange(n) % SITES, seen)
    columns, nuisance_sd = nuisance(last // BINS_A_DAY, seen)
    noise = np.linalg.cholesky(mismatch) @ rng.standard_normal(n)
    totals = np.einsum("kpr,rc->kc", prior, districts) / p
    declared = np.concatenate(
        [
            DISTRICT_SHARE * totals.sum(axis=0),
            SECTOR_SHARE * totals.sum(axis=1),
            [CITY_SHARE * totals.sum()],
        ]
    )
    return City(
        side=side,
        jacobian=jacobian,
        first=last - LAGS + 1,
        last=last,
        prior=prior,
        sigma=sigma,
        sector_correlation=np.full((g, g), SECTOR_CORRELATION)
        + (1.0 - SECTOR_CORRELATION) * np.eye(g),
        districts=districts,
        observations=1.15 * seen + noise,
        mismatch=mismatch,
        columns=columns,
        nuisance_sd=nuisance_sd,
        declared=declared,
    )


def footprints(rng, last, side, sectors_and_periods):
    """Return H: puffs that drift upwind and widen with the time they look back."""
    g, p = sectors_and_periods
    n, r = len(last), side**2
    touched = max(round(FILL * r), 1)
    each = LAGS * touched
    indices = np.empty((n, g, each), np.int64 if g * p * r > np.iinfo(np.int32).max else np.int32)
    data = np.empty((n, g, each))
    sites = rng.uniform(0.25 * side, 0.75 * side, (SITES, 2))
    winds = rng.uniform(0.0, 2.0 * np.pi, n)
    axis = np.arange(side)
    for row in range(n):
        drift = np.array([np.sin(winds[row]), np.cos(winds[row])]) * 0.025 * side
        for position, lag in enumerate(range(LAGS - 1, -1, -1)):
            centre = sites[row % SITES] + lag * drift
            apart = ((axis - centre[0]) ** 2)[:, None] + (axis - centre[1]) ** 2
            near = np.sort(np.argpartition(apart.ravel(), touched - 1)[:touched])
            puff = np.exp(-apart.ravel()[near] / (2.0 * (0.05 * side * (1.0 + 0.1 * lag)) ** 2))
            here = slice(position * touched, (position + 1) * touched)
            indices[row, :, here] = near + (last[row] - lag) * r
            data[row, :, here] = 0.1 * puff / max(puff.sum(), 1e-9)
    indices += (np.arange(g) * p * r).astype(indices.dtype)[:, None]
    start = np.arange(n + 1, dtype=indices.dtype) * (g * each)
    return scipy.sparse.csr_matrix(
        (data.ravel(), indices.ravel(), start), shape=(n, g * p * r), copy=False
    )


def mismatch_of(last, site, seen):
    """Return R: instruments, and transport errors that last half a day and reach other sites."""
    hours = last * HOURS
    in_time = np.exp(-np.abs(hours[:, None] - hours) / 12.0)
    across = np.where(site[:, None] == site, 1.0, 0.3)
    transport = 0.5 + 0.15 * np.abs(seen)
    return 0.3**2 * np.eye(len(last)) + np.outer(transport, transport) * in_time * across


def nuisance(day, seen):
    """Return U and s: the background's offset by day, the transport's scale in common and by day."""
    by_day = (day[:, None] == np.unique(day)).astype(float)
    columns = np.hstack([by_day, seen[:, None], seen[:, None] * by_day])
    days = by_day.shape[1]
    sd = np.concatenate([np.full(days, BACKGROUND_SD), [COMMON_SD], np.full(days, DAILY_SD)])
    return columns, sd
