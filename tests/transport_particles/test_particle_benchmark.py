"""The benchmark of the particle model runs at its least size, and its rival does the same physics."""

import numpy as np

from benchmarks.particles import against_numpy, by_share, weather


def test_numpy_flies_the_same_hour():
    found = against_numpy(weather(points=4), 600)
    rival, ours = found["mean_height"]
    np.testing.assert_allclose(rival, ours, rtol=0.1)
    rival, ours = found["total"]
    np.testing.assert_allclose(rival, ours, rtol=0.15)  # two totals of 6 % noise


def test_the_step_decides_the_steps():
    fine, coarse = by_share(weather(points=4), 40)
    assert fine["steps_per_particle"] > 1.3 * coarse["steps_per_particle"]
