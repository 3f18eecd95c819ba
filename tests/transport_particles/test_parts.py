"""The parts of the kernel: random numbers, profiles and their slopes, look-ups, the step's pieces."""

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from transport.particles import compiled as kernel
from transport.particles.body import slab_share
from transport.particles.experiments import Plain, constant, release
from transport.particles.normals import key_of, normal, stream, uniform
from transport.particles.step import folded, kicked, memory
from transport.particles.turbulence import column_of, horizontal, vertical
from transport.particles.wind import instant, surface_at, wind_at

HOUR = np.datetime64("2025-06-01T12", "ns")


@njit
def draws(key, number, count):
    state, found = stream(key, number), np.empty((count, 2))
    for i in range(count):
        state, found[i, 0] = normal(state)
        state, found[i, 1] = uniform(state)
    return found


def test_random_numbers_are_of_their_distributions():
    found = draws(key_of(1, "AAA", HOUR), 0, 400_000)
    assert stats.kstest(found[:, 0], "norm").pvalue > 0.01
    assert stats.kstest(found[:, 1], "uniform").pvalue > 0.01
    tail = np.abs(found[:, 0]) > 3.7  # beyond the ziggurat's edge
    np.testing.assert_allclose(tail.sum(), 400_000 * 2 * stats.norm.sf(3.7), rtol=0.3)
    np.testing.assert_allclose(stats.kurtosis(found[:, 0]), 0.0, atol=0.03)
    assert abs(np.corrcoef(found[:-1, 0], found[1:, 0])[0, 1]) < 0.006
    assert 0.0 < found[:, 1].min() < found[:, 1].max() < 1.0


def test_streams_are_independent_of_each_other():
    key = key_of(1, "AAA", HOUR)
    first = np.array([draws(key, number, 1)[0, 0] for number in range(4000)])
    assert stats.kstest(first, "norm").pvalue > 0.01
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.05
    others = [key_of(2, "AAA", HOUR), key_of(1, "AAB", HOUR), key_of(1, "AAA", HOUR + 1)]
    assert len({int(key), *(int(k) for k in others[:2])}) == 3
    assert key_of(1, "AAA", HOUR + np.timedelta64(1, "h")) != key


COLUMNS = {
    "neutral": (800.0, 0.4, 0.0),
    "unstable": (1000.0, 0.4, 5.8e-3),
    "weakly unstable": (300.0, 0.2, 3e-4),
    "stable": (200.0, 0.15, -2e-4),
    "low u*": (400.0, 0.05, 0.0),
}


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_the_slope_is_of_the_deviation_used(lab, name):
    model = lab.model(1)
    column = column_of(*COLUMNS[name], model)
    for share in (1e-7, 1e-3, 0.02, 0.099, 0.3, 0.7, 0.99):
        height = share * column.lid
        step = 1e-4 * height
        high, low = (vertical(height + s, column, model)[0] for s in (step, -step))
        slope = vertical(height, column, model)[1]
        np.testing.assert_allclose(slope, (high - low) / (2.0 * step), rtol=1e-3, atol=1e-6)


def test_profiles_have_the_known_numbers(lab):
    model = lab.model(1)
    neutral = vertical(100.0, column_of(*COLUMNS["neutral"], model), model)
    sigma = 1.3 * 0.4 * math.exp(-0.05) + 0.01
    np.testing.assert_allclose(neutral[0], sigma, rtol=1e-12)
    np.testing.assert_allclose(neutral[2], 50.0 / sigma / 1.375, rtol=1e-12)
    column = column_of(*COLUMNS["unstable"], model)
    np.testing.assert_allclose(column.convective, 5.8 ** (1 / 3), rtol=1e-12)
    np.testing.assert_allclose(1.0 / column.inverse_obukhov, -(0.4**3) / (0.4 * 5.8e-3))
    half = math.sqrt(1.2 * 5.8 ** (2 / 3) * 0.55 * 0.5 ** (2 / 3) + 1.1 * 0.16) + 0.01
    found = vertical(500.0, column, model)
    np.testing.assert_allclose(found[0], half, rtol=1e-12)
    np.testing.assert_allclose(found[2], 150.0 / half * (1 - math.exp(-2.5)), rtol=1e-12)
    stable = vertical(50.0, column_of(*COLUMNS["stable"], model), model)
    np.testing.assert_allclose(stable[0], 1.3 * 0.15 * 0.75 + 0.01, rtol=1e-12)
    np.testing.assert_allclose(stable[2], 20.0 / stable[0] * 0.25**0.8, rtol=1e-12)
    assert vertical(0.0, column, model)[2] == model.timescale_floor


