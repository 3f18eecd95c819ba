"""T1 to T7 of SCIENCE 4.6 at full size, at the tolerances it states (make validate-transport)."""

import full_size as results
import numpy as np
import pytest
from trials import REGIMES, TABLE

pytestmark = pytest.mark.validate
CHI = 1.8


@pytest.mark.parametrize("share", [0.1, 0.2])
@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_t1_mixed_air_stays_mixed(regime, share):
    found = results.mixed(regime, share)
    assert found.chi <= CHI
    assert 0.95 <= found.ratio[0] <= 1.05
    assert 0.93 <= found.ratio[-1] <= 1.07
    lid = REGIMES[regime][0]
    np.testing.assert_allclose(found.low, 1.0, atol=max(0.05, 3.0 / np.sqrt(4e5 / lid)))


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_t1_where_density_falls(regime):
    assert results.mixed(regime, 0.1, 2000.0).chi <= CHI


@pytest.mark.parametrize("kind", ["fixed", "diurnal"])
def test_t1_above_a_lid(kind):
    found = results.columns(kind)
    assert found.chi <= CHI
    np.testing.assert_allclose(found.under, 1.0, atol=0.02 if kind == "fixed" else 0.09)


def test_t2_dispersion_is_taylors():
    ratio, residence = results.dispersion()
    np.testing.assert_allclose(ratio, 1.0, atol=0.03)
    np.testing.assert_allclose(residence, 1.0, atol=0.01)


def test_t3_backward_and_forward_agree_near_the_inlet():
    rows = results.near()
    np.testing.assert_allclose(rows[:, 3], 1.0, atol=0.05)
    table = np.array([TABLE[int(x)] for x in rows[:5, 0]])
    np.testing.assert_allclose(rows[:5, 1], table, rtol=0.1)
    assert rows[0, 5] < 0.45
    np.testing.assert_allclose(rows[-1, 5], 0.99, atol=0.05)


def test_t4_footprint_is_the_plume():
    found = results.gaussian()
    for name in ("crosswind", "centre"):
        np.testing.assert_allclose(getattr(found, name), 1.0, atol=0.05)


@pytest.mark.parametrize("regime", ["unstable", "neutral", "low u*"])
def test_t5_box(regime):
    np.testing.assert_allclose(results.boxes()[regime], 5.268, rtol=0.03)


def test_t6_rotation():
    gap = np.array(results.rotations())
    np.testing.assert_allclose(gap[:-1] / gap[1:], 4.0, rtol=0.05)


def test_t7_adjoint():
    backward, forward = results.duality()
    np.testing.assert_allclose(backward / forward, 1.0, atol=0.05)


@pytest.mark.parametrize("regime", ["unstable", "stable"])
def test_totals_converge_in_the_step(regime):
    found = np.array(results.by_step(regime))
    reference = np.average(found[:2, 0], weights=found[:2, 1] ** -2)
    np.testing.assert_allclose(found[1, 0] / reference, 1.0, atol=0.03)
    np.testing.assert_allclose(found[2, 0] / reference, 1.0, atol=0.04)


def test_planted_defects_fail(planted_folder):
    found = dict(results.defects(planted_folder))
    assert max(found.pop("none").values()) <= CHI
    for name, chi in found.items():
        assert min(chi.values()) > CHI, name
