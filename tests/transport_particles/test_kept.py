"""Hours that were computed before: found again, computed again where anything that decides them changed."""

import numpy as np
import pytest
import xarray as xr
from weather_fakes import grid, meteorology, observations, section

from transport.particles import footprints, read_footprints

HOURS = [5, 6, 30]


def build(folder, hours=HOURS, met=None, **settings):
    settings = {"layer_edges_m": (0.0, 50.0, 300.0), **settings}
    met = meteorology(hours=60) if met is None else met
    return read_footprints(observations(hours), met, grid(), section(**settings), [], keep=folder)


@pytest.fixture
def flights(monkeypatch):
    """The hours that were computed."""
    flown, fly = [], footprints._fly_hour

    def counted(air, first, time, **words):
        flown.append(time)
        return fly(air, first, time, **words)

    monkeypatch.setattr(footprints, "_fly_hour", counted)
    return flown


def test_a_second_run_computes_nothing_and_gives_the_same(tmp_path, flights):
    first = build(tmp_path)
    assert len(flights) == 3
    flights.clear()
    xr.testing.assert_identical(build(tmp_path), first)
    assert not flights
    xr.testing.assert_identical(build(None), first)


def test_a_run_that_was_cut_off_goes_on(tmp_path, flights, monkeypatch):
    whole = build(None)
    flights.clear()
    fly = footprints._fly_hour

    def cut(air, first, time, **words):
        if len(flights) == 2:
            raise KeyboardInterrupt
        return fly(air, first, time, **words)

    with monkeypatch.context() as patch:
        patch.setattr(footprints, "_fly_hour", cut)
        with pytest.raises(KeyboardInterrupt):
            build(tmp_path)
    flights.clear()
    xr.testing.assert_identical(build(tmp_path), whole)
    assert len(flights) == 1


def test_another_day_leaves_the_others_alone(tmp_path, flights):
    build(tmp_path)
    flights.clear()
    build(tmp_path, [*HOURS, 31])
    assert len(flights) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2},
        {"number": 42},
        {"slab_m": 4.0},
        {"layer_edges_m": (0.0, 60.0, 300.0)},
    ],
)
def test_other_settings_are_other_footprints(tmp_path, flights, change):
    build(tmp_path)
    flights.clear()
    build(tmp_path, **change)
    assert len(flights) == 3


def test_threads_are_no_other_settings(tmp_path, flights):
    build(tmp_path)
    flights.clear()
    build(tmp_path, threads=2)
    assert not flights


def test_weather_that_changed_in_the_window_counts_and_beyond_it_does_not(tmp_path, flights):
    build(tmp_path)
    flights.clear()
    met = meteorology(hours=60).copy(deep=True)
    met["mixing_height"][5] += 100.0  # in the windows of hours 5 and 6
    build(tmp_path, met=met)
    assert len(flights) == 2


def test_a_damaged_hour_is_computed_again(tmp_path, flights, caplog):
    first = build(tmp_path)
    flights.clear()
    for path in sorted(tmp_path.glob("*.npz"))[:1]:
        path.write_bytes(path.read_bytes()[:100])
    xr.testing.assert_identical(build(tmp_path), first)
    assert len(flights) == 1
    assert "damaged" in caplog.text
    assert np.isfinite(first["sensitivity_total"]).all()