def test_low_wind_meanders(lab):
    model = lab.model(1, meander_floor_m_per_s=0.5)
    along, across, slow, _ = horizontal(50.0, True, column_of(*COLUMNS["low u*"], model), model)
    assert along == across == 0.5
    assert slow >= 10.0
    above = horizontal(900.0, False, column_of(*COLUMNS["low u*"], model), model)
    assert above == (0.5, 0.5, 200.0, 200.0)


def wind(plain, height, *, at=(0, 0.0), row=0.0, column=0.0, displacement=0.0):
    air = plain.air(2)
    level = int(np.searchsorted(plain.level, height + displacement, side="right")) - 1
    spot = height, displacement, plain.roughness, min(max(level, 0), len(plain.level) - 2)
    return wind_at(air, instant(air, *at), row, column, spot)


def test_wind_below_the_lowest_level_is_logarithmic():
    plain = Plain(eastward=constant(4.0), upward=constant(0.2), roughness=0.5)
    found = wind(plain, 3.0)
    np.testing.assert_allclose(found[0], 4.0 * math.log(7.0) / math.log(21.0), rtol=1e-6)
    np.testing.assert_allclose(found[2], 0.06, rtol=1e-6)
    assert wind(plain, 0.0)[:3] == (0.0, 0.0, 0.0)
    displaced = wind(plain, 3.0, displacement=4.0)
    np.testing.assert_allclose(displaced[0], 4.0 * math.log(7.0) / math.log(13.0), rtol=1e-6)


def test_wind_is_linear_in_space_time_and_height():
    plain = Plain(
        eastward=lambda hour, level, row, column: (
            1.0 + hour + 0.01 * level + 1e-3 * row - 2e-3 * column
        ),
        density=lambda level: 41.0 - 1e-3 * level,
        half_width=5000.0,
        points=6,
    )
    found = wind(plain, 400.0, at=(-1, 900.0), row=1234.0, column=-777.0)
    np.testing.assert_allclose(found[0], 1.0 - 0.75 + 4.0 + 1.234 + 1.554, rtol=1e-5)
    np.testing.assert_allclose(1.0 / found[3], 40.6, rtol=1e-6)
    np.testing.assert_allclose(found[4], -1e-3 / 40.6, rtol=1e-3)


def test_the_surface_is_linear_in_time():
    plain = Plain(
        lid=lambda hour: 500.0 + 100.0 * hour, friction=0.3, displacement=2.0, map_factor=1.1
    )
    air = plain.air(2)
    found = surface_at(air, instant(air, 1, 1800.0), 10.0, 20.0)
    np.testing.assert_allclose(found, [650.0, 0.3, 0.0, 0.1, 2.0, 1.1], rtol=1e-6)


def test_pieces_of_a_step():
    for scaled in (0.0, 1e-3, 0.1, 0.49, 0.51, 3.0):
        np.testing.assert_allclose(memory(scaled), math.exp(-scaled), rtol=2e-7)
    assert folded(-3.0, 0.0, 10.0) == (3.0, -1.0)
    assert folded(12.0, 0.0, 10.0) == (8.0, -1.0)
    assert folded(23.0, 0.0, 10.0) == (3.0, 1.0)
    assert folded(4.0, 0.0, 10.0) == (4.0, 1.0)
    np.testing.assert_allclose(kicked(1.0, 0.2, 0.9, 0.5), 0.9 * 1.1 + math.sqrt(0.19) * 0.5 + 0.1)
    assert slab_share(20.0, -20.0, 10.0) == 0.5
    assert slab_share(-5.0, 5.0, 10.0) == 1.0
    assert slab_share(11.0, 12.0, 10.0) == 0.0


