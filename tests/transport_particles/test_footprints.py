"""The reader `particles`: laws of its dataset, what it counts, and what it refuses."""

import json

import numpy as np
import pytest
import xarray as xr
from weather_fakes import (
    COLUMN,
    ROW,
    START,
    dense,
    grid,
    meteorology,
    observations,
    section,
)

from contracts.datasets import check_dataset
from contracts.grid import Grid
from contracts.settings.particles import ParticleSettings
from transport.particles import read_footprints


def build(obs=None, met=None, on=None, **settings):
    obs = observations([6]) if obs is None else obs
    met = meteorology() if met is None else met
    return read_footprints(obs, met, on or grid(), section(**settings), [])


def same(one, other, left, right):
    np.testing.assert_array_equal(dense(one, left), dense(other, right))
    for name in ("sensitivity_total", "sensitivity_noise", "exit_height", "exit_time"):
        np.testing.assert_array_equal(one[name].to_numpy()[left], other[name].to_numpy()[right])


def test_the_dataset_keeps_its_contract_and_its_mass():
    found = build(
        observations([5, 6, 9]), on=grid(half=10), layer_edges_m=(0.0, 50.0, 100.0, 300.0)
    )
    check_dataset(found, "footprints")
    inside = [dense(found, i).sum() for i in range(3)]
    total, beyond = (found[f"sensitivity_{n}"].to_numpy() for n in ("total", "outside"))
    assert (beyond > 0.02 * total).all()
    np.testing.assert_allclose(inside + beyond, total, rtol=1e-12)
    assert found.attrs["mole_fraction_basis"] == "dry air"
    assert found.sizes["lag"] == 3
    assert found.sizes["particle"] == 40


def test_threads_order_and_company_change_no_bit():
    met = meteorology(hours=60)
    hours = [40, 5, 6, 30]
    one = build(observations(hours), met)
    xr.testing.assert_identical(one, build(observations(hours), met, threads=2))
    turned = build(observations(hours[::-1]), met, threads=2)
    for place in range(4):
        same(one, turned, place, 3 - place)
    alone = build(observations([30]), met.isel(time=slice(28, 32)))
    same(one, alone, 3, 0)


def test_another_seed_receptor_or_hour_flies_elsewhere():
    first = build()
    others = [build(seed=2), build(observations([6], name="AAB")), build(observations([7]))]
    for other in others:
        assert not np.array_equal(first["exit_height"], other["exit_height"])


def test_three_hourly_weather_that_changes_linearly_is_the_same_weather():
    wind = np.arange(13.0)[:, None, None, None] * 0.5
    ends = [
        build(met=meteorology(hours=13, step=step, eastward_wind=wind[::step]), number=200)
        for step in (1, 3)
    ]
    hourly, coarse = (float(one["exit_easting"].mean()) - COLUMN for one in ends)
    np.testing.assert_allclose(coarse, hourly, rtol=0.05)  # noise of 200 particles


def test_lag_bins_are_clock_hours_of_the_wind():
    # from the west before 06:00, from the east after, within a minute of the clock
    wind = np.where(np.arange(12) < 6, 6.0, -6.0)[:, None, None, None]
    calm = {"northward_wind": 0.0, "friction_velocity": 0.2}
    found = build(observations([7]), meteorology(eastward_wind=wind, **calm), hours_back=2)
    assert found["lag_bounds"].to_numpy().tolist() == [[0.0, 3600.0], [3600.0, 7200.0]]
    east = dense(found, 0)[0].sum(axis=0)
    assert east[30:].sum() > 0.95 * east.sum()


