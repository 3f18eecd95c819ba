"""Laws and known answers of the backward Gaussian puff."""

from types import SimpleNamespace

import numpy as np
import pytest
from transport_fakes import CENTRE, HOUR, START, cell, grid, meteorology, observations

from contracts.grid import Grid
from contracts.periods import Period
from contracts.settings.transport import TransportSettings
from transport.ages import make_ages
from transport.dispersion import axis_share, ground_density, taylor_variance
from transport.footprints import build_footprints, footprint_grid, footprint_hours
from transport.meteorology import prepare_meteorology
from transport.ragged import Ragged, footprint_dataset
from transport.trajectory import Release, follow_back


def build(obs, met, on=None, **settings):
    return build_footprints(obs, met, on or grid(), TransportSettings(**settings), [])


def release(hours, row=0.0, column=0.0, inlet=50.0):
    at = grid()
    count = len(hours)
    time = START + np.asarray(hours) * HOUR + np.timedelta64(1800, "s")
    row_centre, column_centre = at.row_edges[50], at.column_edges[50]
    return Release(
        np.full(count, row + row_centre), np.full(count, column + column_centre), inlet, time
    )


def test_box_fills_by_the_known_amount():
    # SCIENCE 4.6 T5: F = 10, 6 h, h = 1000 m, 41 mol m-3 -> 5.27 ppm, whatever the turbulence.
    calm = {"eastward_wind": 0.0, "northward_wind": 0.0, "vertical_velocity_deviation": 20.0}
    fp = build(observations([24]), meteorology(**calm), hours_back=7)
    dense = cell(fp, 0)
    assert fp["sensitivity_outside"].to_numpy()[0] == 0.0
    np.testing.assert_allclose(10.0 * dense[1:].sum(), 5.268, atol=1e-3)


def test_mass_is_inside_plus_outside():
    fp = build(observations([24, 30, 40]), meteorology(), on=grid(half=20))
    total = fp["sensitivity_total"].to_numpy()
    inside = np.array([cell(fp, i).sum() for i in range(3)])
    outside = fp["sensitivity_outside"].to_numpy()
    assert (outside > 0.1).all()
    assert (fp["sensitivity"].to_numpy() > 0).all()
    np.testing.assert_allclose(inside + outside, total, rtol=1e-12)
    assert fp.attrs["mass_error_max_relative"] <= 1e-12


def test_total_does_not_depend_on_the_grid():
    fine, coarse = (
        build(observations([30]), meteorology(), on=grid(size, half))
        for size, half in ((1000.0, 40), (4000.0, 10))
    )
    np.testing.assert_allclose(fine["sensitivity_total"], coarse["sensitivity_total"], rtol=1e-13)
    folded = cell(fine, 0).reshape(24, 20, 4, 20, 4).sum(axis=(2, 4))
    np.testing.assert_allclose(folded, cell(coarse, 0), rtol=1e-9, atol=1e-15)


def test_widths_keep_taylors_limits():
    np.testing.assert_allclose(taylor_variance(1e-2, 0.9, 200.0), (0.9e-2) ** 2, rtol=1e-4)
    np.testing.assert_allclose(taylor_variance(1e7, 0.9, 200.0), 2 * 0.81 * 200 * 1e7, rtol=1e-4)


def test_density_at_the_ground_equals_the_cosine_series_and_becomes_one_over_the_lid():
    # the same reflected Gaussian as a sum of cosines: an independent form of it
    lid, inlet, order = 1000.0, 50.0, np.arange(1, 60)
    for share in (0.2, 0.7, 1.0, 1.49, 1.51, 3.0):
        waves = np.cos(order * np.pi * inlet / lid) * np.exp(-((order * np.pi * share) ** 2) / 2)
        series = (1.0 + 2.0 * waves.sum()) / lid
        found = ground_density((share * lid) ** 2, inlet, lid)
        np.testing.assert_allclose(found, series, rtol=1e-11 if share < 1.5 else 3e-5)
    assert ground_density(3e6, inlet, lid) == 1.0 / lid
    alone = 2 / np.sqrt(2 * np.pi * 100.0) * np.exp(-(30.0**2) / 200.0)
    np.testing.assert_allclose(ground_density(100.0, 30.0, lid), alone, rtol=1e-12)


def test_density_over_the_column_is_a_probability():
    # integral over the release height z_r in [0, H] of p(0; z_r) is 1, by reciprocity
    height = (np.arange(4000) + 0.5) / 4.0
    for deviation in (20.0, 300.0, 1400.0):
        mean = ground_density(deviation**2, height, 1000.0).mean() * 1000.0
        np.testing.assert_allclose(mean, 1.0, rtol=1e-4)


