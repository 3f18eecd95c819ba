"""From six datasets to the posterior: contract, sums, units, and a dense reference."""

import numpy as np
import pytest
from core_fakes import DECLARED, REGIONS, SECTORS, G, P, settings, six_datasets
from numpy.testing import assert_allclose

from contracts.datasets import violations_of
from contracts.settings.errors import ErrorSettings
from inversion.aggregates import batch_weights, layout_of, region_sector_mix, sector_weights
from inversion.errors.mismatch import mismatch_covariance
from inversion.errors.prior import prior_covariance
from inversion.fixed import period_means
from inversion.linalg.dense import densify
from inversion.nuisance.days import local_days
from inversion.problem import assemble_problem, require_same_observations
from inversion.solve import _root, solve_batch


@pytest.fixture
def datasets(rng):
    return six_datasets(rng)


@pytest.fixture
def posterior(datasets):
    return solve_batch(datasets, settings())


def _total(posterior, name, region, sector):
    chosen = (posterior["total_region"] == region) & (posterior["total_sector"] == sector)
    return float(posterior[name].to_numpy()[chosen.to_numpy()].item())


def test_the_fakes_and_the_posterior_keep_their_contracts(datasets, posterior):
    for name in ("prior", "prior_covariance", "background", "jacobian", "mismatch"):
        assert violations_of(datasets[name], name) == []
    assert violations_of(posterior, "posterior") == []


