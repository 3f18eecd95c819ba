"""The Jacobian against a loop written from the definition, and everything it must refuse."""

import time
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse
import xarray as xr
from inversion_fakes import GRID, HOUR, START, footprints, observations, prior

from contracts.datasets import check_dataset
from contracts.grid import Grid
from inversion.jacobian import build_jacobian


def random_case(seed=1, hours=(4, 5, 30, 71)):
    """Return two stations' observations, their footprints and a prior."""
    rng = np.random.default_rng(seed)
    obs = observations({"tower_a": hours, "tower_b": hours[:2]})
    made = []
    for receptor in range(2):
        part = obs.isel(obs=obs["receptor_index"].to_numpy() == receptor)
        rows = [
            [
                (lag, row, column, rng.uniform())
                for lag in range(6)
                for row in range(2)
                for column in range(3)
                if rng.uniform() < 0.5
            ]
            for _ in range(part.sizes["obs"])
        ]
        made.append(footprints(part, rows))
    return obs, made, prior(rng)


def dense(jacobian, before):
    """Return H as a dense (obs, sector, period, row, col)."""
    shape = before["flux"].shape
    parts = [jacobian[name].to_numpy() for name in ("sensitivity", "state_index", "row_start")]
    matrix = scipy.sparse.csr_matrix(tuple(parts), shape=(jacobian.sizes["obs"], np.prod(shape)))
    return matrix.toarray().reshape(-1, *shape)


