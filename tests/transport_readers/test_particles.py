"""STILT's gridding of particles: each rule by a known answer, and the tables they come from."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import reader_fakes as fakes
from reader_fakes import RELEASED, read, settings

from transport.readers import particles as reader
from transport.readers.particle_grid import Particles, Raster, footprint_of_particles
from transport.readers.particle_steps import refine

GRID = {
    "west_degrees": -1.0,
    "south_degrees": 50.0,
    "cell_width_degrees": 0.1,
    "cell_height_degrees": 0.1,
    "columns": 20,
    "rows": 20,
}
RASTER = Raster(-1.0, 50.0, 0.1, 0.1, 20, 20)


def cloud(number=50, minutes=150, seed=1, spread=0.02):
    """Return particles that wander slowly about the middle of the grid."""
    rng = np.random.default_rng(seed)
    time = np.tile(-np.arange(1.0, minutes + 1), number)
    index = np.repeat(np.arange(1, number + 1), minutes)
    steps = rng.normal(0.0, spread, (2, number, minutes)).cumsum(axis=2).reshape(2, -1)
    foot = rng.exponential(0.01, time.size)
    return Particles(time, index, steps[0], 51.0 + steps[1], foot)


def test_one_particle_goes_to_its_cell_and_layer_without_a_kernel():
    one = Particles(
        np.array([-1.0, -59.0, -60.0, -61.0]),
        np.ones(4, int),
        np.array([0.05, 0.05, 0.15, 0.15]),
        np.full(4, 51.05),
        np.array([1.0, 2.0, 4.0, 8.0]),
    )
    layer, values = footprint_of_particles(one, RASTER)
    assert layer.tolist() == [-2, -1]
    assert values[1, 10, 10] == 3.0
    assert values[1, 10, 11] == 4.0  # at -60 min: still the first hour
    assert values[0, 10, 11] == 8.0
    assert values.sum() == 15.0


def test_the_sum_is_over_distinct_particles_not_rows():
    particles = cloud(spread=1e-4)
    _, values = footprint_of_particles(particles, RASTER)
    assert particles.number == 50
    np.testing.assert_allclose(values.sum(), particles.foot.sum() / 50, rtol=1e-12)


def brute(particles, raster):
    """Return the smoothed footprint by loops over rows and cells, straight from the rules."""
    first = {i: np.abs(particles.time[particles.index == i]).min() for i in set(particles.index)}
    age = np.array(
        [abs(t) - first[i] for t, i in zip(particles.time, particles.index, strict=True)]
    )
    layers = sorted(set(np.floor(particles.time / 60).astype(int)))
    result = np.zeros((len(layers), raster.rows, raster.columns))
    for row in range(len(age)):
        same = age == age[row]
        spread = particles.longitude[same].var(ddof=1) + particles.latitude[same].var(ddof=1)
        phi = np.deg2rad(particles.latitude[same].mean())
        sigma = 0.06 * spread**0.25 * (age[row] / 1440) ** 0.5 / np.cos(phi) * raster.smooth_factor
        reach = int(3 * sigma / raster.width)
        place = (np.array([particles.latitude[row], particles.longitude[row]]) - (50, -1)) / 0.1
        i, j = np.floor(place).astype(int)
        kernel = {
            (di, dj): 1.0 if not reach else np.exp(-(di**2 + dj**2) * 0.1**2 / (2 * sigma**2))
            for di in range(-reach, reach + 1)
            for dj in range(-reach, reach + 1)
        }
        norm = sum(kernel.values())
        layer = layers.index(int(np.floor(particles.time[row] / 60)))
        for (di, dj), weight in kernel.items():
            if 0 <= i + di < raster.rows and 0 <= j + dj < raster.columns:
                result[layer, i + di, j + dj] += particles.foot[row] * weight / norm / 50
    return np.array(layers), result


def test_the_kernel_is_that_of_a_slow_loop():
    raster = Raster(-1.0, 50.0, 0.1, 0.1, 20, 20, smooth_factor=8.0)
    layer, values = footprint_of_particles(cloud(), raster)
    expected_layer, expected = brute(cloud(), raster)
    assert (expected > 0).sum() > 200  # the kernel is wide
    np.testing.assert_array_equal(layer, expected_layer)
    np.testing.assert_allclose(values, expected, rtol=1e-10, atol=1e-15)


def test_a_lonely_age_takes_the_width_of_the_nearest():
    cut = cloud(number=2, minutes=120)
    alone = (cut.index == 1) | (cut.time >= -100.0)
    rest = Particles(*(getattr(cut, n)[alone] for n in ("time", "index", "longitude", "latitude",
                                                        "foot")))  # fmt: skip
    _, values = footprint_of_particles(rest, Raster(-1.0, 50.0, 0.1, 0.1, 20, 20, 8.0))
    assert np.isfinite(values).all()
    np.testing.assert_allclose(values.sum(), rest.foot.sum() / 2, rtol=1e-3)


def test_what_lies_on_an_edge_belongs_to_the_cell_above_it():
    # edges as STILT makes them: -1 + 0.1 k in floating point, from one cell before the grid
    raster = Raster(-1.0, 50.0, 0.1, 0.1, 20, 20)
    edges = (-1.0 - 0.1) + 0.1 * np.arange(22)
    for k in (3, 8, 14):
        one = Particles(*(np.array([v]) for v in (-5.0, 1, edges[k + 1], 50.05, 1.0)))
        assert footprint_of_particles(one, raster)[1][0, 0].argmax() == k


def test_a_particle_beyond_the_grid_still_reaches_it():
    wide = Raster(-1.0, 50.0, 0.1, 0.1, 20, 20, smooth_factor=30.0)
    far = cloud(number=50, minutes=60)
    moved = Particles(far.time, far.index, far.longitude + 1.2, far.latitude, far.foot)
    assert footprint_of_particles(moved, wide)[1].sum() > 0.0


def test_leaping_particles_are_cut_finer_and_keep_their_sums():
    time = np.tile(-np.arange(1.0, 121.0), 2)
    leap = Particles(time, np.repeat([1, 2], 120), np.abs(time) * 0.2, np.full(240, 51.0),
                     np.abs(time) / 100)  # fmt: skip
    fine = refine(leap, 0.1, 0.1)
    assert len(fine[0]) > 240
    assert len(refine(leap, 0.3, 0.1)[0]) == 240  # the median step is not above the cell
    np.testing.assert_allclose(fine[2], np.abs(fine[0]) * 0.2, rtol=1e-12)  # on a straight line
    for start, end in ((0, 10), (10, 20), (20, 100), (100, 121)):
        inside, was = ((np.abs(t) > start) & (np.abs(t) <= end) for t in (fine[0], time))
        np.testing.assert_allclose(fine[4][inside].sum(), leap.foot[was].sum(), rtol=1e-12)
    steps = np.unique(np.round(np.diff(np.sort(np.abs(fine[0][fine[1] == 1]))), 1))
    assert steps.tolist() == [0.1, 0.2, 0.5, 1.0]


def table(monkeypatch, columns, metadata=None):
    """Let a table stand in for pyarrow's."""
    module, package = ModuleType("pyarrow.parquet"), ModuleType("pyarrow")
    module.read_schema = lambda path: SimpleNamespace(names=list(columns), metadata=metadata)
    module.read_table = lambda path, columns: SimpleNamespace(
        column=lambda name: SimpleNamespace(to_numpy=lambda: table_columns[name])
    )
    table_columns = columns
    package.parquet = module
    monkeypatch.setitem(sys.modules, "pyarrow", package)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", module)


