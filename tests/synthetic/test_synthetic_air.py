"""Laws of the truth's transport: conservation, limits, alignment of hours, interpolation."""

import dataclasses

import numpy as np
import pytest
from synthetic_fakes import PlainGrid, steady_weather

from synthetic.air import (
    ages,
    axis_mass,
    dispersion,
    displacement,
    lid_height,
    surface_density,
)
from synthetic.influence import NODES, Carrier, Site, carried, footprint, node_weights
from synthetic.signals import drawn_enhancements, enhancement

HERE = Site("HERE", 0.0, 0.0, 50.0)


def wide_grid():
    return PlainGrid(np.arange(-40, 41) * 5000.0, np.arange(-40, 41) * 5000.0)


def test_uniform_flux_under_a_lid_gives_the_box_model(made):
    grid = wide_grid()
    plume = made.plume.model_copy(update={"window_hours": 7})
    # well mixed at once: strong turbulence; 6.5 h of emissions are in the window
    carrier = Carrier(
        steady_weather(speed=2.0, vertical=20.0), grid.row_edges, grid.column_edges, plume
    )
    influence = carrier.influence(HERE, 3600.0 * 48, (1.0,))
    per_hour = carried(influence, np.full((7, *grid.shape), 10.0))[0] / 6.5
    assert 6 * per_hour == pytest.approx(5.27, rel=0.01)  # F t / (ρ H), SCIENCE's box
    assert 6 * per_hour == pytest.approx(10.0 * 6 * 3600 / (41.0 * 1000.0), rel=0.01)


def test_profile_of_influence_averages_to_one_over_lid():
    lid = np.array([800.0])
    height = np.linspace(0.0, 800.0, 4001)
    for sigma in (60.0, 300.0, 900.0, 1300.0):
        density = [surface_density(z, lid, np.array([sigma**2]))[0] for z in height]
        assert np.trapezoid(density, height) / 800.0 == pytest.approx(1 / 800.0, rel=2e-3)


def test_density_has_no_step_where_it_becomes_mixed():
    lid = np.array([500.0])
    before = surface_density(80.0, lid, np.array([(1.4999 * 500.0) ** 2]))
    after = surface_density(80.0, lid, np.array([(1.5001 * 500.0) ** 2]))
    np.testing.assert_allclose(before, after, rtol=1e-4)


def test_dispersion_has_both_limits():
    early, late = dispersion(np.array([1e-2, 1e6]), 0.5, 200.0)
    assert early == pytest.approx(0.25 * 1e-4, rel=1e-3)
    assert late == pytest.approx(2 * 0.25 * 200.0 * 1e6, rel=1e-3)


def test_kernel_conserves_mass_and_is_cut_at_three_sigma():
    edges = np.arange(-50, 51) * 1000.0
    mass = axis_mass(edges, np.array([350.0]), np.array([2000.0]))
    assert mass.sum() == pytest.approx(1.0, abs=1e-12)
    assert mass[0, :43].sum() == 0.0


def test_air_comes_from_upwind():
    weather = steady_weather(speed=5.0)
    cut = ages(24)
    north, east = displacement(weather, 3600.0 * 48, cut, 100.0)
    np.testing.assert_allclose(east, -5.0 * cut.middle)
    np.testing.assert_allclose(north, 0.0, atol=1e-6)


def test_displacement_is_exact_for_wind_that_changes_linearly():
    weather = steady_weather()
    wind = np.stack([weather.time / 1e5] * 2, axis=1)
    cut = ages(24)
    east = displacement(dataclasses.replace(weather, eastward=wind), 180_000.0, cut, 100.0)[1]
    then = 180_000.0 - cut.middle
    np.testing.assert_allclose(east, -(180_000.0**2 - then**2) / 2e5, rtol=1e-9)


def test_lid_is_the_highest_met():
    weather = steady_weather(n_day=3)
    height = weather.mixing_height.copy()
    height[40] = 1500.0
    cut = ages(24)
    lid = lid_height(dataclasses.replace(weather, mixing_height=height), 48.5 * 3600, cut)
    assert lid[0] == 1000.0
    assert (np.diff(lid) >= 0).all()
    assert lid[-1] == 1500.0


@pytest.mark.parametrize("hours_back", [0, 1, 5, 23])
def test_a_pulse_is_seen_at_its_own_lag(made, hours_back):
    grid = wide_grid()
    carrier = Carrier(steady_weather(speed=1.0), grid.row_edges, grid.column_edges, made.plume)
    influence = carrier.influence(HERE, 3600.0 * 100, (1.0,))
    sensitivity = footprint(influence, 24)[0]
    flux = np.zeros((24, *grid.shape))
    flux[hours_back] = 1.0
    seen = carried(influence, flux)[0]
    assert seen == pytest.approx(sensitivity[hours_back].sum(), rel=1e-12)
    assert seen > 0
    # air of age a was over cells a × 1 m/s to the west
    column = np.average(np.arange(80), weights=sensitivity[hours_back].sum(axis=0))
    expected = {0: 900.0}.get(hours_back, 3600.0 * hours_back)
    assert -(column - 39.5) * 5000.0 == pytest.approx(expected, abs=1500.0)


def test_clock_hours_meet_the_window():
    cut = ages(24)
    released = 12.5  # the receptor hour is 12
    emitted = np.floor(released - cut.middle / 3600.0)
    np.testing.assert_array_equal(emitted, 12 - cut.hour)
    assert cut.length[cut.hour == 0].sum() == 1800.0
    assert set(cut.length[cut.hour == 2]) == {300.0}


def test_nodes_reproduce_responses_quadratic_in_inverse_height():
    factor = np.linspace(0.72, 1.28, 9)
    response = 3.0 - 2.0 / np.array(NODES) + 0.5 / np.array(NODES) ** 2
    expected = 3.0 - 2.0 / factor + 0.5 / factor**2
    np.testing.assert_allclose(node_weights(factor) @ response, expected, rtol=1e-12)


@pytest.mark.parametrize("factor", [0.75, 0.9, 1.2])
def test_interpolated_draws_equal_exact_ones_within_half_a_per_cent(scene, family, factor):
    truth = dataclasses.replace(family.draw("t"), mixing_height=factor)
    exact = enhancement(truth, scene)
    first = 24 * (np.flatnonzero(scene.timeline.in_batch)[0] - scene.timeline.raw.start)
    exact = exact[:, first : first + 24 * 5].reshape(2, 5, 24)[:, :, 12:17].reshape(2, -1)
    drawn = drawn_enhancements([truth, family.draw("u")], scene, range(12, 17))[0]
    rms = np.sqrt(np.mean((drawn - exact) ** 2) / np.mean(exact**2))
    assert rms < 0.005