def by_definition(obs, made, before):
    """Return H, the outside sensitivity and the fixed part, element by element."""
    shape = before["flux"].shape
    expected = np.zeros((obs.sizes["obs"], *shape))
    outside, fixed = np.full(obs.sizes["obs"], 0.5), np.zeros(obs.sizes["obs"])
    profile = before["hourly_profile"].to_numpy()
    ids = obs["obs_id"].to_numpy().tolist()
    for footprint in made:
        edge = np.concatenate([[0], np.cumsum(footprint["row_size"].to_numpy())])
        for position, obs_id in enumerate(footprint["obs_id"].to_numpy()):
            n = ids.index(obs_id)
            for k in range(edge[position], edge[position + 1]):
                lag, row, col = (
                    int(footprint[name][k]) for name in ("lag_index", "row_index", "column_index")
                )
                value = float(footprint["sensitivity"][k])
                # bin 0 is the observation's own hour
                hour = int((footprint["time"].to_numpy()[position] - lag * HOUR - START) / HOUR)
                if not 0 <= hour < profile.shape[1]:
                    outside[n] += value
                    continue
                expected[n, :, hour // 24, row, col] += value * profile[:, hour]
                per_hour = before["fixed_hourly_profile"].to_numpy()[hour]
                fixed[n] += value * float(before["fixed_flux"][row, col]) * per_hour
    return expected, outside, fixed


def test_equals_the_definition():
    obs, made, before = random_case()
    jacobian = build_jacobian(obs, made, before)
    expected, outside, fixed = by_definition(obs, made, before)
    np.testing.assert_allclose(dense(jacobian, before), expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(jacobian["sensitivity_outside"], outside, rtol=1e-12)
    np.testing.assert_allclose(jacobian["fixed_mole_fraction"], fixed, rtol=1e-12)
    assert outside.max() > 0.5, "the case must reach before the first period"


def test_keeps_its_contract():
    obs, made, before = random_case()
    check_dataset(build_jacobian(obs, made, before), "jacobian")


def test_row_sums_equal_the_stored_sensitivity_inside():
    obs, made, before = random_case()
    jacobian = build_jacobian(obs, made, before)
    sums = dense(jacobian, before).sum(axis=(2, 3, 4))
    np.testing.assert_allclose(sums, jacobian["sensitivity_inside"], rtol=1e-12)


def test_indices_are_sorted_and_unique_in_each_row():
    obs, made, before = random_case()
    jacobian = build_jacobian(obs, made, before)
    start, index = jacobian["row_start"].to_numpy(), jacobian["state_index"].to_numpy()
    for low, high in pairwise(start):
        assert (np.diff(index[low:high]) > 0).all()
    assert start[-1] == len(index)


def test_one_hour_late_is_another_jacobian():
    # an off-by-one hour must not pass unseen: the profile makes hours differ
    obs, made, before = random_case()
    jacobian = build_jacobian(obs, made, before)
    moved = before.assign(hourly_profile=before["hourly_profile"].roll(hour=1, roll_coords=False))
    other = build_jacobian(obs, made, moved)
    assert np.abs(dense(other, before) - dense(jacobian, before)).max() > 0.1


def test_no_sensitivity_is_lost_with_a_flat_profile():
    obs, made, before = random_case()
    flat = before.assign(hourly_profile=xr.ones_like(before["hourly_profile"]))
    jacobian = build_jacobian(obs, made, flat)
    total = np.concatenate([footprint["sensitivity_total"] for footprint in made])
    kept = jacobian["sensitivity_inside"].to_numpy()[:, 0]
    np.testing.assert_allclose(kept + jacobian["sensitivity_outside"], total, rtol=1e-12)


def test_order_of_the_stations_changes_nothing():
    obs, made, before = random_case()
    xr.testing.assert_identical(
        build_jacobian(obs, made, before), build_jacobian(obs, made[::-1], before)
    )


def test_time_integrated_footprint_acts_on_its_period_with_factor_one():
    obs = observations({"tower": (4, 100)})
    rows = [[(0, 0, 1, 2.0), (0, 1, 2, 3.0)]] * 2
    made = footprints(obs, rows, lag_hours=1, time_integrated="yes")
    before = prior(np.random.default_rng(2))
    jacobian = build_jacobian(obs, [made], before)
    matrix = dense(jacobian, before)
    assert matrix[0, :, 0, 0, 1].tolist() == [2.0] * 3
    assert matrix[0, :, 0, 1, 2].tolist() == [3.0] * 3
    assert matrix[0].sum() == 15.0
    assert matrix[1].sum() == 0.0, "hour 100 lies after the last of three days"
    assert jacobian["sensitivity_outside"].to_numpy().tolist() == [0.5, 5.5]
    flux = before["fixed_flux"].to_numpy()
    assert jacobian["fixed_mole_fraction"][0] == pytest.approx(2 * flux[0, 1] + 3 * flux[1, 2])
    assert jacobian.attrs["time_integrated_observations"] == 2
    assert "wholly on the period" in jacobian.attrs["time_integrated_treatment"]


def test_footprints_nobody_asked_for_are_counted():
    obs, made, before = random_case()
    jacobian = build_jacobian(obs.isel(obs=slice(1, None)), made, before)
    assert jacobian.attrs["footprints_unused"] == 1


def test_missing_footprints_are_listed():
    obs, made, before = random_case()
    with pytest.raises(
        ValueError, match="got none for 2 of 6 in the footprints: tower_b_4, tower_b_5"
    ):
        build_jacobian(obs, made[:1], before)


def test_two_footprints_of_one_observation_are_refused():
    obs, made, before = random_case()
    with pytest.raises(ValueError, match="must have one footprint; got two for tower_a_4"):
        build_jacobian(obs, [*made, made[0]], before)


def test_footprint_of_another_time_is_refused():
    obs, made, before = random_case()
    late = made[0].assign(time=made[0]["time"] + HOUR)
    with pytest.raises(ValueError, match="must have the time of its observation"):
        build_jacobian(obs, [late, made[1]], before)


def test_lag_bins_of_half_an_hour_are_refused():
    obs, made, before = random_case()
    half = made[0].assign(lag_bounds=made[0]["lag_bounds"] / 2)
    with pytest.raises(ValueError, match=r"whole hours, one hour long; got \[\[0.0, 1800.0\]"):
        build_jacobian(obs, [half, made[1]], before)


def test_time_integrated_footprint_with_two_bins_is_refused():
    obs, made, before = random_case()
    made[0].attrs["time_integrated"] = "yes"
    with pytest.raises(ValueError, match="one lag bin; got 6"):
        build_jacobian(obs, made, before)


def test_another_grid_is_refused_and_a_rounded_one_recorded():
    obs, made, before = random_case()
    shifted = Grid(GRID.crs, np.asarray(GRID.row_edges) + 10.0, GRID.column_edges)
    with pytest.raises(ValueError, match="grid must equal the prior's within 1e-3 of a cell"):
        build_jacobian(obs, [made[0].assign_coords(shifted.coords()), made[1]], before)
    rounded = Grid(GRID.crs, np.asarray(GRID.row_edges) + 0.1, GRID.column_edges)
    close = [footprint.assign_coords(rounded.coords()) for footprint in made]
    jacobian = build_jacobian(obs, close, before)
    assert jacobian.attrs["grid_difference_cells"] == pytest.approx(1e-4)


def test_hours_that_do_not_fill_the_periods_are_refused():
    obs, made, before = random_case()
    with pytest.raises(ValueError, match="must be the hours of its periods, in order; got 71"):
        build_jacobian(obs, made, before.isel(hour=slice(1, None)))


def test_speed_per_observation():
    # 1650 observations x 2500 cells x 7 sectors must stay below 30 s: 40 rows in 0.7 s
    grid = Grid(GRID.crs, np.arange(101) * 1000.0, np.arange(131) * 1000.0)
    rng = np.random.default_rng(3)
    sectors = ("power", "industry", "buildings", "transport", "waste", "gpp", "respiration")
    before = prior(rng, days=4, grid=grid, sectors=sectors)
    obs = observations({"tower": range(50, 90)})
    k = 10_000
    lag, row, column = (rng.integers(0, high, size=k) for high in (30, 50, 50))
    elements = list(zip(lag, row, column, rng.uniform(size=k), strict=True))
    made = footprints(obs, [elements] * 40, lag_hours=30, grid=grid)
    begin = time.process_time()
    jacobian = build_jacobian(obs, [made], before)
    assert time.process_time() - begin < 2.0
    assert jacobian.sizes["nonzero"] > 40 * 7 * 2000


def quarter_days(before):
    """Return the prior with periods of six hours, each with fluxes of its own."""
    days = before.sizes["period"]
    start = START + np.arange(4 * days) * 6 * HOUR
    rng = np.random.default_rng(8)
    flux = rng.uniform(-1.0, 5.0, (before.sizes["sector"], 4 * days, *GRID.shape))
    dims, unit = before["flux"].dims, before["flux"].attrs
    kept = before.drop_dims("period")
    return kept.assign_coords(period=start).assign(
        flux=(dims, flux, unit),
        period_bounds=(("period", "bounds"), np.stack([start, start + 6 * HOUR], axis=1)),
    )


def diurnal_by_definition(obs, made, before):
    """Return what each hour's emission minus its day's mean makes, element by element."""
    profile, flux = before["hourly_profile"].to_numpy(), before["flux"].to_numpy()
    per_period = profile.shape[1] // flux.shape[1]
    hours = np.arange(profile.shape[1])
    emission = profile[:, :, None, None] * flux[:, hours // per_period]
    mean = emission.reshape(len(flux), -1, 24, *flux.shape[2:]).mean(axis=2)
    expected = np.zeros((obs.sizes["obs"], len(flux)))
    ids = obs["obs_id"].to_numpy().tolist()
    for footprint in made:
        edge = np.concatenate([[0], np.cumsum(footprint["row_size"].to_numpy())])
        for position, obs_id in enumerate(footprint["obs_id"].to_numpy()):
            for k in range(edge[position], edge[position + 1]):
                lag, row, col = (
                    int(footprint[name][k]) for name in ("lag_index", "row_index", "column_index")
                )
                hour = int((footprint["time"].to_numpy()[position] - lag * HOUR - START) / HOUR)
                if 0 <= hour < profile.shape[1]:
                    deviation = emission[:, hour, row, col] - mean[:, hour // 24, row, col]
                    expected[ids.index(obs_id)] += float(footprint["sensitivity"][k]) * deviation
    return expected


@pytest.mark.parametrize("change", [lambda before: before, quarter_days], ids=["days", "quarters"])
def test_what_the_profile_of_the_day_makes_equals_the_definition(change):
    obs, made, before = random_case()
    before = change(before)
    jacobian = build_jacobian(obs, made, before)
    check_dataset(jacobian, "jacobian")
    expected = diurnal_by_definition(obs, made, before)
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(jacobian["diurnal_mole_fraction"], expected, rtol=1e-10, atol=1e-12)


def test_what_the_profile_makes_is_with_it_minus_without():
    obs, made, before = random_case()
    flat = before.assign(hourly_profile=xr.ones_like(before["hourly_profile"]))
    flux = before["flux"].to_numpy()
    one, two = (
        np.einsum("nkprc,kprc->nk", dense(build_jacobian(obs, made, prior), prior), flux)
        for prior in (before, flat)
    )
    jacobian = build_jacobian(obs, made, before)
    np.testing.assert_allclose(jacobian["diurnal_mole_fraction"], one - two, rtol=1e-9, atol=1e-12)


def test_a_flat_profile_and_an_integrated_footprint_make_nothing_of_the_day():
    obs, made, before = random_case()
    flat = before.assign(hourly_profile=xr.ones_like(before["hourly_profile"]))
    jacobian = build_jacobian(obs, made, flat)
    np.testing.assert_allclose(jacobian["diurnal_mole_fraction"], 0.0, atol=1e-12)
    one = observations({"tower": (4,)})
    integrated = footprints(one, [[(0, 0, 1, 2.0)]], lag_hours=1, time_integrated="yes")
    jacobian = build_jacobian(one, [integrated], before)
    assert (jacobian["diurnal_mole_fraction"] == 0.0).all()