def columns(**changes):
    rows = cloud(number=5, minutes=90)
    names = {"time": "time", "indx": "index", "long": "longitude", "lati": "latitude",
             "foot": "foot"}  # fmt: skip
    return {n: np.array(getattr(rows, a), float) for n, a in names.items()} | changes


def test_a_file_becomes_a_footprint_and_counts_what_lies_beyond(tmp_path, monkeypatch):
    path = tmp_path / "202506011200_0.05_51.15_100_traj.parquet"
    path.write_bytes(b"PAR1" + 60 * b"\0")
    table(monkeypatch, columns())
    section = settings(particles={**GRID, "columns": 11})
    found = read([path], [12], section)
    total = columns()["foot"].sum() / 5
    np.testing.assert_allclose(found["sensitivity_total"], total, rtol=1e-12)
    assert 0.0 < float(found["sensitivity_outside"][0]) < total
    assert found["lag_index"].to_numpy().min() == 1
    assert found.attrs["mole_fraction_basis"] == "moist"
    (tmp_path / "any").write_bytes(path.read_bytes())
    table(monkeypatch, columns(), {b"stilt:receptor": fakes.receptor_text().encode()})
    assert read([tmp_path / "any"], [12], section).attrs["receptor_from"].startswith("file: time")
    with pytest.raises(ValueError, match="particles must have a grid"):
        read([path], [12], settings())
    assert found["time"].to_numpy()[0] == RELEASED


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"foot": np.full(450, -1.0)}, "450 negative of 450"),
        ({"long": np.full(450, np.nan)}, "450 rows that are not finite"),
        ({"time": np.full(450, 3.0)}, "450 not before it"),
    ],
)
def test_a_broken_table_is_refused(tmp_path, monkeypatch, change, message):
    table(monkeypatch, columns(**change))
    with pytest.raises(ValueError, match=message):
        reader.read_particles(tmp_path / "traj.parquet")


def test_missing_columns_and_a_missing_reader_are_named(tmp_path, monkeypatch):
    table(monkeypatch, {"time": np.zeros(2)})
    with pytest.raises(ValueError, match="got no indx, long, lati, foot in traj"):
        reader.read_particles(tmp_path / "traj.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ModuleNotFoundError, match="read by pyarrow, which must be installed"):
        reader.read_particles(tmp_path / "traj.parquet")
