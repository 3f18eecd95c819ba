"""A toy inversion of district totals comes out: dense, small, every number known."""

from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr

DISTRICTS = ("330102", "330105", "330106", "330127")
SECTORS = ("industry", "buildings", "gpp")
COUNTED = ("industry", "buildings")
START = np.datetime64("2026-05-31T16:00:00", "ns")
END = np.datetime64("2026-06-30T16:00:00", "ns")
DAYS = (START, START + np.timedelta64(15, "D"), END)


@dataclass(frozen=True)
class Toy:
    """A linear Gaussian problem whose state is one flux per district and sector, kg s-1."""

    prior: np.ndarray
    prior_covariance: np.ndarray
    jacobian: np.ndarray
    mismatch: np.ndarray

    def pairs(self):
        regions = (*DISTRICTS, "outside", "all")
        return [(region, sector) for region in regions for sector in (*SECTORS, "all", "net")]

    def weights(self):
        """Aggregation W (state, total)."""
        state = [(region, sector) for region in (*DISTRICTS, "outside") for sector in SECTORS]
        columns = []
        for region, sector in self.pairs():
            inside = {region} if region != "all" else set(DISTRICTS)
            counted = {"all": COUNTED, "net": SECTORS}.get(sector, (sector,))
            columns.append([float(r in inside and s in counted) for r, s in state])
        return np.array(columns).T

    def solve(self, data):
        """Posterior mean and the reduction Q − V of the state, both dense."""
        cross = self.prior_covariance @ self.jacobian.T
        inner = self.jacobian @ cross + self.mismatch
        gain = np.linalg.solve(inner, cross.T).T
        mean = self.prior + gain @ (data - self.jacobian @ self.prior)
        return mean, gain @ cross.T

    def posterior(self, data):
        mean, reduction = self.solve(data)
        w, pairs = self.weights(), self.pairs()
        matrix = ("total", "total_2")
        prior_covariance = w.T @ self.prior_covariance @ w
        reduction = w.T @ reduction @ w
        regions = (*DISTRICTS, "all")
        n = data.size
        return xr.Dataset(
            {
                "total_region": ("total", np.array([pair[0] for pair in pairs])),
                "total_sector": ("total", np.array([pair[1] for pair in pairs])),
                "total": ("total", w.T @ mean),
                "total_prior": ("total", w.T @ self.prior),
                "total_covariance": (matrix, prior_covariance - reduction),
                "total_prior_covariance": (matrix, prior_covariance),
                "total_covariance_reduction": (matrix, reduction),
                "total_interval": ("total", np.full(len(pairs), "")),
                "total_bounds": (("total", "bounds"), np.tile([DAYS[0], DAYS[2]], (len(pairs), 1))),
                "fixed_region": ("fixed_region", np.array(regions)),
                "fixed_standard_deviation": ("fixed_region", np.array([0.5, 0.5, 0.5, 0.5, 2.0])),
                "period_bounds": (
                    ("period", "bounds"),
                    np.array([[DAYS[0], DAYS[1]], [DAYS[1], DAYS[2]]]),
                ),
                "period_in_batch": ("period", np.array([1, 1], np.int8)),
                "obs_id": ("obs", np.array([f"HZ0{i}" for i in range(n)])),
                "observed": ("obs", data),
                "background": ("obs", np.full(n, 430.0)),
                "modelled_prior": ("obs", self.jacobian @ self.prior),
                "modelled": ("obs", self.jacobian @ mean),
                "innovation_standard_deviation": ("obs", np.ones(n)),
            },
            attrs={
                "synthetic": "yes",
                "city_name": "Hangzhou",
                "gas": "CO2",
                "regions_apart": '["outside"]',
            },
        )


def make_toy(blind=False, noise=4.0):
    """Districts of about 200 kg s-1; with `blind` the last district is never seen."""
    rng = np.random.default_rng(20260601)
    size = 5 * len(SECTORS)
    prior = np.tile([120.0, 80.0, -60.0], 5)
    scale = 0.4 * np.abs(prior)
    position = np.repeat(np.arange(5), len(SECTORS))
    kind = np.tile(np.arange(len(SECTORS)), 5)
    correlation = np.exp(-np.abs(np.subtract.outer(position, position)) / 1.5)
    correlation *= np.where(np.equal.outer(kind, kind), 1.0, 0.2)
    jacobian = rng.uniform(0.02, 0.3, (60, size)) * rng.uniform(0.0, 1.0, (60, size)) ** 3
    jacobian[:, 0::3] *= 1.5
    if blind:
        unseen = np.isin(position, [3])
        jacobian[:, unseen] = 0.0
        correlation[np.ix_(unseen, ~unseen)] = correlation[np.ix_(~unseen, unseen)] = 0.0
    return Toy(prior, correlation * np.outer(scale, scale), jacobian, noise * np.eye(60))


def make_inventory(totals, deviation=15.0, **attrs):
    """Inventory of (region, sector) totals (5, 2) given as an array of districts + all."""
    totals = np.asarray(totals, dtype=float)
    whole = np.concatenate([totals, totals.sum(axis=1, keepdims=True)], axis=1)
    sd = np.full_like(whole, deviation)
    given = {
        "scope": "1",
        "gas": "CO2",
        "inventory_name": "toy",
        "period_like": "yes",
        "synthetic": "yes",
        "boundary_version": "2021",
    }
    return xr.Dataset(
        {
            "region": ("region", np.array([*DISTRICTS, "all"])),
            "sector": ("sector", np.array([*COUNTED, "all"])),
            "total": (("region", "period", "sector"), whole[:, None, :]),
            "standard_deviation": (("region", "period", "sector"), sd[:, None, :]),
            "period_bounds": (("period", "bounds"), np.array([[START, END]])),
        },
        attrs=given | attrs,
    )


def make_certificate(inflation=1.0, passed=True):
    return {
        "draws": 2000,
        "passed": passed,
        "rows": [
            {"family": family, "inflation": inflation, "within": passed}
            for family in ("city", "districts", "sectors")
        ],
    }


@pytest.fixture
def toy():
    return make_toy()


@pytest.fixture
def builders():
    """The builders themselves, for tests that need several variants."""
    return make_toy, make_inventory, make_certificate