def test_kernel_is_cut_and_whole():
    edges = np.linspace(-5.0, 5.0, 101)
    share = axis_share(edges, np.array([0.0]), np.array([1.0]))[0]
    mass = np.diff(share)
    assert share[0] == 0.0
    assert share[-1] == 1.0
    assert mass[edges[1:] <= -3.0].sum() == 0.0
    np.testing.assert_allclose(mass, mass[::-1], atol=1e-15)


def test_puff_moves_against_the_wind():
    ages = make_ages(24)
    puffs = follow_back(meteorology(), release([30]), ages)
    np.testing.assert_allclose(
        puffs.column[0] - grid().column_edges[50], -3.0 * ages.middle, rtol=1e-12
    )
    np.testing.assert_allclose(puffs.row[0] - grid().row_edges[50], 1.0 * ages.middle, rtol=1e-12)


def test_wind_that_grows_linearly_is_integrated_exactly():
    wind = np.arange(48.0)[:, None, None, None] * 0.1
    ages = make_ages(5)
    puffs = follow_back(meteorology(eastward_wind=wind, northward_wind=0.0), release([30]), ages)
    slope, now, age = 0.1 / 3600.0, 3.05, ages.middle
    expected = -(now * age - slope * age**2 / 2)
    np.testing.assert_allclose(puffs.column[0] - grid().column_edges[50], expected, rtol=1e-9)


def test_solid_body_rotation_closes():
    at, turns = grid(), 2 * np.pi / (23.5 * 3600.0)
    rows = np.linspace(at.row_edges[0], at.row_edges[-1], 2) - at.row_edges[50]
    columns = np.linspace(at.column_edges[0], at.column_edges[-1], 2) - at.column_edges[50]
    met = meteorology(
        eastward_wind=np.broadcast_to(-turns * rows[:, None], (2, 2)),
        northward_wind=np.broadcast_to(turns * columns[None, :], (2, 2)),
    )
    puffs = follow_back(met, release([30], column=20_000.0), make_ages(24))
    radius = np.hypot(puffs.row[0] - at.row_edges[50], puffs.column[0] - at.column_edges[50])
    np.testing.assert_allclose(radius, 20_000.0, rtol=1e-4)
    last = np.array(
        [puffs.row[0, -1] - at.row_edges[50], puffs.column[0, -1] - at.column_edges[50]]
    )
    np.testing.assert_allclose(last, [0.0, 20_000.0], atol=20_000.0 * turns * 160)


def test_bin_zero_is_the_second_half_of_nothing_but_the_observed_hour():
    ages = make_ages(24)
    np.testing.assert_array_equal(
        ages.edges[ages.lag_edge], [0.0, *(1800.0 + 3600.0 * np.arange(24))]
    )
    assert ages.length.min() == 30.0
    assert ages.length.max() == 300.0


def test_lag_bins_are_clock_hours_of_the_wind():
    # wind blows from the west until 20:00 and from the east after: hours before 20:00 lie east
    wind = np.where(np.arange(48) < 20, 5.0, -5.0)[:, None, None, None]
    fp = build(observations([23]), meteorology(eastward_wind=wind, northward_wind=0.0))
    east = cell(fp, 0).sum(axis=1)
    centre = [np.average(np.arange(100), weights=lag) if lag.sum() else np.nan for lag in east]
    assert np.all(np.diff(centre[:4]) > 0)  # 23, 22, 21, 20 h: air came from the east
    assert np.all(np.diff(centre[5:10]) < 0)  # 18 h and before: from the west
    assert fp["lag_bounds"].to_numpy()[0].tolist() == [0.0, 3600.0]


def test_lid_is_the_highest_since_the_release():
    lid = np.where(np.arange(48) == 27, 1500.0, 500.0)[:, None, None]
    puffs = follow_back(meteorology(mixing_height=lid), release([30]), make_ages(24))
    age = make_ages(24).middle
    np.testing.assert_allclose(puffs.lid[0, age < 2.5 * 3600], 500.0, rtol=1e-12)
    np.testing.assert_allclose(puffs.lid[0, age > 3.51 * 3600], 1500.0, rtol=1e-12)


def test_order_of_observations_changes_nothing_else():
    met = meteorology()
    one, other = build(observations([24, 30]), met), build(observations([30, 24]), met)
    np.testing.assert_array_equal(cell(one, 0), cell(other, 1))
    assert one["obs_id"].to_numpy()[0] == other["obs_id"].to_numpy()[1]