def test_the_solution_equals_dense_algebra_written_out(datasets, posterior):
    prior = datasets["prior"]
    jacobian, background = datasets["jacobian"], datasets["background"]
    n, m = jacobian.sizes["obs"], prior["flux"].size
    H = np.zeros((n, m))
    starts = jacobian["row_start"].to_numpy()
    for row in range(n):
        part = slice(starts[row], starts[row + 1])
        H[row, jacobian["state_index"].to_numpy()[part]] = jacobian["sensitivity"].to_numpy()[part]
    x_a = prior["flux"].to_numpy().ravel()
    fixed = jacobian["fixed_mole_fraction"].to_numpy()
    signal = H @ x_a + fixed
    day = np.tile(np.arange(9) * 8 // 24, 2)
    extra = np.column_stack(
        [background["background_pattern"].to_numpy(), signal]
        + [np.where(day == k, signal, 0.0) for k in range(3)]
    )
    variances = np.array([0.49] * 3 + [0.01] * 4)
    B = densify(prior_covariance(prior, datasets["prior_covariance"]))
    R = mismatch_covariance(datasets["mismatch"], datasets["observations"])
    S = H @ B @ H.T + (extra * variances) @ extra.T + R
    y = datasets["observations"]["mole_fraction"].to_numpy()
    d = y - background["background"].to_numpy() - signal
    weights = np.linalg.solve(S, d)
    flux = x_a + B @ H.T @ weights
    nuisance = variances * (extra.T @ weights)
    assert_allclose(posterior["flux"].to_numpy().ravel(), flux, rtol=1e-8, atol=1e-10)
    assert_allclose(posterior["nuisance_mean"], nuisance, rtol=1e-8, atol=1e-12)
    P_nuisance = np.diag(variances) - (variances[:, None] * extra.T) @ np.linalg.solve(
        S, extra * variances
    )
    assert_allclose(
        posterior["nuisance_standard_deviation"], np.sqrt(np.diag(P_nuisance)), rtol=1e-8
    )
    modelled = background["background"].to_numpy() + fixed + H @ flux + extra @ nuisance
    assert_allclose(posterior["modelled"], modelled, rtol=1e-10)
    P_flux = B - B @ H.T @ np.linalg.solve(S, H @ B)
    layout = layout_of(prior)
    by_period = np.kron(np.eye(G), batch_weights(prior)[None, :])
    mean = np.kron(by_period, np.eye(30))
    deviation = np.sqrt(np.diag(mean @ P_flux @ mean.T)).reshape(G, -1)
    found = posterior["mean_flux_standard_deviation"].to_numpy().reshape(G + 2, -1)
    assert_allclose(found[:G], deviation, rtol=1e-7)
    city = np.kron(np.kron([1.0, 1.0, 0.0], batch_weights(prior)), layout.city_weights)
    variance = _covariance(posterior, "total_covariance", ("all", "all"), ("all", "all"))
    assert variance == pytest.approx(city @ P_flux @ city, rel=1e-8)
    net = np.kron(np.kron(np.ones(3), np.eye(P)[2]), layout.city_weights)
    daily = float(posterior["daily_total_standard_deviation"][1, 2])
    assert daily == pytest.approx(np.sqrt(net @ P_flux @ net), rel=1e-8)
    all_map = np.kron([[1.0, 1.0, 0.0]], np.kron(batch_weights(prior), np.eye(30)))
    assert_allclose(found[G], np.sqrt(np.diag(all_map @ P_flux @ all_map.T)), rtol=1e-7)


def _covariance(posterior, name, one, two):
    pairs = list(
        zip(posterior["total_region"].to_numpy(), posterior["total_sector"].to_numpy(), strict=True)
    )
    return float(posterior[name].to_numpy()[pairs.index(one), pairs.index(two)])


def test_totals_add_up(posterior):
    for name in ("total", "total_prior"):
        for sector in (*SECTORS, "all", "net"):
            parts = sum(_total(posterior, name, region, sector) for region in REGIONS[:2])
            assert _total(posterior, name, "all", sector) == pytest.approx(parts, rel=1e-10)
        counted = sum(_total(posterior, name, "all", sector) for sector in ("power", "transport"))
        assert _total(posterior, name, "all", "all") == pytest.approx(counted, rel=1e-10)
        fixed = float(posterior["fixed_total"].sel(fixed_region="all"))
        every = sum(_total(posterior, name, "all", sector) for sector in SECTORS)
        assert _total(posterior, name, "all", "net") == pytest.approx(every + fixed, rel=1e-10)


def test_totals_are_the_sums_of_the_fluxes_in_kg_per_second(datasets, posterior):
    prior = datasets["prior"]
    area = prior["cell_area"].to_numpy() * prior["region_fraction"].to_numpy()[0]
    flux = posterior["flux"].to_numpy()[0, 1:].mean(axis=0)
    expected = (area * flux).sum() * 1e-6 * 44.0095e-3
    assert _total(posterior, "total", "330102", "power") == pytest.approx(expected, rel=1e-10)


def test_daily_totals_average_to_the_batch(posterior):
    weights = np.array([0.0, 1.0, 1.0, 1.0]) / 3.0
    for row, sector in enumerate(("all", "net")):
        for name in ("total", "total_prior"):
            mean = posterior[f"daily_{name}"].to_numpy()[row] @ weights
            assert mean == pytest.approx(_total(posterior, name, "all", sector), rel=1e-9)


def test_declared_totals_arrive_in_the_prior_covariance(posterior):
    for region, sector, deviation in DECLARED:
        variance = _covariance(
            posterior, "total_prior_covariance", (region, sector), (region, sector)
        )
        assert np.sqrt(variance) == pytest.approx(deviation, rel=1e-6)


def test_covariance_is_prior_less_reduction_and_smaller(posterior):
    before = posterior["total_prior_covariance"].to_numpy()
    after = posterior["total_covariance"].to_numpy()
    reduction = posterior["total_covariance_reduction"].to_numpy()
    assert_allclose(after, before - reduction)
    assert np.linalg.eigvalsh(reduction)[0] > -1e-12 * np.abs(before).max()


def test_net_map_holds_the_fixed_flux(datasets, posterior):
    state = posterior["mean_flux"].to_numpy()[:G].sum(axis=0)
    fixed = datasets["prior"]["fixed_flux"].to_numpy()
    assert_allclose(posterior["mean_flux"].to_numpy()[-1], state + fixed, rtol=1e-9)


def test_a_cell_without_prior_uncertainty_has_no_information(datasets):
    datasets["prior"]["flux_standard_deviation"][0, :, 0, 0] = 0.0
    posterior = solve_batch(datasets, settings())
    assert np.isnan(posterior["information"].to_numpy()[0, 0, 0])
    assert violations_of(posterior, "posterior") == []


def test_a_prior_without_fixed_flux_has_none(datasets):
    datasets["prior"] = datasets["prior"].drop_vars(["fixed_flux", "fixed_hourly_profile"])
    posterior = solve_batch(datasets, settings())
    assert not posterior["fixed_total"].to_numpy().any()


def test_observations_must_be_the_same_everywhere(datasets):
    with pytest.raises(ValueError, match=r"got none for mismatch\. "):
        require_same_observations({k: v for k, v in datasets.items() if k != "mismatch"})
    datasets["background"] = datasets["background"].isel(obs=slice(None, None, -1))
    with pytest.raises(ValueError, match=r"18 in background\.nc against 18 .* 18 of them common"):
        assemble_problem(datasets, ErrorSettings())


def test_nuisance_states_can_be_switched_off(datasets):
    errors = ErrorSettings(nuisance={"transport_common_sd": 0.0, "transport_daily_sd": 0.0})
    problem = assemble_problem(datasets, errors)
    assert problem.nuisance.names == ("background:d0", "background:d1", "background:d2")
    names = assemble_problem(datasets, ErrorSettings()).nuisance.names
    assert names[3:5] == ("transport:common", "transport:2025-06-01T16")


def test_local_days_begin_at_local_midnight(datasets):
    days, labels = local_days(datasets["observations"], datasets["prior"])
    assert days.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2] * 2
    assert labels == ["2025-06-01T16", "2025-06-02T16", "2025-06-03T16"]


def test_wrong_priors_and_names_are_refused(datasets):
    prior = datasets["prior"]
    with pytest.raises(ValueError, match="at least one period"):
        batch_weights(prior.assign(period_in_batch=("period", np.zeros(P, np.int8))))
    with pytest.raises(ValueError, match="must hold hours of the fixed flux's profile"):
        period_means(prior.isel(hour=slice(0, 24)))
    layout = layout_of(prior)
    with pytest.raises(ValueError, match="a sector must be one of"):
        sector_weights(layout, "shipping")
    with pytest.raises(ValueError, match="a region must be one of"):
        region_sector_mix(layout, "330199", "all")
    with pytest.raises(ValueError, match="posterior variances must be >= 0"):
        _root(np.array([-1.0]), np.array([1.0]))
