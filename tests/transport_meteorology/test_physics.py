"""Formulas of the surface layer, the mixing height, interpolation and continuity against independent witnesses."""

import numpy as np
import pytest
from pyproj import Proj
from scipy.integrate import quad

from transport.meteorology.columns import ToLevels, settle
from transport.meteorology.continuity import vertical_wind
from transport.meteorology.diagnose import bulk_richardson, mixing_height, surface_layer
from transport.meteorology.hydrostatic import heights
from transport.meteorology.lattice import Lattice, turn
from transport.meteorology.resample import Resampling
from transport.meteorology.surface_layer import (
    heat_correction,
    inverse_obukhov_length,
    log_law_share,
    momentum_correction,
)

G = 9.80665


def phi_m(zeta):
    return 1.0 + 5.0 * zeta if zeta >= 0.0 else (1.0 - 16.0 * zeta) ** -0.25


def phi_h(zeta):
    return 1.0 + 5.0 * zeta if zeta >= 0.0 else (1.0 - 16.0 * zeta) ** -0.5


@pytest.mark.parametrize("inverse", [-0.2, -0.01, 0.0, 0.005, 0.05])
def test_profile_functions_are_the_integrals_of_their_gradients(inverse):
    for phi, psi in ((phi_m, momentum_correction), (phi_h, heat_correction)):
        whole, _ = quad(lambda z, f=phi: f(z * inverse) / z, 0.3, 40.0)
        ends = np.array([40.0, 0.3]) * inverse
        assert np.log(40.0 / 0.3) - psi(ends)[0] + psi(ends)[1] == pytest.approx(whole, rel=1e-8)


@pytest.mark.parametrize(
    ("velocity", "inverse"), [(0.5, -0.03), (0.3, 0.0), (0.2, 0.01), (0.1, 0.06)]
)
def test_the_surface_layer_gives_back_what_made_its_profiles(velocity, inverse):
    ground = 290.0
    scale = inverse * ground * velocity**2 / (0.4 * G)
    wind, _ = quad(lambda z: velocity / 0.4 * phi_m(z * inverse) / z, 0.2, 10.0)
    rise, _ = quad(lambda z: scale / 0.4 * phi_h(z * inverse) / z, 2.0, 40.0)
    places = [np.array([[v]]) for v in (10.0, wind, 40.0, ground + rise, ground, 0.2)]
    height, speed, layer, theta, surface, roughness = places
    found, flux, held = surface_layer((height, speed), (layer, theta), surface, roughness)
    assert found.item() == pytest.approx(velocity, rel=1e-6)
    assert flux.item() == pytest.approx(-velocity * scale, rel=1e-6, abs=1e-9)
    assert held == 0
    back, _ = inverse_obukhov_length(flux, found, surface)
    assert back.item() == pytest.approx(inverse, rel=1e-5, abs=1e-9)


def test_air_too_stable_for_the_functions_is_held_and_counted():
    one = np.ones((1, 1))
    found = surface_layer((10 * one, one), (40 * one, 300 * one), 280 * one, 0.1 * one)
    assert found[2] == 1
    assert 0.0 < found[0].item() < 0.1
    assert inverse_obukhov_length(one, 0.01 * one, 300 * one) == (-one, 1)


def test_the_mixing_height_is_where_richardson_says():
    height = np.linspace(20.0, 4000.0, 400)[:, None, None]
    speed, rise = np.full(height.shape, 8.0), 0.003
    theta = 300.0 + rise * height
    ground = np.full((1, 1), 300.0)
    number = bulk_richardson(height, speed, theta, ground)
    found, never = mixing_height(height, number, height > 0.0)
    exact = 8.0 * np.sqrt(0.25 * 300.0 / (G * rise))
    assert found.item() == pytest.approx(exact, rel=1e-3)
    assert never == 0
    mixed = bulk_richardson(height, speed, np.full(height.shape, 299.0), ground)
    found, never = mixing_height(height, mixed, height > 0.0)
    assert (found.item(), never) == (4000.0, 1)
    steep = bulk_richardson(height, speed, theta + 50.0, ground)  # reached below the first layer
    assert mixing_height(height, steep, height > 0.0)[0].item() < 20.0
    buried = np.concatenate([np.full((1, 1, 1), np.nan), number])
    above = np.concatenate([np.zeros((1, 1, 1), bool), height > 0.0])
    deeper = np.concatenate([np.full((1, 1, 1), -50.0), height])
    assert mixing_height(deeper, buried, above)[0].item() == pytest.approx(exact, rel=1e-3)


