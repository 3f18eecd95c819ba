"""Errors planted in the air of a toy city: what they do to its total, with and without their state."""

import numpy as np
import pytest
import xarray as xr
from inversion_fakes import START
from nuisance_city import MIDCOST, SECTORS, SITES, city, errors, nuisance_gain, plumes, solved
from numpy.testing import assert_allclose

from inversion.jacobian import build_jacobian
from inversion.linalg.dense import densify
from inversion.problem import sparse_jacobian

PLANTED_FLUX = 3.0  # of respiration that the inversion does not know [umol m-2 s-1]
EAST_100KM = np.array([SITES[name][0] for name in sorted(SITES)]) / 100.0


@pytest.fixture(scope="module")
def datasets():
    return city()


@pytest.fixture(scope="module")
def plain(datasets):
    """The inversion with daily offsets and nothing else beside the fluxes."""
    return solved(datasets, errors())


def at_observations(datasets, by_receptor):
    return np.asarray(by_receptor)[datasets["observations"]["receptor_index"].to_numpy()]


def test_an_inflow_gradient_moves_the_city_and_its_state_takes_it_back(datasets, plain):
    # SCIENCE 2.15.1: 1 ppm from west to east every day moves the city by several per cent
    span = np.ptp(EAST_100KM)
    planted = at_observations(datasets, (EAST_100KM - EAST_100KM.mean()) / span)
    before = plain.shift(planted)
    assert 0.03 < abs(before) < 0.15
    stated = {"common_west_east_sd_umol_mol_per_100km": 5.0}
    with_state = solved(city(gradient=stated), errors())
    assert abs(with_state.shift(planted)) < 0.15 * abs(before)
    found = nuisance_gain(with_state, planted)["gradient:west_east_common"]
    assert found == pytest.approx(1.0 / span, rel=0.12)
    assert with_state.city_sd > plain.city_sd


def test_a_gradient_of_single_days_is_found_on_its_days(datasets):
    time = datasets["observations"]["time"].to_numpy()
    first = time < START + np.timedelta64(24, "h")
    planted = at_observations(datasets, EAST_100KM - EAST_100KM.mean()) * first
    stated = {"west_east_sd_umol_mol_per_100km": 5.0}
    found = nuisance_gain(solved(city(gradient=stated), errors()), planted)
    days = {name: value for name, value in found.items() if name.startswith("gradient")}
    one, *others = days.values()
    assert next(iter(days)) == "gradient:west_east_2025-06-02"
    assert one == pytest.approx(1.0, abs=0.3)
    assert np.abs(others).max() < 0.1


def stretched(datasets, amplitude):
    """Return what the prior's fluxes make with profiles (1 + a) as far from 1, minus what they made."""
    before = datasets["prior"]
    factor = xr.DataArray(amplitude, dims="sector")
    changed = before.assign(hourly_profile=1.0 + (1.0 + factor) * (before["hourly_profile"] - 1.0))
    flux = before["flux"].to_numpy().ravel()
    observations = datasets["observations"]
    made = build_jacobian(observations, plumes(observations), changed)
    after = sparse_jacobian(made, len(flux)).matvec(flux)
    return after - sparse_jacobian(datasets["jacobian"], len(flux)).matvec(flux)


def test_a_wrong_profile_moves_the_month_and_its_state_takes_part_of_it_back(datasets, plain):
    amplitude = np.array([0.3, 0.3, 0.0, 0.0])
    planted = stretched(datasets, amplitude)
    made = datasets["jacobian"]["diurnal_mole_fraction"].to_numpy()
    assert_allclose(planted, made @ amplitude, rtol=1e-9, atol=1e-12)
    before = plain.shift(planted)
    assert before > 0.05
    shifts, widths = [before], [plain.city_sd]
    for sd in (0.15, 0.3, 0.6):
        found = solved(datasets, errors(diurnal_amplitude_sd=sd))
        shifts.append(found.shift(planted))
        widths.append(found.city_sd)
    assert (np.diff(shifts) < 0.0).all()
    assert (np.diff(widths) > 0.0).all()
    # the fault is inside the interval only where the state is
    assert shifts[0] > plain.city_sd
    assert shifts[2] < 0.6 * widths[2]