def test_the_map_factor_lengthens_the_path_on_the_grid(lab):
    model = lab.model(1, uniform={}, meander_floor_m_per_s=0.0)
    ends = [
        lab.run(model, np.array([100.0]), eastward=constant(5.0), map_factor=factor).end[0, 1]
        for factor in (1.0, 1.1)
    ]
    np.testing.assert_allclose(ends, [-18_000.0, -19_800.0], rtol=1e-6)


def test_mean_vertical_wind_crosses_the_lid(lab):
    # subsidence forward in time: all that was above at first comes below, nothing piles up
    model = lab.model(2, direction=1.0)
    sums = lab.run(
        model, np.full(200, 1050.0), lid=1000.0, level=np.array([10.0, 1000.0, 3000.0]),
        upward=constant(-0.05), buoyancy=2e-3,
    )  # fmt: skip
    assert (sums.end[:, 2] < 1000.0).mean() > 0.95
    assert (sums.end[:, 2] < 700.0).mean() > 0.4


def test_particles_that_leave_stop_and_are_told_apart(lab):
    model = lab.model(2, direction=1.0)
    aside = lab.run(model, np.full(20, 50.0), eastward=constant(20.0), half_width=20_000.0)
    assert set(aside.reason.tolist()) == {1}
    np.testing.assert_allclose(aside.end[:, 1], 20_000.0, atol=1500.0)
    assert (aside.end[:, 3] < 7200.0).all()
    up = lab.run(
        model, np.full(20, 2000.0), upward=constant(1.0), level=np.array([10.0, 1000.0, 3000.0])
    )
    assert set(up.reason.tolist()) == {2}
    stay = lab.run(model, np.full(20, 50.0))
    assert set(stay.reason.tolist()) == {0}
    np.testing.assert_allclose(stay.end[:, 3], 7200.0)


def test_release_takes_numbers_and_arrays():
    start = release([1.0, 2.0], 5, elapsed=[0.0, 10.0], row=3.0)
    assert start.elapsed.tolist() == [0.0, 10.0]
    assert start.row.tolist() == [3.0, 3.0]


def test_an_instant_does_not_depend_on_where_the_weather_begins():
    air = Plain().air(12)._replace(spacing=3)
    for hour, second in ((-5, 1234.5678901), (2, 0.1), (0, 3599.9)):
        before, share = instant(air, hour, second)
        later, same = instant(air._replace(hour=air.hour + 9), hour, second)
        assert (later, same) == (before - 3, share)
        np.testing.assert_allclose(
            3.0 * (before + share) - 12.0, hour + second / 3600.0, rtol=1e-12
        )


def test_air_mixes_to_a_lid_above_the_highest_level(lab):
    # a plane with two low levels: wind and density above are those of the highest
    sums = lab.run(lab.model(3), np.full(600, 50.0), level=np.array([20.0, 100.0]), buoyancy=5e-3)
    assert 380.0 < sums.end[:, 2].mean() < 620.0
    assert sums.end[:, 2].max() <= 1000.0
    moving = lab.run(
        lab.model(2),
        np.linspace(10.0, 990.0, 50),
        lid=lambda hour: 900.0 + 400.0 * (hour + 1),
        level=np.array([10.0, 500.0, 1000.0]),
    )
    assert np.isfinite(moving.end).all()


def test_the_compiled_kernel_is_kept_by_the_text_of_the_whole_package(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel, "PACKAGE", tmp_path)
    stores = []
    for text in ("a = 1", "a = 2", "a = 1"):
        (tmp_path / "callee.py").write_text(text, encoding="utf-8")
        stores.append(kernel.store.__wrapped__())
    assert stores[0] == stores[2] != stores[1]