def test_heights_of_air_that_cools_with_height():
    """Virtual temperature linear in ln p: the thickness is an integral known in closed form."""
    pressure, ground = np.array([101e3, 90e3, 70e3, 40e3]), 98e3
    depth = np.log(ground / pressure)
    virtual = (290.0 - 40.0 * depth)[:, None, None]
    found = heights(pressure, virtual, np.full((1, 1), ground), np.full((1, 1), 290.0)).ravel()
    expected = 287.05 / G * (290.0 * depth - 20.0 * depth**2)
    np.testing.assert_allclose(found[1:], expected[1:], rtol=1e-12)
    assert found[0] == pytest.approx(287.05 / G * 290.0 * depth[0])  # below the ground


def test_the_logarithmic_law_at_its_ends():
    z = np.array([0.0, 0.5, 1.0, 5.0, 10.0, 20.0])
    share = log_law_share(z, np.array(10.0), np.array(1.0))
    np.testing.assert_allclose(share, [0.0, 0.0, 0.0, np.log10(5.0), 1.0, 1.0])
    assert log_law_share(np.array([5.0]), np.array(10.0), np.array(12.0)).tolist() == [0.0]


def test_nodes_at_one_height_are_one():
    height = np.array([5.0, -3.0, 60.0, 400.0])[:, None, None]
    nodes = settle(height, height > 10.0, 10.0)
    values = np.array([2.0, 2.0, 7.0, 9.0])[:, None, None]
    found = ToLevels(nodes, [4.0, 10.0, 35.0, 60.0, 230.0, 900.0]).at(values).ravel()
    np.testing.assert_allclose(found, [2.0, 2.0, 4.5, 7.0, 8.0, 9.0])


def test_continuity_of_a_spreading_wind():
    axes = np.arange(5.0) * 1000.0, np.arange(6.0) * 1000.0
    levels = np.array([10.0, 100.0, 500.0])
    east = np.broadcast_to(1e-4 * axes[1], (3, 5, 6))
    flat = np.ones((5, 6))
    found = vertical_wind((east, 0.0 * east), np.ones((3, 5, 6)), levels, axes, flat)
    np.testing.assert_allclose(found, np.broadcast_to(-1e-4 * levels[:, None, None], found.shape))
    stretched = vertical_wind((east, 0.0 * east), np.ones((3, 5, 6)), levels, axes, 2.0 * flat)
    np.testing.assert_allclose(stretched, 2.0 * found)  # a map metre is half a metre
    swapped = vertical_wind(
        (np.zeros((3, 6, 5)), np.swapaxes(east, 1, 2)),
        np.ones((3, 6, 5)),
        levels,
        axes[::-1],
        flat.T,
    )
    np.testing.assert_allclose(swapped, np.swapaxes(found, 1, 2))


def test_a_solid_rotation_is_met_to_second_order():
    """Twice as many points of the files, a quarter of the error: the wind on a curved lattice."""
    proj = Proj("EPSG:32632")
    x0, y0 = proj(11.57, 48.14)
    axis = np.linspace(-90e3, 90e3, 19) + 1234.0
    target = Lattice(y0 + axis, x0 + axis, proj)
    errors = []
    for step in (0.4, 0.2, 0.1):
        count = round(1.2 / step)
        spread = step * np.arange(-2 * count, 2 * count + 1)
        source = Lattice(48.14 + spread, 11.57 + spread)
        longitude, latitude = source.places
        x, y = proj(longitude, latitude)
        rate = 1e-4
        true = turn(-rate * (y - y0), rate * (x - x0), -target.north(longitude, latitude))
        way = Resampling.between(source, target)
        cut = tuple(part[way.part] for part in true)
        east, north = way.wind_at(*cut)
        column, row = np.meshgrid(axis, axis)
        errors.append(np.hypot(east + rate * row, north - rate * column).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert errors[-1] < 0.01
    assert ((orders > 1.8) & (orders < 2.3)).all()


def test_longitudes_of_both_ways_of_counting_are_one_place():
    west = Lattice(np.array([40.0, 41.0]), np.array([-3.0, -2.0]))
    east = Lattice(np.array([40.0, 41.0]), np.array([357.0, 358.0]))
    assert west.locate(357.5, 40.5)[1] == -2.5
    assert east.locate(-2.5, 40.5)[1] == 357.5