def test_exits_are_where_the_wind_says():
    met = meteorology(eastward_wind=20.0, northward_wind=0.0, half=30_000.0)
    gone = build(met=met, number=100)
    west = gone["exit_easting"].to_numpy()[0] - COLUMN
    assert (gone["exit_reason"].to_numpy() == 1).mean() > 0.9
    np.testing.assert_allclose(np.median(west), -30_000.0, atol=1500.0)
    counts = json.loads(gone.attrs["counts"])
    assert counts["particles"] == 100
    assert counts["left_by_a_side"] == int((gone["exit_reason"] == 1).sum())
    stay = build(met=meteorology(eastward_wind=2.0), number=100)
    assert (stay["exit_reason"].to_numpy() == 0).all()
    assert (stay["exit_time"].to_numpy() == START + np.timedelta64(4, "h")).all()
    assert np.median(stay["exit_northing"].to_numpy()[0]) > ROW
    assert "exit_time" not in build(exit_points=False)


def test_elevated_layers_hold_the_time_spent_in_them():
    edges = (0.0, 20.0, 100.0, 400.0, 1600.0)
    found = build(met=meteorology(half=300_000.0), on=grid(size=10_000.0), layer_edges_m=edges)
    value = found["aloft_sensitivity"].to_numpy()
    layer = found["aloft_layer_index"].to_numpy()
    # depth times sensitivity, over all layers, is the whole flight (2.5 h on average) by density
    spent = (np.bincount(layer, value) * np.diff(edges)).sum()
    density = 1.2 * 0.99 / 0.0289647
    np.testing.assert_allclose(spent, 9000.0 / density, rtol=0.01)
    assert found["layer_bounds"].to_numpy().tolist()[1] == [20.0, 100.0]
    assert int(found["aloft_row_size"].sum()) == value.size


def test_moist_air_raises_the_sensitivity_of_dry_mole_fractions():
    dry, moist = (
        float(build(met=meteorology(specific_humidity=q))["sensitivity_total"][0])
        for q in (0.0, 0.018)
    )
    np.testing.assert_allclose(moist / dry, 1.0 / (1.0 - 0.018), rtol=1e-5)
    none = build(met=meteorology(drop=("specific_humidity", "vertical_wind")))
    np.testing.assert_allclose(float(none["sensitivity_total"][0]), dry, rtol=1e-6)
    assert "no humidity" in none.attrs["mole_fraction_basis"]
    assert none.attrs["vertical_wind"] == "none: taken as 0"


def test_noise_is_what_other_seeds_show():
    seeds = [build(number=100, seed=seed, hours_back=2) for seed in range(1, 31)]
    totals = [float(one["sensitivity_total"][0]) for one in seeds]
    told = np.mean([float(one["sensitivity_noise"][0]) for one in seeds])
    np.testing.assert_allclose(told, np.std(totals, ddof=1), rtol=0.4)
    cells = np.array([dense(one, 0) for one in seeds])
    scatter = np.sqrt(cells.var(axis=0, ddof=1).sum() / np.square(cells).sum(axis=(1, 2, 3)).mean())
    told = np.mean([float(one["cell_noise"][0]) for one in seeds])
    np.testing.assert_allclose(told, scatter, rtol=0.2)


def test_displacement_and_map_factor_are_used():
    met = meteorology(displacement_height=8.0)
    assert float(build(met=met)["sensitivity_total"][0]) != float(build()["sensitivity_total"][0])
    met = meteorology(map_factor=np.float32(1.1))
    assert float(build(met=met)["exit_easting"].mean()) < float(build()["exit_easting"].mean())


def test_what_was_raised_to_a_floor_is_counted():
    met = meteorology(mixing_height=30.0, friction_velocity=0.001)
    found = json.loads(build(met=met).attrs["counts"])
    assert found["mixing_heights_raised_to_floor"] == found["mixing_heights"] == 12 * 25
    assert found["friction_velocities_raised_to_floor"] == 12 * 25
    assert found["inlets_above_mixing_height"] == 1


def test_no_rows_give_an_empty_dataset():
    found = build(observations([]), layer_edges_m=(0.0, 100.0))
    check_dataset(found, "footprints")
    assert found.sizes["obs"] == found.sizes["nonzero"] == found.sizes["nonzero_aloft"] == 0