def test_a_station_without_rows_has_an_empty_dataset():
    fp = build(observations([]), meteorology())
    assert fp.sizes["obs"] == fp.sizes["nonzero"] == 0
    assert fp.sizes["lag"] == 24


def test_counts_of_what_was_assumed():
    fp = build(observations([30], inlet=200.0), meteorology(mixing_height=100.0))
    assert fp.attrs["observations_with_inlet_above_mixing_height"] == 1
    assert fp.attrs["steps_beyond_meteorology"] > 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.update(met=None), "must have meteorology"),
        (
            lambda s: s.update(on=Grid("EPSG:4326", [29.0, 30.0, 31.0], [119.0, 120.0])),
            "must be in projected metres",
        ),
        (lambda s: s["met"].attrs.update(grid_crs="EPSG:32650"), "must lie on the grid's CRS"),
        (lambda s: s.update(obs=observations([10])), "must cover 23.5 h before every release"),
        (lambda s: s.update(obs=observations([48])), "must cover 23.5 h before every release"),
        (lambda s: s.update(reader="hysplit"), "footprint reader must be one of"),
    ],
)
def test_plume_refuses(change, message):
    state = {"obs": observations([30]), "met": meteorology(), "on": grid(), "reader": "plume"}
    change(state)
    with pytest.raises(ValueError, match=message):
        build(state["obs"], state["met"], on=state["on"], reader=state["reader"])


def test_plume_refuses_two_receptors():
    obs = observations([30, 31])
    two = obs.isel(receptor=[0, 0]).assign(receptor_index=("obs", np.array([0, 1], np.int32)))
    with pytest.raises(ValueError, match="station by station; got 2 receptors"):
        build(two, meteorology())


def test_a_mass_that_does_not_close_is_refused():
    part = {"lag": [0], "row": [0], "column": [0], "value": [1.0], "total": 1.1, "outside": 0.0}
    ragged = Ragged.join([part], np.array([[0.0, 3600.0]]))
    with pytest.raises(ValueError, match=r"mass must be inside \+ outside"):
        footprint_dataset(observations([30]), ragged, grid(), {"synthetic": "yes"})


def test_meteorology_is_cut_to_the_batch_and_its_window(tmp_path):
    meteorology(hours=73).to_netcdf(tmp_path / "weather.nc")
    batch = Period("x", START + 24 * HOUR, START + 72 * HOUR)
    section = TransportSettings()
    met = prepare_meteorology([tmp_path / "weather.nc"], batch, section)
    assert met.sizes["time"] == 73
    short = prepare_meteorology([tmp_path / "weather.nc"], batch, section, hours_back=3)
    assert short["time"].to_numpy()[0] == START + 21 * HOUR
    assert short["time"].dtype == "datetime64[ns]"
    early = Period("x", START + 23 * HOUR, START + 72 * HOUR)
    with pytest.raises(ValueError, match=r"must hold every hour from .* once; got .*1 missing"):
        prepare_meteorology([tmp_path / "weather.nc"], early, section)
    with pytest.raises(ValueError, match="at least one file; got none"):
        prepare_meteorology([], batch, section)
    with pytest.raises(ValueError, match="the meteorology must be one of"):
        prepare_meteorology([], batch, SimpleNamespace(meteorology="gfs", hours_back=24))


def test_meteorology_in_several_files_is_joined(tmp_path):
    whole = meteorology(hours=73)
    whole.isel(time=slice(40, None)).to_netcdf(tmp_path / "a.nc")
    whole.isel(time=slice(0, 40)).to_netcdf(tmp_path / "b.nc")
    batch = Period("x", START + 24 * HOUR, START + 72 * HOUR)
    met = prepare_meteorology([tmp_path / "b.nc", tmp_path / "a.nc"], batch, TransportSettings())
    np.testing.assert_array_equal(met["time"], whole["time"])


def test_the_plume_has_no_files_to_ask():
    for ask in (footprint_grid, footprint_hours):
        with pytest.raises(
            ValueError, match="footprint reader must be one of files, name, stilt; got 'plume'"
        ):
            ask([], TransportSettings())


def test_receptor_lies_where_it_is():
    fp = build(observations([30]), meteorology(eastward_wind=0.0, northward_wind=0.0))
    near = cell(fp, 0).sum(axis=0)
    assert np.unravel_index(near.argmax(), near.shape) in {(49, 49), (49, 50), (50, 49), (50, 50)}
    assert CENTRE == (120.0, 30.0)