def test_the_total_does_not_change_with_the_amplitude(datasets):
    """Profiles keep their mean of 1 over each day, so that no daily total has a say in a_k."""
    profile = datasets["prior"]["hourly_profile"].to_numpy()
    stretched_profile = 1.0 + 1.3 * (profile - 1.0)
    daily = stretched_profile.reshape(len(SECTORS), -1, 24).mean(axis=2)
    assert_allclose(daily, 1.0, rtol=1e-12)


def test_a_bias_of_one_node_moves_the_city_by_less_than_a_hundredth(datasets, plain):
    # SCIENCE, OBS-4
    planted = at_observations(datasets, [float(name == MIDCOST) for name in sorted(SITES)])
    assert abs(plain.shift(planted)) > 0.02
    section = errors(
        sensor_bias_start_sd_umol_mol=1.0, sensor_bias_walk_sd_umol_mol_per_sqrt_day=0.2
    )
    with_state = solved(datasets, section)
    assert abs(with_state.shift(planted)) < 0.01
    found = [v for name, v in nuisance_gain(with_state, planted).items() if name.startswith("sen")]
    assert np.mean(found) == pytest.approx(1.0, abs=0.35)


def without(datasets, sector):
    """Return the problem without one sector, and that sector's part of H."""
    before, jacobian = datasets["prior"], datasets["jacobian"]
    keep = [k for k, name in enumerate(SECTORS) if name != sector]
    size = before["flux"][0].size
    whole = sparse_jacobian(jacobian, len(SECTORS) * size).matrix
    gone = SECTORS.index(sector)
    fewer = before.isel(sector=keep)
    observations = datasets["observations"]
    covariance = datasets["prior_covariance"]
    changed = {
        **datasets,
        "prior": fewer,
        "jacobian": build_jacobian(observations, plumes(observations), fewer),
        "prior_covariance": covariance.isel(sector=keep, sector_2=keep),
    }
    return changed, whole[:, gone * size : (gone + 1) * size]


def test_respiration_left_out_is_taken_for_fossil(datasets):
    # SCIENCE 3, number 10
    fewer, H_respiration = without(city(2), "respiration")
    planted = H_respiration @ np.full(H_respiration.shape[1], PLANTED_FLUX)
    found = solved(fewer, errors())
    problem = found.problem
    n, m = problem.jacobian.shape
    H, B = problem.jacobian.matmat(np.eye(m)), densify(problem.prior_covariance)
    K = B @ H.T @ np.linalg.inv(H @ B @ H.T + problem.mismatch_covariance.matmat(np.eye(n)))
    column = found.totals.index("all", "all")
    weights = np.zeros(m)
    weights[: problem.n_flux] = found.totals.weights.matmat(
        np.eye(found.totals.weights.shape[1])[:, [column]]
    )[:, 0]
    expected = weights @ K @ planted / found.city
    assert found.shift(planted) == pytest.approx(expected, rel=1e-8)


def with_free_respiration(datasets):
    """Return the problem with respiration as uncertain, and as broad, as what is planted."""
    deviation = datasets["prior"]["flux_standard_deviation"].copy(deep=True)
    deviation[SECTORS.index("respiration")] = PLANTED_FLUX
    lengths = np.where(np.array(SECTORS) == "respiration", 40_000.0, 12_000.0)
    covariance = datasets["prior_covariance"].assign(
        spatial_efolding_m=("sector", lengths, {"units": "m"})
    )
    return {
        **datasets,
        "prior": datasets["prior"].assign(flux_standard_deviation=deviation),
        "prior_covariance": covariance,
    }


def test_a_state_of_respiration_takes_it_back(datasets):
    fewer, H_respiration = without(datasets, "respiration")
    planted = H_respiration @ np.full(H_respiration.shape[1], PLANTED_FLUX)
    left_out = solved(fewer, errors())
    assert left_out.shift(planted) > 2.0 * left_out.city_sd
    with_state = solved(with_free_respiration(datasets), errors())
    assert abs(with_state.shift(planted)) < 0.2 * left_out.shift(planted)
