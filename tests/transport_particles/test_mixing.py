"""T1: what is mixed stays mixed, in every regime, under every lid; and the planted defects are seen."""

import numpy as np
import pytest
from trials import REGIMES, column, well_mixed

CHI = 1.8


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_mixed_air_stays_mixed(lab, regime):
    found = well_mixed(lab, regime, 4000, hours=2)
    assert found.chi <= CHI
    np.testing.assert_allclose(found.ratio, 1.0, atol=0.28)  # 4 standard deviations of 200
    assert 0.6 <= found.low <= 1.4


@pytest.mark.parametrize("regime", sorted(REGIMES))
def test_mixed_air_stays_mixed_where_density_falls(lab, regime):
    assert well_mixed(lab, regime, 4000, hours=2, scale_height=2000.0).chi <= CHI


@pytest.mark.parametrize("kind", ["fixed", "diurnal"])
def test_a_column_above_the_lid_stays_mixed(lab, kind):
    found = column(lab, kind, 2000, hours=24 if kind == "diurnal" else 8)
    assert found.chi <= CHI
    np.testing.assert_allclose(found.under, 1.0, atol=0.25 if kind == "diurnal" else 0.05)


def test_the_copy_without_a_defect_is_the_package(lab, defect):
    one, other = (well_mixed(x, "neutral", 500, hours=1) for x in (lab, defect("none")))
    np.testing.assert_array_equal(one.ratio, other.ratio)


@pytest.mark.parametrize("regime", ["unstable", "neutral", "low u*"])
def test_no_drift_is_seen(defect, regime):
    assert well_mixed(defect("no drift"), regime, 4000, hours=2).chi > CHI


@pytest.mark.parametrize("regime", ["neutral", "low u*"])
def test_a_slope_that_is_not_of_the_profile_used_is_seen(defect, regime):
    assert well_mixed(defect("wrong neutral slope"), regime, 10_000, hours=2).chi > CHI


def test_a_missing_density_term_is_seen(defect):
    found = well_mixed(defect("no density term"), "unstable", 6000, hours=2, scale_height=2000.0)
    assert found.chi > CHI


@pytest.mark.parametrize("kind", ["fixed", "diurnal"])
def test_a_lid_that_opens_one_way_is_seen(defect, kind):
    found = column(defect("one-way lid"), kind, 2000, hours=24 if kind == "diurnal" else 8)
    assert found.chi > CHI
    assert found.under > 1.15
