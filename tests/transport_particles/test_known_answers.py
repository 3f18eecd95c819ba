"""T2 to T7: the kernel against formulas, forward against backward, and the step against itself."""

import numpy as np
import pytest
from trials import (
    adjoint,
    box,
    near_field,
    plume,
    residence_ratio,
    rotation,
    taylor,
    taylor_ratio,
    totals,
)


def test_dispersion_is_taylors(lab):
    np.testing.assert_allclose(residence_ratio(lab, 10_000), 1.0, atol=0.03)
    np.testing.assert_allclose(taylor_ratio(lab, 30_000, ages=(200.0, 500.0)), 1.0, atol=0.04)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda t, s, scale: 0.5 * taylor(t, s, scale),
        lambda t, s, scale: s**2 * (scale * t + scale**2 * np.exp(-t / scale) - 1.0),
    ],
    ids=["factor 2 missing", "brackets missing"],
)
def test_a_wrong_formula_is_seen(lab, wrong):
    ratio = taylor_ratio(lab, 20_000, ages=(200.0, 500.0), formula=wrong)
    assert np.abs(ratio - 1.0).max() > 0.15


def test_footprint_is_the_plume(lab):
    found = plume(lab, 12_000)
    # sums over four cells: the noise of one is 3 %
    for name in ("crosswind", "centre"):
        blocks = getattr(found, name)[3:].reshape(5, 4).mean(axis=1)
        np.testing.assert_allclose(blocks, 1.0, atol=0.05)


@pytest.mark.parametrize("regime", ["unstable", "neutral"])
def test_box_fills_by_the_known_amount_whatever_the_turbulence(lab, regime):
    # F t / (n h) = 10 umol m-2 s-1 * 21600 s / (41 mol m-3 * 1000 m); noise 1.5 %
    np.testing.assert_allclose(box(lab, 2000, regime), 5.268, rtol=0.05)


def test_rotation_closes_to_second_order(lab):
    gap = np.array([rotation(lab, step) for step in (60.0, 30.0, 15.0)])
    assert gap[0] < 20.0  # of a path of 126 km
    np.testing.assert_allclose(gap[:-1] / gap[1:], 4.0, rtol=0.05)


def test_near_the_inlet_the_slab_is_unbiased_and_half_the_mixed_layer_is_not(lab):
    rows = near_field(lab, 10_000, distances=(300, 1000))
    np.testing.assert_allclose(rows[:, 3], 1.0, atol=0.12)  # two figures of 4 % noise each
    assert (rows[:, 5] < 0.5).all()
    assert rows[0, 4] > 1.08  # a slab of 10 m is too deep at 300 m


def test_footprint_and_forward_flight_agree(lab):
    backward, forward = adjoint(lab, 4000)
    np.testing.assert_allclose(backward / forward, 1.0, atol=0.2)  # 8 % noise; see validate


@pytest.mark.parametrize("regime", ["unstable", "stable"])
def test_footprints_do_not_depend_on_the_step(lab, regime):
    (fine, noise), (coarse, more) = (totals(lab, 800, regime, share) for share in (0.05, 0.2))
    np.testing.assert_allclose(coarse, fine, atol=3.0 * np.hypot(noise, more))
