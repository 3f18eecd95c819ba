"""A state of named regions: factors and one explicit covariance agree, groups and intervals add up, dense reference."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from core_fakes import correlation, settings, six_datasets
from numpy.testing import assert_allclose

from contracts.datasets import violations_of
from inversion.aggregates import batch_totals, daily_totals, layout_of
from inversion.errors.prior import prior_covariance
from inversion.linalg.dense import densify
from inversion.solve import solve_batch

SECTORS, REGIONS = ("soil", "sea"), ("north", "south", "gulf", "far")
G, P, R, N = 2, 6, 4, 18
DAY = np.timedelta64(24, "h")
START = np.datetime64("2025-01-01", "ns")


def spatial(rng):
    root = rng.normal(size=(R, R + 2))
    matrix = root @ root.T
    scale = np.sqrt(np.diagonal(matrix))
    return matrix / np.outer(scale, scale)


@pytest.fixture
def datasets(rng):
    """Six datasets of a state of four regions, six days, two sectors; no grid anywhere."""
    base = six_datasets(rng)
    bounds = START + np.arange(P)[:, None] * DAY + np.array([0, 1]) * DAY
    flux = rng.normal(0.0, 2.0, (G, P, R))
    dims, unit = ("sector", "period", "region"), {"units": "umol m-2 s-1"}
    prior = xr.Dataset(
        {
            "sector_kind": ("sector", np.array(["biosphere"] * G, object)),
            "period_bounds": (("period", "bounds"), bounds),
            "period_in_batch": ("period", np.ones(P, np.int8)),
            "flux": (dims, flux, unit),
            "flux_standard_deviation": (dims, rng.uniform(0.5, 2.0, (G, P, R)), unit),
            "region_area": ("region", np.array([1e9, 2e9, 5e8, 8e9]), {"units": "m2"}),
            "region_name": ("region", np.array(REGIONS, object)),
            "region_name_local": ("region", np.array(REGIONS, object)),
            "region_inside": ("region", np.array([1, 1, 0, 0], np.int8)),
            "region_outline": ("region", np.array(["", "", "", ""], object)),
            "group": ("group", np.array(["land", "water"], object)),
            "group_name": ("group", np.array(["Land", "Water"], object)),
            "group_name_local": ("group", np.array(["陆地", "水域"], object)),
            "group_weight": (
                ("group", "region"),
                np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]]),
                {"units": "1"},
            ),
        },
        coords={
            "sector": ("sector", np.array(SECTORS, object)),
            "region": ("region", np.array(REGIONS, object)),
        },
        attrs={"synthetic": "yes", "city_name": "Nowhere"},
    )
    nobody = ("declared", np.zeros(0, "<U1"))
    none = {
        "declared_region": nobody,
        "declared_sector": nobody,
        "declared_standard_deviation": ("declared", np.zeros(0), {"units": "kg s-1"}),
    }
    factors = xr.Dataset(
        {
            "sector_correlation": (
                ("sector", "sector_2"),
                np.array([[1.0, -0.3], [-0.3, 1.0]]),
                {"units": "1"},
            ),
            "period_correlation": (("period", "period_2"), correlation(P, 2.0), {"units": "1"}),
            "region_correlation": (("region", "region_2"), spatial(rng), {"units": "1"}),
            **none,
        },
        attrs={"synthetic": "yes", "spatial_kernel": "given", "temporal_kernel": "given"},
    )
    H = rng.normal(size=(N, G * P * R))
    jacobian = base["jacobian"].drop_vars(
        ["row_start", "state_index", "sensitivity", "sensitivity_inside", "sector"]
    )
    unit = {"units": "m2 s mol-1"}
    jacobian = jacobian.assign(
        sector=("sector", np.array(SECTORS, object)),
        row_start=("row_edge", np.arange(N + 1) * G * P * R),
        state_index=("nonzero", np.tile(np.arange(G * P * R), N)),
        sensitivity=("nonzero", H.ravel(), unit),
        sensitivity_inside=(("obs", "sector"), H.reshape(N, G, -1).sum(axis=2), unit),
    ).assign_attrs(state_size=G * P * R)
    return {**base, "prior": prior, "prior_covariance": factors, "jacobian": jacobian}


def dense_covariance(datasets):
    """Return B written out: sector (x) period (x) region, scaled."""
    described = datasets["prior_covariance"]
    names = ("sector_correlation", "period_correlation", "region_correlation")
    sector, period, region = (described[name].to_numpy() for name in names)
    sigma = datasets["prior"]["flux_standard_deviation"].to_numpy().ravel()
    return np.outer(sigma, sigma) * np.kron(np.kron(sector, period), region)


def explicit(datasets):
    """Return the same prior errors as one matrix."""
    kept = datasets["prior_covariance"].drop_vars(
        ["sector_correlation", "period_correlation", "region_correlation"]
    )
    matrix = (("state", "state_2"), dense_covariance(datasets), {"units": "umol2 m-4 s-2"})
    return {**datasets, "prior_covariance": kept.assign(covariance=matrix)}


def with_years(**totals):
    """Return the settings with intervals of days, given as (first, last) counted from the start."""
    sections = settings()
    sections.time = SimpleNamespace(
        totals={
            name: SimpleNamespace(start=START + a * DAY, end=START + b * DAY)
            for name, (a, b) in totals.items()
        }
    )
    return sections


def total(posterior, name, region, sector, interval=""):
    chosen = np.logical_and.reduce(
        [
            posterior[key].to_numpy().astype(str) == wanted
            for key, wanted in (
                ("total_region", region),
                ("total_sector", sector),
                ("total_interval", interval),
            )
        ]
    )
    return posterior[name].to_numpy()[chosen].item()


def deviation(posterior, **keys):
    ordinal = posterior.assign(position=("total", np.arange(posterior.sizes["total"])))
    k = total(ordinal, "position", **keys)
    return float(np.sqrt(posterior["total_covariance"].to_numpy()[k, k]))


def test_the_datasets_keep_their_contracts(datasets):
    for name in ("prior", "prior_covariance", "jacobian"):
        assert violations_of(datasets[name], name) == []
    described = explicit(datasets)["prior_covariance"]
    assert violations_of(described, "prior_covariance") == []


def test_factors_and_one_matrix_are_the_same_covariance(datasets):
    wanted = dense_covariance(datasets)
    for made in (datasets, explicit(datasets)):
        found = densify(prior_covariance(made["prior"], made["prior_covariance"]))
        assert_allclose(found, wanted, atol=1e-12)


def test_solutions_of_both_descriptions_agree_and_keep_the_contract(datasets):
    sections = with_years(early=(0, 2), late=(2, 6))
    one, two = (solve_batch(made, sections) for made in (datasets, explicit(datasets)))
    assert violations_of(one, "posterior") == []
    for name in ("flux", "total", "total_covariance", "mean_flux_standard_deviation"):
        scale = np.abs(one[name].to_numpy()).max()
        assert_allclose(two[name].to_numpy(), one[name].to_numpy(), rtol=1e-9, atol=1e-11 * scale)
    assert one["mean_flux"].dims == ("map_sector", "region")
    assert one["region"].to_numpy().tolist() == list(REGIONS)


def test_the_posterior_mean_of_a_total_equals_dense_algebra(datasets):
    sections = with_years(late=(2, 6))
    sections.errors.nuisance.__dict__.update(transport_common_sd=0.0, transport_daily_sd=0.0)
    datasets["background"] = datasets["background"].isel(parameter=slice(0, 0))
    posterior = solve_batch(datasets, sections)
    H = datasets["jacobian"]["sensitivity"].to_numpy().reshape(N, -1)
    B = dense_covariance(datasets)
    from inversion.errors.mismatch import mismatch_covariance

    R_ = mismatch_covariance(datasets["mismatch"], datasets["observations"])
    x_a = datasets["prior"]["flux"].to_numpy().ravel()
    innovation = (
        datasets["observations"]["mole_fraction"].to_numpy()
        - datasets["background"]["background"].to_numpy()
        - datasets["jacobian"]["fixed_mole_fraction"].to_numpy()
        - H @ x_a
    )
    gain = B @ H.T @ np.linalg.inv(H @ B @ H.T + R_)
    mean, covariance = x_a + gain @ innovation, B - gain @ H @ B
    weights = np.zeros((G, P, R))
    weights[:, 2:, 2:] = 0.25 * datasets["prior"]["region_area"].to_numpy()[2:] * 44.0095e-9
    w = weights.ravel()
    found = total(posterior, "total", "water", "net", "late")
    assert found == pytest.approx(w @ mean, rel=1e-8)
    sd = deviation(posterior, region="water", sector="net", interval="late")
    assert sd == pytest.approx(np.sqrt(w @ covariance @ w), rel=1e-8)


def test_groups_intervals_and_the_whole_add_up(datasets):
    posterior = solve_batch(datasets, with_years(early=(0, 2), late=(2, 6)))
    for sector in (*SECTORS, "all", "net"):
        early, late, whole = (
            total(posterior, "total", "land", sector, interval)
            for interval in ("early", "late", "")
        )
        assert (2 * early + 4 * late) / 6 == pytest.approx(whole, rel=1e-12)
        assert total(posterior, "total", "all", sector) == pytest.approx(whole, rel=1e-12)
        parts = sum(total(posterior, "total", region, sector) for region in ("gulf", "far"))
        assert total(posterior, "total", "water", sector) == pytest.approx(parts, rel=1e-12)
    assert json.loads(posterior.attrs["regions_apart"]) == ["gulf", "far", "land", "water"]
    root_sum_square = np.hypot(
        *(deviation(posterior, region=r, sector="net") for r in ("north", "south"))
    )
    assert abs(deviation(posterior, region="land", sector="net") / root_sum_square - 1) > 1e-3


def test_without_an_inventory_all_is_the_sum_of_the_state(datasets):
    posterior = solve_batch(datasets, settings())
    for region in ("north", "land", "all"):
        assert total(posterior, "total", region, "all") == total(posterior, "total", region, "net")


def test_an_interval_that_cuts_a_period_or_leaves_the_batch_is_refused(datasets):
    sections = with_years(odd=(0, 2))
    sections.time.totals["odd"].end = START + 2 * DAY + np.timedelta64(6, "h")
    with pytest.raises(ValueError, match=r"time\.totals must lie in one batch .* for 'odd'"):
        solve_batch(datasets, sections)
    with pytest.raises(ValueError, match="for 'long'"):
        solve_batch(datasets, with_years(long=(0, 9)))


def test_an_interval_of_another_batch_is_left_to_that_batch(datasets):
    layout = layout_of(datasets["prior"], 44.0, with_years(other=(10, 20)).time.totals)
    assert layout.intervals == {}


def test_totals_of_the_batch_come_first(datasets):
    layout = layout_of(datasets["prior"], 44.0, with_years(early=(0, 2)).time.totals)
    totals = batch_totals(layout)
    half = len(totals.intervals) // 2
    assert totals.intervals == ("",) * half + ("early",) * half
    assert len(daily_totals(layout).regions) == 2 * P


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.isel(state=slice(1), state_2=slice(1)), "one row for each of 48 states"),
        (lambda d: d.assign(covariance=2.0 * d["covariance"]), "square of flux_standard_deviation"),
        (
            lambda d: d.assign(sector_correlation=(("sector", "sector_2"), np.eye(2))),
            "must be given once",
        ),
        (lambda d: d.drop_vars("covariance"), "got neither"),
    ],
)
def test_an_explicit_covariance_that_does_not_fit_is_refused(datasets, change, message):
    described = change(explicit(datasets)["prior_covariance"])
    with pytest.raises(ValueError, match=message):
        prior_covariance(datasets["prior"], described)


@pytest.mark.parametrize("name", ["period_correlation", "region_correlation"])
def test_a_correlation_of_another_size_is_refused(datasets, name):
    described = datasets["prior_covariance"]
    first, second = described[name].dims
    short = described.isel({first: slice(1), second: slice(1)})
    with pytest.raises(ValueError, match=f"{name} must have one row for each"):
        prior_covariance(datasets["prior"], short)
