"""The reader of NAME files: rules, and the real files where they are."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from transport_fakes import HOUR, START, cell, name_file, observations

from contracts.grid import Grid
from contracts.settings.transport import TransportSettings
from transport.footprints import build_footprints, footprint_grid, footprint_hours
from transport.readers.name import release_hours
from transport.readers.name_file import open_name_files, validate_hitres

SECTION = TransportSettings(reader="name")
CASE = Path(__file__).parents[3] / "shared/data/cases/tacolneston"
REAL = sorted(CASE.glob("TAC-100magl_*.nc"))
needs_real = pytest.mark.skipif(not REAL, reason="the shared data folder is absent")


def tower(hours, inlet=100.0, **place):
    return observations(hours, inlet=inlet, **{"longitude": 1.1, "latitude": 52.5, **place})


def test_values_are_carried_over_unchanged(tmp_path):
    path = name_file(tmp_path / "TAC-100magl_X.nc")
    on = footprint_grid([path], SECTION)
    fp = build_footprints(tower([2, 1]), None, on, SECTION, [path])
    source = xr.open_dataset(path)["fp"].to_numpy().astype(float)
    np.testing.assert_array_equal(cell(fp, 0)[0], source[:, :, 2])
    np.testing.assert_array_equal(cell(fp, 1)[0], source[:, :, 1])
    assert fp.attrs["time_integrated"] == "yes"
    assert (fp.attrs["hours_in_files"], fp.attrs["hours_used"]) == (3, 2)
    assert fp["lag_bounds"].to_numpy().tolist() == [[0.0, 2_592_000.0]]


def test_edges_lie_midway(tmp_path):
    on = footprint_grid([name_file(tmp_path / "a.nc")], SECTION)
    assert on.crs == "EPSG:4326"
    assert on.dims == ("latitude", "longitude")
    np.testing.assert_allclose(on.row_edges[:2], [51.083, 51.317], atol=1e-5)


def test_a_part_of_the_grid_counts_the_rest_as_outside(tmp_path):
    path = name_file(tmp_path / "TAC-100magl_X.nc")
    whole = footprint_grid([path], SECTION)
    part = Grid("EPSG:4326", whole.row_edges[1:4], whole.column_edges[2:])
    fp = build_footprints(tower([1]), None, part, SECTION, [path])
    source = xr.open_dataset(path)["fp"].to_numpy()[:, :, 1].astype(float)
    np.testing.assert_array_equal(cell(fp, 0)[0], source[1:3, 2:])
    np.testing.assert_allclose(fp["sensitivity_total"], source.sum(), rtol=1e-14)
    rest = source.sum() - source[1:3, 2:].sum()
    np.testing.assert_allclose(fp["sensitivity_outside"], rest, rtol=1e-14)


def with_values(value):
    def edit(ds):
        ds["fp"][0, 0, 0] = value
        return ds

    return edit


def with_unit(ds):
    ds["fp"].attrs["units"] = "s m2 mol-1"
    return ds


def with_label(ds):
    ds["time"].attrs["label"] = "right"
    return ds


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (with_values(np.nan), "finite and >= 0; got 1 non-finite and 0 negative"),
        (with_values(-1.0), "got 0 non-finite and 1 negative"),
        (with_unit, "unit of fp must be"),
        (with_label, "label the start of the hour; got label 'right'"),
        (lambda ds: ds.drop_vars("release_lat"), "got no release_lat"),
        (lambda ds: ds.isel(lat=[0, 1, 3]), "centres must ascend evenly"),
        (lambda ds: ds.assign_coords(time=ds["time"] + np.timedelta64(60, "s")), "whole hours"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, edit, message):
    path = name_file(tmp_path / "a.nc", change=edit)
    with pytest.raises(ValueError, match=message):
        open_name_files([path])


def test_no_file_is_refused():
    with pytest.raises(ValueError, match="at least one file; got none"):
        open_name_files([])


def test_other_grids_hours_receptors_and_inlets_are_refused(tmp_path):
    path = name_file(tmp_path / "TAC-100magl_a.nc")
    on = footprint_grid([path], SECTION)

    def ask(obs, where=on, files=(path,)):
        return build_footprints(obs, None, where, SECTION, files)

    with pytest.raises(
        ValueError, match="cells of the run's grid must be cells of the footprint files"
    ):
        ask(tower([1]), Grid("EPSG:4326", on.row_edges + 0.1, on.column_edges))
    with pytest.raises(ValueError, match="every observation must have a footprint; got none for"):
        ask(tower([3]))
    with pytest.raises(
        ValueError, match=r"released at its receptor within 0\.02 degrees .* 0\.1000 degrees away"
    ):
        ask(tower([1], longitude=1.2))
    with pytest.raises(ValueError, match="at 100 m, the inlet is at 54 m"):
        ask(tower([1], inlet=54.0))
    twin = name_file(tmp_path / "TAC-100magl_b.nc")
    with pytest.raises(ValueError, match="an hour must have one footprint; got"):
        ask(tower([1]), files=(path, twin))
    moved = name_file(
        tmp_path / "TAC-100magl_c.nc", change=lambda ds: ds.assign_coords(lat=ds["lat"] + 1)
    )
    with pytest.raises(ValueError, match="must share a grid"):
        ask(tower([1]), files=(path, moved))


def test_a_whole_time_resolved_variable_passes_and_each_fault_is_named():
    whole = np.full((2, 2, 3), 4.0)
    resolved = np.ones((2, 2, 3, 4))
    fine = xr.Dataset(
        {
            "fp": (("lat", "lon", "time"), whole),
            "fp_HiTRes": (("lat", "lon", "time", "H_back"), resolved),
        },
        coords={"H_back": np.arange(4)},
    )
    assert validate_hitres(fine) == ""
    assert validate_hitres(fine.drop_vars("fp_HiTRes")) == ""
    assert "steps of 2 h" in validate_hitres(fine.assign_coords(H_back=2 * np.arange(4)))
    assert "does not close" in validate_hitres(fine.assign(fp=fine["fp"] * 1.01))
    holes = fine.copy(deep=True)
    holes["fp_HiTRes"][0, 0, 0, 0] = np.nan
    holes["fp_HiTRes"][0, 0, 1, 0] = -1.0
    assert "1 NaN, 1 negative values" in validate_hitres(holes)


def test_each_station_takes_its_own_files(tmp_path):
    mine = name_file(tmp_path / "TAC-100magl_a.nc")
    other = name_file(
        tmp_path / "WAO-20magl_a.nc",
        change=lambda ds: ds.assign(release_lat=ds["release_lat"] + 0.5, fp=ds["fp"] * 2),
    )
    files = [mine, other]
    assert len(release_hours(files, (1.1, 52.5), 100.0, SECTION)) == 3
    assert len(release_hours(files, (1.1, 52.5), 54.0, SECTION)) == 0
    on = footprint_grid(files, SECTION)
    fp = build_footprints(tower([1]), None, on, SECTION, files)
    assert fp.attrs["hours_in_files"] == 3
    np.testing.assert_array_equal(
        cell(fp, 0)[0], xr.open_dataset(mine)["fp"].to_numpy()[:, :, 1].astype(float)
    )


def test_a_station_without_rows_has_an_empty_dataset_and_two_are_refused(tmp_path):
    path = name_file(tmp_path / "TAC-100magl_a.nc")
    on = footprint_grid([path], SECTION)
    assert build_footprints(tower([]), None, on, SECTION, [path]).sizes["obs"] == 0
    two = tower([1, 2]).isel(receptor=[0, 0])
    two = two.assign(receptor_index=("obs", np.array([0, 1], np.int32)))
    with pytest.raises(ValueError, match="station by station; got 2 receptors"):
        build_footprints(two, None, on, SECTION, [path])


@needs_real
@pytest.mark.realdata
def test_real_files_hold_315_hours():
    parts = {part.path.name: part for part in open_name_files(REAL)}
    assert [len(part.time) for _, part in sorted(parts.items())] == [97, 145, 73]
    hours = footprint_hours(REAL, SECTION)
    assert len(hours) == len(np.unique(hours)) == 315
    assert footprint_grid(REAL, SECTION).shape == (12, 12)


@needs_real
@pytest.mark.realdata
def test_real_time_resolved_july_2014_is_refused_and_weybourne_is_not():
    (july,) = (p for p in open_name_files(REAL) if "201407" in p.path.name)
    assert "steps of 2 h" in july.hitres_reason
    assert "72576 NaN" in july.hitres_reason
    assert "negative" in july.hitres_reason
    assert "does not close" in july.hitres_reason
    (weybourne,) = open_name_files([CASE / "WAO-20magl_UKV_co2_EUROPE_201801.nc"])
    assert weybourne.hitres_reason == ""


@needs_real
@pytest.mark.realdata
def test_real_footprints_keep_their_sum():
    hours = footprint_hours(REAL, SECTION)
    offsets = ((hours - START) / HOUR).astype(int)
    obs = observations(offsets, inlet=100.0, longitude=1.1387, latitude=52.5178)
    fp = build_footprints(obs, None, footprint_grid(REAL, SECTION), SECTION, REAL)
    whole = sum(xr.open_dataset(p)["fp"].to_numpy().astype(float).sum() for p in REAL)
    np.testing.assert_allclose(fp["sensitivity"].to_numpy().sum(), whole, rtol=1e-12)
    assert fp.attrs["hours_used"] == 315
    assert "72576 NaN" in fp.attrs["time_resolved_refused"]