def uneven(met, name):
    axis = met[name].to_numpy().copy()
    axis[1] += 100.0
    return met.assign_coords({name: (name, axis)})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.update(met=None), "must have meteorology; got none"),
        (
            lambda s: s.update(on=Grid("EPSG:4326", [29.0, 30.0], [119.0, 120.0])),
            "projected metres",
        ),
        (lambda s: s["met"].attrs.update(grid_crs="EPSG:32650"), "must lie on the grid's CRS"),
        (
            lambda s: s.update(met=meteorology(drop=("friction_velocity", "air_density"))),
            "got no air_density, friction_velocity in",
        ),
        (lambda s: s.update(obs=observations([1])), "must cover 3 h up to the end"),
        (lambda s: s.update(obs=observations([11])), "got 1 hours it does not cover"),
        (
            lambda s: s.update(
                obs=observations([6]).assign(time=("obs", [START + np.timedelta64(375, "m")]))
            ),
            "must start on the hours of the meteorology; got 1",
        ),
        (
            lambda s: s.update(obs=observations([6], longitude=121.0)),
            "must hold the receptor; got AAA",
        ),
        (
            lambda s: s.update(met=s["met"].isel(time=[0, 1, 2, 4, 5, 6, 7])),
            "hours apart throughout",
        ),
        (
            lambda s: s.update(met=meteorology(hours=24, step=4)),
            "hours apart throughout; got 240 min",
        ),
        (lambda s: s.update(met=s["met"].isel(time=[6])), "got one instant"),
        (lambda s: s.update(met=uneven(s["met"], "northing")), "axis northing .* evenly spaced"),
        (
            lambda s: s.update(met=s["met"].isel(easting=slice(None, None, -1))),
            "axis easting .* ascending",
        ),
        (lambda s: s.update(met=s["met"].isel(level=[3])), "two levels or more; got"),
        (
            lambda s: s.update(met=meteorology(roughness_length=0.0)),
            "roughness_length must exceed 0",
        ),
        (
            lambda s: s.update(met=meteorology(displacement_height=15.0)),
            "below the lowest level; got 15",
        ),
        (
            lambda s: s.update(obs=observations([6], inlet=4000.0)),
            "below the highest level; got 4000",
        ),
        (
            lambda s: s.update(
                obs=observations([6], inlet=5.0), met=meteorology(displacement_height=8.0)
            ),
            "inlet must lie above the displacement height",
        ),
        (
            lambda s: s.update(on=Grid(s["met"].grid_crs, [0.0, 1.0, 3.0], [0.0, 1.0])),
            "all be of one size; got rows",
        ),
    ],
)
def test_the_reader_refuses(change, message):
    state = {"obs": observations([6]), "met": meteorology(), "on": grid()}
    change(state)
    with pytest.raises(ValueError, match=message):
        read_footprints(state["obs"], state["met"], state["on"], section(), [])


def test_two_receptors_are_refused():
    obs = observations([6, 7]).isel(receptor=[0, 0])
    two = obs.assign(receptor_index=("obs", np.array([0, 1], np.int32)))
    with pytest.raises(ValueError, match="station by station; got 2 receptors"):
        build(two)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"layer_edges_m": (0.0,)}, "two or more ascending heights"),
        ({"layer_edges_m": (0.0, 50.0, 50.0)}, "two or more ascending heights"),
        ({"layer_edges_m": (-1.0, 50.0)}, "two or more ascending heights"),
        ({"slab_m": 60.0}, "slab_m must not exceed mixing_height_floor_m; got 60 m"),
        ({"number": 3}, "multiple of 2"),
        ({"mesh": 3}, "Extra inputs"),
    ],
)
def test_settings_refuse(given, message):
    with pytest.raises(ValueError, match=message):
        ParticleSettings(**given)
